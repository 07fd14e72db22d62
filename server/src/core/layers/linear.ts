/** Linear maps and embeddings. */
import { type Dimension, ONE, and, compare, constant, format, multiply, product, subtract } from '../dimension.ts';
import { formatShape } from '../tensor.ts';
import { type Layer, type LayerCall, layer } from './layer.ts';
import { choice, flag, float, inferred, int, optionalFloat, optionalInt, presence } from './parameters.ts';
import { features } from './rules.ts';
import { mixing, own } from './sight.ts';

export const Linear = layer({
  name: 'Linear',
  family: 'linear',
  kind: 'module',
  summary: 'Each output feature is a learned weighted sum of all input features, plus a learned number.',
  documentation: 'https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html',
  attribute: 'fc',
  inputs: { names: ['input'], minimumRank: 1 },
  parameters: {
    in_features: inferred('Size of the last dimension of the input.', features),
    out_features: int('Size of the last dimension that comes out.', { min: 1 }),
    bias: presence('Adds a learned number to each output feature.', true),
  },
  shape: ({ input, arguments: { out_features } }) => [[...input.shape.slice(0, -1), out_features]],
  sees: mixing(-1),
  weights: ({ arguments: { in_features, out_features, bias } }) => [
    { name: 'weight', kind: 'parameter', shape: [out_features, in_features] },
    { name: 'bias', kind: 'parameter', shape: [out_features], present: bias },
  ],
  macs: ({ arguments: { in_features } }, [output]): Dimension => multiply(product(output!), in_features),
  python: { kind: 'module', constructor: 'nn.Linear' },
  example: { inputs: ['[N, 512]'], arguments: '10' },
  similarity: 'linear',
});

const Bilinear = layer({
  name: 'Bilinear',
  family: 'linear',
  kind: 'module',
  summary:
    'Each output feature is a learned weighted sum of all products of a feature of the one input and one of the other: (a, b) -> Bilinear(10).',
  documentation: 'https://docs.pytorch.org/docs/stable/generated/torch.nn.Bilinear.html',
  attribute: 'bilinear',
  inputs: { names: ['input1', 'input2'], minimumRank: 1 },
  parameters: {
    in1_features: inferred('Size of the last dimension of the first input.', features),
    in2_features: inferred('Size of the last dimension of the second input.', ([, second]) =>
      second === undefined ? undefined : features([second]),
    ),
    out_features: int('Size of the last dimension that comes out.', { min: 1 }),
    bias: presence('Adds a learned number to each output feature.', true),
  },
  shape(call) {
    const [one, other] = call.inputs.map(({ shape }) => shape);
    const mismatch = () => ({
      code: 'shape-mismatch',
      message: `needs two inputs that differ in the last size at most, but got ${formatShape(one)} and ${formatShape(other)}.`,
    });
    if (one!.length !== other!.length) call.refuse(mismatch());
    one!.slice(0, -1).forEach((size, i) => call.agree(size, other![i]!, mismatch));
    return [[...one!.slice(0, -1), call.arguments.out_features]];
  },
  sees: mixing(-1),
  weights: ({ arguments: { in1_features, in2_features, out_features, bias } }) => [
    { name: 'weight', kind: 'parameter', shape: [out_features, in1_features, in2_features] },
    { name: 'bias', kind: 'parameter', shape: [out_features], present: bias },
  ],
  macs: ({ arguments: { in1_features, in2_features } }, [output]): Dimension =>
    product([...output!, in1_features, in2_features]),
  python: { kind: 'module', constructor: 'nn.Bilinear' },
  example: { inputs: ['[N, 64]', '[N, 32]'], arguments: '10' },
  similarity: 'linear',
});

/** A row of a table that may be counted from its end. */
function requireRow(
  call: Pick<LayerCall, 'require'>,
  padding_idx: Dimension | undefined,
  num_embeddings: Dimension,
): void {
  if (padding_idx === undefined) return;
  const inside = and(
    compare('<', padding_idx, num_embeddings),
    compare('>=', padding_idx, multiply(num_embeddings, constant(-1))),
  );
  call.require(inside, () => ({
    code: 'argument-value',
    message: `has ${format(num_embeddings)} rows, so padding_idx=${format(padding_idx)} is none of them: they are numbered from 0.`,
    argument: 'padding_idx',
  }));
}

const EMBEDDING = {
  num_embeddings: int('How many rows there are: numbers from 0 to one less come in.', { min: 1 }),
  embedding_dim: int('Size of each vector.', { min: 1 }),
  padding_idx: optionalInt('The row that stays 0 and learns nothing; negative from the end.'),
  max_norm: optionalFloat('Vectors longer than this are shortened to it.'),
  norm_type: float('The p of the norm for max_norm.', { default: 2 }),
  scale_grad_by_freq: flag('Divides gradients by how often a number comes in a batch.', false),
  sparse: flag('Gradients are sparse tensors.', false),
} as const;

