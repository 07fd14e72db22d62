/** Functions of each value, of pairs of values, and the matrix product. */
import { type Dimension, format, multiply, product } from '../dimension.ts';
import { type DataType, type Shape, formatShape } from '../tensor.ts';
import { type InputType, type Layer, NUMBERS, type ShapedTensor, layer } from './layer.ts';
import { type ExactNumber, dim, int, number, optionalNumber } from './parameters.ts';
import { broadcast, promote } from './rules.ts';
import { NOTHING, type Seen, axisOf, broadcastSight, mixed, own, pointwise } from './sight.ts';

const page = (name: string): string => `https://docs.pytorch.org/docs/stable/generated/torch.${name}.html`;

function unary(name: string, method: string, summary: string, type: InputType = 'any'): Layer {
  return layer({
    name,
    family: 'arithmetic',
    kind: 'function',
    summary,
    documentation: page(method),
    inputs: { names: ['input'], type },
    parameters: {},
    shape: ({ input }) => [type === 'any' ? { shape: input.shape, type: 'float' } : input.shape],
    sees: pointwise,
    python: { kind: 'function', expression: ({ object }) => `${object}.${method}()` },
    similarity: 'arithmetic',
  });
}

/** Whole numbers stay so while they only meet whole numbers. */
function typeWith({ type }: ShapedTensor, numbers: readonly (ExactNumber | undefined)[]): DataType {
  const whole = numbers.every((each) => each?.whole !== false);
  return !whole ? 'float' : type === 'bool' ? 'int64' : type;
}

const Clamp = layer({
  name: 'Clamp',
  family: 'arithmetic',
  kind: 'function',
  summary: 'Cuts values off below min and above max.',
  documentation: page('clamp'),
  inputs: { names: ['input'], type: 'any' },
  parameters: {
    min: optionalNumber('The least that comes out.'),
    max: optionalNumber('The most that comes out.'),
  },
  shape(call) {
    if (!call.isGiven('min') && !call.isGiven('max')) {
      call.refuse({ code: 'missing-argument', message: 'needs min, max or both.' });
    }
    const { min, max } = call.arguments;
    return [{ shape: call.input.shape, type: typeWith(call.input, [min, max]) }];
  },
  sees: pointwise,
  python: {
    kind: 'function',
    expression: ({ object, argument }) => {
      const [min, max] = [argument('min'), argument('max')];
      if (min === undefined || min === 'None') return `${object}.clamp(max=${max!})`;
      return max === undefined ? `${object}.clamp(${min})` : `${object}.clamp(${min}, ${max})`;
    },
  },
  example: { arguments: '0, 1' },
  similarity: 'activation',
});

const Pow = layer({
  name: 'Pow',
  family: 'arithmetic',
  kind: 'function',
  summary: 'Raises each value to a power.',
  documentation: page('pow'),
  inputs: { names: ['input'], type: 'any' },
  parameters: { exponent: number('The power.') },
  shape: ({ input, arguments: { exponent } }) => [{ shape: input.shape, type: typeWith(input, [exponent]) }],
  sees: pointwise,
  python: { kind: 'function', expression: ({ object, argument }) => `${object}.pow(${argument('exponent')!})` },
  similarity: 'arithmetic',
});

function binary(name: string, summary: string): Layer {
  const method = name.toLowerCase();
  return layer({
    name,
    family: 'arithmetic',
    kind: 'function',
    summary,
    documentation: page(method),
    inputs: { names: ['input', 'other'], type: 'any' },
    parameters: {},
    shape(call) {
      const shapes = call.inputs.map(({ shape }) => shape);
      const shape = broadcast(call, shapes, (a, b) => ({
        code: 'shape-mismatch',
        message: `compares value by value, but ${shapes.map(formatShape).join(' and ')} differ in a size, ${format(a)} and ${format(b)}, of which none is 1.`,
      }));
      return [{ shape, type: promote(call.inputs) }];
    },
    sees: pointwise,
    python: {
      kind: 'function',
      expression: ({ inputs: [one, other] }) => `torch.${method}(${one!}, ${other!})`,
    },
    similarity: 'arithmetic',
  });
}

const Sign = layer({
  name: 'Sign',
  family: 'arithmetic',
  kind: 'function',
  summary: '-1 for negative values, 1 for positive ones, 0 for 0.',
  documentation: page('sign'),
  inputs: { names: ['input'], type: 'any' },
  parameters: {},
  shape: ({ input }) => [input.shape],
  sees: pointwise,
  python: { kind: 'function', expression: ({ object }) => `${object}.sign()` },
  similarity: 'arithmetic',
});

const Where = layer({
  name: 'Where',
  family: 'arithmetic',
  kind: 'function',
  summary: 'Chooses place by place: (condition, a, b) -> Where is a where the condition holds, else b.',
  documentation: page('where'),
  inputs: { names: ['condition', 'input', 'other'], types: ['bool', 'any', 'any'] },
  parameters: {},
  shape(call) {
    const shapes = call.inputs.map(({ shape }) => shape);
    const shape = broadcast(call, shapes, (a, b) => ({
      code: 'shape-mismatch',
      message: `chooses place by place, but ${shapes.map(formatShape).join(', ')} differ in a size, ${format(a)} and ${format(b)}, of which none is 1.`,
    }));
    return [{ shape, type: promote(call.inputs.slice(1)) }];
  },
  sees: pointwise,
  python: { kind: 'function', expression: ({ inputs }) => `torch.where(${inputs.join(', ')})` },
  example: { inputs: ['[N, 10]', '[N, 10]'], from: '(a > b, a, b)' },
  similarity: 'arithmetic',
});

