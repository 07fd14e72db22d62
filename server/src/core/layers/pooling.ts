/** Pooling: a window slides over each channel and leaves one value of what it sees. Shapes from torch.nn's pages. */
import {
  type Dimension,
  ONE,
  ZERO,
  add,
  and,
  compare,
  constant,
  equal,
  floorDivide,
  format,
  multiply,
  subtract,
} from '../dimension.ts';
import { formatShape } from '../tensor.ts';
import { NUMBERS, type Layer, type LayerCall, type OutputForm, type Outputs, layer } from './layer.ts';
import {
  type Parameter,
  flag,
  float,
  int,
  optionalInt,
  optionalRatios,
  optionalShape,
  optionalSizes,
  sizes,
  sizesOrKeep,
} from './parameters.ts';
import { channelsFirst, each, places, scale, slide } from './rules.ts';
import { own, parts, type Sight, spread, window as slidingWindow, type SightCall } from './sight.ts';

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
      instead: covered.every((size) => equal(size, covered[0]!))
        ? [{ argument: 'padding', value: format(floorDivide(covered[0]!, constant(2))) }]
        : [],
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
    sees: ({ arguments: { kernel_size, stride, padding, dilation } }) => [
      [
        own(0),
        own(1),
        ...kernel_size.map((size, i) =>
          slidingWindow(i + 2, size, (stride ?? kernel_size)[i], padding[i], dilation[i]),
        ),
      ],
    ],
    python: {
      kind: 'module',
      constructor: `nn.${name}`,
      functional: ({ inputs, argument, keywords }) =>
        `F.max_pool${dimensions}d(${inputs[0]!}, ${argument('kernel_size')!}${keywords('stride', 'padding', 'dilation', 'ceil_mode', 'return_indices')})`,
    },
    example: { arguments: '3, stride=2, padding=1' },
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
    example: { arguments: '3, stride=2, padding=1' },
    similarity: 'pooling',
  } as const;
  const sees = ({
    arguments: { kernel_size, stride, padding },
  }: Pick<LayerCall<typeof parameters>, 'arguments'>): readonly Sight[] => [
    [
      own(0),
      own(1),
      ...kernel_size.map((size, i) => slidingWindow(i + 2, size, (stride ?? kernel_size)[i], padding[i])),
    ],
  ];
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
      sees,
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
    sees,
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

function adaptiveSight({ arguments: given, input }: SightCall): readonly Sight[] {
  const wanted = given.output_size as readonly (Dimension | undefined)[];
  return [[own(0), own(1), ...input.shape.slice(2).map((size, i) => parts(i + 2, size, wanted[i]))]];
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
    sees: adaptiveSight,
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
    sees: adaptiveSight,
    python: {
      kind: 'module',
      constructor: `nn.${name}`,
      functional: ({ inputs, argument, keywords }) =>
        `F.adaptive_max_pool${dimensions}d(${inputs[0]!}, ${argument('output_size')!}${keywords('return_indices')})`,
    },
    similarity: 'globalPooling',
  });
}

/** Torch makes it of an average pool, so its windows slide as that one's do. */
function lpPool(dimensions: Dimensions): Layer {
  const name = `LPPool${dimensions}d`;
  const parameters = {
    norm_type: float('The p of the norm: 1 sums up, 2 is the usual length, larger ones come close to the maximum.'),
    // In torch a tuple doesn't work for one dimension.
    kernel_size:
      dimensions === 1 ? int('Size of the window.', { min: 1 }) : sizes(dimensions, 'Size of the window.', { min: 1 }),
    stride: optionalSizes(dimensions, 'How far the window moves at each step; its own size where None.', { min: 1 }),
    ceil_mode: flag('Rounds the output size up: a last window may hang over the edge.', false),
  };
  return layer({
    name,
    family: 'pooling',
    kind: 'module',
    summary: 'Takes the p-norm under a window that slides over each channel: between the sum and the maximum.',
    documentation: page(name),
    attribute: 'lp_pool',
    inputs: channelsFirst(dimensions, 'any'),
    parameters,
    shape(call) {
      const { norm_type, kernel_size, stride, ceil_mode } = call.arguments;
      if (norm_type === 0) {
        call.refuse({
          code: 'argument-value',
          message: "takes the root of order norm_type, so that can't be 0.",
          argument: 'norm_type',
        });
      }
      const kernel = each(kernel_size, dimensions);
      if (dimensions === 3) requireWholeWindow(call, kernel);
      const none = kernel.map(() => ZERO);
      const out = slide(call, places(call.input), kernel, stride ?? kernel, none, undefined, ceil_mode);
      return [{ shape: [...call.input.shape.slice(0, 2), ...out], type: 'float' }];
    },
    sees: ({ arguments: { kernel_size, stride } }) => [
      [
        own(0),
        own(1),
        ...each(kernel_size, dimensions).map((size, i) => slidingWindow(i + 2, size, stride?.[i] ?? size)),
      ],
    ],
    python: {
      kind: 'module',
      constructor: `nn.${name}`,
      functional: ({ inputs, argument, keywords }) =>
        `F.lp_pool${dimensions}d(${inputs[0]!}, ${argument('norm_type')!}, ${argument('kernel_size')!}${keywords('stride', 'ceil_mode')})`,
    },
    example: { arguments: '2, 3, stride=2' },
    similarity: 'pooling',
  });
}

