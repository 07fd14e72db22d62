/** What a block does, in the place of its use. */
import type { Block, Expression, Model, Range, Stage } from '../../core/definition.ts';
import { HEADER } from '../../core/definition.ts';
import { type Call, callsIn } from '../../core/elaborate/callStages.ts';
import { usesInDefinition, usesInStatement } from '../../core/elaborate/uses.ts';
import { textOfExpression } from '../../core/elaborate/words.ts';
import type { FixEdit } from '../../core/fix.ts';
import { type Refactoring, type Spot, Spot as SpotOf, chainsIn, rangeOf, staticLabel } from './spot.ts';
import { atomic, substituted } from './repetition.ts';

/**
 * A block that is one chain, as the group of its stages: at one use, or at all, and the block is gone. Any other one as its
 * statements before that of its use.
 */
export function* inlineBlock(spot: Spot): Generator<Refactoring> {
  const block = blockAt(spot);
  if (block === undefined) return;
  const { definition, call } = block;
  const name = definition.name.text;
  const here = call && groupFor(spot, definition, call);
  const statements = call === undefined || here !== undefined ? undefined : statementsFor(spot, definition, call);
  if (call !== undefined && here !== undefined)
    yield { kind: 'refactor.inline', title: `Inline ${name}`, edits: [spot.replace(call.stage.range, here)] };
  if (statements !== undefined) yield { kind: 'refactor.inline', title: `Inline ${name}`, edits: statements };
  if (spot.facts.session.linker.program.isImported?.(spot.read.file.uri, name) === true) return;
  const gone: FixEdit<Range> = { kind: 'removeDefinition', at: spot.at(definition.name.range, HEADER, definition) };
  if (statements !== undefined && countUses(spot, name) === 1)
    yield { kind: 'refactor.inline', title: `Inline ${name} and remove it`, edits: [...statements, gone] };
  const edits = everywhere(spot, definition);
  if (edits === undefined || edits.length === 0) return;
  yield {
    kind: 'refactor.inline',
    title: `Inline ${name} everywhere (${String(edits.length)} ${edits.length === 1 ? 'use' : 'uses'}) and remove it`,
    edits: [...edits, gone],
  };
}

function countUses({ facts, read }: Spot, name: string): number {
  const definitions = facts.session.linker.program.file(read.file.uri)?.definitions ?? [];
  return definitions.flatMap(usesInDefinition).filter((use) => use.name.text === name).length;
}

