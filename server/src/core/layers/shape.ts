/** Functions that change a tensor's shape and none of its values. */
import {
  type Dimension,
  ONE,
  ZERO,
  compare,
  constantValue,
  equal,
  floorDivide,
  format,
  modulo,
  multiply,
  product,
  separateProducts,
} from '../dimension.ts';
import { formatShape, isUnknown, unknownSize } from '../tensor.ts';
import { type Layer, type LayerCall, type Refusal, UNTOLD, layer } from './layer.ts';
import { dim, dims, intOrInts, optionalDims, shapeSizes } from './parameters.ts';
import { alwaysView, axisOf, broadcastSight, fixed, moved, own, pointwise, reshaped } from './sight.ts';

const page = (name: string): string => `https://docs.pytorch.org/docs/stable/generated/torch.${name}.html`;

const ANY = { names: ['input'], type: 'any' } as const;

/** Items as arguments one by one; an empty list needs brackets. */
function listed(items: string | undefined): string {
  return items === undefined || items === '' ? '()' : items;
}

export const Identity = layer({
  name: 'Identity',
  family: 'shape',
  kind: 'module',
  summary: 'Passes on what comes in: nothing, where a layer has to stand.',
  documentation: page('nn.Identity'),
  attribute: 'identity',
  inputs: ANY,
  parameters: {},
  shape: ({ input }) => [input.shape],
  sees: pointwise,
  isView: alwaysView,
  python: { kind: 'module', constructor: 'nn.Identity', functional: ({ inputs: [input] }) => input! },
  similarity: 'identity',
});

/** Of a tensor, in torch. */
const MOST_DIMENSIONS = 64;

const Flatten = layer({
  name: 'Flatten',
  family: 'shape',
  kind: 'function',
  summary: 'Makes one dimension of several: [N, 16, 5, 5] becomes [N, 400].',
  documentation: page('nn.Flatten'),
  inputs: ANY,
  parameters: {
    start_dim: dim('The first of them.', { default: 1 }),
    end_dim: dim('The last of them.', { default: -1 }),
  },
  shape(call) {
    const { shape } = call.input;
    const start = call.axis(call.arguments.start_dim, shape.length, 'start_dim');
    const end = call.axis(call.arguments.end_dim, shape.length, 'end_dim');
    if (start > end) {
      call.refuse({
        code: 'argument-value',
        message: `joins dimensions ${start} to ${end} of ${formatShape(shape)}, but ${start} comes after ${end}.`,
        argument: 'start_dim',
      });
    }
    return [[...shape.slice(0, start), product(shape.slice(start, end + 1)), ...shape.slice(end + 1)]];
  },
  shapeOfAny: ({ start_dim: start, end_dim: end }) =>
    end === -1 && typeof start === 'number' && start >= 0 && start < MOST_DIMENSIONS
      ? [Array.from({ length: start + 1 }, unknownSize)]
      : undefined,
  sees: reshaped,
  isView: alwaysView,
  python: {
    kind: 'function',
    module: 'nn.Flatten',
    expression: ({ object, argument }) => {
      const end = argument('end_dim');
      return `${object}.flatten(${argument('start_dim') ?? '1'}${end === undefined ? '' : `, ${end}`})`;
    },
  },
  similarity: 'reshape',
});

