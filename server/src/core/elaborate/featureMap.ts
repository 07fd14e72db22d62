import type { Tensor } from '../tensor.ts';

/** Layers that leave a tensor what it was: an image stays one. */
const STEADY_FAMILIES: ReadonlySet<string> = new Set(['activation', 'normalization', 'dropout']);
const IMAGE_FAMILIES: ReadonlySet<string> = new Set(['convolution', 'pooling', 'padding', 'vision']);

/**
 * Whether a tensor of rank 4 is for certain an image, channels first: by what made it.
 *
 * @param inputsAre whether inputs are images: a model's are, a block's may be anything
 */
export function isFeatureMap(tensor: Tensor, inputsAre: boolean): boolean {
  const { node, output } = tensor;
  switch (node.kind) {
    case 'input':
      return inputsAre;
    case 'layer': {
      const { family } = node.layer;
      if (IMAGE_FAMILIES.has(family)) return true;
      return STEADY_FAMILIES.has(family) && node.inputs[0] !== undefined && isFeatureMap(node.inputs[0], inputsAre);
    }
    case 'operator':
      return (
        node.operator !== '@' &&
        node.inputs.some((input) => input.shape?.length === 4 && isFeatureMap(input, inputsAre))
      );
    case 'block': {
      const inner = node.instance.outputs[output]?.tensor;
      return inner?.shape?.length === 4 && isFeatureMap(inner, false);
    }
    default:
      return false;
  }
}
