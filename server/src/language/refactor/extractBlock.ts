/** Selected stages as a block of their own. */
import type {
  BindingStatement,
  OutputStatement,
  Range,
  SharedLayerStatement,
  Stage,
  Statement,
  WeightStatement,
} from '../../core/definition.ts';
import {
  boundNames,
  usesInDefinition,
  usesInStages,
  usesInStatement,
  type NameUse,
} from '../../core/elaborate/uses.ts';
import { type FixEdit, freeName, insert, remove } from '../../core/fix.ts';
import type { Value } from '../../core/value.ts';
import { type Chain, type Refactoring, type Spot, rangeOf } from './spot.ts';

/** What a name from around is to a block. */
type Taken =
  | { readonly kind: 'parameter'; readonly declared: string }
  | { readonly kind: 'tensor' }
  /** It can't be given to a block. */
  | { readonly kind: 'shared' };

/** What a piece needs to be a block. */
interface Needs {
  readonly taken: ReadonlyMap<string, Taken>;
  /** Indices of the weights, buffers and shared layers that nothing else uses: they move with it. */
  readonly moved: readonly number[];
}

/**
 * The selected stages of a chain, or the selected statements.
 *
 * @param block the new block's name
 */
export function* extractBlock(spot: Spot, block = freeBlock(spot)): Generator<Refactoring> {
  if (!spot.hasSelection) return;
  const statements = selectedStatements(spot);
  if (statements !== undefined) yield* extractStatements(spot, statements.from, statements.to, block);
  else yield* extractStages(spot, block);
}

function freeBlock(spot: Spot): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? 'Block' : `Block${String(number)}`;
    if (spot.freeName(name) === name) return name;
  }
}

// ---------------------------------------------------------------------------------------------- stages

function* extractStages(spot: Spot, block: string): Generator<Refactoring> {
  const selected = spot.selected();
  if (selected === undefined || selected.chain.around === 'layer') return;
  const { chain, from, to } = selected;
  const stages = chain.stages.slice(from, to + 1);
  const { start, end } = spot.at(rangeOf(stages));
  // Half of a stage isn't one.
  if (spot.selection.start > start || spot.selection.end < end) {
    const [only, second] = stages;
    if (second !== undefined || only!.body.kind !== 'group' || !spot.holds(only!.body.range)) return;
  }
  const uses = [...usesInStages(stages)].filter(({ name }) => !isBoundIn(stages, name.text));
  const needs = needsOf(spot, uses, chain);
  if (needs === undefined) return;
  const { taken, moved } = needs;
  const source = chain.source?.kind === 'name' && from === 0 ? chain.source.name.text : undefined;
  const tensors = [...taken].flatMap(([name, { kind }]) => (kind === 'tensor' && name !== source ? [name] : []));
  // Another tensor can only come in beside the first one, where the chain begins.
  if (tensors.length > 0 && (from > 0 || chain.source === undefined)) return;
  // The name that stages ask sizes of stays.
  const isAsked = source !== undefined && taken.has(source);
  const input = isAsked ? source : taken.has('x') ? freeName('x', (name) => taken.has(name)) : 'x';
  const body = withoutGroup(stages);
  const parameters = [...taken].flatMap(([, each]) => (each.kind === 'parameter' ? [each.declared] : []));
  const given = [...taken].flatMap(([name, { kind }]) => (kind === 'parameter' ? [name] : []));
  const lines = [
    `input ${[input, ...tensors].join(', ')}`,
    ...moved.map((part) => declared(spot, part)),
    `output ${input} -> ${spot.written(rangeOf(body))}`,
  ];
  const call = `${block}${given.length === 0 ? '' : `(${given.join(', ')})`}`;
  const edits: FixEdit<Range>[] = [definitionBefore(spot, block, parameters, lines), ...removals(spot, moved)];
  const [only] = stages;
  const replaced = body === stages ? rangeOf(stages) : only!.body.range;
  edits.push({ kind: 'replace', at: spot.at(replaced), text: call, hasComments: true });
  if (tensors.length > 0) {
    const { start: before } = spot.at(chain.source!.range);
    edits.push(insert(before, '('), insert(spot.at(chain.source!.range).end, `, ${tensors.join(', ')})`));
  }
  yield { kind: 'refactor.extract', title: `Extract into block ${block}`, edits };
}

/** A group whose stages are the block's: the group is what the block becomes. */
function withoutGroup(stages: readonly Stage[]): readonly Stage[] {
  const [only, second] = stages;
  return second === undefined && only!.body.kind === 'group' ? only!.body.stages : stages;
}

