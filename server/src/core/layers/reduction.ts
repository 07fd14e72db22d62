/** Functions that make one value of many, and the norm. */
import { type Dimension, ONE, compare, format } from '../dimension.ts';
import type { Shape } from '../tensor.ts';
import { NUMBERS, type Layer, type LayerCall, layer } from './layer.ts';
import { dim, flag, float, int, optionalDim, optionalDims } from './parameters.ts';
import { type Sight, axisOf, mixed, own } from './sight.ts';

const page = (name: string): string => `https://docs.pytorch.org/docs/stable/generated/torch.${name}.html`;

const keepdim = flag('Keeps the dimension, with size 1.', false);

/** The shape without these dimensions (all of them where there are none), or with size 1 in their place. */
function reduced(call: LayerCall, wanted: readonly number[] | undefined, keeps: boolean): readonly Dimension[] {
  const { shape } = call.input;
  const axes =
    wanted === undefined || wanted.length === 0 ? shape.map((_, i) => i) : wanted.map((each) => call.axis(each));
  if (new Set(axes).size !== axes.length) {
    call.refuse({
      code: 'argument-value',
      message: `takes each dimension once, but got ${wanted?.join(', ') ?? ''}.`,
      argument: 'dim',
    });
  }
  return keeps ? shape.map((size, i) => (axes.includes(i) ? ONE : size)) : shape.filter((_, i) => !axes.includes(i));
}

/** All of the dimensions that go are seen. */
function reducedSight(shape: Shape, wanted: readonly number[] | undefined, keeps: boolean): readonly Sight[] {
  const gone =
    wanted === undefined || wanted.length === 0 ? shape.map((_, i) => i) : wanted.map((each) => axisOf(each, shape));
  return [
    shape.map((_, i) => (gone.includes(i) ? 'all' : own(keeps ? i : i - gone.filter((other) => other < i).length))),
  ];
}

function overDims(name: 'Mean' | 'Sum', summary: string, similarity: string): Layer {
  const method = name.toLowerCase();
  return layer({
    name,
    family: 'reduction',
    kind: 'function',
    summary,
    documentation: page(method),
    inputs: { names: ['input'], type: name === 'Mean' ? 'float' : 'any' },
    parameters: {
      dim: optionalDims('The dimensions that go: one, or a list; all where None.'),
      keepdim,
    },
    shape(call) {
      const type = call.input.type === 'bool' ? 'int64' : call.input.type;
      return [{ shape: reduced(call, call.arguments.dim, call.arguments.keepdim), type }];
    },
    sees: ({ input, arguments: given }) => reducedSight(input.shape, given.dim, given.keepdim),
    python: {
      kind: 'function',
      expression: ({ object, argument, keywords }) =>
        argument('dim') === undefined
          ? `${object}.${method}(${argument('keepdim') === undefined ? '' : 'dim=None'}${keywords('keepdim')})`
          : `${object}.${method}(${argument('dim')!}${keywords('keepdim')})`,
    },
    example: { arguments: '[2, 3]' },
    similarity,
  });
}

function extreme(name: 'Max' | 'Min', which: string): Layer {
  const method = name.toLowerCase();
  return layer({
    name,
    family: 'reduction',
    kind: 'function',
    summary: `The ${which} value along a dimension, and where it was; of everything, where no dimension is given.`,
    documentation: page(method),
    inputs: { names: ['input'], type: 'any' },
    outputs: {
      names: ['values', 'indices'],
      asked: { argument: 'dim', count: (value) => (value === undefined ? 1 : 2) },
    },
    parameters: { dim: optionalDim('The dimension that goes; all where None.'), keepdim },
    shape(call) {
      const { dim: wanted, keepdim: keeps } = call.arguments;
      if (wanted === undefined) {
        if (call.isGiven('keepdim')) {
          call.refuse({ code: 'argument-value', message: 'takes keepdim only with a dim.', argument: 'keepdim' });
        }
        return [[]];
      }
      const shape = reduced(call, [wanted], keeps);
      return [shape, { shape, type: 'int64' }];
    },
    sees: ({ input, arguments: given }) =>
      reducedSight(input.shape, given.dim === undefined ? undefined : [given.dim], given.keepdim),
    python: {
      kind: 'function',
      expression: ({ object, argument, keywords }) =>
        argument('dim') === undefined
          ? `${object}.${method}(${keywords('keepdim').slice(2)})`
          : `${object}.${method}(${argument('dim')!}${keywords('keepdim')})`,
      first: ({ object, argument, keywords }) =>
        argument('dim') === undefined
          ? `${object}.${method}(${keywords('keepdim').slice(2)})`
          : `${object}.${method}(${argument('dim')!}${keywords('keepdim')}).values`,
    },
    example: { inputs: ['[N, 10]'], arguments: '1' },
    similarity: 'reduction',
  });
}

