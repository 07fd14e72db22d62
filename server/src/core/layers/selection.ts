/** Functions that take tensors apart. */
import {
  type Dimension,
  ONE,
  ZERO,
  add,
  and,
  compare,
  constant,
  constantValue,
  floorDivide,
  format,
  maximum,
  minimum,
  multiply,
  select,
  subtract,
  sum,
} from '../dimension.ts';
import { type Shape, formatShape, isUnknown } from '../tensor.ts';
import { type Layer, type PythonCall, UNTOLD, layer } from './layer.ts';
import { dim, int, intOrInts, optionalInt } from './parameters.ts';
import { type Seen, type Sight, alwaysView, axisOf, fixed, moved, numbers, own, window } from './sight.ts';

const page = (name: string): string => `https://docs.pytorch.org/docs/stable/generated/torch.${name}.html`;

function replaced(shape: readonly Dimension[], axis: number, size: Dimension): readonly Dimension[] {
  return shape.map((other, i) => (i === axis ? size : other));
}

/** A part that begins at a place. */
function partFrom(shape: Shape, axis: number, start: Dimension): readonly Sight[] {
  const [first] = numbers([start]) ?? [];
  return [shape.map((_, i) => (i !== axis ? own(i) : first === undefined ? moved(i) : window(i, ONE, ONE, -first)))];
}

/** One place of a dimension, which is gone then. */
function placeOf(shape: Shape, axis: number, place: Seen): readonly Sight[] {
  return [shape.map((_, i) => (i === axis ? place : own(i < axis ? i : i - 1)))];
}

function ceilDivide(size: Dimension, divisor: Dimension): Dimension {
  return floorDivide(add(size, subtract(divisor, ONE)), divisor);
}

const Chunk = layer({
  name: 'Chunk',
  family: 'selection',
  kind: 'function',
  summary: 'Cuts a dimension into so many equal parts (the last may be smaller): a, b = x -> Chunk(2, dim=1).',
  documentation: page('chunk'),
  inputs: { names: ['input'], minimumRank: 1, type: 'any' },
  outputs: 'tuple',
  parameters: {
    chunks: int('How many parts.', { min: 1 }),
    dim: dim('The dimension that is cut.', { default: 0 }),
  },
  shape(call) {
    const axis = call.axis(call.arguments.dim);
    const size = call.input.shape[axis]!;
    const count = Number(constantValue(call.arguments.chunks) ?? 0n);
    if (count === 0 || count > MOST_PARTS) return UNTOLD;
    // Of two, what isn't the smaller half: so they are told apart and added up in short.
    const each = count === 2 ? subtract(size, floorDivide(size, constant(2))) : ceilDivide(size, constant(count));
    const known = constantValue(size);
    // Torch makes fewer parts where there isn't enough for all.
    const made = known === undefined ? constant(count) : ceilDivide(size, each);
    if (known === undefined) {
      call.require(compare('==', ceilDivide(size, each), made), () => ({
        code: 'argument-value',
        message: `can't make ${count} parts of ${format(size)}.`,
        argument: 'chunks',
      }));
    }
    const parts = Number(constantValue(made) ?? 0n);
    return Array.from({ length: parts }, (_, i) =>
      replaced(call.input.shape, axis, i < parts - 1 ? each : subtract(size, multiply(each, constant(parts - 1)))),
    );
  },
  sees({ input: { shape }, arguments: { chunks, dim: wanted } }, _output, index) {
    const axis = axisOf(wanted, shape);
    return partFrom(shape, axis, multiply(ceilDivide(shape[axis]!, chunks), constant(index)));
  },
  isView: alwaysView,
  python: {
    kind: 'function',
    expression: ({ object, argument, keywords }) => `${object}.chunk(${argument('chunks')!}${keywords('dim')})`,
  },
  example: { arguments: '2, dim=1' },
  similarity: 'split',
});

/** More outputs than anybody takes apart by hand. */
const MOST_PARTS = 4096;

