/** Layers that resize images and move channels about. */
import {
  ONE,
  ZERO,
  add,
  compare,
  constant,
  floorDivide,
  format,
  modulo,
  multiply,
  product,
  subtract,
} from '../dimension.ts';
import { formatShape } from '../tensor.ts';
import { type Layer, type LayerCall, type Outputs, layer } from './layer.ts';
import {
  choice,
  flag,
  int,
  optionalFactors,
  optionalFlag,
  optionalRatios,
  optionalSizeList,
  optionalSizes,
} from './parameters.ts';
import { channelsFirst, each, places, requireDivides, scale } from './rules.ts';

const page = (name: string): string => `https://docs.pytorch.org/docs/stable/generated/torch.nn.${name}.html`;

const MODES = ['nearest', 'linear', 'bilinear', 'bicubic', 'trilinear', 'area', 'nearest-exact'] as const;
/** The modes that are for one number of dimensions, batch and channels included. */
const RANKS: Readonly<Partial<Record<string, number>>> = { linear: 3, bilinear: 4, bicubic: 4, trilinear: 5 };

const RESIZE = {
  size: optionalSizeList('The size that comes out: one number for all, or a list.', { min: 1, runtime: true }),
  scale_factor: optionalFactors('How many times larger it gets: one number for all, or a list.'),
  mode: choice('How values between are made up.', MODES, 'nearest'),
  align_corners: optionalFlag('Whether corners stay where they are, in the linear and cubic modes.'),
  recompute_scale_factor: optionalFlag('Works the factor out anew from the rounded size.'),
} as const;

function resize(
  call: Omit<LayerCall<typeof RESIZE>, 'isGiven'> & { isGiven(argument: 'size' | 'scale_factor'): boolean },
): Outputs {
  const { size, scale_factor, mode, align_corners, recompute_scale_factor } = call.arguments;
  const { shape } = call.input;
  const rank = RANKS[mode];
  if (rank !== undefined && rank !== shape.length) {
    call.refuse({
      code: 'argument-value',
      message: `has mode="${mode}", which is for tensors of ${rank} dimensions, but this one has ${shape.length}: "${byRank(shape.length)}" is the one for it.`,
      argument: 'mode',
    });
  }
  if (align_corners !== undefined && rank === undefined) {
    call.refuse({
      code: 'argument-value',
      message: `takes align_corners only in mode "linear", "bilinear", "bicubic" or "trilinear", not "${mode}".`,
      argument: 'align_corners',
    });
  }
  const sizes = places(call.input);
  const asked = size ?? scale_factor;
  if (call.isGiven('size') === call.isGiven('scale_factor')) {
    call.refuse({
      code: size === undefined ? 'missing-argument' : 'argument-value',
      message: size === undefined ? 'needs a size or a scale_factor.' : 'takes a size or a scale_factor, not both.',
      ...(size === undefined ? {} : { argument: 'scale_factor' }),
    });
  }
  const name = size === undefined ? 'scale_factor' : 'size';
  if (Array.isArray(asked) && asked.length !== sizes.length) {
    call.refuse({
      code: 'argument-value',
      message: `needs one number or ${sizes.length} for ${name}, for the dimensions behind the channels, but got ${asked.length}.`,
      argument: name,
    });
  }
  if (recompute_scale_factor === true && size !== undefined) {
    call.refuse({
      code: 'argument-value',
      message: 'takes recompute_scale_factor=True only with a scale_factor.',
      argument: 'recompute_scale_factor',
    });
  }
  if (size !== undefined) return [[...shape.slice(0, 2), ...each(size, sizes.length)]];
  const factors = each(scale_factor, sizes.length);
  const out = sizes.map((length, i) => {
    const scaled = scale(length, factors[i]);
    call.require(compare('>=', scaled, ONE), () => ({
      code: 'size-vanishes',
      message: `makes ${format(length)} times ${String(factors[i])} of its input: nothing would be left.`,
      argument: 'scale_factor',
    }));
    return scaled;
  });
  return [[...shape.slice(0, 2), ...out]];
}

function byRank(rank: number): string {
  return rank === 3 ? 'linear' : rank === 4 ? 'bilinear' : 'trilinear';
}

const RESIZED = {
  names: ['input'],
  rank: [3, 4, 5],
  layout: '[N, channels, length], [N, channels, height, width] or [N, channels, depth, height, width]',
} as const;

