/** Functions of each value, of pairs of values, and the matrix product. */
import { type Dimension, format, multiply, product } from '../dimension.ts';
import { type DataType, formatShape } from '../tensor.ts';
import { type InputType, type Layer, NUMBERS, type ShapedTensor, layer } from './layer.ts';
import { type ExactNumber, number, optionalNumber } from './parameters.ts';
import { broadcast, promote } from './rules.ts';

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
  python: {
    kind: 'function',
    expression: ({ object, argument }) => {
      const [min, max] = [argument('min'), argument('max')];
      if (min === undefined || min === 'None') return `${object}.clamp(max=${max!})`;
      return max === undefined ? `${object}.clamp(${min})` : `${object}.clamp(${min}, ${max})`;
    },
  },
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
    python: {
      kind: 'function',
      expression: ({ inputs: [one, other] }) => `torch.${method}(${one!}, ${other!})`,
    },
    similarity: 'arithmetic',
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
  macs: ({ input }, [output]): Dimension => multiply(product(output!), input.shape.at(-1)!),
  python: { kind: 'function', expression: ({ inputs: [a, b] }) => `torch.matmul(${a!}, ${b!})` },
  similarity: 'matmul',
});

export const arithmetics: readonly Layer[] = [
  Clamp,
  unary('Exp', 'exp', 'e to the power of each value.'),
  unary('Log', 'log', 'The natural logarithm of each value.'),
  unary('Sqrt', 'sqrt', 'The square root of each value.'),
  unary('Abs', 'abs', 'Each value without its sign.', NUMBERS),
  Pow,
  binary('Maximum', 'The larger of two values, place by place.'),
  binary('Minimum', 'The smaller of two values, place by place.'),
  MatMul,
];