/** Names that loops inside make. */
function isBoundIn(stages: readonly Stage[], name: string): boolean {
  return stages.some(({ body }) => {
    switch (body.kind) {
      case 'for':
        return body.names.some(({ text }) => text === name) || isBoundIn(body.stages, name);
      case 'group':
        return isBoundIn(body.stages, name);
      case 'if':
        return isBoundIn([...body.then, ...(body.otherwise ?? [])], name);
      case 'parallel':
        return body.branches.some((branch) => isBoundIn(branch, name));
      default:
        return false;
    }
  });
}

/** What a piece takes from the definition around it; `undefined` where something can't be given to a block. */
function needsOf(spot: Spot, uses: readonly NameUse[], chain?: Chain): Needs | undefined {
  const moved = declarationsFor(spot, uses);
  const names = new Set([...moved.keys()].map(({ name }) => name.text));
  const taken = new Map<string, Taken>();
  for (const { name, as } of [...uses, ...[...moved.keys()].flatMap(usesOf)]) {
    if (taken.has(name.text) || names.has(name.text)) continue;
    const each = whatIs(spot, name.text, as, chain);
    if (each?.kind === 'shared') return undefined;
    if (each !== undefined) taken.set(name.text, each);
  }
  return { taken, moved: [...moved.values()].sort((a, b) => a - b) };
}

type Declaration = WeightStatement | SharedLayerStatement;

/** The weights, buffers and shared layers that are used by nothing but these uses and one another, with their places. */
function declarationsFor({ definition }: Spot, uses: readonly NameUse[]): ReadonlyMap<Declaration, number> {
  const inside = new Set(uses.map(({ name }) => name));
  const found = new Map<Declaration, number>();
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const [part, statement] of definition.statements.entries()) {
      if (statement.kind !== 'weight' && statement.kind !== 'buffer' && statement.kind !== 'layer') continue;
      const all = usesInDefinition(definition).filter(({ name }) => name.text === statement.name.text);
      if (found.has(statement) || all.length === 0 || all.some(({ name }) => !inside.has(name))) continue;
      found.set(statement, part);
      for (const { name } of usesInStatement(statement)) inside.add(name);
    }
  }
  return found;
}

/** Without what loops inside make. */
function usesOf(declaration: Declaration): readonly NameUse[] {
  return usesInStatement(declaration).filter(({ name }) => !isLoopName([declaration], name.text));
}

function declared(spot: Spot, part: number): string {
  return spot.written(spot.definition.statements[part]!.range, part);
}

function removals(spot: Spot, parts: readonly number[]): readonly FixEdit<Range>[] {
  return parts.map((part) => remove(spot.at(spot.definition.statements[part]!.range, part)));
}

/** `undefined` for what is the same everywhere in the file. */
function whatIs(spot: Spot, name: string, as: NameUse['as'], chain?: Chain): Taken | undefined {
  const { definition } = spot;
  const parameter = definition.parameters.find((each) => each.name.text === name);
  const isLooped = chain?.loops.some(({ names }) => names.some(({ text }) => text === name)) === true;
  if (parameter !== undefined && !isLooped) {
    const type = parameter.type === undefined ? '' : `: ${parameter.type.text}`;
    return { kind: 'parameter', declared: `${name}${type}` };
  }
  const maker = definition.statements.find((statement) => boundNames(statement).some(({ text }) => text === name));
  if (!isLooped && maker === undefined) {
    // A size of an input, else something of the file or the catalogue.
    return as === 'value' && isSymbol(spot, name) ? { kind: 'parameter', declared: `${name}: int` } : undefined;
  }
  if (maker?.kind === 'weight' || maker?.kind === 'buffer' || maker?.kind === 'input') return { kind: 'tensor' };
  if (maker?.kind === 'layer') return { kind: 'shared' };
  const value = isLooped ? undefined : valueOf(spot, maker as BindingStatement | OutputStatement);
  if (value?.kind === 'tensor') return { kind: 'tensor' };
  const type = value === undefined ? '' : typeOf(value);
  return { kind: 'parameter', declared: `${name}${type === '' ? '' : `: ${type}`}` };
}

function isSymbol(spot: Spot, name: string): boolean {
  return spot.definition.statements.some(
    (statement) => statement.kind === 'input' && usesInStatement(statement).some((use) => use.name.text === name),
  );
}

function valueOf(spot: Spot, { value }: BindingStatement | OutputStatement): Value | undefined {
  return spot.found(value)[0]?.value;
}