/** The block of this file whose name the cursor is at. */
function blockAt(spot: Spot): { readonly definition: Block; readonly call?: Call } | undefined {
  const { statement, part, definition } = spot;
  if (statement === undefined) {
    const isNamed = definition.kind === 'block' && spot.holds(definition.name.range, HEADER);
    return isNamed ? { definition } : undefined;
  }
  const call = callsIn(statement, part).find(({ body }) => spot.holds(body.callee.range));
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

/** The block's statements, and what comes out of them in the place of the use. */
function statementsFor(spot: Spot, block: Block, { stage, body }: Call): readonly FixEdit<Range>[] | undefined {
  const { statement } = spot;
  if (statement?.kind !== 'binding' && statement?.kind !== 'output') return undefined;
  const { value } = statement;
  const at = value.kind === 'pipeline' ? value.stages.indexOf(stage) : -1;
  if (value.kind !== 'pipeline' || at < 0 || stage.count !== undefined || stage.frozen) return undefined;
  const values = parametersOf(block, body.arguments ?? []);
  const inputs = block.statements.flatMap((each) => (each.kind === 'input' ? each.ports : []));
  const [output, second] = block.statements.filter((each) => each.kind === 'output');
  const kinds = new Set(block.statements.map(({ kind }) => kind));
  const isPlain = !kinds.has('property') && !kinds.has('train');
  if (values === undefined || !isPlain || output === undefined || second !== undefined) return undefined;
  if (inputs.some(({ shape }) => shape !== undefined) || output.shape !== undefined) return undefined;

  const instead = new Map(values);
  const taken = new Set<string>();
  const lines: string[] = [];
  const free = (base: string): string => {
    const name = spot.freeName(base, taken);
    taken.add(name);
    return name;
  };
  const { source } = value;
  const fed = at === 0 && source.kind === 'tuple' ? source.items : [source];
  if (inputs.length === 1 && at > 0) {
    const name = free(inputs[0]!.name.text);
    lines.push(`${name} = ${spot.written({ start: value.range.start, end: value.stages[at - 1]!.range.end })}`);
    instead.set(inputs[0]!.name.text, name);
  } else {
    if (inputs.length !== fed.length) return undefined;
    for (const [i, { name }] of inputs.entries()) {
      const item = fed[i]!;
      if (item.kind !== 'name') return undefined;
      instead.set(name.text, item.name.text);
    }
  }
  let result = '';
  for (const [part, each] of block.statements.entries()) {
    const inside = new SpotOf(spot.document, spot.read, spot.facts, spot.selection, block, part);
    if (each.kind === 'weight' || each.kind === 'buffer' || each.kind === 'layer') {
      const isLayer = each.kind === 'layer';
      const from = isLayer ? each.stage.range : each.shape.range;
      const range = { start: from.start, end: each.range.end };
      const text = substituted(inside, range, isLayer ? [each.stage] : [], instead, usesInStatement(each));
      const name = free(each.name.text);
      instead.set(each.name.text, name);
      lines.push(`${each.frozen ? 'frozen ' : ''}${each.kind} ${name}${isLayer ? ' =' : ':'} ${text}`);
    }
    if (each.kind !== 'binding' && each.kind !== 'output') continue;
    const stages = chainsIn(each).flatMap((chain) => (chain.around === 'expression' ? chain.stages : []));
    const range = { start: each.value.range.start, end: each.range.end };
    const text = substituted(inside, range, stages, instead, usesInStatement(each));
    if (each.kind === 'output') {
      result =
        each.value.kind === 'pipeline' || each.value.kind === 'name' || at === value.stages.length - 1
          ? text
          : `(${text})`;
    } else {
      const names = each.names.map((name) => (name.text === '_' ? '_' : free(name.text)));
      each.names.forEach(({ text: old }, i) => instead.set(old, names[i]!));
      lines.push(`${names.join(', ')} = ${text}`);
    }
  }
  const rest = value.stages.slice(at + 1);
  const behind = rest.length === 0 ? '' : ` -> ${spot.written(rangeOf(rest))}`;
  const head = spot.written({ start: statement.range.start, end: value.range.start });
  const text = [...lines, `${head}${result}${behind}`].join(`\n${spot.indent}`);
  return [{ kind: 'replace', at: spot.at(statement.range), text, hasComments: true }];
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
function valuesOf(block: Block, args: readonly Given[]): ReadonlyMap<string, string> | undefined {
  const values = new Map(parametersOf(block, args));
  if (values.size < block.parameters.length) return undefined;
  for (const statement of block.statements) {
    if (statement.kind !== 'binding' || statement.names.length !== 1 || statement.value.kind === 'pipeline') continue;
    values.set(
      statement.names[0]!.text,
      textOfExpression(statement.value, (part) => known(part, values)),
    );
  }
  return isSpelled(values) ? values : undefined;
}

interface Given {
  readonly name?: { readonly text: string };
  readonly value: Expression;
}

/** `undefined` where one isn't given, or can't be written in one line. */
function parametersOf(block: Block, args: readonly Given[]): ReadonlyMap<string, string> | undefined {
  const values = new Map<string, string>();
  const positional = args.filter(({ name }) => name === undefined);
  for (const [i, { name, default: standard }] of block.parameters.entries()) {
    const given = args.find((each) => each.name?.text === name.text) ?? positional[i];
    const value = given?.value ?? standard;
    if (value === undefined) return undefined;
    values.set(name.text, textOfExpression(value, given === undefined ? (part) => known(part, values) : undefined));
  }
  return isSpelled(values) ? values : undefined;
}

function isSpelled(values: ReadonlyMap<string, string>): boolean {
  return ![...values.values()].some((text) => text.includes('…'));
}

function known(part: Expression, values: ReadonlyMap<string, string>): string | undefined {
  const value = part.kind === 'name' ? values.get(part.name.text) : undefined;
  return value === undefined ? undefined : atomic(value);
}
