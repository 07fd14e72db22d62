/**
 * Convolutions. The file to read before writing an entry: what differs between the dimensions is a number.
 *
 * Shapes and counts are those of torch.nn's pages; a kernel of `k` with dilation `d` covers `d·(k − 1) + 1` places.
 */
import { ONE, ZERO, equal, floorDivide, product } from '../dimension.ts';
import { type Layer, layer } from './layer.ts';
import { choice, inferred, int, presence, sizes, sizesOr } from './parameters.ts';
import { channels, channelsFirst, requireDivides, slide } from './rules.ts';

const WHAT = { 1: 'a sequence', 2: 'an image', 3: 'a volume' } as const;
const PADDING_MODES = ['zeros', 'reflect', 'replicate', 'circular'] as const;

function convolution(dimensions: 1 | 2 | 3): Layer {
  const name = `Conv${String(dimensions)}d`;
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
        return [[batch!, out_channels, ...places]];
      }
      const around = padding === 'valid' ? kernel_size.map(() => ZERO) : padding;
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

export const convolutions: readonly Layer[] = [convolution(1), convolution(2), convolution(3)];
