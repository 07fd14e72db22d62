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

/** Where the channels of an image went. */
export interface MovedChannels {
  readonly dimension: number;
  /** What moved them: `Permute`. */
  readonly by: string;
}

/**
 * Where channels stand that were moved away from dimension 1; `undefined` where they are there, or where nothing is
 * known of them.
 *
 * @param inputsAre whether inputs are images, as for {@link isFeatureMap}
 */
export function movedChannels(tensor: Tensor, inputsAre: boolean): MovedChannels | undefined {
  const found = channelsOf(tensor, inputsAre);
  return found?.by === undefined || found.dimension === 1 ? undefined : { dimension: found.dimension, by: found.by };
}

interface Channels {
  readonly dimension: number;
  readonly by?: string;
}

function channelsOf(tensor: Tensor, inputsAre: boolean): Channels | undefined {
  const { node, output, shape } = tensor;
  if (shape === undefined) return undefined;
  if (shape.length === 4 && isFeatureMap(tensor, inputsAre)) return { dimension: 1 };
  const of = (input: Tensor | undefined): Channels | undefined =>
    input?.shape === undefined ? undefined : channelsOf(input, inputsAre);
  switch (node.kind) {
    case 'block': {
      const inner = node.instance.outputs[output]?.tensor;
      return inner === undefined ? undefined : channelsOf(inner, false);
    }
    case 'operator': {
      const input = node.operator === '@' ? undefined : node.inputs.find((each) => each.shape?.length === shape.length);
      return of(input);
    }
    case 'layer': {
      const { name, family } = node.layer;
      const [input] = node.inputs;
      if (STEADY_FAMILIES.has(family)) return of(input);
      if (name === 'Permute') {
        const { dims } = node.arguments;
        const order = Array.isArray(dims) ? dims.map((dim) => fromStart(dim, shape.length)) : [];
        return moved(of(input), (dimension) => order.indexOf(dimension), name);
      }
      if (name === 'Transpose') {
        const { dim0, dim1 } = node.arguments;
        const [a, b] = [fromStart(dim0, shape.length), fromStart(dim1, shape.length)];
        return moved(of(input), (dimension) => (dimension === a ? b : dimension === b ? a : dimension), name);
      }
      // The last dimension stays the last.
      if (name === 'Linear') {
        const found = of(input);
        return found?.dimension === shape.length - 1 ? found : undefined;
      }
      if (name === 'Flatten') {
        const found = of(input);
        return found?.dimension === 1 && node.arguments.start_dim === 2 ? found : undefined;
      }
      return undefined;
    }
    default:
      return undefined;
  }
}

function fromStart(dim: unknown, rank: number): number {
  return typeof dim !== 'number' ? -1 : dim < 0 ? dim + rank : dim;
}

function moved(from: Channels | undefined, to: (dimension: number) => number, by: string): Channels | undefined {
  const dimension = from === undefined ? -1 : to(from.dimension);
  return dimension < 0 ? undefined : { dimension, by };
}
