/**
 * Convolutions. The file to read before writing an entry: what differs between the dimensions is a number.
 *
 * Shapes and counts are those of torch.nn's pages; a kernel of `k` with dilation `d` covers `d·(k − 1) + 1` places.
 */
import {
  type Dimension,
  ONE,
  ZERO,
  add,
  compare,
  constant,
  constantValue,
  equal,
  floorDivide,
  format,
  modulo,
  multiply,
  or,
  product,
  subtract,
} from '../dimension.ts';
import type { DataType } from '../tensor.ts';
import { type Layer, type LayerCall, type LayerSetting, layer } from './layer.ts';
import { choice, inferred, int, presence, sizes, sizesOr } from './parameters.ts';
import { channels, channelsFirst, places, requireDivides, slide } from './rules.ts';
import { blocks, own, spread, window } from './sight.ts';

const WHAT = { 1: 'a sequence', 2: 'an image', 3: 'a volume' } as const;
const PADDING_MODES = ['zeros', 'reflect', 'replicate', 'circular'] as const;

/** Padding with which a kernel at stride 1 gives as many places as there are; none where that is no whole number for all. */
function keepingSize(
  kernel: readonly Dimension[],
  dilation: readonly Dimension[],
  argument: string,
): readonly LayerSetting[] {
  const [covered, ...others] = kernel.map((size, i) => multiply(dilation[i]!, subtract(size, ONE)));
  const known = covered === undefined ? undefined : constantValue(covered);
  if (known === undefined || known % 2n !== 0n || others.some((other) => !equal(other, covered!))) return [];
  return [{ argument, value: String(known / 2n), purpose: `, half of what a kernel of ${format(kernel[0]!)} covers` }];
}

function convolution(dimensions: 1 | 2 | 3): Layer {
  const name = `Conv${dimensions}d`;
  return layer({
    name,
    family: 'convolution',
    kind: 'module',
    summary: `Slides learned kernels over ${WHAT[dimensions]}: each output channel is a weighted sum of the inputs under the kernel.`,
    documentation: `https://docs.pytorch.org/docs/stable/generated/torch.nn.${name}.html`,
    attribute: 'conv',
    inputs: channelsFirst(dimensions),
    parameters: {
      in_channels: inferred('Channels of the input.', channels),
      out_channels: int('Channels that come out: how many kernels there are.', { min: 1 }),
      kernel_size: sizes(dimensions, 'Size of the kernel.', { min: 1 }),
      stride: sizes(dimensions, 'How far the kernel moves at each step.', { min: 1, default: 1 }),
      padding: sizesOr(dimensions, ['same', 'valid'], 'How much is put around the input; "same" keeps its size.', {
        min: 0,
        default: 0,
      }),
      dilation: sizes(dimensions, 'Distance between the places that the kernel looks at.', { min: 1, default: 1 }),
      groups: int('Parts that the channels are divided into, each seen by kernels of its own.', { min: 1, default: 1 }),
      bias: presence('Adds a learned number to each output channel.', true),
      padding_mode: choice('What the padding is made of.', PADDING_MODES, 'zeros'),
    },
    shape(call) {
      const { out_channels, kernel_size, stride, padding, dilation } = call.arguments;
      const { in_channels } = call.arguments;
      requireDivides(call, 'groups', in_channels, "the input's channels", { also: out_channels });
      requireDivides(call, 'groups', out_channels, 'out_channels', { sized: 'out_channels', also: in_channels });
      const [batch, , ...places] = call.input.shape;
      if (padding === 'same') {
        if (stride.some((step) => !equal(step, ONE))) {
          call.refuse({
            code: 'argument-value',
            message: 'takes padding="same" only with stride 1, as torch does: write the padding as a number.',
            argument: 'padding',
            instead: [...keepingSize(kernel_size, dilation, 'padding'), { argument: 'stride', value: '1' }],
          });
        }
        const covered = kernel_size.map((size, i) => multiply(dilation[i]!, subtract(size, ONE)));
        // An odd total goes one more to the right.
        requireSource(
          call,
          call.arguments.padding_mode,
          places,
          covered.map((total) => subtract(total, floorDivide(total, constant(2)))),
        );
        return [[batch!, out_channels, ...places]];
      }
      const around = padding === 'valid' ? kernel_size.map(() => ZERO) : padding;
      requireSource(call, call.arguments.padding_mode, places, around);
      const enough = keepingSize(kernel_size, dilation, 'padding');
      const out = slide(call, places, kernel_size, stride, around, dilation, false, enough);
      return [[batch!, out_channels, ...out]];
    },
    weights({ arguments: { in_channels, out_channels, kernel_size, groups, bias } }) {
      return [
        { name: 'weight', kind: 'parameter', shape: [out_channels, floorDivide(in_channels, groups), ...kernel_size] },
        { name: 'bias', kind: 'parameter', shape: [out_channels], present: bias },
      ];
    },
    macs({ arguments: { in_channels, kernel_size, groups } }, [output]) {
      return product([...output!, floorDivide(in_channels, groups), ...kernel_size]);
    },
    sees({ arguments: { in_channels, out_channels, kernel_size, stride, padding, dilation, groups } }) {
      const before = (i: number): Dimension => {
        if (padding === 'valid') return ZERO;
        if (padding !== 'same') return padding[i]!;
        return floorDivide(multiply(dilation[i]!, subtract(kernel_size[i]!, ONE)), constant(2));
      };
      return [
        [
          own(0),
          blocks(1, floorDivide(out_channels, groups), floorDivide(in_channels, groups)),
          ...kernel_size.map((size, i) => window(i + 2, size, stride[i], before(i), dilation[i])),
        ],
      ];
    },
    python: { kind: 'module', constructor: `nn.${name}` },
    example: { arguments: '64, 3, stride=2, padding=1' },
    similarity: 'convolution',
  });
}

