/** Pooling: a window slides over each channel and leaves one value of what it sees. Shapes from torch.nn's pages. */
import { type Dimension, compare, constant, floorDivide, add, format, multiply, subtract, ONE } from '../dimension.ts';
import { NUMBERS, type Layer, type LayerCall, type OutputForm, type Outputs, layer } from './layer.ts';
import { type Parameter, flag, optionalInt, optionalSizes, sizes, sizesOrKeep } from './parameters.ts';
import { channelsFirst, places, slide } from './rules.ts';

type Dimensions = 1 | 2 | 3;

const page = (name: string): string => `https://docs.pytorch.org/docs/stable/generated/torch.nn.${name}.html`;

/** Values, and where they were found if that is asked for. */
const WITH_INDICES: OutputForm = {
  names: ['output', 'indices'],
  asked: { argument: 'return_indices', count: (value) => (value === true ? 2 : 1) },
};

function window(dimensions: Dimensions): {
  kernel_size: Parameter<readonly Dimension[]>;
  stride: Parameter<readonly Dimension[] | undefined>;
  padding: Parameter<readonly Dimension[]>;
} {
  return {
    kernel_size: sizes(dimensions, 'Size of the window.', { min: 1 }),
    stride: optionalSizes(dimensions, 'How far the window moves at each step; its own size where None.', { min: 1 }),
    padding: sizes(dimensions, 'How much is put around the input; at most half the window.', { min: 0, default: 0 }),
  };
}

/** Torch refuses padding of which a window could see nothing else. */
function requireSmallPadding(
  call: Pick<LayerCall, 'require'>,
  padding: readonly Dimension[],
  covered: readonly Dimension[],
): void {
  padding.forEach((around, i) => {
    call.require(compare('<=', around, floorDivide(covered[i]!, constant(2))), () => ({
      code: 'argument-value',
      message: `has padding=${format(around)}, but at most half the window, ${format(floorDivide(covered[i]!, constant(2)))} of ${format(covered[i]!)}, may be padding: a window must see something of the input.`,
      argument: 'padding',
    }));
  });
}

function withIndices(call: LayerCall, shape: readonly Dimension[]): Outputs {
  return call.arguments.return_indices === true ? [shape, { shape, type: 'int64' }] : [shape];
}

function maxPool(dimensions: Dimensions): Layer {
  const name = `MaxPool${dimensions}d`;
  return layer({
    name,
    family: 'pooling',
    kind: 'module',
    summary:
      'Keeps the largest value under a window that slides over each channel: fewer places, what is strong stays.',
    documentation: page(name),
    attribute: 'maxpool',
    // Torch's kernel for one dimension is for floats.
    inputs: channelsFirst(dimensions, dimensions === 1 ? 'float' : NUMBERS),
    outputs: WITH_INDICES,
    parameters: {
      ...window(dimensions),
      dilation: sizes(dimensions, 'Distance between the places that the window looks at.', { min: 1, default: 1 }),
      return_indices: flag('Also gives where each value was found, for MaxUnpool.', false),
      ceil_mode: flag('Rounds the output size up: a last window may hang over the edge.', false),
    },
    shape(call) {
      const { kernel_size, stride, padding, dilation, ceil_mode } = call.arguments;
      requireSmallPadding(
        call,
        padding,
        kernel_size.map((size, i) => add(multiply(dilation[i]!, subtract(size, ONE)), ONE)),
      );
      const out = slide(call, places(call.input), kernel_size, stride ?? kernel_size, padding, dilation, ceil_mode);
      return withIndices(call, [...call.input.shape.slice(0, 2), ...out]);
    },
    python: {
      kind: 'module',
      constructor: `nn.${name}`,
      functional: ({ inputs, argument, keywords }) =>
        `F.max_pool${dimensions}d(${inputs[0]!}, ${argument('kernel_size')!}${keywords('stride', 'padding', 'dilation', 'ceil_mode', 'return_indices')})`,
    },
    similarity: 'pooling',
  });
}

/** Torch's AvgPool3d alone doesn't count padding here. */
function requireWholeWindow(call: Pick<LayerCall, 'require' | 'input'>, kernel: readonly Dimension[]): void {
  places(call.input).forEach((size, i) => {
    call.require(compare('>=', size, kernel[i]!), () => ({
      code: 'size-vanishes',
      message: `looks at ${format(kernel[i]!)} places at once, but its input has only ${format(size)}: use a smaller kernel, or less pooling before it.`,
      argument: 'kernel_size',
    }));
  });
}