function fractionalMaxPool(dimensions: 2 | 3): Layer {
  const name = `FractionalMaxPool${dimensions}d`;
  const all = (one: string): string => `(${Array.from({ length: dimensions }, () => one).join(', ')})`;
  // As a call it takes no single number.
  const ratios = (written: string): string => {
    if (/^[\d.]+$/.test(written)) return all(written);
    return /^[([]/.test(written) || written === 'None' ? written : `(${written},) * ${dimensions}`;
  };
  return layer({
    name,
    family: 'pooling',
    kind: 'module',
    summary:
      'Keeps the largest value under windows whose distances vary by chance, so that the output has any size: gentler than halving.',
    documentation: page(name),
    attribute: 'fractional_max_pool',
    inputs: channelsFirst(dimensions),
    outputs: WITH_INDICES,
    parameters: {
      kernel_size: sizes(dimensions, 'Size of the window.', { min: 1 }),
      output_size: optionalSizes(dimensions, 'The size that comes out.', { min: 1, runtime: true }),
      output_ratio: optionalRatios(dimensions, 'What part of its size comes out: between 0 and 1.'),
      return_indices: flag('Also gives where each value was found, for MaxUnpool.', false),
    },
    shape(call) {
      const { kernel_size, output_size, output_ratio } = call.arguments;
      if (call.isGiven('output_size') === call.isGiven('output_ratio')) {
        call.refuse(
          call.isGiven('output_size')
            ? {
                code: 'argument-value',
                message: 'takes an output_size or an output_ratio, not both.',
                argument: 'output_ratio',
              }
            : { code: 'missing-argument', message: 'needs an output_size or an output_ratio.' },
        );
      }
      const ratio = each(output_ratio, dimensions);
      const out = places(call.input).map((size, i) => {
        const part = ratio[i];
        if (part !== undefined && !(part > 0 && part < 1)) {
          call.refuse({
            code: 'argument-value',
            message: `takes an output_ratio between 0 and 1, not ${part}.`,
            argument: 'output_ratio',
          });
        }
        const made = output_size?.[i] ?? scale(size, part);
        call.require(compare('>=', made, ONE), () => ({
          code: 'size-vanishes',
          message: `makes ${String(part)} of ${format(size)}: nothing would be left. Use a larger output_ratio.`,
          argument: 'output_ratio',
        }));
        const needed = subtract(add(made, kernel_size[i]!), ONE);
        // Torch's kernel for volumes wants one more.
        call.require(compare(dimensions === 3 ? '<' : '<=', needed, size), () => ({
          code: 'argument-value',
          message: `needs ${dimensions === 3 ? 'more than ' : ''}${format(needed)} places for ${format(made)} windows of ${format(kernel_size[i]!)}, but its input has only ${format(size)}: use a smaller kernel or output.`,
          argument: 'kernel_size',
        }));
        return made;
      });
      return withIndices(call, [...call.input.shape.slice(0, 2), ...out]);
    },
    // Where the windows are is drawn by chance.
    sees: ({ input: { shape } }) => [shape.map((_, i) => (i < 2 ? own(i) : 'unknown'))],
    python: {
      kind: 'module',
      constructor: `nn.${name}`,
      functional({ inputs, argument, keywords }) {
        const ratio = argument('output_ratio');
        return `F.fractional_max_pool${dimensions}d(${inputs[0]!}, ${argument('kernel_size')!}${keywords('output_size')}${ratio === undefined ? '' : `, output_ratio=${ratios(ratio)}`}${keywords('return_indices')})`;
      },
    },
    example: { arguments: `2, output_ratio=${dimensions === 2 ? '0.75' : '0.5'}` },
    similarity: 'pooling',
  });
}

function maxUnpool(dimensions: Dimensions): Layer {
  const name = `MaxUnpool${dimensions}d`;
  const { rank, layout } = channelsFirst(dimensions);
  return layer({
    name,
    family: 'pooling',
    kind: 'module',
    summary: `Undoes MaxPool${dimensions}d: puts each value where its index says and 0 everywhere else: (values, indices) -> MaxUnpool${dimensions}d(2).`,
    documentation: page(name),
    attribute: 'max_unpool',
    inputs: { names: ['input', 'indices'], rank: rank!, layout: layout!, types: ['float', 'int64'] },
    parameters: {
      kernel_size: sizes(dimensions, 'Size of the window of the pooling that is undone.', { min: 1 }),
      stride: optionalSizes(dimensions, 'How far its window moved at each step; its own size where None.', { min: 1 }),
      padding: sizes(dimensions, 'How much was put around its input.', { min: 0, default: 0 }),
      output_size: optionalShape(
        'The size that comes out, where the pooling has rounded: [height, width] or the whole shape.',
        { ofCall: true, runtime: true },
      ),
    },
    shape(call) {
      const { kernel_size, stride, padding, output_size } = call.arguments;
      const [values, indices] = call.inputs;
      const mismatch = () => ({
        code: 'shape-mismatch',
        message: `needs an index for each value, but got ${formatShape(values!.shape)} and ${formatShape(indices!.shape)}.`,
      });
      indices!.shape.forEach((size, i) => call.agree(values!.shape[i]!, size, mismatch));
      if (output_size !== undefined && ![dimensions, dimensions + 2].includes(output_size.length)) {
        call.refuse({
          code: 'argument-value',
          message: `takes ${dimensions} sizes for output_size, or the whole shape of ${dimensions + 2}, but got ${output_size.length}.`,
          argument: 'output_size',
        });
      }
      const out = places(call.input).map((size, i) => {
        const step = (stride ?? kernel_size)[i]!;
        const usual = subtract(
          add(multiply(subtract(size, ONE), step), kernel_size[i]!),
          multiply(constant(2), padding[i]!),
        );
        const wanted = output_size?.slice(-dimensions)[i];
        if (wanted === undefined) {
          call.require(compare('>=', usual, ONE), () => ({
            code: 'size-vanishes',
            message: `cuts off ${format(padding[i]!)} at each side (padding): nothing would be left of ${format(size)}.`,
            argument: 'padding',
          }));
          return usual;
        }
        call.require(compare('>=', wanted, ONE), () => ({
          code: 'size-vanishes',
          message: `makes sizes of at least 1, not ${format(wanted)}.`,
          argument: 'output_size',
        }));
        const [least, most] = [subtract(usual, step), add(usual, step)];
        call.require(and(compare('<', least, wanted), compare('<', wanted, most)), () => ({
          code: 'argument-value',
          message: `makes ${format(usual)} of ${format(size)}, so its output_size must be more than ${format(least)} and less than ${format(most)}, not ${format(wanted)}.`,
          argument: 'output_size',
        }));
        return wanted;
      });
      return [[...call.input.shape.slice(0, 2), ...out]];
    },
    // Where the indices are those of the pooling that is undone.
    sees({ inputs, arguments: { kernel_size, stride, padding } }) {
      const back = kernel_size.map((size, i) => spread(i + 2, size, (stride ?? kernel_size)[i]!, padding[i]!, ONE));
      return inputs.map(() => [own(0), own(1), ...back]);
    },
    python: {
      kind: 'module',
      constructor: `nn.${name}`,
      functional: ({ inputs, argument, keywords }) =>
        `F.max_unpool${dimensions}d(${inputs.join(', ')}, ${argument('kernel_size')!}${keywords('stride', 'padding', 'output_size')})`,
    },
    example: { arguments: '2' },
    similarity: 'unpooling',
  });
}

const ALL = [1, 2, 3] as const;

export const AdaptiveAvgPool2d = adaptiveAvgPool(2);

export const poolings: readonly Layer[] = [
  ...ALL.map(maxPool),
  ...ALL.map(maxUnpool),
  ...ALL.map(avgPool),
  ...ALL.map(lpPool),
  ...([2, 3] as const).map(fractionalMaxPool),
  adaptiveAvgPool(1),
  AdaptiveAvgPool2d,
  adaptiveAvgPool(3),
  ...ALL.map(adaptiveMaxPool),
];
