/** Functions that put tensors together. The file to read before writing a tensor function. */
import { simpler } from '../broadcast.ts';
import { type Dimension, constant, format, sum } from '../dimension.ts';
import { formatShape } from '../tensor.ts';
import { type Layer, layer } from './layer.ts';
import { dim } from './parameters.ts';
import { promote } from './rules.ts';
import { axisOf, moved, own } from './sight.ts';

const Concat = layer({
  name: 'Concat',
  family: 'joining',
  kind: 'function',
  summary: 'Puts tensors one after the other along one dimension; all other sizes must be the same.',
  documentation: 'https://docs.pytorch.org/docs/stable/generated/torch.cat.html',
  inputs: { names: ['tensors'], variadic: true, minimumRank: 1, type: 'any' },
  parameters: {
    dim: dim('The dimension along which they are joined: 1 joins channels.', { default: 0 }),
  },
  shape(call) {
    const [first, ...others] = call.inputs;
    const axis = call.axis(call.arguments.dim);
    for (const other of others) {
      if (other.shape.length !== first!.shape.length) {
        call.refuse({
          code: 'shape-mismatch',
          message: `joins tensors of one number of dimensions, but got ${formatShape(first!.shape)} and ${formatShape(other.shape)}.`,
        });
      }
      other.shape.forEach((size, i) => {
        if (i === axis) return;
        call.agree(first!.shape[i]!, size, () => ({
          code: 'shape-mismatch',
          message: `joins along dimension ${axis}, so all other sizes must be the same, but dimension ${i} is ${format(first!.shape[i]!)} in ${formatShape(first!.shape)} and ${format(size)} in ${formatShape(other.shape)}.`,
        }));
      });
    }
    const joined: Dimension = sum(call.inputs.map(({ shape, together = shape }) => together[axis]!));
    const shape = first!.shape.map((size, i) =>
      i === axis ? joined : others.reduce((plain, other) => simpler(plain, other.shape[i]!), size),
    );
    return [{ shape, type: promote(call.inputs) }];
  },
  sees: ({ inputs, arguments: { dim: wanted } }) =>
    inputs.map(({ shape }) => shape.map((_, i) => (i === axisOf(wanted, shape) ? moved(i) : own(i)))),
  python: {
    kind: 'function',
    expression: ({ inputs, keywords }) => `torch.cat([${inputs.join(', ')}]${keywords('dim')})`,
  },
  example: { inputs: ['[N, 64, 56, 48]', '[N, 32, 56, 48]'], arguments: '1' },
  similarity: 'concat',
});

const Stack = layer({
  name: 'Stack',
  family: 'joining',
  kind: 'function',
  summary: 'Puts tensors of one shape side by side in a new dimension.',
  documentation: 'https://docs.pytorch.org/docs/stable/generated/torch.stack.html',
  inputs: { names: ['tensors'], variadic: true, type: 'any' },
  parameters: { dim: dim('The number of the new dimension.', { default: 0 }) },
  shape(call) {
    const [first, ...others] = call.inputs;
    const axis = call.axis(call.arguments.dim, first!.shape.length + 1);
    for (const { shape } of others) {
      const refusal = () => ({
        code: 'shape-mismatch',
        message: `stacks tensors of one shape, but got ${formatShape(first!.shape)} and ${formatShape(shape)}. To join along a dimension that is there, use Concat.`,
      });
      if (shape.length !== first!.shape.length) call.refuse(refusal());
      shape.forEach((size, i) => call.agree(first!.shape[i]!, size, refusal));
    }
    const count = constant(call.inputs.length);
    return [{ shape: first!.shape.toSpliced(axis, 0, count), type: promote(call.inputs) }];
  },
  sees: ({ inputs, arguments: { dim: wanted } }, output) =>
    inputs.map(({ shape }) => shape.map((_, i) => own(i < axisOf(wanted, output) ? i : i + 1))),
  python: {
    kind: 'function',
    expression: ({ inputs, keywords }) => `torch.stack([${inputs.join(', ')}]${keywords('dim')})`,
  },
  example: { inputs: ['[N, 64]', '[N, 64]'], arguments: '1' },
  similarity: 'concat',
});

export const joining: readonly Layer[] = [Concat, Stack];
