/** `scv summary FILE` */
import { seenInput, type ReceptiveField } from '../core/analysis/receptiveField.ts';
import { workingSizes } from '../core/analysis/sizes.ts';
import { atShapes, atUsualSize, kindOf, rowsOf, totalsOf, type Counts, type Row } from '../core/analysis/summary.ts';
import { dataSetOf } from '../core/analysis/checks/datasets.ts';
import { literalOf } from '../core/analysis/checks/literals.ts';
import { exactCount, shortBytes, shortCount, shortFlops, shortMacs, withSeparators } from '../core/analysis/numbers.ts';
import type { Model } from '../core/definition.ts';
import { type Dimension, constant, constantValue, format, formatFactored, multiply, sum } from '../core/dimension.ts';
import type { Instance, NamedTensor } from '../core/graph.ts';
import { formatShape, isUnknown } from '../core/tensor.ts';
import { exampleInput, readInputSizes } from './inputSizes.ts';
import { messagesOf } from './messages.ts';
import { type ChosenModel, chooseModel, complain, complainOfErrors } from './model.ts';
import { printSummaryCsv } from './summaryCsv.ts';
import { printSummaryJson } from './summaryJson.ts';
import { type Column, table } from './table.ts';
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
  } else if (command.form === 'table') {
    const sized = atUsualSize(chosen.facts.session, instance);
    instance = sized.instance;
    if (sized.at !== undefined) at = sized.at.join('×');
  }
  const batch = command.batch ?? batchSizeOf(chosen.definition);
  if (command.form === 'json') printSummaryJson(instance, batch, terminal);
  else if (command.form === 'csv') printSummaryCsv(instance, terminal);
  else printSummary(chosen, instance, { ...command, at, batch }, terminal);
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

interface Shown {
  /** `224×224`, where a size was put in. */
  readonly at: string | undefined;
  readonly batch: number;
  readonly depth: number | undefined;
  readonly input: string | undefined;
}

function printSummary(
  { definition, instance: asWritten, file }: ChosenModel,
  instance: Instance,
  shown: Shown,
  terminal: Terminal,
): void {
  const { paint } = terminal;
  const { at, input } = shown;
  const totals = totalsOf(instance);
  const ports = (named: readonly NamedTensor[]): string =>
    named.map(({ name, tensor }) => `${name} ${formatShape(tensor.shape)}`).join(', ');
  terminal.print(`${paint('bold', definition.name.text)}  ${paint('dim', file.path)}\n`);
  terminal.print(`${ports(asWritten.inputs)} → ${ports(asWritten.outputs)}\n`);
  if (at !== undefined) terminal.print(`${paint('dim', `Sizes are shown at ${at}${whyAt(definition, input)}.`)}\n`);

  const columns = columnsFor(instance, totals);
  const cells = linesOf(instance, shown.depth).map((line) => columns.map(({ cell }) => cell(line)));
  const { lines, leftOut } = table(columns, cells, terminal.width);
  const [heading = '', ...rows] = lines;
  terminal.print(`\n${paint('bold', heading)}\n${rows.map((line) => `${line}\n`).join('')}\n`);
  for (const note of legend(columns, leftOut, instance)) terminal.print(`${paint('dim', note)}\n`);

  const texts = totalsText(asWritten.inputs, totals, shown);
  const sizes = workingSizes(asWritten);
  if (sizes.kind === 'when' && input === undefined) texts.push(['Only for', sizes.text]);
  const wide = Math.max(...texts.map(([name]) => name.length));
  for (const [name, text] of texts) terminal.print(`${paint('bold', name.padEnd(wide))}  ${text}\n`);
}

function whyAt(definition: Model, input: string | undefined): string {
  if (input !== undefined) return ', as --input says';
  const dataset = dataSetOf(definition);
  const name = dataset?.name ?? 'its data set';
  return `: ${dataset?.size === undefined ? 'usual for' : 'the images of'} ${name}; --input shows others`;
}