/** Finds the size for a -1 among new sizes that must hold so many values. */
function fill(
  call: Pick<LayerCall, 'require' | 'refuse'>,
  wanted: readonly Dimension[],
  sizes: readonly Dimension[],
  from: string,
  argument: string,
): readonly Dimension[] {
  const free = wanted.map((size, i) => (constantValue(size) === -1n ? i : -1)).filter((i) => i >= 0);
  const written = `[${wanted.map((size) => format(size)).join(', ')}]`;
  for (const [i, size] of wanted.entries()) {
    if (free.includes(i)) continue;
    call.require(compare('>=', size, ONE), () => ({
      code: 'argument-value',
      message: `takes sizes of at least 1, and -1 once for what is left, not ${written}.`,
      argument,
    }));
  }
  if (free.length > 1) {
    call.refuse({
      code: 'argument-value',
      message: `can work out one size only, but ${written} has ${free.length} times -1.`,
      argument,
    });
  }
  // What stays as it is (the batch) says nothing about the others.
  const left = [...sizes];
  const changed = wanted.filter((size, i) => {
    const same = i === free[0] ? -1 : left.findIndex((other) => equal(other, size));
    if (same >= 0) left.splice(same, 1);
    return i !== free[0] && same < 0;
  });
  const total = product(left);
  const rest = product(changed);
  // A reader counts all values where they are numbers.
  const [all, asked] = [product(sizes), product(wanted.filter((_, i) => i !== free[0]))];
  const [held, made] =
    constantValue(all) === undefined || constantValue(asked) === undefined ? [total, rest] : [all, asked];
  if (free[0] === undefined) {
    for (const [a, b] of separateProducts(changed, left)) {
      call.require(compare('==', a, b), () => ({
        code: 'reshape-mismatch',
        message: `makes ${written} of ${from}: that is ${format(made)} values, but there are ${format(held)}.`,
        ...sizeInstead(wanted, a, b, argument),
      }));
    }
    return wanted;
  }
  call.require(compare('==', modulo(total, rest), ZERO), () => ({
    code: 'reshape-mismatch',
    message: `makes ${written} of ${from}: the ${format(held)} values can't be divided by ${format(made)}.`,
  }));
  return wanted.with(free[0], floorDivide(total, rest));
}

/** The one size that is another's product wherever it is a number of its own. */
function sizeInstead(
  wanted: readonly Dimension[],
  made: Dimension,
  held: Dimension,
  argument: string,
): Pick<Refusal, 'instead'> {
  const numbers = wanted.filter((size) => constantValue(size) !== undefined);
  const [only, second] = numbers;
  if (only === undefined || second !== undefined || !equal(only, made) || constantValue(held) === undefined) return {};
  const sizes = wanted.map((size) => format(size === only ? held : size));
  return { instead: [{ argument, value: `[${sizes.join(', ')}]`, purpose: `, which are ${format(held)} values` }] };
}

const Unflatten = layer({
  name: 'Unflatten',
  family: 'shape',
  kind: 'function',
  summary: 'Makes several dimensions of one: Unflatten(1, [16, 5, 5]) makes [N, 16, 5, 5] of [N, 400].',
  documentation: page('nn.Unflatten'),
  inputs: { names: ['input'], minimumRank: 1, type: 'any' },
  parameters: {
    dim: dim('The dimension that is taken apart.'),
    unflattened_size: shapeSizes('The new sizes; -1 once for what is left.', { list: true }),
  },
  shape(call) {
    const { shape } = call.input;
    const axis = call.axis(call.arguments.dim);
    const wanted = call.arguments.unflattened_size;
    if (wanted.length === 0) {
      call.refuse({ code: 'argument-value', message: 'needs at least one size.', argument: 'unflattened_size' });
    }
    const from = `dimension ${axis} of ${formatShape(shape)}`;
    const sizes = fill(call, wanted, [shape[axis]!], from, 'unflattened_size');
    return [[...shape.slice(0, axis), ...sizes, ...shape.slice(axis + 1)]];
  },
  sees: reshaped,
  isView: alwaysView,
  python: {
    kind: 'function',
    module: 'nn.Unflatten',
    expression: ({ object, argument }) => `${object}.unflatten(${argument('dim')!}, ${argument('unflattened_size')!})`,
  },
  example: { inputs: ['[N, 400]'], arguments: '1, [16, 5, 5]' },
  similarity: 'reshape',
});

