/** The JSON of `scv summary --json`: a contract. */
import { seenInput } from '../core/analysis/receptiveField.ts';
import { type Row, rowsOf, totalsOf } from '../core/analysis/summary.ts';
import { type Dimension, constant, constantValue, format, multiply } from '../core/dimension.ts';
import type { Instance, NamedTensor } from '../core/graph.ts';
import { type Shape, isUnknown } from '../core/tensor.ts';
import type { Terminal } from './terminal.ts';

/** An exact integer: past 2^53 as text, like what is symbolic. */
export function integer(value: Dimension): number | string {
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

function flops(macs: Dimension): number | string {
  return integer(multiply(constant(2), macs));
}

interface ReceptiveFieldJson {
  /** A number, `"all"`, or null where it isn't known. */
  readonly size: readonly (number | string | null)[];
  /** A number, a ratio as text (`"1/2"`), or null where there is none. */
  readonly jump: readonly (number | string | null)[];
}

/** Of what sees nothing of the input, null. */
export function receptiveField({ receptiveField: field }: Row): ReceptiveFieldJson | null {
  if (field === undefined) return null;
  return {
    size: field.map(({ size }) => size ?? null),
    jump: field.map(({ jump }) =>
      jump === undefined ? null : jump.denominator === 1 ? jump.numerator : `${jump.numerator}/${jump.denominator}`,
    ),
  };
}

/** One row of `layers`. */
function layer(row: Row): object {
  const { path, kind, output, parameters, trainable, buffers, macs, activations } = row;
  return {
    path,
    kind,
    output: shape(output),
    params: integer(parameters),
    macs: integer(macs),
    trainable: integer(trainable),
    buffers: integer(buffers),
    flops: flops(macs),
    activations: integer(activations),
    receptive_field: receptiveField(row),
  };
}

/** All but the layers. */
function head(instance: Instance): object {
  const { parameters, trainable, macs } = totalsOf(instance);
  return {
    model: instance.definition.name.text,
    inputs: tensors(instance.inputs),
    outputs: tensors(instance.outputs),
    params: { total: integer(parameters), trainable: integer(trainable) },
    macs: integer(macs),
  };
}

/** What has joined the contract later stands behind what was there first. */
function more(instance: Instance, batch: number): object {
  const { buffers, macs, activations, activationBytes, stateBytes } = totalsOf(instance);
  const seen = seenInput(instance);
  return {
    flops: flops(macs),
    buffers: integer(buffers),
    activations: integer(activations),
    batch,
    bytes: { state: integer(stateBytes), activations: integer(multiply(constant(batch), activationBytes)) },
    receptive_field_of: seen === undefined ? null : instance.inputs[seen]!.name,
  };
}

/** Row by row: a model can have a million. */
export function printSummaryJson(instance: Instance, batch: number, terminal: Terminal): void {
  const entries = Object.entries({ ...head(instance), ...more(instance, batch) });
  const lines = entries.map(([key, value]) => `  "${key}": ${JSON.stringify(value)},\n`);
  terminal.print(`{\n${lines.join('')}  "layers": [`);
  let separator = '\n';
  for (const row of rowsOf(instance)) {
    terminal.print(`${separator}    ${JSON.stringify(layer(row))}`);
    separator = ',\n';
  }
  terminal.print('\n  ]\n}\n');
}

export const summaryJson = { head, integer, shape, tensors };
