/** Einstein's summation: products of tensors, told by letters for their dimensions. */
import { type Dimension, ONE, ZERO, constantValue, equal, format, product, sum } from '../dimension.ts';
import { type Shape, formatShape } from '../tensor.ts';
import { type Layer, type LayerCall, NUMBERS, type Refusal, layer } from './layer.ts';
import { text } from './parameters.ts';
import { broadcast } from './rules.ts';
import { type Seen, fixed, own } from './sight.ts';

/** An equation with every dimension's letter; those that an ellipsis stands for are `...0`, `...1`, from the last one. */
interface Equation {
  readonly terms: readonly (readonly string[])[];
  readonly output: readonly string[];
}

const ELLIPSIS = '...';

const Einsum = layer({
  name: 'Einsum',
  family: 'arithmetic',
  kind: 'function',
  summary:
    'Multiplies tensors and sums over dimensions, told by a letter for each: (q, k) -> Einsum("bhid,bhjd->bhij") sums over d.',
  documentation: 'https://docs.pytorch.org/docs/stable/generated/torch.einsum.html',
  inputs: { names: ['operands'], variadic: true, type: NUMBERS },
  parameters: {
    equation: text(
      'The letters of each input, with commas between, and after -> those of the output; without it, those that stand once.',
    ),
  },
  shape(call) {
    const shapes = call.inputs.map(({ shape }) => shape);
    const { terms, output } = readEquation(call, shapes);
    if (call.inputs.some(({ type }) => type !== call.input.type)) {
      call.refuse({ code: 'input-type', message: 'multiplies tensors of one type, not floats with whole numbers.' });
    }
    const letters = new Set(terms.flat());
    const sizes = new Map([...letters].map((letter) => [letter, sizeOf(call, letter, terms, shapes)]));
    return [output.map((letter) => sizes.get(letter)!)];
  },
  macs(call) {
    const shapes = call.inputs.map(({ shape }) => shape);
    const { terms, output } = readEquation(call, shapes);
    return einsumMacs(terms, output, shapes);
  },
  sees(call, output) {
    const shapes = call.inputs.map(({ shape }) => shape);
    const { terms, output: letters } = readEquation({ ...call, refuse: neverRefused }, shapes);
    return terms.map((term, i) =>
      term.map((letter, axis): Seen => {
        const along = letters.indexOf(letter);
        if (along < 0) return 'all';
        const isBroadcast = equal(shapes[i]![axis]!, ONE) && !equal(output[along]!, ONE);
        return isBroadcast ? fixed(0) : own(along);
      }),
    );
  },
  // Of one tensor whose letters all stay, it is a permutation or a diagonal.
  isView({ equation }) {
    const [left = '', right] = equation.split('->');
    const letters: readonly string[] = left.match(/\.\.\.|[A-Za-z]/g) ?? [];
    const stays = (letter: string): boolean =>
      right === undefined ? letters.indexOf(letter) === letters.lastIndexOf(letter) : right.includes(letter);
    return !left.includes(',') && letters.every(stays);
  },
  python: {
    kind: 'function',
    expression: ({ inputs, argument }) => `torch.einsum(${argument('equation')!}, ${inputs.join(', ')})`,
  },
  example: { inputs: ['[N, 50, 8, 64]', '[N, 50, 8, 64]'], arguments: '"bihd,bjhd->bhij"' },
  similarity: 'matmul',
});

/** The letters of a term, an ellipsis as one of them. */
function lettersOf(call: EinsumCall, term: string): readonly string[] {
  const letters = term.match(/\.\.\.|[^ ]/gu) ?? [];
  for (const letter of letters) {
    if (!/^(?:[A-Za-z]|\.\.\.)$/.test(letter)) {
      refuse(call, `has a letter a to z or A to Z for each dimension, or ... for several, not "${letter}".`);
    }
  }
  if (letters.filter((letter) => letter === ELLIPSIS).length > 1) refuse(call, `has ... twice in "${term.trim()}".`);
  return letters;
}

type EinsumCall = Pick<LayerCall<{ equation: ReturnType<typeof text> }>, 'arguments' | 'refuse'>;

/** For what is asked only of an equation that fits its inputs. */
function neverRefused({ message }: Refusal): never {
  throw new Error(`Einsum ${message}`);
}

function refuse(call: EinsumCall, message: string): never {
  return call.refuse({ code: 'argument-value', message, argument: 'equation' });
}

