/** Linear maps and embeddings. */
import { type Dimension, compare, constant, format, multiply, product, and } from '../dimension.ts';
import { formatShape } from '../tensor.ts';
import { type Layer, type LayerCall, layer } from './layer.ts';
import { flag, float, inferred, int, optionalFloat, optionalInt, presence } from './parameters.ts';
import { features } from './rules.ts';

const Linear = layer({
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
  weights: ({ arguments: { in_features, out_features, bias } }) => [
    { name: 'weight', kind: 'parameter', shape: [out_features, in_features] },
    { name: 'bias', kind: 'parameter', shape: [out_features], present: bias },
  ],
  macs: ({ arguments: { in_features } }, [output]): Dimension => multiply(product(output!), in_features),
  python: { kind: 'module', constructor: 'nn.Linear' },
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
  weights: ({ arguments: { in1_features, in2_features, out_features, bias } }) => [
    { name: 'weight', kind: 'parameter', shape: [out_features, in1_features, in2_features] },
    { name: 'bias', kind: 'parameter', shape: [out_features], present: bias },
  ],
  macs: ({ arguments: { in1_features, in2_features } }, [output]): Dimension =>
    product([...output!, in1_features, in2_features]),
  python: { kind: 'module', constructor: 'nn.Bilinear' },
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

const Embedding = layer({
  name: 'Embedding',
  family: 'linear',
  kind: 'module',
  summary: 'A table of learned vectors: each whole number that comes in is replaced by its row.',
  documentation: 'https://docs.pytorch.org/docs/stable/generated/torch.nn.Embedding.html',
  attribute: 'embedding',
  inputs: { names: ['input'], type: 'int64' },
  parameters: {
    num_embeddings: int('How many rows there are: numbers from 0 to one less come in.', { min: 1 }),
    embedding_dim: int('Size of each vector.', { min: 1 }),
    padding_idx: optionalInt('The row that stays 0 and learns nothing; negative from the end.'),
    max_norm: optionalFloat('Vectors longer than this are shortened to it.'),
    norm_type: float('The p of the norm for max_norm.', { default: 2 }),
    scale_grad_by_freq: flag('Divides gradients by how often a number comes in a batch.', false),
    sparse: flag('Gradients are sparse tensors.', false),
  },
  shape(call) {
    const { num_embeddings, embedding_dim, padding_idx } = call.arguments;
    requireRow(call, padding_idx, num_embeddings);
    return [{ shape: [...call.input.shape, embedding_dim], type: 'float' }];
  },
  weights: ({ arguments: { num_embeddings, embedding_dim } }) => [
    { name: 'weight', kind: 'parameter', shape: [num_embeddings, embedding_dim] },
  ],
  python: { kind: 'module', constructor: 'nn.Embedding' },
  similarity: 'embedding',
});

export const linears: readonly Layer[] = [Linear, Bilinear, Embedding];