const Split = layer({
  name: 'Split',
  family: 'selection',
  kind: 'function',
  summary: 'Cuts a dimension into parts of a size, or of the sizes in a list: a, b = x -> Split([64, 32], dim=1).',
  documentation: page('split'),
  inputs: { names: ['tensor'], minimumRank: 1, type: 'any' },
  outputs: 'tuple',
  parameters: {
    split_size_or_sections: intOrInts('The size of each part, or a list of sizes.', { min: 0 }),
    dim: dim('The dimension that is cut.', { default: 0 }),
  },
  shape(call) {
    const { split_size_or_sections: wanted } = call.arguments;
    const axis = call.axis(call.arguments.dim);
    const size = call.input.shape[axis]!;
    if (Array.isArray(wanted)) {
      const sections = wanted as readonly Dimension[];
      call.agree(sum(sections), size, () => ({
        code: 'shape-mismatch',
        message: `is given parts of ${sections.map((part) => format(part)).join(' + ')} = ${format(sum(sections))}, but dimension ${axis} is ${format(size)}.`,
        argument: 'split_size_or_sections',
      }));
      return sections.map((part) => replaced(call.input.shape, axis, part));
    }
    const each = wanted as Dimension;
    call.require(compare('>=', each, ONE), () => ({
      code: 'argument-value',
      message: `cuts into parts of at least 1, not ${format(each)}.`,
      argument: 'split_size_or_sections',
    }));
    const whole = constantValue(ceilDivide(size, each));
    if (whole === undefined) {
      if (isUnknown(size) || isUnknown(each)) return UNTOLD;
      return call.refuse({
        code: 'undecidable',
        message: `makes ${format(ceilDivide(size, each))} parts of ${format(size)}, and how many that is must be known when the model is built: give a list of sizes, or use Chunk.`,
        argument: 'split_size_or_sections',
      });
    }
    const parts = Number(whole);
    if (parts > MOST_PARTS) return UNTOLD;
    return Array.from({ length: parts }, (_, i) =>
      replaced(call.input.shape, axis, i < parts - 1 ? each : subtract(size, multiply(each, constant(parts - 1)))),
    );
  },
  sees({ input: { shape }, arguments: { split_size_or_sections: wanted, dim: along } }, _output, index) {
    const start = Array.isArray(wanted)
      ? sum((wanted as readonly Dimension[]).slice(0, index))
      : multiply(wanted as Dimension, constant(index));
    return partFrom(shape, axisOf(along, shape), start);
  },
  isView: alwaysView,
  python: {
    kind: 'function',
    expression: ({ object, argument, keywords }) =>
      `${object}.split(${argument('split_size_or_sections')!}${keywords('dim')})`,
  },
  example: { arguments: '[24, 8], dim=1' },
  similarity: 'split',
});

const Unbind = layer({
  name: 'Unbind',
  family: 'selection',
  kind: 'function',
  summary: 'Takes a dimension apart: one tensor for each place of it, without that dimension.',
  documentation: page('unbind'),
  inputs: { names: ['input'], minimumRank: 1, type: 'any' },
  outputs: 'tuple',
  parameters: { dim: dim('The dimension that is taken apart.', { default: 0 }) },
  shape(call) {
    const axis = call.axis(call.arguments.dim);
    const size = call.input.shape[axis]!;
    const count = constantValue(size);
    if (count === undefined) {
      if (isUnknown(size)) return UNTOLD;
      return call.refuse({
        code: 'undecidable',
        message: `makes ${format(size)} tensors of dimension ${axis}, and how many that is must be known when the model is built.`,
        argument: 'dim',
      });
    }
    if (count > MOST_PARTS) return UNTOLD;
    return Array.from({ length: Number(count) }, () => call.input.shape.toSpliced(axis, 1));
  },
  sees: ({ input: { shape }, arguments: { dim: wanted } }, _output, index) =>
    placeOf(shape, axisOf(wanted, shape), fixed(index)),
  isView: alwaysView,
  python: {
    kind: 'function',
    expression: ({ object, argument }) => `${object}.unbind(${argument('dim') ?? ''})`,
  },
  example: { inputs: ['[N, 3, 64]'], arguments: '1' },
  similarity: 'split',
});

/** `x[:, :, …]` up to the dimension, where its number is written as one. */
function subscript({ object, argument }: PythonCall, inner: string): string | undefined {
  const written = argument('dim') ?? '0';
  if (!/^-?\d$/.test(written)) return undefined;
  const axis = Number(written);
  const commas = (count: number): string => ':, '.repeat(count);
  return axis >= 0 ? `${object}[${commas(axis)}${inner}]` : `${object}[..., ${inner}${', :'.repeat(-axis - 1)}]`;
}

