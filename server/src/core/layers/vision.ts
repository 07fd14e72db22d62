/** Layers that resize images and move channels about. */
import {
  type Dimension,
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
import { type Shape, formatShape } from '../tensor.ts';
import { type Layer, type LayerCall, type Outputs, layer } from './layer.ts';
import {
  type ArgumentsOf,
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
import { type Seen, type Sight, blocks, moved, numbers, own, parts, repeating, window } from './sight.ts';

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
      instead: [{ argument: 'mode', value: `"${byRank(shape.length)}"` }],
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

/** Where each place of the output lies in the input, as torch has it, and the neighbours that it is made of. */
function resizedSight(
  { size, scale_factor, mode, align_corners, recompute_scale_factor }: ArgumentsOf<typeof RESIZE>,
  from: Shape,
  to: Shape,
): readonly Sight[] {
  const factors = each(
    size === undefined && recompute_scale_factor !== true ? scale_factor : undefined,
    from.length - 2,
  );
  const along = (i: number): Seen => {
    const [before, after] = [from[i]!, to[i]!];
    if (mode === 'area') return parts(i, before, after);
    const factor = factors[i - 2];
    const ratio =
      align_corners === true
        ? cornered(before, after)
        : factor === undefined
          ? numbers([before, after])
          : factorRatio(factor);
    if (ratio === undefined) return 'unknown';
    const { period, advance } = repeating(ratio[0]!, ratio[1]!);
    const scale = advance / period;
    const middle = (place: number): number =>
      align_corners === true ? (place * advance) / period : ((2 * place + 1) * advance - period) / (2 * period);
    const range = (place: number): readonly [number, number] => {
      if (mode === 'nearest') return twice(Math.floor((place * advance) / period));
      if (mode === 'nearest-exact') return twice(Math.floor((place + 0.5) * scale));
      const at = middle(place);
      if (Number.isInteger(at)) return twice(at);
      return mode === 'bicubic' ? [Math.floor(at) - 1, Math.floor(at) + 2] : [Math.floor(at), Math.floor(at) + 1];
    };
    return { along: i, period, advance, range };
  };
  return [from.map((_, i) => (i < 2 ? own(i) : along(i)))];
}

function twice(place: number): readonly [number, number] {
  return [place, place];
}

function cornered(before: Dimension, after: Dimension): readonly number[] | undefined {
  const sizes = numbers([before, after]);
  return sizes === undefined || sizes[1]! < 2 || sizes[0]! < 2 ? undefined : sizes.map((size) => size - 1);
}

/** Torch goes by the factor that was given, not by what the sizes turn out to be. */
function factorRatio(factor: number): readonly number[] | undefined {
  for (let denominator = 1; denominator <= 1024; denominator *= 2) {
    if (Number.isInteger(factor * denominator)) return [denominator, factor * denominator];
  }
  return undefined;
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
  sees: ({ arguments: given, input }, output) => resizedSight(given, input.shape, output),
  python: {
    kind: 'module',
    constructor: 'nn.Upsample',
    functional: ({ inputs: [input], keywords }) =>
      `F.interpolate(${input!}${keywords('size', 'scale_factor', 'mode', 'align_corners', 'recompute_scale_factor')})`,
  },
  example: { arguments: 'scale_factor=2' },
  similarity: 'resize',
});

/** What torch has kept for old models: {@link Upsample} in one mode, for images. */
function upsampling(name: string, attribute: string, summary: string, mode: 'nearest' | 'bilinear'): Layer {
  const corners = mode === 'bilinear' ? ', align_corners=True' : '';
  const others = { mode, align_corners: mode === 'bilinear' ? true : undefined, recompute_scale_factor: undefined };
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
      return resize({ ...call, arguments: { ...call.arguments, ...others } });
    },
    sees: ({ arguments: given, input }, output) => resizedSight({ ...given, ...others }, input.shape, output),
    python: {
      kind: 'module',
      constructor: `nn.${name}`,
      functional: ({ inputs: [input], keywords }) =>
        `F.interpolate(${input!}${keywords('size', 'scale_factor')}, mode="${mode}"${corners})`,
    },
    example: { arguments: 'scale_factor=2' },
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
  sees: ({ arguments: given, input }, output) =>
    resizedSight(given, input.shape, output).map((sight) =>
      given.antialias ? (sight as readonly Seen[]).map((seen, i) => (i < 2 ? seen : 'unknown')) : sight,
    ),
  python: {
    kind: 'function',
    expression: ({ inputs: [input], keywords }) =>
      `F.interpolate(${input!}${keywords('size', 'scale_factor', 'mode', 'align_corners', 'recompute_scale_factor', 'antialias')})`,
  },
  example: { arguments: 'scale_factor=2, mode="bilinear"' },
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
  // The grid may send any place to any other.
  sees: ({ inputs: [image, grid] }) => [
    image!.shape.map((_, i) => (i < 2 ? own(i) : 'all')),
    grid!.shape.map((_, i) => (i === 0 ? own(0) : i === grid!.shape.length - 1 ? 'all' : own(i + 1))),
  ],
  python: {
    kind: 'function',
    expression: ({ inputs: [input, grid], keywords }) =>
      `F.grid_sample(${input!}, ${grid!}${keywords('mode', 'padding_mode', 'align_corners')})`,
  },
  example: { inputs: ['[N, 3, 32, 48]', '[N, 16, 24, 2]'] },
  similarity: 'resize',
});

const IMAGE = { names: ['input'], minimumRank: 3, type: 'any' } as const;

function lastThree(shape: Shape, seen: readonly ((i: number) => Seen)[]): Sight {
  return shape.map((_, i) => seen[i - shape.length + 3]?.(i) ?? own(i));
}

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
  sees({ input: { shape }, arguments: { upscale_factor: factor } }) {
    const square = multiply(factor, factor);
    return [
      lastThree(shape, [
        (i) => window(i, square, square),
        (i) => blocks(i, factor, ONE),
        (i) => blocks(i, factor, ONE),
      ]),
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
      requireDivides(call, 'downscale_factor', size, 'height or width', {
        why: 'each place takes as many in both directions',
      });
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
  sees({ input: { shape }, arguments: { downscale_factor: factor } }) {
    const square = multiply(factor, factor);
    return [
      lastThree(shape, [
        (i) => blocks(i, square, ONE),
        (i) => window(i, factor, factor),
        (i) => window(i, factor, factor),
      ]),
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
  sees: ({ input: { shape } }) => [shape.map((_, i) => (i === 1 ? moved(1) : own(i)))],
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