/** Padding that is made of the input's own values needs enough of them. */
function requireSource(
  call: Pick<LayerCall, 'require'>,
  mode: (typeof PADDING_MODES)[number],
  places: readonly Dimension[],
  padding: readonly Dimension[],
): void {
  if (mode !== 'reflect' && mode !== 'circular') return;
  places.forEach((size, i) => {
    call.require(compare(mode === 'reflect' ? '<' : '<=', padding[i]!, size), () => ({
      code: 'argument-value',
      message: `takes its padding of ${format(padding[i]!)} from the input itself (padding_mode="${mode}"), but that has only ${format(size)} places: use less padding or padding_mode="zeros".`,
      argument: 'padding_mode',
    }));
  });
}

function transposedConvolution(dimensions: 1 | 2 | 3): Layer {
  const name = `ConvTranspose${dimensions}d`;
  return layer({
    name,
    family: 'convolution',
    kind: 'module',
    summary: `Enlarges ${WHAT[dimensions]}: each input value is spread over a learned kernel, and what overlaps is added up.`,
    documentation: `https://docs.pytorch.org/docs/stable/generated/torch.nn.${name}.html`,
    attribute: 'conv_transpose',
    inputs: channelsFirst(dimensions),
    parameters: {
      in_channels: inferred('Channels of the input.', channels),
      out_channels: int('Channels that come out.', { min: 1 }),
      kernel_size: sizes(dimensions, 'Size of the kernel.', { min: 1 }),
      stride: sizes(dimensions, 'How far apart the kernels are put down: how many times larger it gets.', {
        min: 1,
        default: 1,
      }),
      padding: sizes(dimensions, 'How much is cut off around the output.', { min: 0, default: 0 }),
      output_padding: sizes(dimensions, 'How much is added at the far side of the output; less than the stride.', {
        min: 0,
        default: 0,
      }),
      groups: int('Parts that the channels are divided into, each with kernels of its own.', { min: 1, default: 1 }),
      bias: presence('Adds a learned number to each output channel.', true),
      dilation: sizes(dimensions, 'Distance between the places of the kernel.', { min: 1, default: 1 }),
      padding_mode: choice('Only "zeros" has a meaning here.', ['zeros'], 'zeros'),
    },
    shape(call) {
      const { out_channels, kernel_size, stride, padding, output_padding, dilation } = call.arguments;
      const { in_channels } = call.arguments;
      requireDivides(call, 'groups', in_channels, "the input's channels", { also: out_channels });
      requireDivides(call, 'groups', out_channels, 'out_channels', { sized: 'out_channels', also: in_channels });
      const [batch] = call.input.shape;
      const out = places(call.input).map((size, i) => {
        const extra = output_padding[i]!;
        call.require(or(compare('<', extra, stride[i]!), compare('<', extra, dilation[i]!)), () => ({
          code: 'argument-value',
          message: `has output_padding=${format(extra)}, which must be less than the stride (${format(stride[i]!)}) or the dilation (${format(dilation[i]!)}).`,
          argument: 'output_padding',
        }));
        const spread = add(
          multiply(subtract(size, ONE), stride[i]!),
          multiply(dilation[i]!, subtract(kernel_size[i]!, ONE)),
        );
        const length = add(subtract(spread, multiply(constant(2), padding[i]!)), add(extra, ONE));
        call.require(compare('>=', length, ONE), () => ({
          code: 'size-vanishes',
          message: `cuts off ${format(padding[i]!)} at each side (padding), but without it the output has only ${format(add(spread, add(extra, ONE)))}: nothing would be left. Use less padding.`,
        }));
        return length;
      });
      return [[batch!, out_channels, ...out]];
    },
    weights({ arguments: { in_channels, out_channels, kernel_size, groups, bias } }) {
      return [
        { name: 'weight', kind: 'parameter', shape: [in_channels, floorDivide(out_channels, groups), ...kernel_size] },
        { name: 'bias', kind: 'parameter', shape: [out_channels], present: bias },
      ];
    },
    macs({ arguments: { out_channels, kernel_size, groups }, input }) {
      return product([...input.shape, floorDivide(out_channels, groups), ...kernel_size]);
    },
    sees: ({ arguments: { in_channels, out_channels, kernel_size, stride, padding, dilation, groups } }) => [
      [
        own(0),
        blocks(1, floorDivide(out_channels, groups), floorDivide(in_channels, groups)),
        ...kernel_size.map((size, i) => spread(i + 2, size, stride[i]!, padding[i]!, dilation[i]!)),
      ],
    ],
    python: { kind: 'module', constructor: `nn.${name}` },
    example: { arguments: '16, 2, stride=2' },
    similarity: 'convolution',
  });
}