const Reshape = layer({
  name: 'Reshape',
  family: 'shape',
  kind: 'function',
  summary: 'Gives the same values, in the same order, another shape: Reshape([N, -1, 7, 7]); -1 is worked out.',
  documentation: page('reshape'),
  inputs: ANY,
  parameters: { shape: shapeSizes('The new sizes; -1 once for what is left.') },
  shape(call) {
    const { shape } = call.input;
    return [fill(call, call.arguments.shape, shape, formatShape(shape), 'shape')];
  },
  sees: reshaped,
  isView: alwaysView,
  python: { kind: 'function', expression: ({ object, items }) => `${object}.reshape(${listed(items('shape'))})` },
  example: { inputs: ['[N, 400]'], arguments: '[N, 16, 5, 5]' },
  similarity: 'reshape',
});

const Permute = layer({
  name: 'Permute',
  family: 'shape',
  kind: 'function',
  summary: 'Puts the dimensions in another order: Permute(0, 2, 3, 1) puts channels last.',
  documentation: page('permute'),
  inputs: ANY,
  parameters: { dims: dims('The old numbers in the new order, each once.') },
  shape(call) {
    const { shape } = call.input;
    const wanted = call.arguments.dims;
    if (wanted.length !== shape.length) {
      call.refuse({
        code: 'argument-value',
        message: `needs each dimension of ${formatShape(shape)} once, ${shape.length} in all, but got ${wanted.length}.`,
        argument: 'dims',
      });
    }
    const axes = wanted.map((each) => call.axis(each, shape.length, 'dims'));
    if (new Set(axes).size !== axes.length) {
      call.refuse({
        code: 'argument-value',
        message: `needs each dimension once, but got ${wanted.join(', ')}.`,
        argument: 'dims',
      });
    }
    return [axes.map((axis) => shape[axis]!)];
  },
  sees: ({ input: { shape }, arguments: { dims: wanted } }) => {
    const order = wanted.map((each) => axisOf(each, shape));
    return [shape.map((_, i) => own(order.indexOf(i)))];
  },
  isView: alwaysView,
  python: { kind: 'function', expression: ({ object, items }) => `${object}.permute(${listed(items('dims'))})` },
  example: { arguments: '0, 2, 3, 1' },
  similarity: 'permute',
});

const Transpose = layer({
  name: 'Transpose',
  family: 'shape',
  kind: 'function',
  summary: 'Swaps two dimensions: Transpose(1, 2) makes [N, places, channels] of [N, channels, places].',
  documentation: page('transpose'),
  inputs: ANY,
  parameters: { dim0: dim('One of them.'), dim1: dim('The other one.') },
  shape(call) {
    const { shape } = call.input;
    const one = call.axis(call.arguments.dim0, shape.length, 'dim0');
    const other = call.axis(call.arguments.dim1, shape.length, 'dim1');
    return [shape.map((size, i) => (i === one ? shape[other]! : i === other ? shape[one]! : size))];
  },
  sees: ({ input: { shape }, arguments: { dim0, dim1 } }) => {
    const [one, other] = [axisOf(dim0, shape), axisOf(dim1, shape)];
    return [shape.map((_, i) => own(i === one ? other : i === other ? one : i))];
  },
  isView: alwaysView,
  python: {
    kind: 'function',
    expression: ({ object, argument }) => `${object}.transpose(${argument('dim0')!}, ${argument('dim1')!})`,
  },
  example: { inputs: ['[N, 64, 196]'], arguments: '1, 2' },
  similarity: 'permute',
});

