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
  equal,
  floorDivide,
  format,
  multiply,
  or,
  product,
  subtract,
} from '../dimension.ts';
import { type Layer, type LayerCall, layer } from './layer.ts';
import { choice, inferred, int, presence, sizes, sizesOr } from './parameters.ts';
import { channels, channelsFirst, places, requireDivides, slide } from './rules.ts';

const WHAT = { 1: 'a sequence', 2: 'an image', 3: 'a volume' } as const;
const PADDING_MODES = ['zeros', 'reflect', 'replicate', 'circular'] as const;

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
      requireDivides(call, 'groups', call.arguments.in_channels, "the input's channels");
      requireDivides(call, 'groups', out_channels, 'out_channels');
      const [batch, , ...places] = call.input.shape;
      if (padding === 'same') {
        if (stride.some((step) => !equal(step, ONE))) {
          call.refuse({
            code: 'argument-value',
            message: 'takes padding="same" only with stride 1, as torch does: write the padding as a number.',
            argument: 'padding',
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
      const out = slide(call, places, kernel_size, stride, around, dilation);
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
    python: { kind: 'module', constructor: `nn.${name}` },
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
      requireDivides(call, 'groups', call.arguments.in_channels, "the input's channels");
      requireDivides(call, 'groups', out_channels, 'out_channels');
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
    python: { kind: 'module', constructor: `nn.${name}` },
    similarity: 'convolution',
  });
}

export const convolutions: readonly Layer[] = [
  ...([1, 2, 3] as const).map(convolution),
  ...([1, 2, 3] as const).map(transposedConvolution),
];