const page = (name: string): string => `https://docs.pytorch.org/docs/stable/generated/torch.nn.${name}.html`;

/** What torch moves about as it is; its kernels leave out whole numbers. */
const MOVED: readonly DataType[] = ['float', 'bool'];

/** In torch's order, which isn't that of a convolution. */
const WINDOW = {
  kernel_size: sizes(2, 'Size of the blocks.', { min: 1 }),
  dilation: sizes(2, 'Distance between the places of a block.', { min: 1, default: 1 }),
  padding: sizes(2, 'How much is put around the image.', { min: 0, default: 0 }),
  stride: sizes(2, 'How far it is from one block to the next.', { min: 1, default: 1 }),
} as const;

/** What doesn't fit was refused before anybody asks what is seen. */
const FITS = { require: () => undefined };

const Unfold = layer({
  name: 'Unfold',
  family: 'convolution',
  kind: 'module',
  summary:
    'Cuts an image into blocks that may overlap, each a column: [N, C, H, W] becomes [N, C·height·width of a block, blocks].',
  documentation: page('Unfold'),
  attribute: 'unfold',
  inputs: { ...channelsFirst(2), type: MOVED },
  parameters: WINDOW,
  shape(call) {
    const { kernel_size, dilation, padding, stride } = call.arguments;
    const blocks = slide(call, places(call.input), kernel_size, stride, padding, dilation);
    return [[call.input.shape[0]!, product([call.input.shape[1]!, ...kernel_size]), product(blocks)]];
  },
  sees({ input, arguments: { kernel_size, dilation, padding, stride } }) {
    const steps = slide(FITS, places(input), kernel_size, stride, padding, dilation);
    const block = product(kernel_size);
    return [
      {
        seen: [
          own(0),
          blocks(1, block, ONE),
          ...kernel_size.map((size, i) => window(i + 2, size, stride[i], padding[i], dilation[i])),
        ],
        to: [input.shape[0]!, multiply(input.shape[1]!, block), ...steps],
      },
    ];
  },
  python: {
    kind: 'module',
    constructor: 'nn.Unfold',
    functional: ({ inputs: [input], argument, keywords }) =>
      `F.unfold(${input!}, ${argument('kernel_size')!}${keywords('dilation', 'padding', 'stride')})`,
  },
  example: { inputs: ['[N, 3, 32, 48]'], arguments: '4, stride=4' },
  similarity: 'unfold',
});