const Select = layer({
  name: 'Select',
  family: 'selection',
  kind: 'function',
  summary: "Takes one place of a dimension, which is gone then: Select(1, 0) is x[:, 0], a transformer's class token.",
  documentation: page('select'),
  inputs: { names: ['input'], minimumRank: 1, type: 'any' },
  parameters: {
    dim: dim('The dimension.'),
    index: int('The place in it, negative from the end.', { runtime: true }),
  },
  shape(call) {
    const axis = call.axis(call.arguments.dim);
    const { index } = call.arguments;
    const size = call.input.shape[axis]!;
    call.require(and(compare('<', index, size), compare('>=', add(index, size), ZERO)), () => ({
      code: 'index-range',
      message: `takes place ${format(index)} of dimension ${axis}, which has only ${format(size)}, numbered from 0.`,
      argument: 'index',
    }));
    return [call.input.shape.toSpliced(axis, 1)];
  },
  sees({ input: { shape }, arguments: { dim: wanted, index } }) {
    const axis = axisOf(wanted, shape);
    const [place] = numbers([index]) ?? [];
    const [size] = numbers([shape[axis]!]) ?? [];
    const known = place === undefined || place >= 0 ? place : size === undefined ? undefined : place + size;
    return placeOf(shape, axis, known === undefined ? 'unknown' : fixed(known));
  },
  isView: alwaysView,
  python: {
    kind: 'function',
    expression: (call) =>
      subscript(call, call.argument('index')!) ??
      `${call.object}.select(${call.argument('dim')!}, ${call.argument('index')!})`,
  },
  example: { inputs: ['[N, 197, 768]'], arguments: '1, 0' },
  similarity: 'select',
});

const Index = layer({
  name: 'Index',
  family: 'selection',
  kind: 'function',
  summary: 'Takes places of a dimension by a list of numbers: (x, i) -> Index(0) is x[i].',
  documentation: page('index_select'),
  inputs: { names: ['input', 'index'], minimumRank: 1, types: ['any', 'int64'] },
  parameters: { dim: dim('The dimension.') },
  shape(call) {
    const axis = call.axis(call.arguments.dim);
    const index = call.inputs[1]!.shape;
    if (index.length !== 1) {
      call.refuse({
        code: 'rank-mismatch',
        message: `takes one row of numbers [K], but got ${formatShape(index)}.`,
      });
    }
    return [call.input.shape.toSpliced(axis, 1, index[0]!)];
  },
  sees({ inputs: [input, index], arguments: { dim: wanted } }) {
    const axis = axisOf(wanted, input!.shape);
    return [input!.shape.map((_, i) => (i === axis ? moved(i) : own(i))), index!.shape.map(() => own(axis))];
  },
  python: {
    kind: 'function',
    expression: ({ object, inputs, argument }) => `${object}.index_select(${argument('dim')!}, ${inputs[1]!})`,
  },
  example: { inputs: ['[N, 196, 64]', '[49]'], arguments: '1' },
  similarity: 'index',
});

const Gather = layer({
  name: 'Gather',
  family: 'selection',
  kind: 'function',
  summary: 'Takes values of a dimension by numbers, one for each place of the result: (x, i) -> Gather(1).',
  documentation: page('gather'),
  inputs: { names: ['input', 'index'], minimumRank: 1, types: ['any', 'int64'] },
  parameters: { dim: dim('The dimension that the numbers count in.') },
  shape(call) {
    const axis = call.axis(call.arguments.dim);
    const [{ shape }, { shape: index }] = [call.inputs[0]!, call.inputs[1]!];
    if (index.length !== shape.length) {
      call.refuse({
        code: 'shape-mismatch',
        message: `needs numbers in as many dimensions as values, but got ${formatShape(shape)} and ${formatShape(index)}.`,
      });
    }
    index.forEach((size, i) => {
      if (i === axis) return;
      call.require(compare('<=', size, shape[i]!), () => ({
        code: 'shape-mismatch',
        message: `takes ${format(size)} of dimension ${i}, which has only ${format(shape[i]!)}: numbers ${formatShape(index)}, values ${formatShape(shape)}.`,
      }));
    });
    return [index];
  },
  sees: ({ inputs: [input, index], arguments: { dim: wanted } }) => [
    input!.shape.map((_, i) => (i === axisOf(wanted, input!.shape) ? moved(i) : own(i))),
    index!.shape.map((_, i) => own(i)),
  ],
  python: {
    kind: 'function',
    expression: ({ object, inputs, argument }) => `${object}.gather(${argument('dim')!}, ${inputs[1]!})`,
  },
  example: { inputs: ['[N, 196, 64]', '[N, 49, 64]'], arguments: '1' },
  similarity: 'index',
});

