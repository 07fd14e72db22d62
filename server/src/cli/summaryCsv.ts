/** The CSV of `scv summary --csv`: a contract. One row a layer, no totals: the sums of the columns are they. */
import { type Row, rowsOf } from '../core/analysis/summary.ts';
import { type Dimension, constant, multiply } from '../core/dimension.ts';
import type { Instance } from '../core/graph.ts';
import { formatShape } from '../core/tensor.ts';
import { integer, receptiveField } from './summaryJson.ts';
import type { Terminal } from './terminal.ts';

const count = (value: Dimension): string => String(integer(value));

const COLUMNS: readonly (readonly [name: string, cell: (row: Row) => string])[] = [
  ['path', ({ path }) => path],
  ['kind', ({ kind }) => kind],
  ['output', ({ output }) => formatShape(output)],
  ['params', ({ parameters }) => count(parameters)],
  ['trainable', ({ trainable }) => count(trainable)],
  ['buffers', ({ buffers }) => count(buffers)],
  ['macs', ({ macs }) => count(macs)],
  ['flops', ({ macs }) => count(multiply(constant(2), macs))],
  ['activations', ({ activations }) => count(activations)],
  ['receptive_field', (row) => listed(receptiveField(row)?.size)],
  ['jump', (row) => listed(receptiveField(row)?.jump)],
];

export function printSummaryCsv(instance: Instance, terminal: Terminal): void {
  terminal.print(line(COLUMNS.map(([name]) => name)));
  for (const row of rowsOf(instance)) terminal.print(line(COLUMNS.map(([, cell]) => cell(row))));
}

/** `7x7`; empty where nothing is seen. */
function listed(values: readonly (number | string | null)[] | undefined): string {
  return values?.map((value) => value ?? '?').join('x') ?? '';
}

/** RFC 4180. */
function line(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`;
}
