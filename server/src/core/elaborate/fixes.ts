/** Fixes that several kinds of problems have in common. */
import type { Argument, Block, CallStage, Model, Range, Site, Stage, Statement } from '../definition.ts';
import { type Dimension, constantValue, format } from '../dimension.ts';
import { type FixEdit, type LocalFix, type LocalPlace, fix, freeName, insert, remove, replace } from '../fix.ts';
import type { Layer, LayerSetting } from '../layers/layer.ts';
import type { Tensor } from '../tensor.ts';
import { argumentOf } from './arguments.ts';
import { type Call, callAt } from './callStages.ts';
import { usualSizeOf } from '../analysis/checks/datasets.ts';
import type { Frame } from './frame.ts';
import { boundNames, namesBoundBy, usesInStatement } from './uses.ts';
import { enumerated } from './words.ts';

/** The stage of a frame's statement whose name stands at a place. */
export function callHere({ definition, part }: Frame, at: Range): Call | undefined {
  return callAt(definition.statements[part], part, at);
}

/** `Insert Flatten before Linear`; nothing where that would be another branch's or shared layer's matter. */
export function insertBefore(call: Call | undefined, stages: string, isPreferred = false): readonly LocalFix[] {
  if (call === undefined || isOnlyItem(call)) return [];
  const { stage, body } = call;
  return [
    fix(
      `Insert ${stages} before ${body.callee.text}`,
      [insert(stage.range.start, `${stages} -> `)],
      isPreferred ? 'preferred' : undefined,
    ),
  ];
}

/** A stage can be left out where others stay, or a chain's source. */
export function removal({ stage, chain, around }: Call): FixEdit<Range> | undefined {
  return around === undefined || (chain.length > 1 && around !== 'layer') ? remove(stage.range) : undefined;
}

/** A shared layer is one stage, and so is a branch whose label is its name. */
function isOnlyItem({ around, chain }: Call): boolean {
  return around === 'layer' || (around === 'parallel' && chain.length === 1);
}

/** An argument's value, written or put behind the others by its name. */
export function setArgument(
  layer: Layer,
  { callee, arguments: args, range }: CallStage,
  { argument: name, value }: LayerSetting,
): FixEdit<Range> | undefined {
  const written = argumentOf(layer, args ?? [], name);
  if (written !== undefined) return isPlain(written) ? replace(written.value.range, value) : undefined;
  return addArgument(callee.range, args, range, `${name}=${value}`);
}

export function addArgument(
  callee: Range,
  args: readonly Argument[] | undefined,
  call: Range,
  text: string,
): FixEdit<Range> {
  const last = args?.at(-1);
  if (last !== undefined) return insert(last.range.end, `, ${text}`);
  return args === undefined || call.end === callee.end ? insert(callee.end, `(${text})`) : insert(call.end - 1, text);
}

/** A value that is written out: what is computed is meant for more than this use. */
function isPlain({ value }: Argument): boolean {
  return ['number', 'string', 'boolean', 'none', 'list', 'tuple', 'unary'].includes(value.kind);
}

/** A name that a statement binds once more gets another one, and so do its uses below. */
export function renameBelow({ definition, part, scope }: Frame, name: { text: string; range: Range }): LocalFix {
  const { statements, id } = definition;
  const bound = namesBoundBy(statements);
  const free = freeName(name.text, (each) => bound.has(each) || scope.has(each));
  const edits: FixEdit<LocalPlace>[] = [replace(name.range, free)];
  for (let below = part + 1; below < statements.length; below++) {
    const statement = statements[below]!;
    for (const { name: use } of usesInStatement(statement))
      if (use.text === name.text)
        edits.push(replace<LocalPlace>({ definition: id, part: below, range: use.range }, free));
    if (boundNames(statement).some(({ text }) => text === name.text)) break;
  }
  const uses = edits.length - 1;
  const also = uses === 0 ? '' : `, and its ${uses === 1 ? 'use' : `${String(uses)} uses`} below`;
  return fix<LocalPlace>(`Rename this ${name.text} to ${free}${also}`, edits, 'preferred');
}