function typeOf(value: Value): string {
  switch (value.kind) {
    case 'int':
    case 'float':
    case 'bool':
    case 'layer':
      return value.kind;
    case 'string':
      return 'str';
    case 'list':
      return value.items.every(({ kind }) => kind === 'int') ? 'ints' : '';
    default:
      return '';
  }
}

function definitionBefore(
  spot: Spot,
  block: string,
  parameters: readonly string[],
  lines: readonly string[],
): FixEdit<Range> {
  const { start } = spot.at(spot.definition.name.range, -1);
  const head = `block ${block}${parameters.length === 0 ? '' : `(${parameters.join(', ')})`}`;
  return {
    kind: 'definition',
    at: { start, end: start },
    text: `${head} {\n${lines.map((line) => `  ${line}\n`).join('')}}`,
  };
}

// ---------------------------------------------------------------------------------------------- statements

/** Whole bindings that are selected, several of them, and the weights and layers among them. */
function selectedStatements(spot: Spot): { readonly from: number; readonly to: number } | undefined {
  const { statements } = spot.definition;
  const inside = statements.flatMap((statement, part) => {
    const { start, end } = spot.at(statement.range, part);
    return start >= spot.selection.start && end <= spot.selection.end ? [part] : [];
  });
  const [from, to] = [inside[0], inside.at(-1)];
  if (from === undefined || to === undefined) return undefined;
  const isMovable = ({ kind }: Statement): boolean =>
    kind === 'binding' || kind === 'weight' || kind === 'buffer' || kind === 'layer';
  return statements.slice(from, to + 1).every(isMovable) ? { from, to } : undefined;
}

function* extractStatements(spot: Spot, from: number, to: number, block: string): Generator<Refactoring> {
  const { statements } = spot.definition;
  const inside = statements.slice(from, to + 1);
  const made = new Set(inside.flatMap((statement) => boundNames(statement).map(({ text }) => text)));
  const uses = inside.flatMap((statement: Statement) => usesInStatement(statement));
  const needs = needsOf(
    spot,
    uses.filter(({ name }) => !made.has(name.text) && !isLoopName(inside, name.text)),
  );
  const after = new Set(statements.slice(to + 1).flatMap((each) => usesInStatement(each).map(({ name }) => name.text)));
  const outputs = inside.flatMap((statement) =>
    boundNames(statement).flatMap(({ text }) => (after.has(text) ? [{ text, statement }] : [])),
  );
  if (needs === undefined || outputs.length === 0) return;
  const { taken, moved } = needs;
  // A block puts out tensors.
  const areTensors = outputs.every(
    ({ statement }) =>
      statement.kind === 'binding' && (statement.names.length > 1 || valueOf(spot, statement)?.kind === 'tensor'),
  );
  const inputs = [...taken].flatMap(([name, { kind }]) => (kind === 'tensor' ? [name] : []));
  if (!areTensors || inputs.length === 0) return;
  const parameters = [...taken].flatMap(([, each]) => (each.kind === 'parameter' ? [each.declared] : []));
  const given = [...taken].flatMap(([name, { kind }]) => (kind === 'parameter' ? [name] : []));
  const names = outputs.map(({ text }) => text);
  const range = { start: spot.at(inside[0]!.range, from).start, end: spot.at(inside.at(-1)!.range, to).end };
  const body = spot.text.slice(range.start, range.end);
  const source = inputs.length === 1 ? inputs[0]! : `(${inputs.join(', ')})`;
  const call = `${block}${given.length === 0 ? '' : `(${given.join(', ')})`}`;
  yield {
    kind: 'refactor.extract',
    title: `Extract into block ${block}`,
    edits: [
      definitionBefore(spot, block, parameters, [
        `input ${inputs.join(', ')}`,
        ...moved.map((part) => declared(spot, part)),
        body,
        ...names.map((name) => `output ${name}`),
      ]),
      ...removals(spot, moved),
      { kind: 'replace', at: range, text: `${names.join(', ')} = ${source} -> ${call}`, hasComments: true },
    ],
  };
}

function isLoopName(statements: readonly Statement[], name: string): boolean {
  const inExpression = (value: BindingStatement['value']): boolean => {
    if (value.kind === 'pipeline') return isBoundIn(value.stages, name) || inExpression(value.source);
    if (value.kind === 'binary') return inExpression(value.left) || inExpression(value.right);
    return value.kind === 'conditional' && (inExpression(value.then) || inExpression(value.otherwise));
  };
  return statements.some(
    (statement) =>
      (statement.kind === 'binding' && inExpression(statement.value)) ||
      (statement.kind === 'layer' && isBoundIn([statement.stage], name)),
  );
}
