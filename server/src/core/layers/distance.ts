/** Distances between the vectors of two tensors. */
import { ONE } from '../dimension.ts';
import { type Shape, formatShape } from '../tensor.ts';
import { type Layer, type LayerCall, NUMBERS, type ShapedTensor, layer } from './layer.ts';
import { dim, flag, float } from './parameters.ts';
import { broadcast, promote } from './rules.ts';
import { type Sight, broadcastSight, own } from './sight.ts';

const page = (name: string): string => `https://docs.pytorch.org/docs/stable/generated/torch.nn.${name}.html`;

function compared(call: Pick<LayerCall, 'inputs' | 'agree'>): Shape {
  const shapes = call.inputs.map(({ shape }) => shape);
  return broadcast(call, shapes, () => ({
    code: 'shape-mismatch',
    message: `compares vectors, but ${shapes.map(formatShape).join(' and ')} differ in a size of which none is 1.`,
  }));
}

/** All of the vectors; `wide` has the dimensions of the inputs that come in, broadcast, with 1 for the compared one. */
function comparedSight(inputs: readonly ShapedTensor[], wide: Shape, axis: number): readonly Sight[] {
  return inputs.map(({ shape }) => {
    const added = wide.length - shape.length;
    return broadcastSight(shape, wide).map((seen, i) => {
      if (i + added === axis) return 'all';
      return typeof seen === 'object' && seen.along !== undefined && seen.along > axis ? own(seen.along - 1) : seen;
    });
  });
}

const PairwiseDistance = layer({
  name: 'PairwiseDistance',
  family: 'distance',
  kind: 'module',
  summary: 'How far the vectors in the last dimension are apart: (a, b) -> PairwiseDistance makes [N] of two [N, 128].',
  documentation: page('PairwiseDistance'),
  attribute: 'pairwise_distance',
  inputs: { names: ['x1', 'x2'], type: NUMBERS },
  parameters: {
    p: float('The p of the norm: 2 for the usual distance.', { default: 2 }),
    eps: float('Added to each difference, so that no distance is 0.', { default: 1e-6 }),
    keepdim: flag('Keeps the dimension, with size 1.', false),
  },
  shape(call) {
    const shape = compared(call);
    const keeps = call.arguments.keepdim && shape.length > 0;
    return [{ shape: [...shape.slice(0, -1), ...(keeps ? [ONE] : [])], type: 'float' }];
  },
  sees({ inputs, arguments: { keepdim } }, output) {
    const wide = keepdim ? output : [...output, ONE];
    return comparedSight(inputs, wide, wide.length - 1);
  },
  python: {
    kind: 'module',
    constructor: 'nn.PairwiseDistance',
    functional: ({ inputs, keywords }) => `F.pairwise_distance(${inputs.join(', ')}${keywords('p', 'eps', 'keepdim')})`,
  },
  example: { inputs: ['[N, 128]', '[N, 128]'] },
  similarity: 'distance',
});

const CosineSimilarity = layer({
  name: 'CosineSimilarity',
  family: 'distance',
  kind: 'module',
  summary:
    'The cosine of the angle between vectors: 1 for one direction, 0 for right angles: (a, b) -> CosineSimilarity makes [N] of two [N, 128].',
  documentation: page('CosineSimilarity'),
  attribute: 'cosine_similarity',
  inputs: { names: ['x1', 'x2'], type: 'any' },
  parameters: {
    dim: dim('The dimension along which the vectors lie.', { default: 1 }),
    eps: float('The least that is divided by.', { default: 1e-8 }),
  },
  shape(call) {
    if (promote(call.inputs) !== 'float') {
      call.refuse({ code: 'input-type', message: 'needs floats in one of its inputs at least.' });
    }
    const shape = compared(call);
    return [{ shape: shape.toSpliced(call.axis(call.arguments.dim, shape.length), 1), type: 'float' }];
  },
  sees({ inputs, arguments: { dim: wanted } }, output) {
    const axis = wanted < 0 ? wanted + output.length + 1 : wanted;
    return comparedSight(inputs, output.toSpliced(axis, 0, ONE), axis);
  },
  python: {
    kind: 'module',
    constructor: 'nn.CosineSimilarity',
    functional: ({ inputs, keywords }) => `F.cosine_similarity(${inputs.join(', ')}${keywords('dim', 'eps')})`,
  },
  example: { inputs: ['[N, 128]', '[N, 128]'] },
  similarity: 'distance',
});

export const distances: readonly Layer[] = [PairwiseDistance, CosineSimilarity];
