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
    covers: ({ code }, given) => {
      const { rank } = layerOf(given).inputs;
      return code === 'rank-mismatch' && rank !== undefined && rank.includes((given.inputs[0]?.shape.length ?? 0) + 1);
    },
  },
  {
    reason:
      'Dropout of whole channels and padding are by their number of dimensions: torch takes any, with a warning or without.',
    covers: ({ code }, given) => code === 'rank-mismatch' && /^Dropout\dd$|Pad\dd$/.test(given.layer),
  },
  {
    reason: 'Nothing is left of an image: torch goes on with tensors of size 0.',
    covers: ({ code }) => code === 'size-vanishes',
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
];

export function isChoice(refused: LayerProblem | undefined, given: Case): boolean {
  return refused !== undefined && CHOICES.some(({ covers }) => covers(refused, given));
}
