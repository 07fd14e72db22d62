/** What one gives to a new layer so that it fits where it stands. */
import type { Parameter as BlockParameter } from '../../core/definition.ts';
import { constantValue } from '../../core/dimension.ts';
import type { Layer } from '../../core/layers/layer.ts';
import { outcomeOf, usualArguments } from '../../core/layers/usualValues.ts';
import { sameShape, type Tensor } from '../../core/tensor.ts';

interface Given {
  readonly name: string;
  readonly value: string;
  readonly isNamed: boolean;
}

/** As they are written between the parentheses: sizes stay as they are, where the layer can do that. */
export function fittingArguments(layer: Layer, input: Tensor | undefined): readonly string[] {
  const usual = usualArguments(layer);
  const choices = [...candidates(layer, usual, input)];
  const outcomes =
    input?.shape === undefined ? [] : choices.map((given) => ({ given, shape: outcomeOf(layer, given, [input]) }));
  const best =
    outcomes.find(({ shape }) => sameShape(shape, input?.shape)) ?? outcomes.find(({ shape }) => shape !== undefined);
  return (best?.given ?? usual).map(({ name, value, isNamed }) => (isNamed ? `${name}=${value}` : value));
}

/** The usual values, with widths that are those of what comes in, and with a padding that keeps sizes. */
function* candidates(layer: Layer, usual: readonly Given[], input: Tensor | undefined): Generator<readonly Given[]> {
  const width = widthOf(layer, input);
  const wide = usual.map((each) =>
    width !== undefined && each.name.startsWith('out_') ? { ...each, value: width } : each,
  );
  const hasKernel = usual.some(({ name }) => name === 'kernel_size');
  if (hasKernel && 'padding' in layer.parameters && !usual.some(({ name }) => name === 'padding'))
    yield [...wide, { name: 'padding', value: '1', isNamed: true }];
  if (hasKernel && 'stride' in layer.parameters && 'padding' in layer.parameters)
    yield [...wide, { name: 'stride', value: '1', isNamed: true }, { name: 'padding', value: '1', isNamed: true }];
  yield wide;
  yield usual;
  // Groups and heads divide; dimensions are there.
  for (const value of ['1', '2', '4'])
    yield wide.map((each) => (/^(?:num_|groups|dim|upscale)/u.test(each.name) ? { ...each, value } : each));
}

function widthOf({ family }: Layer, input: Tensor | undefined): string | undefined {
  const shape = input?.shape;
  const size = family === 'convolution' ? shape?.[1] : shape?.at(-1);
  const value = size === undefined ? undefined : constantValue(size);
  return value === undefined ? undefined : String(value);
}

/** What must be given to a block: widths are those of what comes in. */
export function fittingParameters(parameters: readonly BlockParameter[], input: Tensor | undefined): readonly string[] {
  const channels = input?.shape?.[input.shape.length > 2 ? 1 : input.shape.length - 1];
  const width = String((channels === undefined ? undefined : constantValue(channels)) ?? 64);
  const usual: Readonly<Record<string, string>> = {
    int: width,
    float: '0.1',
    bool: 'False',
    str: '"same"',
    ints: `[${width}]`,
    layer: 'ReLU',
  };
  return parameters
    .filter((parameter) => parameter.default === undefined)
    .map(({ type }) => usual[type?.text ?? 'int'] ?? width);
}