const Fold = layer({
  name: 'Fold',
  family: 'convolution',
  kind: 'module',
  summary:
    'Puts blocks back into an image, where Unfold has taken them from; what overlaps is added up: [N, C·height·width of a block, blocks] becomes [N, C, H, W].',
  documentation: page('Fold'),
  attribute: 'fold',
  inputs: { names: ['input'], rank: [3], layout: '[N, channels · block, blocks]', type: MOVED },
  parameters: { output_size: sizes(2, 'Height and width of the image.', { min: 1, runtime: true }), ...WINDOW },
  shape(call) {
    const { output_size, kernel_size, dilation, padding, stride } = call.arguments;
    const [batch, columns, count] = call.input.shape;
    const block = product(kernel_size);
    call.require(compare('==', modulo(columns!, block), ZERO), () => ({
      code: 'not-divisible',
      message: `takes columns of channels times ${kernel_size.map((size) => format(size)).join(' · ')} = ${format(block)} places (kernel_size), but ${format(columns!)} isn't a multiple of that.`,
      argument: 'kernel_size',
    }));
    const blocks = slide(call, output_size, kernel_size, stride, padding, dilation);
    call.agree(count!, product(blocks), () => ({
      code: 'shape-mismatch',
      message: `puts ${blocks.map((steps) => format(steps)).join(' · ')} = ${format(product(blocks))} blocks into ${output_size.map((size) => format(size)).join(' × ')}, but gets ${format(count!)}: kernel_size, dilation, padding and stride must be those of the Unfold.`,
      argument: 'output_size',
    }));
    return [[batch!, floorDivide(columns!, block), ...output_size]];
  },
  sees({ input: { shape }, arguments: { output_size, kernel_size, dilation, padding, stride } }) {
    const block = product(kernel_size);
    return [
      {
        from: [shape[0]!, shape[1]!, ...slide(FITS, output_size, kernel_size, stride, padding, dilation)],
        seen: [
          own(0),
          window(1, block, block),
          ...kernel_size.map((size, i) => spread(i + 2, size, stride[i]!, padding[i]!, dilation[i]!)),
        ],
      },
    ];
  },
  python: {
    kind: 'module',
    constructor: 'nn.Fold',
    functional: ({ inputs: [input], argument, keywords }) =>
      `F.fold(${input!}, ${argument('output_size')!}, ${argument('kernel_size')!}${keywords('dilation', 'padding', 'stride')})`,
  },
  example: { inputs: ['[N, 48, 96]'], arguments: '(32, 48), 4, stride=4' },
  similarity: 'fold',
});

export const Conv2d = convolution(2);
export const Conv3d = convolution(3);

export const convolutions: readonly Layer[] = [
  convolution(1),
  Conv2d,
  Conv3d,
  ...([1, 2, 3] as const).map(transposedConvolution),
  Unfold,
  Fold,
];