function avgPool(dimensions: Dimensions): Layer {
  const name = `AvgPool${dimensions}d`;
  const parameters = {
    ...window(dimensions),
    ceil_mode: flag('Rounds the output size up: a last window may hang over the edge.', false),
    count_include_pad: flag('Counts the padding in the mean.', true),
  };
  const form = {
    name,
    family: 'pooling',
    kind: 'module',
    summary: 'Takes the mean under a window that slides over each channel.',
    documentation: page(name),
    attribute: 'avg_pool',
    inputs: channelsFirst(dimensions, NUMBERS),
    similarity: 'pooling',
  } as const;
  const shape = (call: LayerCall<typeof parameters>): Outputs => {
    const { kernel_size, stride, padding, ceil_mode } = call.arguments;
    requireSmallPadding(call, padding, kernel_size);
    if (dimensions === 3) requireWholeWindow(call, kernel_size);
    const out = slide(call, places(call.input), kernel_size, stride ?? kernel_size, padding, undefined, ceil_mode);
    return [[...call.input.shape.slice(0, 2), ...out]];
  };
  const call = `F.avg_pool${dimensions}d`;
  if (dimensions === 1) {
    return layer({
      ...form,
      parameters,
      shape,
      python: {
        kind: 'module',
        constructor: `nn.${name}`,
        functional: ({ inputs, argument, keywords }) =>
          `${call}(${inputs[0]!}, ${argument('kernel_size')!}${keywords('stride', 'padding', 'ceil_mode', 'count_include_pad')})`,
      },
    });
  }
  return layer({
    ...form,
    parameters: {
      ...parameters,
      divisor_override: optionalInt('What the sum is divided by; the size of the window where None.', { min: 1 }),
    },
    shape,
    python: {
      kind: 'module',
      constructor: `nn.${name}`,
      functional: ({ inputs, argument, keywords }) =>
        `${call}(${inputs[0]!}, ${argument('kernel_size')!}${keywords('stride', 'padding', 'ceil_mode', 'count_include_pad', 'divisor_override')})`,
    },
  });
}

const OUTPUT_SIZE = 'The size that comes out, whatever comes in; None keeps a size.';

function adaptiveShape(call: LayerCall): readonly Dimension[] {
  const wanted = call.arguments.output_size as readonly (Dimension | undefined)[];
  return [...call.input.shape.slice(0, 2), ...places(call.input).map((size, i) => wanted[i] ?? size)];
}

function adaptiveAvgPool(dimensions: Dimensions): Layer {
  const name = `AdaptiveAvgPool${dimensions}d`;
  return layer({
    name,
    family: 'pooling',
    kind: 'module',
    summary:
      'Divides each channel into so many parts and takes the mean of each: AdaptiveAvgPool2d(1) leaves one value a channel.',
    documentation: page(name),
    attribute: 'adaptive_avg_pool',
    inputs: channelsFirst(dimensions),
    parameters: { output_size: sizesOrKeep(dimensions, OUTPUT_SIZE, { min: 1, runtime: true }) },
    shape: (call) => [adaptiveShape(call)],
    python: {
      kind: 'module',
      constructor: `nn.${name}`,
      functional: ({ inputs, argument }) =>
        `F.adaptive_avg_pool${dimensions}d(${inputs[0]!}, ${argument('output_size')!})`,
    },
    similarity: 'globalPooling',
  });
}

function adaptiveMaxPool(dimensions: Dimensions): Layer {
  const name = `AdaptiveMaxPool${dimensions}d`;
  return layer({
    name,
    family: 'pooling',
    kind: 'module',
    summary: 'Divides each channel into so many parts and keeps the largest value of each.',
    documentation: page(name),
    attribute: 'adaptive_max_pool',
    inputs: channelsFirst(dimensions),
    outputs: WITH_INDICES,
    parameters: {
      output_size: sizesOrKeep(dimensions, OUTPUT_SIZE, { min: 1, runtime: true }),
      return_indices: flag('Also gives where each value was found.', false),
    },
    shape: (call) => withIndices(call, adaptiveShape(call)),
    python: {
      kind: 'module',
      constructor: `nn.${name}`,
      functional: ({ inputs, argument, keywords }) =>
        `F.adaptive_max_pool${dimensions}d(${inputs[0]!}, ${argument('output_size')!}${keywords('return_indices')})`,
    },
    similarity: 'globalPooling',
  });
}

const ALL = [1, 2, 3] as const;

export const poolings: readonly Layer[] = [
  ...ALL.map(maxPool),
  ...ALL.map(avgPool),
  ...ALL.map(adaptiveAvgPool),
  ...ALL.map(adaptiveMaxPool),
];
