/** What a block does, in the place of its use. */
import type { Block, Expression, Model, Range, Stage } from '../../core/definition.ts';
import { HEADER } from '../../core/definition.ts';
import { type Call, callsIn } from '../../core/elaborate/callStages.ts';
import { usesInDefinition } from '../../core/elaborate/uses.ts';
import { textOfExpression } from '../../core/elaborate/words.ts';
import type { FixEdit } from '../../core/fix.ts';
import { type Refactoring, type Spot, Spot as SpotOf, rangeOf, staticLabel } from './spot.ts';
import { atomic, substituted } from './repetition.ts';

/** A block that is one chain, as the group of its stages: at one use, or at all, and the block is gone. */
export function* inlineBlock(spot: Spot): Generator<Refactoring> {
  const block = blockAt(spot);
  if (block === undefined) return;
  const { definition, call } = block;
  const name = definition.name.text;
  const here = call && groupFor(spot, definition, call);
  if (call !== undefined && here !== undefined) {
    yield { kind: 'refactor.inline', title: `Inline ${name}`, edits: [spot.replace(call.stage.range, here)] };
  }
  if (spot.facts.session.linker.program.isImported?.(spot.read.file.uri, name) === true) return;
  const edits = everywhere(spot, definition);
  if (edits === undefined || edits.length === 0) return;
  const place = spot.at(definition.name.range, HEADER, definition);
  yield {
    kind: 'refactor.inline',
    title: `Inline ${name} everywhere (${String(edits.length)} ${edits.length === 1 ? 'use' : 'uses'}) and remove it`,
    edits: [...edits, { kind: 'removeDefinition', at: place }],
  };
}

/** The block of this file whose name the cursor is at. */
function blockAt(spot: Spot): { readonly definition: Block; readonly call?: Call } | undefined {
  const { statement, part, definition } = spot;
  if (statement === undefined) {
    const isNamed = definition.kind === 'block' && spot.holds(definition.name.range, HEADER);
    return isNamed ? { definition } : undefined;
  }
  const call = [...callsIn(statement, part)].find(({ body }) => spot.holds(body.callee.range));
  const meant = call && spot.facts.session.resolve(definition, call.body.callee.text);
  if (call === undefined || meant?.kind !== 'definition' || meant.definition.kind !== 'block') return undefined;
  const isHere = spot.read.file.definitions.some(({ id }) => id === meant.definition.id);
  return isHere ? { definition: meant.definition, call } : undefined;
}

/** An edit for each use in the file; `undefined` where one of them can't be done. */
function everywhere(spot: Spot, block: Block): readonly FixEdit<Range>[] | undefined {
  const edits: FixEdit<Range>[] = [];
  for (const definition of spot.facts.session.linker.program.file(spot.read.file.uri)?.definitions ?? []) {
    const isOwn = definition.id === block.id;
    const uses = usesInDefinition(definition).filter(({ name }) => name.text === block.name.text).length;
    if (uses === 0) continue;
    if (isOwn || definition.kind === 'extern') return undefined;
    let done = 0;
    for (const [part, statement] of definition.statements.entries()) {
      const there = new SpotOf(spot.document, spot.read, spot.facts, spot.selection, definition, part);
      for (const call of callsIn(statement, part)) {
        if (call.body.callee.text !== block.name.text) continue;
        const text = groupFor(there, block, call);
        if (text === undefined) return undefined;
        edits.push(there.replace(call.stage.range, text));
        done += 1;
      }
    }
    if (done !== uses) return undefined;
  }
  return edits;
}

/** `name: (A -> B)`: the group has the name that the block has in PyTorch. */
function groupFor(spot: Spot, block: Block, { stage, body }: Call): string | undefined {
  const chain = spot.facts.session.names(block).chain;
  const values = chain && valuesOf(block, body.arguments ?? []);
  if (chain === undefined || values === undefined || chain.length === 0) return undefined;
  const place = partOf(block, chain);
  if (place === undefined) return undefined;
  const inside = new SpotOf(spot.document, spot.read, spot.facts, spot.selection, block, place);
  // Sizes of what comes in have another name here.
  const { statements } = block;
  const input = statements.find((statement) => statement.kind === 'input')?.ports[0]?.name.text;
  const uses = usesInDefinition(block).filter(({ name, as }) => as === 'value' && name.text === input);
  if (uses.length > 1) return undefined;
  const text = substituted(inside, rangeOf(chain), chain, values);
  const plan = spot.facts.session.names(spot.definition).stages.get(stage);
  const label = staticLabel(stage) ?? (typeof plan?.name === 'string' ? plan.name : undefined);
  const written = stage.label === undefined ? label : spot.written(stage.label.range);
  const count = stage.count === undefined ? '' : ` * ${spot.written(stage.count.range)}`;
  return `${stage.frozen ? 'frozen ' : ''}${written === undefined ? '' : `${written}: `}(${text})${count}`;
}

/** The statement that a whole chain stands in. */
function partOf(block: Model | Block, chain: readonly Stage[]): number | undefined {
  const part = block.statements.findIndex(
    (statement) =>
      (statement.kind === 'binding' || statement.kind === 'output') &&
      statement.value.kind === 'pipeline' &&
      statement.value.stages.length === chain.length &&
      statement.value.stages[0] === chain[0],
  );
  return part < 0 ? undefined : part;
}

/** What parameters and numbers are worth at a use, as text. */
function valuesOf(
  block: Block,
  args: readonly { readonly name?: { readonly text: string }; readonly value: Expression }[],
): ReadonlyMap<string, string> | undefined {
  const values = new Map<string, string>();
  const positional = args.filter(({ name }) => name === undefined);
  for (const [i, { name, default: standard }] of block.parameters.entries()) {
    const given = args.find((each) => each.name?.text === name.text) ?? positional[i];
    const value = given?.value ?? standard;
    if (value === undefined) return undefined;
    values.set(name.text, textOfExpression(value, given === undefined ? (part) => known(part, values) : undefined));
  }
  for (const statement of block.statements) {
    if (statement.kind !== 'binding' || statement.names.length !== 1 || statement.value.kind === 'pipeline') continue;
    values.set(
      statement.names[0]!.text,
      textOfExpression(statement.value, (part) => known(part, values)),
    );
  }
  return [...values.values()].some((text) => text.includes('…')) ? undefined : values;
}

function known(part: Expression, values: ReadonlyMap<string, string>): string | undefined {
  const value = part.kind === 'name' ? values.get(part.name.text) : undefined;
  return value === undefined ? undefined : atomic(value);
}