const Embedding = layer({
  name: 'Embedding',
  family: 'linear',
  kind: 'module',
  summary: 'A table of learned vectors: each whole number that comes in is replaced by its row.',
  documentation: 'https://docs.pytorch.org/docs/stable/generated/torch.nn.Embedding.html',
  attribute: 'embedding',
  inputs: { names: ['input'], type: 'int64' },
  parameters: EMBEDDING,
  shape(call) {
    const { num_embeddings, embedding_dim, padding_idx } = call.arguments;
    requireRow(call, padding_idx, num_embeddings);
    return [{ shape: [...call.input.shape, embedding_dim], type: 'float' }];
  },
  sees: ({ input }) => [input.shape.map((_, i) => own(i))],
  weights: ({ arguments: { num_embeddings, embedding_dim } }) => [
    { name: 'weight', kind: 'parameter', shape: [num_embeddings, embedding_dim] },
  ],
  python: { kind: 'module', constructor: 'nn.Embedding' },
  example: { inputs: ['[N, 50]'], arguments: '1000, 64' },
  similarity: 'embedding',
});

const EmbeddingBag = layer({
  name: 'EmbeddingBag',
  family: 'linear',
  kind: 'module',
  summary:
    'Looks up a bag of whole numbers in a table of learned vectors and takes their mean, sum or maximum: [N, L] becomes [N, embedding_dim].',
  documentation: 'https://docs.pytorch.org/docs/stable/generated/torch.nn.EmbeddingBag.html',
  attribute: 'embedding_bag',
  inputs: {
    names: ['input', 'offsets', 'per_sample_weights'],
    optional: 2,
    rank: [1, 2],
    layout: '[N, length], or [all numbers] with the offsets [N] at which bags begin',
    types: ['int64', ['int64', 'float'], 'float'],
  },
  parameters: {
    num_embeddings: EMBEDDING.num_embeddings,
    embedding_dim: EMBEDDING.embedding_dim,
    max_norm: EMBEDDING.max_norm,
    norm_type: EMBEDDING.norm_type,
    scale_grad_by_freq: EMBEDDING.scale_grad_by_freq,
    mode: choice('What is made of the vectors of a bag.', ['sum', 'mean', 'max'], 'mean'),
    sparse: EMBEDDING.sparse,
    // In torch a weight that isn't given here stands before these two.
    include_last_offset: flag('The last offset is the end of the last bag.', false, { keywordOnly: true }),
    padding_idx: optionalInt('The row that stays 0, learns nothing and counts in no bag; negative from the end.', {
      keywordOnly: true,
    }),
  },
  shape(call) {
    const { num_embeddings, embedding_dim, padding_idx, mode, include_last_offset } = call.arguments;
    requireRow(call, padding_idx, num_embeddings);
    for (const argument of ['scale_grad_by_freq', 'sparse'] as const) {
      if (mode === 'max' && call.arguments[argument])
        call.refuse({ code: 'argument-value', message: `takes no ${argument} with mode="max".`, argument });
    }
    const [{ shape }, ...others] = [call.input, ...call.inputs.slice(1)];
    const offsets = others.find(({ type }) => type === 'int64')?.shape;
    const weights = others.find(({ type }) => type === 'float')?.shape;
    if ((shape.length === 1) !== (offsets !== undefined)) {
      call.refuse({
        code: 'input-count',
        message:
          offsets === undefined
            ? `needs the offsets [N] at which bags begin beside all numbers in one row, ${formatShape(shape)}.`
            : `takes offsets only beside all numbers in one row: ${formatShape(shape)} has a bag in each row.`,
      });
    }
    if (offsets !== undefined && offsets.length !== 1) {
      call.refuse({ code: 'rank-mismatch', message: `takes one row of offsets [N], but got ${formatShape(offsets)}.` });
    }
    if (weights !== undefined) {
      if (mode !== 'sum') {
        call.refuse({ code: 'argument-value', message: 'weights its numbers only with mode="sum".', argument: 'mode' });
      }
      const mismatch = () => ({
        code: 'shape-mismatch',
        message: `needs a weight for each number, but got ${formatShape(shape)} and ${formatShape(weights)}.`,
      });
      if (weights.length !== shape.length) call.refuse(mismatch());
      shape.forEach((size, i) => call.agree(size, weights[i]!, mismatch));
    }
    const bags = offsets === undefined ? shape[0]! : include_last_offset ? subtract(offsets[0]!, ONE) : offsets[0]!;
    call.require(compare('>=', bags, ONE), () => ({
      code: 'size-vanishes',
      message: 'needs two offsets or more with include_last_offset: the last is no bag.',
      argument: 'include_last_offset',
    }));
    return [{ shape: [bags, embedding_dim], type: 'float' }];
  },
  // Where a bag begins and ends is in the offsets.
  sees: ({ inputs }) => inputs.map(({ shape }) => (shape.length === 2 ? [own(0), 'all'] : shape.map(() => 'unknown'))),
  weights: ({ arguments: { num_embeddings, embedding_dim } }) => [
    { name: 'weight', kind: 'parameter', shape: [num_embeddings, embedding_dim] },
  ],
  python: {
    kind: 'module',
    constructor: 'nn.EmbeddingBag',
    forward: (module, inputs, { types }) =>
      types[1] === 'float'
        ? `${module}(${inputs[0]!}, per_sample_weights=${inputs[1]!})`
        : `${module}(${inputs.join(', ')})`,
  },
  example: { inputs: ['[N, 50]'], arguments: '1000, 64' },
  similarity: 'embedding',
});

export const linears: readonly Layer[] = [Linear, Bilinear, Embedding, EmbeddingBag];