/** The statement that binds a name further down goes above the one at hand, where it needs nothing from between. */
export function moveAbove({ definition, part }: Frame, name: string): readonly LocalFix[] {
  const { statements, id } = definition;
  const from = statements.findIndex((each, i) => i > part && boundNames(each).some(({ text }) => text === name));
  const here = statements[part];
  if (from < 0 || here === undefined) return [];
  const later = new Set(statements.slice(part).flatMap((each) => boundNames(each).map(({ text }) => text)));
  if (usesInStatement(statements[from]!).some((use) => later.has(use.name.text))) return [];
  const site = (index: number, { range }: Statement): Site => ({ definition: id, part: index, range });
  const move = { kind: 'move', at: site(from, statements[from]!), before: site(part, here) } as const;
  return [fix<LocalPlace>(`Move the statement of ${name} above this one`, [move], 'preferred')];
}

/** The only name of a binding whose chain ends with this label: what comes out of it. */
export function boundFrom({ statements }: Model | Block, before: number, label: string): string | undefined {
  for (const statement of statements.slice(0, before)) {
    if (statement.kind !== 'binding' || statement.value.kind !== 'pipeline') continue;
    const [name, second] = statement.names;
    const last = statement.value.stages.at(-1);
    if (second === undefined && name !== undefined && labelOf(last) === label) return name.text;
  }
  return undefined;
}

function labelOf(stage: Stage | undefined): string | undefined {
  const [only, second] = stage?.label?.parts ?? [];
  return second === undefined && typeof only === 'string' ? only : undefined;
}

/** Image sizes for free symbols, where those are the height and width of a model's only image: the data set's, else the usual. */
export function sizesGiven({ definition }: Frame, symbols: readonly string[]): readonly LocalFix[] {
  if (definition.kind !== 'model' || symbols.length === 0) return [];
  const size = String(usualSizeOf(definition));
  const uses = definition.statements.flatMap((statement, part) =>
    usesInStatement(statement).map(({ name }) => ({ part, statement, name })),
  );
  const given = uses.filter(({ name }) => symbols.includes(name.text));
  const areSizes = symbols.every((symbol) => given.some(({ statement, name }) => isSizeOf(statement, name, symbol)));
  if (!areSizes) return [];
  return [
    fix<LocalPlace>(
      `Give ${enumerated(symbols)} the size ${size}`,
      given.map(({ part, name }) => replace<LocalPlace>({ definition: definition.id, part, range: name.range }, size)),
    ),
  ];
}

/** Whether a name is the height or width of an input's shape. */
function isSizeOf(statement: Statement, { range }: { range: Range }, symbol: string): boolean {
  if (statement.kind !== 'input') return false;
  return statement.ports.some(({ shape }) =>
    shape?.items.some(
      (item, i) => i >= 2 && item.kind === 'name' && item.name.text === symbol && item.range.start === range.start,
    ),
  );
}

/** The parameters that decide a size of what comes out: the last, and the channels. */
const SIZE_PARAMETERS = [
  { parameter: 'out_features', axis: (rank: number) => rank - 1 },
  { parameter: 'out_channels', axis: () => 1 },
] as const;

/** The layer that a tensor comes out of makes one of its sizes another one. */
export function sizeMade(
  { id, statements }: Model | Block,
  { node, shape = [] }: Tensor,
  axis: number,
  size: Dimension,
): readonly LocalFix[] {
  if (node.kind !== 'layer' || node.site.definition !== id || constantValue(size) === undefined) return [];
  const found = SIZE_PARAMETERS.find(
    ({ parameter, axis: decided }) => parameter in node.layer.parameters && decided(shape.length) === axis,
  );
  const { part, range } = node.site;
  const call = callAt(statements[part], part, range);
  if (found === undefined || call?.body.callee.text !== node.layer.name) return [];
  const setting = { argument: found.parameter, value: format(size) };
  const edit = setArgument(node.layer, call.body, setting);
  if (edit?.kind !== 'replace') return [];
  const title = `Set ${found.parameter} of ${node.layer.name} to ${setting.value}`;
  return [fix<LocalPlace>(title, [{ ...edit, at: { ...node.site, range: edit.at } }], 'preferred')];
}