// ---------------------------------------------------------------------------------------------- rows

interface Line {
  readonly path: string;
  readonly kind: string;
  output: string;
  field: ReceptiveField | undefined;
  readonly parameters: Dimension[];
  readonly trainable: Dimension[];
  readonly buffers: Dimension[];
  readonly macs: Dimension[];
  readonly activations: Dimension[];
}

type SummaryColumn = Column & { readonly cell: (line: Line) => string };

/** Columns in which nothing would stand are left out. */
function columnsFor(instance: Instance, { parameters, trainable, buffers, macs }: Counts): readonly SummaryColumn[] {
  const inMillions = (constantValue(macs) ?? 0n) >= 100_000_000n;
  const isFrozen = constantValue(parameters) !== constantValue(trainable);
  const hasBuffers = constantValue(buffers) !== 0n;
  const right = { align: 'right' } as const;
  const optional = { ...right, optional: true } as const;
  return [
    { heading: 'Layer', align: 'left', shrinks: true, cell: ({ path }) => path },
    { heading: 'Kind', align: 'left', shrinks: true, cell: ({ kind }) => kind },
    { heading: 'Output', align: 'left', cell: ({ output }) => output },
    { heading: 'Parameters', ...right, cell: (line) => count(sum(line.parameters)) },
    ...(isFrozen
      ? [{ heading: 'Trainable', ...right, cell: (line: Line) => count(sum(line.trainable)) } as const]
      : []),
    {
      heading: inMillions ? 'MACs (M)' : 'MACs',
      ...right,
      cell: (line) => macsCell(sum(line.macs), inMillions),
    },
    { heading: 'Activations', ...optional, cell: (line) => count(sum(line.activations)) },
    ...(seenInput(instance) === undefined
      ? []
      : [
          { heading: 'Field', ...optional, cell: ({ field }: Line) => fieldText(field) } as const,
          { heading: 'Jump', ...optional, cell: ({ field }: Line) => jumpText(field) } as const,
        ]),
    ...(hasBuffers
      ? [{ heading: 'Buffers', ...optional, cell: (line: Line) => count(sum(line.buffers)) } as const]
      : []),
  ];
}

/** What the columns mean that not everybody knows. */
function legend(columns: readonly Column[], leftOut: readonly string[], instance: Instance): readonly string[] {
  const has = (heading: string): boolean =>
    columns.some((column) => column.heading === heading) && !leftOut.includes(heading);
  const seen = seenInput(instance);
  const notes = [
    ...(has('Activations') ? ['Activations: values that come out, for one sample; views make none.'] : []),
    ...(has('Field') && seen !== undefined
      ? [
          `Field: places of ${instance.inputs[seen]!.name} that one place sees, with padding${has('Jump') ? '; Jump: how far apart neighbours look' : ''}.`,
        ]
      : []),
    ...uncounted(instance).map((name) => `${name} declares no macs: 0 multiply-adds are counted for it.`),
    ...(leftOut.length > 0 ? [`No room for ${leftOut.join(', ')}: --csv has all columns.`] : []),
  ];
  return notes.length === 0 ? [] : [...notes, ''];
}

/** Blocks of Python that don't say how much they work. */
function uncounted(instance: Instance): readonly string[] {
  const names = Array.from(rowsOf(instance), ({ node }) => {
    const definition = node.kind === 'extern' ? node.instance.definition : undefined;
    const isCounted = definition?.kind !== 'extern' || definition.isFunction || definition.macs !== undefined;
    return isCounted ? [] : [definition.name.text];
  });
  return [...new Set(names.flat())];
}

/** `7×7`, `all`; `?` where there is no number. */
function fieldText(field: ReceptiveField | undefined): string {
  if (field === undefined) return '';
  if (field.every(({ size }) => size === 'all')) return 'all';
  return field.map(({ size }) => size ?? '?').join('×');
}

