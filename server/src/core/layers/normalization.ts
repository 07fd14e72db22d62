/** Normalizations: values are brought to mean 0 and variance 1, over the batch, a channel, a group or a token. */
import {
  type Condition,
  type Dimension,
  ONE,
  and,
  compare,
  constant,
  constantValue,
  floorDivide,
  format,
  product,
} from '../dimension.ts';
import type { Shape } from '../tensor.ts';
import { type Layer, type LayerCall, NUMBERS, type WeightShape, layer } from './layer.ts';
import { float, flag, inferred, inferredLast, int, optionalFloat, presence } from './parameters.ts';
import { channels, places, requireDivides } from './rules.ts';
import { blocks, mixed, mixing, own, pointwise, type Sight, type SightCall, window } from './sight.ts';

const page = (name: string): string => `https://docs.pytorch.org/docs/stable/generated/torch.nn.${name}.html`;

const EPS = 'Added to the variance, so that nothing is divided by 0.';
const AFFINE = 'Learns a factor and an offset for each channel.';
const LAYOUTS = {
  1: { rank: [2, 3], layout: '[N, channels] or [N, channels, length]' },
  2: { rank: [4], layout: '[N, channels, height, width]' },
  3: { rank: [5], layout: '[N, channels, depth, height, width]' },
} as const;

type Dimensions = 1 | 2 | 3;

function affineWeights(shape: readonly Dimension[], affine: Condition, bias: Condition): WeightShape[] {
  return [
    { name: 'weight', kind: 'parameter', shape, present: affine },
    { name: 'bias', kind: 'parameter', shape, present: and(affine, bias) },
  ];
}

function statistics(size: Dimension, tracked: boolean): WeightShape[] {
  if (!tracked) return [];
  return [
    { name: 'running_mean', kind: 'buffer', shape: [size] },
    { name: 'running_var', kind: 'buffer', shape: [size] },
    { name: 'num_batches_tracked', kind: 'buffer', shape: [], type: 'int64' },
  ];
}

const BATCH_NORM = {
  num_features: inferred('Channels of the input.', channels),
  eps: float(EPS, { default: 1e-5 }),
  momentum: optionalFloat('How fast the running mean and variance follow; None averages over all batches.', {
    default: 0.1,
  }),
  affine: presence(AFFINE, true),
  track_running_stats: flag('Keeps a running mean and variance for evaluation.', true),
  bias: presence('With affine: learns the offset too.', true, { keywordOnly: true }),
} as const;

function batchNorm(dimensions: Dimensions): Layer {
  return layer({
    ...batchNormForm(`BatchNorm${dimensions}d`),
    summary:
      'Brings each channel to mean 0 and variance 1 over the batch, then scales and shifts it by learned numbers. In evaluation it uses the means it has seen in training.',
    inputs: { names: ['input'], ...LAYOUTS[dimensions] },
  });
}

/** All of a BatchNorm but what it is for. */
function batchNormForm(name: string) {
  return {
    name,
    family: 'normalization',
    kind: 'module',
    documentation: page(name),
    attribute: 'bn',
    parameters: BATCH_NORM,
    shape(call: LayerCall<typeof BATCH_NORM>) {
      const [batch, , ...others] = call.input.shape;
      const count = product([batch!, ...others]);
      // With a free batch size it is up to the training; with one sample the model can be used all the same.
      if (constantValue(count) === 1n) {
        call.warn({
          code: 'single-value',
          message:
            'finds one value in each channel, and one value has no variance: torch refuses it in training, but not in evaluation. Train with batches of at least 2.',
        });
      }
      return [call.input.shape];
    },
    // In evaluation by the running means; without them by those of the batch.
    sees: (call: SightCall<typeof BATCH_NORM>, output: Shape) =>
      call.arguments.track_running_stats ? pointwise(call, output) : [channelwise(call.input.shape.length, true)],
    weights: ({ arguments: { num_features, affine, bias, track_running_stats } }: LayerCall<typeof BATCH_NORM>) => [
      ...affineWeights([num_features], affine, bias),
      ...statistics(num_features, track_running_stats),
    ],
    python: { kind: 'module', constructor: `nn.${name}` },
    similarity: 'normalization',
  } as const;
}

function instanceNorm(dimensions: Dimensions): Layer {
  const name = `InstanceNorm${dimensions}d`;
  const { layout, rank } = {
    ...LAYOUTS[dimensions],
    ...(dimensions === 1 ? { rank: [3], layout: '[N, channels, length]' } : {}),
  };
  return layer({
    name,
    family: 'normalization',
    kind: 'module',
    summary: 'Brings each channel of each image to mean 0 and variance 1 on its own, as style transfer does.',
    documentation: page(name),
    attribute: 'instance_norm',
    inputs: { names: ['input'], rank, layout },
    parameters: {
      num_features: inferred('Channels of the input.', channels),
      eps: float(EPS, { default: 1e-5 }),
      momentum: optionalFloat('How fast the running mean and variance follow.', { default: 0.1 }),
      affine: presence(AFFINE, false),
      track_running_stats: flag('Keeps a running mean and variance for evaluation.', false),
      bias: presence('With affine: learns the offset too.', true, { keywordOnly: true }),
    },
    shape(call) {
      requireSeveral(call, product(places(call.input)), 'value in each channel');
      return [call.input.shape];
    },
    sees: (call, output) =>
      call.arguments.track_running_stats ? pointwise(call, output) : [channelwise(call.input.shape.length, false)],
    weights: ({ arguments: { num_features, affine, bias, track_running_stats } }) => [
      ...affineWeights([num_features], affine, bias),
      ...statistics(num_features, track_running_stats),
    ],
    python: { kind: 'module', constructor: `nn.${name}` },
    similarity: 'normalization',
  });
}