function readEquation(call: EinsumCall, shapes: readonly Shape[]): Equation {
  const { equation } = call.arguments;
  const [left = '', right, ...more] = equation.split('->');
  if (more.length > 0) refuse(call, 'has one -> at most, before the letters of the output.');
  const written = left.split(',').map((term) => lettersOf(call, term));
  if (written.length !== shapes.length) {
    refuse(
      call,
      `names the dimensions of ${written.length} ${written.length === 1 ? 'tensor' : 'tensors'} ("${left.trim()}"), but gets ${shapes.length}.`,
    );
  }
  const terms = written.map((letters, i) => {
    const { length } = shapes[i]!;
    const free = length - letters.length + 1;
    const hasEllipsis = letters.includes(ELLIPSIS);
    if (hasEllipsis ? free < 0 : length !== letters.length) {
      refuse(
        call,
        `has ${letters.length - (hasEllipsis ? 1 : 0)} letters ("${letters.join('')}") for ${formatShape(shapes[i])}, which has ${length} dimensions.`,
      );
    }
    return letters.flatMap((letter) => (letter === ELLIPSIS ? spread(free) : [letter]));
  });
  const all = terms.flat();
  // As many as the longest ellipsis stands for.
  const ellipsis = spread(all.filter((letter, i) => letter.startsWith(ELLIPSIS) && all.indexOf(letter) === i).length);
  if (right === undefined) {
    const once = [...new Set(all)].filter(
      (letter) => !letter.startsWith(ELLIPSIS) && all.filter((other) => other === letter).length === 1,
    );
    return { terms, output: [...ellipsis, ...once.sort()] };
  }
  const output = lettersOf(call, right);
  for (const [i, letter] of output.entries()) {
    if (output.indexOf(letter) !== i) refuse(call, `has ${letter} twice in its output.`);
    if (letter !== ELLIPSIS && !all.includes(letter)) refuse(call, `has ${letter} in its output, but in no input.`);
  }
  return { terms, output: output.flatMap((letter) => (letter === ELLIPSIS ? ellipsis : [letter])) };
}

/** The names of so many dimensions: they are matched from the last one. */
function spread(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${ELLIPSIS}${count - 1 - i}`);
}

/** The size of a letter's dimension; refuses where it isn't one. */
function sizeOf(call: LayerCall, letter: string, terms: Equation['terms'], shapes: readonly Shape[]): Dimension {
  const refusal = (a: Dimension, b: Dimension) => () => ({
    code: 'shape-mismatch',
    message: `has sizes ${format(a)} and ${format(b)} for ${letter.startsWith(ELLIPSIS) ? ELLIPSIS : letter} in ${shapes.map(formatShape).join(' and ')}: one letter is one size.`,
  });
  const sizes = terms.flatMap((term, i) => {
    const [first, ...others] = term.flatMap((each, axis) => (each === letter ? [shapes[i]![axis]!] : []));
    // Twice in one term is its diagonal.
    for (const other of others) call.agree(first!, other, refusal(first!, other));
    return first === undefined ? [] : [[first]];
  });
  return broadcast(call, sizes, (a, b) => refusal(a, b)())[0]!;
}

/**
 * Multiply-adds of the matrix products, from left to right, as torch's einsum takes them where opt_einsum isn't
 * installed: a pair whose common letters are summed is one product of matrices with a batch, another is multiplied value
 * by value. A size that is free isn't taken for 1.
 */
function einsumMacs(terms: Equation['terms'], output: readonly string[], shapes: readonly Shape[]): Dimension {
  const [first, ...others] = terms.map((term, i) => {
    const sizes = new Map<string, Dimension>();
    for (const [axis, letter] of term.entries()) {
      const size = shapes[i]![axis]!;
      if (constantValue(size) !== 1n) sizes.set(letter, size);
    }
    return sizes;
  });
  const products: Dimension[] = [];
  let left: ReadonlyMap<string, Dimension> = first!;
  others.forEach((right, i) => {
    const isNeeded = (letter: string): boolean =>
      output.includes(letter) || others.slice(i + 1).some((other) => other.has(letter));
    const isSummed = (letter: string): boolean => !isNeeded(letter) && left.has(letter) && right.has(letter);
    // What nothing else has is summed up before.
    const both = new Map([...left, ...right].filter(([letter]) => isNeeded(letter) || isSummed(letter)));
    if ([...both.keys()].some(isSummed)) products.push(product([...both.values()]));
    left = new Map([...both].filter(([letter]) => isNeeded(letter)));
  });
  return products.length === 0 ? ZERO : sum(products);
}

export const einsums: readonly Layer[] = [Einsum];