/** `2` where it is the same each way, `2×1`, `1/2`. */
function jumpText(field: ReceptiveField | undefined): string {
  const texts = (field ?? []).map(({ jump }) =>
    jump === undefined
      ? ''
      : jump.denominator === 1
        ? String(jump.numerator)
        : `${String(jump.numerator)}/${String(jump.denominator)}`,
  );
  return new Set(texts).size === 1 ? texts[0]! : texts.map((text) => text || '-').join('×');
}

function linesOf(instance: Instance, depth: number | undefined): readonly Line[] {
  const limit = depth ?? (instance.size > MANY_ROWS ? depthThatFits(instance) : Infinity);
  const kinds = limit === Infinity ? undefined : kindsByPath(instance, limit);
  const lines: Line[] = [];
  for (const row of rowsOf(instance)) {
    const { path, isWhole } = cut(row, limit);
    const last = lines.at(-1);
    if (!isWhole && last?.path === path) {
      last.parameters.push(row.parameters);
      last.trainable.push(row.trainable);
      last.buffers.push(row.buffers);
      last.macs.push(row.macs);
      last.activations.push(row.activations);
      if (row.output !== undefined) last.output = formatShape(row.output);
      last.field = row.receptiveField;
    } else {
      lines.push({
        path,
        kind: isWhole ? row.kind : (kinds?.get(path) ?? ''),
        output: formatShape(row.output),
        field: row.receptiveField,
        parameters: [row.parameters],
        trainable: [row.trainable],
        buffers: [row.buffers],
        macs: [row.macs],
        activations: [row.activations],
      });
    }
  }
  return lines;
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
  if (known === undefined) return isUnknown(value) ? '?' : formatFactored(value);
  if (!inMillions) return withSeparators(known);
  const hundredths = (known + 5_000n) / 10_000n;
  return `${withSeparators(hundredths / 100n)}.${String(hundredths % 100n).padStart(2, '0')}`;
}

// ---------------------------------------------------------------------------------------------- totals

function totalsText(inputs: Instance['inputs'], totals: Counts, { at, batch }: Shown): [string, string][] {
  const { parameters, trainable, buffers, macs, stateBytes, activationBytes } = totals;
  const lines: [string, string][] = [];
  const fixed = constantValue(parameters)! - (constantValue(trainable) ?? 0n);
  const told = fixed === 0n ? 'all trainable' : `${exactCount(trainable)} trainable, ${withSeparators(fixed)} frozen`;
  lines.push(['Parameters', `${both(parameters)}, ${told}`]);
  if (constantValue(buffers) !== 0n) lines.push(['Buffers', exactCount(buffers)]);
  const known = constantValue(macs);
  const where = at === undefined ? '' : ` at ${at}`;
  lines.push([
    'Multiply-adds',
    known === undefined
      ? `${formatFactored(macs)}, for one sample; --input ${exampleInput(inputs)} puts numbers in`
      : `${shortMacs(known)}${known >= 1_000_000n ? ` (${withSeparators(known)})` : ''} for one sample${where}, ${shortFlops(known * 2n)} (two each)`,
  ]);
  const state = constantValue(stateBytes);
  if (state === undefined) return lines;
  const weights = `weights and buffers ${shortBytes(state)}`;
  const made = constantValue(multiply(constant(batch), activationBytes));
  if (made === undefined) return [...lines, ['Memory', `${weights} (32 bits a float)`]];
  const samples = batch === 1 ? 'one sample' : `${withSeparators(batch)} samples`;
  const gradients = (constantValue(trainable) ?? 0n) * 4n;
  lines.push(['Memory', `${weights}; what layers make of ${samples} ${shortBytes(made)} (32 bits a float)`]);
  lines.push([
    'Training',
    `about ${shortBytes(state + gradients + made)} with ${samples} at once: both, and gradients, without the optimizer's state`,
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
