/** `scv summary FILE` */
import { atShapes, atUsualSize, kindOf, rowsOf, totalsOf, type Row, type Totals } from '../core/analysis/summary.ts';
import { workingSizes } from '../core/analysis/sizes.ts';
import { dataSetOf } from '../core/analysis/checks/datasets.ts';
import { literalOf } from '../core/analysis/checks/literals.ts';
import { exactCount, shortBytes, shortCount, shortMacs, withSeparators } from '../core/analysis/numbers.ts';
import type { Model } from '../core/definition.ts';
import { type Dimension, constantValue, format, sum } from '../core/dimension.ts';
import type { Instance, NamedTensor } from '../core/graph.ts';
import { formatShape, isUnknown } from '../core/tensor.ts';
import { exampleInput, readInputSizes } from './inputSizes.ts';
import { messagesOf } from './messages.ts';
import { type ChosenModel, chooseModel, complain, complainOfErrors } from './model.ts';
import { printSummaryJson } from './summaryJson.ts';
import { type Column, tableLines } from './table.ts';
import type { Terminal } from './terminal.ts';
import type { Command } from './usage.ts';

/** More rows than anybody reads: the deepest modules are summed up then. */
const MANY_ROWS = 2_000;

/** @returns the exit status */
export function summarise(command: Extract<Command, { kind: 'summary' }>, terminal: Terminal): number {
  const chosen = chooseModel(command.file, command.model);
  if (complainOfErrors(chosen, terminal)) return 1;
  let { instance } = chosen;
  let at: string | undefined;
  if (command.input !== undefined) {
    const sized = atShapes(chosen.facts.session, chosen.definition, readInputSizes(command.input, instance));
    if (sized === undefined || complainOfSizes(sized, chosen, terminal)) return 1;
    instance = sized;
    at = imageSize(instance);
  } else if (!command.json) {
    const sized = atUsualSize(chosen.facts.session, instance);
    instance = sized.instance;
    if (sized.at !== undefined) at = sized.at.join('×');
  }
  if (command.json) printSummaryJson(instance, terminal);
  else printSummary(chosen, instance, at, command, terminal);
  return 0;
}

/** Errors that come of the sizes that were given. */
function complainOfSizes(sized: Instance, { program, file, facts }: ChosenModel, terminal: Terminal): boolean {
  const messages = messagesOf(program, file, { ...facts, problems: sized.problems });
  return complain({ ...file, problems: [] }, messages, terminal);
}

/** `224×224`, of the first input that is an image. */
function imageSize({ inputs }: Instance): string | undefined {
  const image = inputs.find(({ tensor }) => tensor.shape?.length === 4)?.tensor.shape;
  return image
    ?.slice(2)
    .map((size) => format(size))
    .join('×');
}

function printSummary(
  { definition, instance: asWritten, file }: ChosenModel,
  instance: Instance,
  at: string | undefined,
  { depth, input }: Extract<Command, { kind: 'summary' }>,
  terminal: Terminal,
): void {
  const { paint } = terminal;
  const totals = totalsOf(instance);
  const ports = (named: readonly NamedTensor[]): string =>
    named.map(({ name, tensor }) => `${name} ${formatShape(tensor.shape)}`).join(', ');
  terminal.print(`${paint('bold', definition.name.text)}  ${paint('dim', file.path)}\n`);
  terminal.print(`${ports(asWritten.inputs)} → ${ports(asWritten.outputs)}\n`);
  if (at !== undefined) terminal.print(`${paint('dim', `Sizes are shown at ${at}${whyAt(definition, input)}.`)}\n`);

  const inMillions = (constantValue(totals.macs) ?? 0n) >= 100_000_000n;
  const columns = [...COLUMNS, { heading: inMillions ? 'MACs (M)' : 'MACs', align: 'right' } as const];
  const [heading, ...lines] = tableLines(columns, cellsOf(instance, depth, inMillions), terminal.width);
  terminal.print(`\n${paint('bold', heading ?? '')}\n${lines.map((line) => `${line}\n`).join('')}\n`);

  const wide = Math.max(...totalsText(definition, asWritten.inputs, totals, at).map(([name]) => name.length));
  for (const [name, text] of totalsText(definition, asWritten.inputs, totals, at))
    terminal.print(`${paint('bold', name.padEnd(wide))}  ${text}\n`);
  const sizes = workingSizes(asWritten);
  if (sizes.kind === 'when' && input === undefined)
    terminal.print(`${paint('bold', 'Only for'.padEnd(wide))}  ${sizes.text}\n`);
}

function whyAt(definition: Model, input: string | undefined): string {
  if (input !== undefined) return ', as --input says';
  const dataset = dataSetOf(definition);
  const name = dataset?.name ?? 'its data set';
  return `: ${dataset?.size === undefined ? 'usual for' : 'the images of'} ${name}; --input shows others`;
}

// ---------------------------------------------------------------------------------------------- rows

const COLUMNS: readonly Column[] = [
  { heading: 'Layer', align: 'left', shrinks: true },
  { heading: 'Kind', align: 'left', shrinks: true },
  { heading: 'Output', align: 'left' },
  { heading: 'Parameters', align: 'right' },
];

interface Line {
  readonly path: string;
  readonly kind: string;
  output: string;
  readonly parameters: Dimension[];
  readonly macs: Dimension[];
}