const Upsample = layer({
  name: 'Upsample',
  family: 'vision',
  kind: 'module',
  summary:
    'Resizes everything behind the channels, to a size or by a factor: Upsample(scale_factor=2) doubles height and width.',
  documentation: page('Upsample'),
  attribute: 'upsample',
  inputs: RESIZED,
  parameters: RESIZE,
  shape: resize,
  python: {
    kind: 'module',
    constructor: 'nn.Upsample',
    functional: ({ inputs: [input], keywords }) =>
      `F.interpolate(${input!}${keywords('size', 'scale_factor', 'mode', 'align_corners', 'recompute_scale_factor')})`,
  },
  similarity: 'resize',
});

/** What torch has kept for old models: {@link Upsample} in one mode, for images. */
function upsampling(name: string, attribute: string, summary: string, mode: 'nearest' | 'bilinear'): Layer {
  const corners = mode === 'bilinear' ? ', align_corners=True' : '';
  return layer({
    name,
    family: 'vision',
    kind: 'module',
    summary,
    documentation: page(name),
    attribute,
    inputs: channelsFirst(2),
    parameters: {
      size: optionalSizes(2, 'The size that comes out: height and width.', { min: 1, runtime: true }),
      scale_factor: optionalRatios(2, 'How many times larger it gets.'),
    },
    shape(call) {
      const others = { mode, align_corners: undefined, recompute_scale_factor: undefined };
      return resize({ ...call, arguments: { ...call.arguments, ...others } });
    },
    python: {
      kind: 'module',
      constructor: `nn.${name}`,
      functional: ({ inputs: [input], keywords }) =>
        `F.interpolate(${input!}${keywords('size', 'scale_factor')}, mode="${mode}"${corners})`,
    },
    similarity: 'resize',
  });
}

const Interpolate = layer({
  name: 'Interpolate',
  family: 'vision',
  kind: 'function',
  summary: 'Resizes everything behind the channels, to a size or by a factor.',
  documentation: 'https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html',
  inputs: RESIZED,
  parameters: { ...RESIZE, antialias: flag('Smooths before making it smaller; "bilinear" and "bicubic" only.', false) },
  shape(call) {
    const { antialias, mode } = call.arguments;
    if (antialias && mode !== 'bilinear' && mode !== 'bicubic') {
      call.refuse({
        code: 'argument-value',
        message: `takes antialias=True only in mode "bilinear" or "bicubic", not "${mode}".`,
        argument: 'antialias',
      });
    }
    return resize(call);
  },
  python: {
    kind: 'function',
    expression: ({ inputs: [input], keywords }) =>
      `F.interpolate(${input!}${keywords('size', 'scale_factor', 'mode', 'align_corners', 'recompute_scale_factor', 'antialias')})`,
  },
  similarity: 'resize',
});

const GRID_PLACES = 'the places in it, from -1 to 1, x before y';

const GridSample = layer({
  name: 'GridSample',
  family: 'vision',
  kind: 'function',
  summary: `Looks up an image at given places: (image, grid) -> GridSample, where the grid has ${GRID_PLACES}.`,
  documentation: 'https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.grid_sample.html',
  inputs: {
    names: ['input', 'grid'],
    rank: [4, 5],
    layout: '[N, channels, height, width] and a grid [N, height, width, 2]',
  },
  parameters: {
    mode: choice('How values between are made up.', ['bilinear', 'nearest', 'bicubic'], 'bilinear'),
    padding_mode: choice('What lies outside.', ['zeros', 'border', 'reflection'], 'zeros'),
    align_corners: optionalFlag('Whether -1 and 1 are the middles of the outermost places; else their edges.'),
  },
  shape(call) {
    const [{ shape }, { shape: grid }] = [call.inputs[0]!, call.inputs[1]!];
    const mismatch = (what: string) => () => ({
      code: 'shape-mismatch',
      message: `${what}, but got ${formatShape(shape)} and ${formatShape(grid)}.`,
    });
    if (grid.length !== shape.length) call.refuse(mismatch('needs a grid of as many dimensions as the image')());
    call.agree(shape[0]!, grid[0]!, mismatch('needs a grid for each image of the batch'));
    call.agree(
      grid.at(-1)!,
      constant(shape.length - 2),
      mismatch(`needs a grid of ${shape.length - 2} numbers a place`),
    );
    if (call.arguments.mode === 'bicubic' && shape.length === 5) {
      call.refuse({
        code: 'argument-value',
        message: 'has mode="bicubic" for images only, not for volumes.',
        argument: 'mode',
      });
    }
    return [[shape[0]!, shape[1]!, ...grid.slice(1, -1)]];
  },
  python: {
    kind: 'function',
    expression: ({ inputs: [input, grid], keywords }) =>
      `F.grid_sample(${input!}, ${grid!}${keywords('mode', 'padding_mode', 'align_corners')})`,
  },
  similarity: 'resize',
});