/** A channel sees itself alone, at all places. */
function channelwise(rank: number, batch: boolean): Sight {
  return Array.from({ length: rank }, (_, i) => (i === 1 || (i === 0 && !batch) ? own(i) : 'all'));
}

function requireSeveral(call: Pick<LayerCall, 'require'>, count: Dimension, what: string): void {
  call.require(compare('>', count, ONE), () => ({
    code: 'single-value',
    message: `finds one ${what} (${format(count)}), and one value has no variance: torch refuses it in training. Normalize before the sizes shrink to 1.`,
  }));
}

const LAYER_NORM = {
  eps: float(EPS, { default: 1e-5 }),
  elementwise_affine: presence('Learns a factor and an offset for each place of the normalized sizes.', true),
  bias: presence('With elementwise_affine: learns the offset too.', true),
} as const;

function normalizedSizes(normalized: Dimension | readonly Dimension[]): readonly Dimension[] {
  return Array.isArray(normalized) ? (normalized as readonly Dimension[]) : [normalized as Dimension];
}

/** All of the last dimensions. */
function lastMixed(shape: Shape, count: number, output: Shape): Sight {
  return mixed(
    shape.length,
    Array.from({ length: count }, (_, i) => shape.length - 1 - i),
    output,
  );
}

export const LayerNorm = layer({
  name: 'LayerNorm',
  family: 'normalization',
  kind: 'module',
  summary:
    'Brings the last dimension (each token on its own) to mean 0 and variance 1, then scales and shifts it by learned numbers.',
  documentation: page('LayerNorm'),
  attribute: 'ln',
  inputs: { names: ['input'], minimumRank: 1 },
  parameters: {
    normalized_shape: inferredLast(
      'The last sizes, which are normalized together; the last one unless given as a list.',
    ),
    ...LAYER_NORM,
  },
  shape: ({ input }) => [input.shape],
  sees: ({ input: { shape }, arguments: { normalized_shape } }, output) => [
    lastMixed(shape, normalizedSizes(normalized_shape).length, output),
  ],
  weights: ({ arguments: { normalized_shape, elementwise_affine, bias } }) =>
    affineWeights(normalizedSizes(normalized_shape), elementwise_affine, bias),
  python: { kind: 'module', constructor: 'nn.LayerNorm' },
  example: { inputs: ['[N, 197, 768]'] },
  similarity: 'normalization',
});

const LayerNorm2d = layer({
  name: 'LayerNorm2d',
  family: 'normalization',
  kind: 'module',
  summary:
    'LayerNorm over the channels of an image: each place is brought to mean 0 and variance 1 over its channels, as in ConvNeXt.',
  documentation: 'https://docs.pytorch.org/vision/stable/models/convnext.html',
  attribute: 'ln',
  inputs: { names: ['input'], rank: [4], layout: '[N, channels, height, width]' },
  parameters: { normalized_shape: inferred('Channels of the input.', channels), ...LAYER_NORM },
  shape: ({ input }) => [input.shape],
  sees: mixing(1),
  weights: ({ arguments: { normalized_shape, elementwise_affine, bias } }) =>
    affineWeights([normalized_shape], elementwise_affine, bias),
  python: {
    kind: 'module',
    constructor: 'LayerNorm2d',
    source: `class LayerNorm2d(nn.LayerNorm):
    """Layer normalization over the channels of images, [N, C, H, W]."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        x = input.permute(0, 2, 3, 1)
        x = F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)
        return x.permute(0, 3, 1, 2)
`,
  },
  similarity: 'normalization',
});

const GroupNorm = layer({
  name: 'GroupNorm',
  family: 'normalization',
  kind: 'module',
  summary:
    'Brings groups of channels to mean 0 and variance 1, for each image on its own: like BatchNorm, but independent of the batch.',
  documentation: page('GroupNorm'),
  attribute: 'gn',
  inputs: { names: ['input'], minimumRank: 2 },
  parameters: {
    num_groups: int('How many groups the channels are divided into.', { min: 1 }),
    num_channels: inferred('Channels of the input.', channels),
    eps: float(EPS, { default: 1e-5 }),
    affine: presence(AFFINE, true),
    bias: presence('With affine: learns the offset too.', true, { keywordOnly: true }),
  },
  shape(call) {
    const { num_groups, num_channels } = call.arguments;
    requireDivides(call, 'num_groups', num_channels, "the input's channels");
    const [batch] = call.input.shape;
    requireSeveral(
      call,
      product([batch!, floorDivide(num_channels, num_groups), ...places(call.input)]),
      'value in each group',
    );
    return [call.input.shape];
  },
  sees({ input: { shape }, arguments: { num_channels, num_groups } }) {
    const size = floorDivide(num_channels, num_groups);
    return [shape.map((_, i) => (i === 0 ? own(0) : i === 1 ? blocks(1, size, size) : 'all'))];
  },
  weights: ({ arguments: { num_channels, affine, bias } }) => affineWeights([num_channels], affine, bias),
  python: { kind: 'module', constructor: 'nn.GroupNorm' },
  example: { arguments: '8' },
  similarity: 'normalization',
});