const OneHot = layer({
  name: 'OneHot',
  family: 'selection',
  kind: 'function',
  summary: 'Makes of each number a row of zeros with a 1 at that place: [N] becomes [N, num_classes].',
  documentation: page('nn.functional.one_hot'),
  inputs: { names: ['input'], type: 'int64' },
  parameters: { num_classes: int('How many places a row has: numbers from 0 to one less come in.', { min: 1 }) },
  shape: (call) => [[...call.input.shape, call.arguments.num_classes]],
  sees: ({ input }) => [input.shape.map((_, i) => own(i))],
  python: {
    kind: 'function',
    expression: ({ inputs: [input], argument }) => `F.one_hot(${input!}, ${argument('num_classes')!})`,
  },
  example: { inputs: ['[N]'], arguments: '10' },
  similarity: 'embedding',
});

/** `1:3`; as Python's formatters write it, with blanks around the colons where a part is more than a name or number. */
function sliceText(start: string, stop: string, step: string): string {
  const blank = [start, stop, step].every((part) => /^-?\w*$/u.test(part)) ? '' : ' ';
  const before = start === '' ? '' : `${start}${blank}`;
  const middle = stop === '' ? '' : `${blank}${stop}`;
  if (step === '') return `${before}:${middle}`;
  return `${before}:${middle}${stop === '' ? '' : blank}:${blank}${step}`;
}

const Slice = layer({
  name: 'Slice',
  family: 'selection',
  kind: 'function',
  summary: 'Takes the places from start to before stop of a dimension: Slice(1, 0, 3) is x[:, 0:3].',
  documentation: 'https://docs.pytorch.org/docs/stable/tensor_view.html',
  inputs: { names: ['input'], minimumRank: 1, type: 'any' },
  parameters: {
    dim: dim('The dimension.'),
    start: int('The first place, negative from the end.', { default: 0, runtime: true }),
    stop: optionalInt('Ends before this place, negative from the end; at the end where None.', { runtime: true }),
    step: int('Every so many.', { min: 1, default: 1, runtime: true }),
  },
  shape(call) {
    const { start, stop, step } = call.arguments;
    const axis = call.axis(call.arguments.dim);
    const size = call.input.shape[axis]!;
    const place = (index: Dimension): Dimension => {
      const fromStart = select(compare('<', index, ZERO), add(index, size), index);
      return minimum(maximum(fromStart, ZERO), size);
    };
    const length = subtract(stop === undefined ? size : place(stop), place(start));
    call.require(compare('>=', length, ONE), () => ({
      code: 'size-vanishes',
      message: `takes places ${format(start)} to ${stop === undefined ? 'the end' : format(stop)} of ${format(size)}: nothing would be left.`,
      argument: stop === undefined ? 'start' : 'stop',
    }));
    return [replaced(call.input.shape, axis, ceilDivide(length, step))];
  },
  sees({ input: { shape }, arguments: { dim: wanted, start, step } }) {
    const axis = axisOf(wanted, shape);
    const [first, size, by] = numbers([start, shape[axis]!, step]) ?? [];
    const [plain] = numbers([start]) ?? [];
    const begin =
      plain !== undefined && plain >= 0 ? plain : first === undefined ? undefined : Math.max(first + size!, 0);
    if (begin === undefined || (by === undefined && constantValue(step) === undefined)) {
      return [shape.map((_, i) => (i === axis ? moved(i) : own(i)))];
    }
    return [shape.map((_, i) => (i === axis ? window(i, ONE, step, -begin) : own(i)))];
  },
  isView: alwaysView,
  python: {
    kind: 'function',
    expression(call) {
      const start = call.argument('start') ?? '';
      const stop = call.argument('stop') ?? '';
      const step = call.argument('step');
      const inner = sliceText(
        start === '0' ? '' : start,
        stop === 'None' ? '' : stop,
        step === '1' ? '' : (step ?? ''),
      );
      const dim = call.argument('dim')!;
      return subscript(call, inner) ?? `${call.object}.movedim(${dim}, 0)[${inner}].movedim(0, ${dim})`;
    },
  },
  example: { inputs: ['[N, 197, 768]'], arguments: '1, 1' },
  similarity: 'select',
});

export const selections: readonly Layer[] = [Chunk, Split, Unbind, Select, Index, Gather, OneHot, Slice];