const IMAGE = { names: ['input'], minimumRank: 3, type: 'any' } as const;

const PixelShuffle = layer({
  name: 'PixelShuffle',
  family: 'vision',
  kind: 'module',
  summary: 'Makes an image larger by spreading channels over places: [N, C·r², H, W] becomes [N, C, H·r, W·r].',
  documentation: page('PixelShuffle'),
  attribute: 'pixel_shuffle',
  inputs: IMAGE,
  parameters: { upscale_factor: int('How many times larger, r.', { min: 1 }) },
  shape(call) {
    const factor = call.arguments.upscale_factor;
    const [channels, height, width] = call.input.shape.slice(-3);
    const square = multiply(factor, factor);
    call.require(compare('==', modulo(channels!, square), ZERO), () => ({
      code: 'not-divisible',
      message: `makes one channel of ${format(square)} (upscale_factor²), but the input's channels, ${format(channels!)}, are no multiple of that. Put Conv2d(${format(multiply(floorDivide(add(channels!, subtract(square, ONE)), square), square))}, 1) before it.`,
      argument: 'upscale_factor',
    }));
    return [
      [
        ...call.input.shape.slice(0, -3),
        floorDivide(channels!, square),
        multiply(height!, factor),
        multiply(width!, factor),
      ],
    ];
  },
  python: {
    kind: 'module',
    constructor: 'nn.PixelShuffle',
    functional: ({ inputs: [input], argument }) => `F.pixel_shuffle(${input!}, ${argument('upscale_factor')!})`,
  },
  similarity: 'resize',
});

const PixelUnshuffle = layer({
  name: 'PixelUnshuffle',
  family: 'vision',
  kind: 'module',
  summary: 'Makes an image smaller by turning places into channels: [N, C, H·r, W·r] becomes [N, C·r², H, W].',
  documentation: page('PixelUnshuffle'),
  attribute: 'pixel_unshuffle',
  inputs: IMAGE,
  parameters: { downscale_factor: int('How many times smaller, r.', { min: 1 }) },
  shape(call) {
    const factor = call.arguments.downscale_factor;
    const [channels, height, width] = call.input.shape.slice(-3);
    for (const size of [height!, width!]) {
      requireDivides(call, 'downscale_factor', size, 'height or width', 'each place takes as many in both directions');
    }
    return [
      [
        ...call.input.shape.slice(0, -3),
        product([channels!, factor, factor]),
        floorDivide(height!, factor),
        floorDivide(width!, factor),
      ],
    ];
  },
  python: {
    kind: 'module',
    constructor: 'nn.PixelUnshuffle',
    functional: ({ inputs: [input], argument }) => `F.pixel_unshuffle(${input!}, ${argument('downscale_factor')!})`,
  },
  similarity: 'resize',
});

const ChannelShuffle = layer({
  name: 'ChannelShuffle',
  family: 'vision',
  kind: 'module',
  summary:
    'Mixes the channels of groups, so that the next grouped convolution sees all of them: takes one of each group in turn.',
  documentation: page('ChannelShuffle'),
  attribute: 'channel_shuffle',
  inputs: { names: ['input'], minimumRank: 3, type: 'any' },
  parameters: { groups: int('How many groups the channels are divided into.', { min: 1 }) },
  shape(call) {
    requireDivides(call, 'groups', call.input.shape[1]!, "the input's channels");
    return [call.input.shape];
  },
  python: {
    kind: 'module',
    constructor: 'nn.ChannelShuffle',
    functional: ({ inputs: [input], argument }) => `F.channel_shuffle(${input!}, ${argument('groups')!})`,
  },
  similarity: 'shuffle',
});

export const visions: readonly Layer[] = [
  Upsample,
  upsampling(
    'UpsamplingNearest2d',
    'upsample_nearest',
    'Enlarges an image by repeating its values: Upsample(mode="nearest") in one word.',
    'nearest',
  ),
  upsampling(
    'UpsamplingBilinear2d',
    'upsample_bilinear',
    'Enlarges an image by straight lines between its values, the corners staying where they are.',
    'bilinear',
  ),
  Interpolate,
  GridSample,
  PixelShuffle,
  PixelUnshuffle,
  ChannelShuffle,
];