const SyncBatchNorm = layer({
  ...batchNormForm('SyncBatchNorm'),
  summary:
    'BatchNorm over the batches of all processes that train together; alone, and in evaluation, it is BatchNorm.',
  inputs: { names: ['input'], minimumRank: 2 },
});

const RMSNorm = layer({
  name: 'RMSNorm',
  family: 'normalization',
  kind: 'module',
  summary:
    'Divides the last dimension (each token on its own) by its root mean square and scales it by learned numbers: LayerNorm without a mean.',
  documentation: page('RMSNorm'),
  attribute: 'rms_norm',
  inputs: { names: ['input'], minimumRank: 1 },
  parameters: {
    normalized_shape: inferredLast(
      'The last sizes, which are normalized together; the last one unless given as a list.',
    ),
    eps: optionalFloat('Added to the mean square; the smallest step of the number type where None.'),
    elementwise_affine: presence('Learns a factor for each place of the normalized sizes.', true),
  },
  shape: ({ input }) => [input.shape],
  sees: ({ input: { shape }, arguments: { normalized_shape } }, output) => [
    lastMixed(shape, normalizedSizes(normalized_shape).length, output),
  ],
  weights: ({ arguments: { normalized_shape, elementwise_affine } }) => [
    { name: 'weight', kind: 'parameter', shape: normalizedSizes(normalized_shape), present: elementwise_affine },
  ],
  python: { kind: 'module', constructor: 'nn.RMSNorm' },
  example: { inputs: ['[N, 197, 768]'] },
  similarity: 'normalization',
});

const RESPONSE = {
  size: int('How many neighbouring channels are looked at.', { min: 1 }),
  alpha: float('What the sum of their squares is multiplied by.', { default: 1e-4 }),
  beta: float('The power of what is divided by.', { default: 0.75 }),
  k: float('Added to the sum, so that nothing is divided by 0.', { default: 1 }),
} as const;

const LocalResponseNorm = layer({
  name: 'LocalResponseNorm',
  family: 'normalization',
  kind: 'module',
  summary: 'Divides each value by how strong the channels beside it are at that place, as AlexNet did.',
  documentation: page('LocalResponseNorm'),
  attribute: 'local_response_norm',
  inputs: { names: ['input'], minimumRank: 3, type: NUMBERS },
  parameters: RESPONSE,
  shape: ({ input }) => [{ shape: input.shape, type: 'float' }],
  sees: ({ input: { shape }, arguments: { size } }) => [
    shape.map((_, i) => (i === 1 ? window(1, size, ONE, floorDivide(size, constant(2))) : own(i))),
  ],
  python: {
    kind: 'module',
    constructor: 'nn.LocalResponseNorm',
    functional: ({ inputs: [input], argument, keywords }) =>
      `F.local_response_norm(${input!}, ${argument('size')!}${keywords('alpha', 'beta', 'k')})`,
  },
  example: { arguments: '5' },
  similarity: 'normalization',
});

const CrossMapLRN2d = layer({
  name: 'CrossMapLRN2d',
  family: 'normalization',
  kind: 'module',
  summary: 'LocalResponseNorm as Torch7 and Caffe had it, for images.',
  // It has no page of its own.
  documentation: page('LocalResponseNorm'),
  attribute: 'crossmaplrn',
  inputs: { names: ['input'], rank: [4], layout: '[N, channels, height, width]' },
  parameters: RESPONSE,
  shape: ({ input }) => [input.shape],
  // Torch never takes the first channel out of its running sum, so that all behind it see it too.
  sees: ({ input: { shape } }) => [shape.map((_, i) => (i === 1 ? 'unknown' : own(i)))],
  python: { kind: 'module', constructor: 'nn.CrossMapLRN2d' },
  example: { arguments: '5' },
  similarity: 'normalization',
});

const ALL = [1, 2, 3] as const;

export const BatchNorm2d = batchNorm(2);
export const BatchNorm3d = batchNorm(3);

export const normalizations: readonly Layer[] = [
  batchNorm(1),
  BatchNorm2d,
  BatchNorm3d,
  SyncBatchNorm,
  ...ALL.map(instanceNorm),
  LayerNorm,
  LayerNorm2d,
  RMSNorm,
  GroupNorm,
  LocalResponseNorm,
  CrossMapLRN2d,
];
