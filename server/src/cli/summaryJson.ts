/** The JSON of `scv summary --json`: a contract. */
import { rowsOf, totalsOf } from '../core/analysis/summary.ts';
import { type Dimension, constantValue, format } from '../core/dimension.ts';
import type { Instance, NamedTensor } from '../core/graph.ts';
import { type Shape, isUnknown } from '../core/tensor.ts';

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

function layers(instance: Instance): readonly object[] {
  return Array.from(rowsOf(instance), ({ path, kind, output, parameters, macs }) => ({
    path,
    kind,
    output: shape(output),
    params: integer(parameters),
    macs: integer(macs),
  }));
}

function of(instance: Instance): {
  readonly model: string;
  readonly inputs: unknown;
  readonly outputs: unknown;
  readonly params: unknown;
  readonly macs: unknown;
  readonly layers: unknown;
} {
  const totals = totalsOf(instance);
  return {
    model: instance.definition.name.text,
    inputs: tensors(instance.inputs),
    outputs: tensors(instance.outputs),
    params: { total: integer(totals.parameters), trainable: integer(totals.trainable) },
    macs: integer(totals.macs),
    layers: layers(instance),
  };
}

export const summaryJson = { of, integer, shape, tensors };