const Squeeze = layer({
  name: 'Squeeze',
  family: 'shape',
  kind: 'function',
  summary: 'Takes out a dimension of size 1 (or all of them): [N, 8, 1, 1] becomes [N, 8].',
  documentation: page('squeeze'),
  inputs: ANY,
  parameters: { dim: optionalDims('The dimensions that go if their size is 1; all of size 1 where None.') },
  shape(call) {
    const { shape } = call.input;
    const wanted = call.arguments.dim?.map((each) => call.axis(each)) ?? shape.map((_, i) => i);
    if (new Set(wanted).size !== wanted.length) {
      call.refuse({
        code: 'argument-value',
        message: `takes each dimension once, but got ${call.arguments.dim?.join(', ') ?? ''}.`,
        argument: 'dim',
      });
    }
    if (wanted.some((axis) => isUnknown(shape[axis] ?? ONE))) return UNTOLD;
    for (const axis of wanted) {
      const size = shape[axis] ?? ONE;
      if (equal(size, ONE)) continue;
      call.require(compare('!=', size, ONE), () => ({
        code: 'argument-value',
        message: `takes out dimension ${axis}.`,
      }));
    }
    return [shape.filter((size, i) => !wanted.includes(i) || !equal(size, ONE))];
  },
  sees: reshaped,
  isView: alwaysView,
  python: {
    kind: 'function',
    expression({ object, argument }) {
      const dim = argument('dim') ?? 'None';
      if (dim === 'None') return `${object}.squeeze()`;
      // Torch takes no None, which a name may stand for.
      return /^[-\d([]/u.test(dim)
        ? `${object}.squeeze(${dim})`
        : `${object}.squeeze() if ${dim} is None else ${object}.squeeze(${dim})`;
    },
  },
  example: { inputs: ['[N, 512, 1, 1]'], arguments: '[2, 3]' },
  similarity: 'reshape',
});

const Unsqueeze = layer({
  name: 'Unsqueeze',
  family: 'shape',
  kind: 'function',
  summary: 'Puts in a dimension of size 1: Unsqueeze(1) makes [N, 1, 8] of [N, 8].',
  documentation: page('unsqueeze'),
  inputs: ANY,
  parameters: { dim: dim('The number that the new dimension gets.') },
  shape(call) {
    const { shape } = call.input;
    return [shape.toSpliced(call.axis(call.arguments.dim, shape.length + 1), 0, ONE)];
  },
  sees: reshaped,
  isView: alwaysView,
  python: { kind: 'function', expression: ({ object, argument }) => `${object}.unsqueeze(${argument('dim')!})` },
  example: { inputs: ['[N, 64]'], arguments: '1' },
  similarity: 'reshape',
});

const Expand = layer({
  name: 'Expand',
  family: 'shape',
  kind: 'function',
  summary:
    'Repeats dimensions of size 1 without copying: Expand([N, -1, -1]) makes [N, 1, 768] of [1, 1, 768]; -1 keeps a size.',
  documentation: page('Tensor.expand'),
  inputs: ANY,
  parameters: { sizes: shapeSizes('The new sizes; -1 keeps one; new dimensions come first.') },
  shape(call) {
    const { shape } = call.input;
    const { sizes } = call.arguments;
    const added = sizes.length - shape.length;
    const refusal = (size: Dimension, wanted: Dimension) => () => ({
      code: 'shape-mismatch',
      message: `makes ${format(wanted)} of a dimension of ${format(size)} in ${formatShape(shape)}: only dimensions of size 1 can be expanded. To repeat others, use Repeat.`,
      argument: 'sizes',
    });
    if (added < 0) {
      call.refuse({
        code: 'argument-value',
        message: `needs a size for each dimension of ${formatShape(shape)}, ${shape.length} or more, but got ${sizes.length}.`,
        argument: 'sizes',
      });
    }
    return [
      sizes.map((wanted, i) => {
        const size = shape[i - added];
        const keeps = constantValue(wanted) === -1n;
        if (size === undefined || !keeps) {
          call.require(compare('>=', wanted, ONE), () => ({
            code: constantValue(wanted) === 0n ? 'size-vanishes' : 'argument-value',
            message: `takes sizes of at least 1, and -1 for a dimension that is there already, not ${format(wanted)}.`,
            argument: 'sizes',
          }));
        }
        if (size === undefined) return wanted;
        if (keeps) return size;
        if (!equal(size, ONE)) call.agree(size, wanted, refusal(size, wanted));
        return wanted;
      }),
    ];
  },
  sees: ({ input: { shape } }, output) => [broadcastSight(shape, output)],
  isView: alwaysView,
  python: { kind: 'function', expression: ({ object, items }) => `${object}.expand(${listed(items('sizes'))})` },
  example: { inputs: ['[N, 1, 64]'], arguments: '[-1, 16, -1]' },
  similarity: 'repeat',
});

const Repeat = layer({
  name: 'Repeat',
  family: 'shape',
  kind: 'function',
  summary: 'Puts copies one after the other: Repeat(1, 2) doubles the second dimension.',
  documentation: page('Tensor.repeat'),
  inputs: ANY,
  parameters: { repeats: shapeSizes('How many times, for each dimension; new dimensions come first.') },
  shape(call) {
    const { shape } = call.input;
    const { repeats } = call.arguments;
    const added = repeats.length - shape.length;
    if (added < 0) {
      call.refuse({
        code: 'argument-value',
        message: `needs a number for each dimension of ${formatShape(shape)}, ${shape.length} or more, but got ${repeats.length}.`,
        argument: 'repeats',
      });
    }
    return [
      repeats.map((times, i) => {
        call.require(compare('>=', times, ONE), () => ({
          code: 'size-vanishes',
          message: `repeats at least once, not ${format(times)} times.`,
          argument: 'repeats',
        }));
        return multiply(shape[i - added] ?? ONE, times);
      }),
    ];
  },
  sees: ({ input: { shape } }, output) => [
    shape.map((size, i) => {
      const along = i + output.length - shape.length;
      return equal(size, output[along]!) ? own(along) : equal(size, ONE) ? fixed(0) : moved(along);
    }),
  ],
  python: { kind: 'function', expression: ({ object, items }) => `${object}.repeat(${listed(items('repeats'))})` },
  example: { inputs: ['[N, 8, 16]'], arguments: '1, 2, 1' },
  similarity: 'repeat',
});

const Roll = layer({
  name: 'Roll',
  family: 'shape',
  kind: 'function',
  summary:
    "Shifts values along dimensions; what falls out at the end comes in at the beginning (Swin's shifted windows).",
  documentation: page('roll'),
  inputs: ANY,
  parameters: {
    shifts: intOrInts('How far, one number for each dimension.', { runtime: true }),
    dims: optionalDims('The dimensions; where None, the tensor is rolled as if it were flat.'),
  },
  shape(call) {
    const { shifts, dims: wanted } = call.arguments;
    const count = Array.isArray(shifts) ? shifts.length : 1;
    if (count !== (wanted?.length ?? 1)) {
      call.refuse({
        code: 'argument-value',
        message: `needs as many shifts as dims, but got ${count} and ${wanted?.length ?? 'none'}.`,
        argument: 'shifts',
      });
    }
    const rank = call.input.shape.length;
    if (rank === 0 && wanted !== undefined) {
      call.refuse({
        code: 'dimension-range',
        message: 'has no dimension to roll: this is one value.',
        argument: 'dims',
      });
    }
    for (const each of wanted ?? []) call.axis(each, rank, 'dims');
    return [call.input.shape];
  },
  sees: ({ input: { shape }, arguments: { dims: wanted } }) => {
    const rolled = wanted?.map((each) => axisOf(each, shape));
    return [shape.map((_, i) => (rolled === undefined ? 'unknown' : rolled.includes(i) ? moved(i) : own(i)))];
  },
  python: {
    kind: 'function',
    expression: ({ object, argument, keywords }) => `${object}.roll(${argument('shifts')!}${keywords('dims')})`,
  },
  example: { inputs: ['[N, 56, 48, 96]'], arguments: '[-3, -3], dims=[1, 2]' },
  similarity: 'permute',
});

const Detach = layer({
  name: 'Detach',
  family: 'shape',
  kind: 'function',
  summary: 'The same values without a gradient: nothing before it learns from what comes after.',
  documentation: page('Tensor.detach'),
  inputs: ANY,
  parameters: {},
  shape: ({ input }) => [input.shape],
  sees: pointwise,
  isView: alwaysView,
  python: { kind: 'function', expression: ({ object }) => `${object}.detach()` },
  similarity: 'identity',
});

export const shapes: readonly Layer[] = [
  Identity,
  Flatten,
  Unflatten,
  Reshape,
  Permute,
  Transpose,
  Squeeze,
  Unsqueeze,
  Expand,
  Repeat,
  Roll,
  Detach,
];