const CumSum = layer({
  name: 'CumSum',
  family: 'arithmetic',
  kind: 'function',
  summary: 'Running sums along a dimension: each place holds the sum of all up to it.',
  documentation: page('cumsum'),
  inputs: { names: ['input'], type: 'any' },
  parameters: { dim: dim('The dimension along which is summed.') },
  shape(call) {
    call.axis(call.arguments.dim);
    return [{ shape: call.input.shape, type: call.input.type === 'float' ? 'float' : 'int64' }];
  },
  sees: ({ input: { shape }, arguments: { dim: wanted } }, output) => [
    mixed(shape.length, [axisOf(wanted, shape)], output),
  ],
  python: { kind: 'function', expression: ({ object, argument }) => `${object}.cumsum(${argument('dim')!})` },
  example: { inputs: ['[N, 100]'], arguments: '1' },
  similarity: 'arithmetic',
});

const Tril = layer({
  name: 'Tril',
  family: 'arithmetic',
  kind: 'function',
  summary: 'Keeps the lower triangle of the last two dimensions and sets the rest to 0: a causal mask.',
  documentation: page('tril'),
  inputs: { names: ['input'], minimumRank: 2, type: 'any' },
  parameters: { diagonal: int('The last diagonal that is kept: 0 is the main one, 1 the one above.', { default: 0 }) },
  shape: ({ input }) => [input.shape],
  sees: pointwise,
  python: { kind: 'function', expression: ({ object, argument }) => `${object}.tril(${argument('diagonal') ?? ''})` },
  example: { inputs: ['[50, 50]'] },
  similarity: 'arithmetic',
});

/** A tensor of the shape of another, whose values don't matter. */
function like(name: string, summary: string, similarity: 'random' | 'arithmetic', type?: InputType): Layer {
  const python = `${name.slice(0, -4).toLowerCase()}_like`;
  return layer({
    name,
    family: 'arithmetic',
    kind: 'function',
    summary,
    documentation: page(python),
    inputs: { names: ['input'], ...(type === undefined ? {} : { type }) },
    parameters: {},
    shape: ({ input }) => [input.shape],
    sees: ({ input }) => [input.shape.map(() => NOTHING)],
    python: { kind: 'function', expression: ({ inputs: [input] }) => `torch.${python}(${input!})` },
    similarity,
  });
}

const MatMul = layer({
  name: 'MatMul',
  family: 'arithmetic',
  kind: 'function',
  summary: 'The matrix product of the last two dimensions; those before them are a batch.',
  documentation: page('matmul'),
  inputs: { names: ['input', 'other'], minimumRank: 1, type: NUMBERS },
  parameters: {},
  shape(call) {
    const [a, b] = call.inputs.map(({ shape }) => shape);
    const inner = a!.at(-1)!;
    const other = b!.length === 1 ? b![0]! : b!.at(-2)!;
    if (call.inputs[0]!.type !== call.inputs[1]!.type) {
      call.refuse({ code: 'input-type', message: 'multiplies tensors of one type, not floats with whole numbers.' });
    }
    const shapes = `${formatShape(a)} and ${formatShape(b)}`;
    call.agree(inner, other, () => ({
      code: 'shape-mismatch',
      message: `multiplies ${shapes}: rows of ${format(inner)} with columns of ${format(other)}, which must be as long. Perhaps one has to be transposed.`,
    }));
    const batch = broadcast(call, [a!.slice(0, -2), b!.slice(0, -2)], (one, two) => ({
      code: 'shape-mismatch',
      message: `multiplies ${shapes}, whose batches differ: ${format(one)} and ${format(two)}.`,
    }));
    return [[...batch, ...(a!.length === 1 ? [] : [a!.at(-2)!]), ...(b!.length === 1 ? [] : [b!.at(-1)!])]];
  },
  sees({ inputs: [a, b] }, output) {
    const last = output.length - 1;
    const row = b!.shape.length === 1 ? last : last - 1;
    const batch = (shape: Shape): readonly Seen[] =>
      broadcastSight(shape.slice(0, -2), output.slice(0, a!.shape.length === 1 || b!.shape.length === 1 ? -1 : -2));
    return [
      a!.shape.length === 1 ? ['all'] : [...batch(a!.shape), own(row), 'all'],
      b!.shape.length === 1 ? ['all'] : [...batch(b!.shape), 'all', own(last)],
    ];
  },
  macs: ({ input }, [output]): Dimension => multiply(product(output!), input.shape.at(-1)!),
  python: { kind: 'function', expression: ({ inputs: [a, b] }) => `torch.matmul(${a!}, ${b!})` },
  example: { inputs: ['[N, 8, 50, 64]', '[N, 8, 64, 50]'] },
  similarity: 'matmul',
});

export const arithmetics: readonly Layer[] = [
  Clamp,
  unary('Exp', 'exp', 'e to the power of each value.'),
  unary('Log', 'log', 'The natural logarithm of each value.'),
  unary('Sqrt', 'sqrt', 'The square root of each value.'),
  unary('Sin', 'sin', 'The sine of each value.'),
  unary('Cos', 'cos', 'The cosine of each value.'),
  unary('Abs', 'abs', 'Each value without its sign.', NUMBERS),
  Sign,
  Pow,
  Where,
  CumSum,
  Tril,
  like(
    'RandnLike',
    'Random numbers of mean 0 and variance 1, in the shape of what comes in: the noise of a VAE.',
    'random',
  ),
  like('ZerosLike', 'Zeros, in the shape and type of what comes in.', 'arithmetic', 'any'),
  like(
    'OnesLike',
    'Ones, in the shape and type of what comes in; their running sum counts places.',
    'arithmetic',
    'any',
  ),
  binary('Maximum', 'The larger of two values, place by place.'),
  binary('Minimum', 'The smaller of two values, place by place.'),
  MatMul,
];