function cellsOf(instance: Instance, depth: number | undefined, inMillions: boolean): readonly string[][] {
  const limit = depth ?? (instance.size > MANY_ROWS ? depthThatFits(instance) : Infinity);
  const kinds = limit === Infinity ? undefined : kindsByPath(instance, limit);
  const lines: Line[] = [];
  for (const row of rowsOf(instance)) {
    const { path, isWhole } = cut(row, limit);
    const last = lines.at(-1);
    if (!isWhole && last?.path === path) {
      last.parameters.push(row.parameters);
      last.macs.push(row.macs);
      if (row.output !== undefined) last.output = formatShape(row.output);
    } else {
      lines.push({
        path,
        kind: isWhole ? row.kind : (kinds?.get(path) ?? ''),
        output: formatShape(row.output),
        parameters: [row.parameters],
        macs: [row.macs],
      });
    }
  }
  return lines.map(({ path, kind, output, parameters, macs }) => [
    path,
    kind,
    output,
    count(sum(parameters)),
    macsCell(sum(macs), inMillions),
  ]);
}

/** Where a row stands in a table of this depth. */
function cut({ path, depth }: Row, limit: number): { readonly path: string; readonly isWhole: boolean } {
  const parts = path === '' ? [] : path.split('.');
  if (depth < limit || parts.length <= limit) return { path, isWhole: depth < limit };
  return { path: parts.slice(0, limit).join('.'), isWhole: false };
}

function kindsByPath(
  instance: Instance,
  limit: number,
  path = '',
  into = new Map<string, string>(),
  nodes = instance.nodes,
): Map<string, string> {
  for (const node of nodes) {
    if ((node.kind !== 'block' && node.kind !== 'group') || node.name === undefined) continue;
    const below = path === '' ? node.name : `${path}.${node.name}`;
    into.set(below, kindOf(node) ?? '');
    const inner = node.kind === 'block' ? node.instance.nodes : node.nodes;
    if (below.split('.').length < limit) kindsByPath(instance, limit, below, into, inner);
  }
  return into;
}

/** The deepest that a table of a huge model may go. */
function depthThatFits(instance: Instance): number {
  const levels = Array.from({ length: 8 }, (_, i) => ({ depth: i + 1, rows: 0, seen: new Set<string>() }));
  for (const row of rowsOf(instance)) {
    for (const level of levels) {
      const { path, isWhole } = cut(row, level.depth);
      if (!isWhole && level.seen.has(path)) continue;
      level.seen.add(path);
      level.rows += 1;
    }
  }
  return levels.findLast(({ rows }) => rows <= MANY_ROWS)?.depth ?? 1;
}

function count(value: Dimension): string {
  const known = constantValue(value);
  return known === 0n ? '' : isUnknown(value) ? '?' : exactCount(value);
}

/** One unit for the column: exact, or millions where the sum is large. */
function macsCell(value: Dimension, inMillions: boolean): string {
  const known = constantValue(value);
  if (known === 0n) return '';
  if (known === undefined) return isUnknown(value) ? '?' : format(value);
  if (!inMillions) return withSeparators(known);
  const hundredths = (known + 5_000n) / 10_000n;
  return `${withSeparators(hundredths / 100n)}.${String(hundredths % 100n).padStart(2, '0')}`;
}

// ---------------------------------------------------------------------------------------------- totals

function totalsText(
  definition: Model,
  inputs: Instance['inputs'],
  totals: Totals,
  at: string | undefined,
): readonly (readonly [string, string])[] {
  const { parameters, trainable, buffers, macs, activations } = totals;
  const lines: [string, string][] = [];
  const fixed = constantValue(parameters)! - (constantValue(trainable) ?? 0n);
  lines.push([
    'Parameters',
    `${both(parameters)}, ${fixed === 0n ? 'all trainable' : `${exactCount(trainable)} trainable`}`,
  ]);
  if (constantValue(buffers) !== 0n) lines.push(['Buffers', exactCount(buffers)]);
  const known = constantValue(macs);
  const where = at === undefined ? '' : ` at ${at}`;
  lines.push([
    'Multiply-adds',
    known === undefined
      ? `${format(macs)}, for one sample; --input ${exampleInput(inputs)} puts numbers in`
      : `${shortMacs(known)}${known >= 1_000_000n ? ` (${withSeparators(known)})` : ''} for one sample${where}`,
  ]);
  const weights = constantValue(sum([parameters, buffers]));
  const values = constantValue(activations);
  if (weights === undefined) return lines;
  const state = `weights and buffers ${shortBytes(weights * 4n)}`;
  if (values === undefined) return [...lines, ['Memory', `${state} (32 bits a number)`]];
  const batch = batchSizeOf(definition);
  const training = (constantValue(parameters)! + (constantValue(trainable) ?? 0n) + values * BigInt(batch)) * 4n;
  lines.push(['Memory', `${state}; what layers make ${shortBytes(values * 4n)} a sample (32 bits a number)`]);
  lines.push([
    'Training',
    `about ${shortBytes(training)} with ${batch === 1 ? 'one sample' : `${String(batch)} samples`} at once: weights, gradients and what layers make, without the optimizer's state`,
  ]);
  return lines;
}

function both(value: Dimension): string {
  const known = constantValue(value);
  return known === undefined || known < 1_000_000n ? exactCount(value) : `${exactCount(value)} (${shortCount(known)})`;
}

/** As `train` says; else one. */
function batchSizeOf({ statements }: Model): number {
  const properties = statements.flatMap((each) => (each.kind === 'train' ? each.properties : []));
  const written = properties.find(({ key }) => key.text === 'batch_size');
  const literal = written === undefined ? undefined : literalOf(written.value);
  return literal?.kind === 'int' ? literal.value : 1;
}
