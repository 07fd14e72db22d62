/** What one writes for a parameter that must be given, where nothing better is known. */
import { constant } from '../dimension.ts';
import type { Shape, Tensor } from '../tensor.ts';
import type { Value } from '../value.ts';
import { type LayerProblem, applyLayer } from './apply.ts';
import type { Layer } from './layer.ts';
import type { Parameter } from './parameters.ts';

const BY_NAME: Readonly<Partial<Record<string, string>>> = {
  out_channels: '64',
  out_features: '10',
  kernel_size: '3',
  hidden_size: '128',
  num_heads: '8',
  output_size: '7',
};

export function usualValue(name: string, { type, choices }: Parameter<unknown>): string {
  const known = BY_NAME[name];
  if (known !== undefined) return known;
  if (choices !== undefined && !type.startsWith('int')) return `"${choices[0]!}"`;
  return type.startsWith('float') ? '0.5' : '2';
}

/** What must be given to a layer, in its order, with what one usually writes. */
export function usualArguments({
  parameters,
}: Layer): readonly { readonly name: string; readonly value: string; readonly isNamed: boolean }[] {
  return Object.entries(parameters).flatMap(([name, parameter]) =>
    parameter.infer === undefined && parameter.default === undefined
      ? [{ name, value: usualValue(name, parameter), isNamed: parameter.keywordOnly === true }]
      : [],
  );
}

/** What comes out of a layer with its usual arguments; undefined where torch refuses it, or nobody knows. */
export function usualOutcome(layer: Layer, inputs: readonly Tensor[]): Shape | undefined {
  return outcomeOf(layer, usualArguments(layer), inputs);
}

/** What comes out of a layer with arguments as they are written: numbers and words. */
export function outcomeOf(
  layer: Layer,
  args: readonly { readonly name: string; readonly value: string }[],
  inputs: readonly Tensor[],
): Shape | undefined {
  const given = new Map(args.map(({ name, value }) => [name, valueOf(value)]));
  const refusals: LayerProblem[] = [];
  const applied = applyLayer(layer, given, inputs, {
    problem: (problem) => {
      if (problem.severity === 'error') refusals.push(problem);
    },
    condition: () => undefined,
    buildTime: () => true,
    example: (value) => value,
  });
  return refusals.length > 0 || !applied.complete ? undefined : applied.outputs?.[0]?.shape;
}

function valueOf(text: string): Value {
  if (text.startsWith('"')) return { kind: 'string', value: text.slice(1, -1) };
  return text.includes('.') ? { kind: 'float', value: Number(text) } : { kind: 'int', value: constant(BigInt(text)) };
}