const ArgMax = layer({
  name: 'ArgMax',
  family: 'reduction',
  kind: 'function',
  summary: 'Where the largest value is along a dimension: the class that a classifier chose.',
  documentation: page('argmax'),
  inputs: { names: ['input'], type: NUMBERS },
  parameters: { dim: optionalDim('The dimension that goes; all, as if flat, where None.'), keepdim },
  shape(call) {
    const { dim: wanted, keepdim: keeps } = call.arguments;
    return [{ shape: reduced(call, wanted === undefined ? undefined : [wanted], keeps), type: 'int64' }];
  },
  sees: ({ input, arguments: given }) =>
    reducedSight(input.shape, given.dim === undefined ? undefined : [given.dim], given.keepdim),
  python: {
    kind: 'function',
    expression: ({ object, argument, keywords }) =>
      argument('dim') === undefined
        ? `${object}.argmax(${keywords('keepdim').slice(2)})`
        : `${object}.argmax(${argument('dim')!}${keywords('keepdim')})`,
  },
  example: { inputs: ['[N, 10]'], arguments: '1' },
  similarity: 'reduction',
});

const TopK = layer({
  name: 'TopK',
  family: 'reduction',
  kind: 'function',
  summary: 'The k largest values along a dimension, the largest first, and where they were.',
  documentation: page('topk'),
  inputs: { names: ['input'], type: NUMBERS },
  outputs: { names: ['values', 'indices'] },
  parameters: {
    k: int('How many.', { min: 1 }),
    dim: dim('The dimension in which is looked.', { default: -1 }),
    largest: flag('The largest; else the smallest.', true),
    sorted: flag('In order.', true),
  },
  shape(call) {
    const { k, dim: wanted } = call.arguments;
    const axis = call.axis(wanted);
    const size = call.input.shape[axis] ?? ONE;
    call.require(compare('<=', k, size), () => ({
      code: 'argument-value',
      message: `takes the ${format(k)} largest of dimension ${axis}, which has only ${format(size)}.`,
      argument: 'k',
    }));
    const shape = call.input.shape.map((other, i) => (i === axis ? k : other));
    return [shape, { shape, type: 'int64' }];
  },
  sees: ({ input: { shape }, arguments: given }, output) => [mixed(shape.length, [axisOf(given.dim, shape)], output)],
  python: {
    kind: 'function',
    expression: ({ object, argument, keywords }) =>
      `${object}.topk(${argument('k')!}${keywords('dim', 'largest', 'sorted')})`,
    first: ({ object, argument, keywords }) =>
      `${object}.topk(${argument('k')!}${keywords('dim', 'largest', 'sorted')}).values`,
  },
  example: { inputs: ['[N, 1000]'], arguments: '5' },
  similarity: 'reduction',
});

const Normalize = layer({
  name: 'Normalize',
  family: 'reduction',
  kind: 'function',
  summary: 'Divides by the length of the vectors along a dimension, so that each has length 1.',
  documentation: page('nn.functional.normalize'),
  inputs: { names: ['input'] },
  parameters: {
    p: float('The p of the norm: 2 for the usual length.', { default: 2 }),
    dim: dim('The dimension along which the vectors lie.', { default: 1 }),
    eps: float('The least that is divided by.', { default: 1e-12 }),
  },
  shape(call) {
    call.axis(call.arguments.dim);
    return [call.input.shape];
  },
  python: {
    kind: 'function',
    expression: ({ inputs: [input], keywords }) => `F.normalize(${input!}${keywords('p', 'dim', 'eps')})`,
  },
  sees: ({ input: { shape }, arguments: given }, output) => [mixed(shape.length, [axisOf(given.dim, shape)], output)],
  example: { inputs: ['[N, 128]'] },
  similarity: 'normalization',
});

export const reductions: readonly Layer[] = [
  overDims(
    'Mean',
    'The mean over dimensions, which are gone then: Mean([2, 3]) leaves one value a channel.',
    'globalPooling',
  ),
  overDims('Sum', 'The sum over dimensions, which are gone then.', 'reduction'),
  extreme('Max', 'largest'),
  extreme('Min', 'smallest'),
  ArgMax,
  TopK,
  Normalize,
];
