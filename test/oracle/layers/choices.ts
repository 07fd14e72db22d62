/** Where the language refuses on purpose what PyTorch accepts. Every other difference is a mistake. */
import type { LayerProblem } from '../../../server/src/core/layers/apply.ts';
import type { Case } from './cases.ts';
import { layerOf } from './compare.ts';

interface Choice {
  readonly reason: string;
  readonly covers: (refused: LayerProblem, given: Case) => boolean;
}

export const CHOICES: readonly Choice[] = [
  {
    reason: 'A model works on batches: a single image or sequence without a batch dimension is probably a mistake.',
    covers: ({ code }, given) =>
      code === 'rank-mismatch' &&
      layerOf(given).inputs.rank?.includes((given.inputs[0]?.shape.length ?? 0) + 1) === true,
  },
  {
    reason:
      'Dropout of channels, padding, adaptive means, enlarging and frozen normalizations are by their number of dimensions; torch takes any for some of them.',
    covers: ({ code }, { layer }) =>
      code === 'rank-mismatch' &&
      /^Dropout\dd$|Pad\dd$|^AdaptiveAvgPool|^StochasticDepth$|^UpsamplingNearest2d$|^FeatureAlphaDropout$|^FrozenBatchNorm/.test(
        layer,
      ),
  },
  {
    reason: 'Nothing is left of an image: torch goes on with tensors of size 0.',
    covers: ({ code }) => code === 'size-vanishes',
  },
  {
    reason: 'A linear map to no features: torch only warns.',
    covers: ({ code, argument }) => code === 'argument-value' && argument === 'out_features',
  },
  {
    reason: 'A size that is worked out was given wrong: torch notices it only where a weight has it.',
    covers: ({ code }) => code === 'inferred-mismatch',
  },
  {
    reason: 'Dropout works on whole numbers in evaluation, and in training where p is 0 or 1.',
    covers: ({ code }, given) => code === 'input-type' && layerOf(given).family === 'dropout',
  },
  {
    reason: 'MaxPool1d takes whole numbers in torch only where the indices are asked for.',
    covers: ({ code }, given) => code === 'input-type' && given.layer === 'MaxPool1d',
  },
  {
    reason: 'Negative padding of a convolution: torch refuses it, and cuts off where padding_mode isn\'t "zeros".',
    covers: ({ code, argument }, { layer }) =>
      code === 'argument-value' && argument === 'padding' && /^Conv\dd$/.test(layer),
  },
  {
    reason:
      'Circular padding of one side with cutting off the other copies values over themselves, unnoticed by torch.',
    covers: ({ code }, given) =>
      code === 'argument-value' &&
      /^CircularPad|^Pad$/.test(given.layer) &&
      JSON.stringify(given.arguments).includes('-'),
  },
  {
    reason: "A dilation of 0 and chances outside 0 to 1 slip through some of torch's kernels.",
    covers: ({ code, argument }) => code === 'argument-value' && (argument === 'dilation' || argument === 'dropout_p'),
  },
  {
    reason: 'A window, step or padding below what has a meaning: MaxUnpool and FractionalMaxPool2d take what comes.',
    covers: ({ code, argument }, { layer }) =>
      code === 'argument-value' &&
      /^MaxUnpool\dd$|^FractionalMaxPool2d$/.test(layer) &&
      (argument === 'kernel_size' || argument === 'stride' || argument === 'padding'),
  },
  {
    reason: 'Einsum multiplies numbers of one type; torch notices it only where it makes a product of matrices.',
    covers: ({ code }, { layer }) => code === 'input-type' && layer === 'Einsum',
  },
  {
    reason:
      'Torch looks at no argument that only the usual halves would get, where both halves of a Transformer are replaced.',
    covers: ({ argument }, given) =>
      ['nhead', 'dropout', 'activation'].includes(argument ?? '') &&
      'custom_encoder' in given.arguments &&
      'custom_decoder' in given.arguments,
  },
  {
    reason: 'GLU halves a dimension: torch goes on where what is left happens to fit (a batch of 2 becomes 1).',
    covers: ({ code, message }, { layer }) =>
      code === 'argument-value' && layer === 'SqueezeExcitation' && message.includes('GLU'),
  },
  {
    reason: 'Attention takes one tensor or three; torch has no call with two.',
    covers: ({ code }, given) => code === 'input-count' && given.layer === 'MultiheadAttention',
  },
];

export function isChoice(refused: LayerProblem | undefined, given: Case): boolean {
  return refused !== undefined && CHOICES.some(({ covers }) => covers(refused, given));
}
