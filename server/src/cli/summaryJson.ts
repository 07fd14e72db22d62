/** The JSON of `scv summary --json`: a contract. */
import { type Row, rowsOf, totalsOf } from '../core/analysis/summary.ts';
import { type Dimension, constantValue, format } from '../core/dimension.ts';
import type { Instance, NamedTensor } from '../core/graph.ts';
import { type Shape, isUnknown } from '../core/tensor.ts';
import type { Terminal } from './terminal.ts';

/** An exact integer: past 2^53 as text, like what is symbolic. */
function integer(value: Dimension): number | string {
  const known = constantValue(value);
  if (known === undefined) return isUnknown(value) ? '?' : format(value);
  const isSafe = known >= BigInt(Number.MIN_SAFE_INTEGER) && known <= BigInt(Number.MAX_SAFE_INTEGER);
  return isSafe ? Number(known) : String(known);
}

function shape(sizes: Shape | undefined): readonly (number | string)[] | null {
  return sizes === undefined ? null : sizes.map(integer);
}

function tensors(named: readonly NamedTensor[]): readonly object[] {
  return named.map(({ name, tensor }) => ({ name, shape: shape(tensor.shape) }));
}

/** One row of `layers`. */
function layer({ path, kind, output, parameters, macs }: Row): object {
  return { path, kind, output: shape(output), params: integer(parameters), macs: integer(macs) };
}

/** All but the layers. */
function head(instance: Instance): object {
  const totals = totalsOf(instance);
  return {
    model: instance.definition.name.text,
    inputs: tensors(instance.inputs),
    outputs: tensors(instance.outputs),
    params: { total: integer(totals.parameters), trainable: integer(totals.trainable) },
    macs: integer(totals.macs),
  };
}

/** Row by row: a model can have a million. */
export function printSummaryJson(instance: Instance, terminal: Terminal): void {
  const lines = Object.entries(head(instance)).map(([key, value]) => `  "${key}": ${JSON.stringify(value)},\n`);
  terminal.print(`{\n${lines.join('')}  "layers": [`);
  let separator = '\n';
  for (const row of rowsOf(instance)) {
    terminal.print(`${separator}    ${JSON.stringify(layer(row))}`);
    separator = ',\n';
  }
  terminal.print('\n  ]\n}\n');
}

export const summaryJson = { head, integer, shape, tensors };
