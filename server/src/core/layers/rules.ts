/** What several families share: how a kernel slides, which size is the channels, what must divide what. */
import {
  type Dimension,
  ONE,
  ZERO,
  add,
  compare,
  constant,
  constantValue,
  equal,
  evaluate,
  floorDivide,
  format,
  modulo,
  multiply,
  opaque,
  select,
  subtract,
  symbolsOf,
} from '../dimension.ts';
import { type DataType, type Shape, isUnknown } from '../tensor.ts';
import type { InputType, Inputs, LayerCall, LayerSetting, Refusal, ShapedTensor } from './layer.ts';

const LAYOUTS = {
  1: '[N, channels, length]',
  2: '[N, channels, height, width]',
  3: '[N, channels, depth, height, width]',
} as const;

/** One input with a batch, channels and so many dimensions of place. */
export function channelsFirst(dimensions: 1 | 2 | 3, type: InputType = 'float'): Inputs {
  return { names: ['input'], rank: [dimensions + 2], layout: LAYOUTS[dimensions], type };
}

/** Dimension 1, where torch keeps the channels. */
export function channels([input]: readonly ShapedTensor[]): Dimension | undefined {
  return input?.shape[1];
}

/** The last dimension. */
export function features([input]: readonly ShapedTensor[]): Dimension | undefined {
  return input?.shape.at(-1);
}

/** The sizes after batch and channels. */
export function places(input: ShapedTensor): readonly Dimension[] {
  return input.shape.slice(2);
}

/** Sizes to be broadcast: the larger of each pair, counted from the end; refuses what differs and isn't 1. */
export function broadcast(
  call: Pick<LayerCall, 'agree'>,
  shapes: readonly Shape[],
  refusal: (a: Dimension, b: Dimension) => Refusal,
): Shape {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, i) => {
    const sizes = shapes.map((shape) => shape[shape.length - rank + i]).filter((size) => size !== undefined);
    const wide = sizes.filter((size) => !equal(size, ONE));
    // A number says more than an expression, and anything more than nothing.
    const chosen =
      wide.find((size) => constantValue(size) !== undefined) ?? wide.find((size) => !isUnknown(size)) ?? wide[0] ?? ONE;
    for (const size of wide) call.agree(chosen, size, () => refusal(chosen, size));
    return chosen;
  });
}

/** The type that torch makes of several: floats before whole numbers before bool. */
export function promote(inputs: readonly ShapedTensor[]): DataType {
  const types = inputs.map(({ type }) => type);
  return types.includes('float') ? 'float' : types.includes('int64') ? 'int64' : 'bool';
}

/** One number for each of so many, where one stands for all. */
export function each<T>(given: T | readonly T[], count: number): readonly T[] {
  return Array.isArray(given) ? (given as readonly T[]) : Array.from({ length: count }, () => given as T);
}

/**
 * Refuses where the argument doesn't divide a size.
 *
 * @param rest.why torch wants it
 * @param rest.sized the argument that the size was given by, where it is one
 * @param rest.also what else it must divide
 */
export function requireDivides(
  call: LayerCall,
  argument: string,
  size: Dimension,
  what: string,
  rest: { readonly why?: string; readonly sized?: string; readonly also?: Dimension } = {},
): void {
  const { why = 'each group gets an equal part of the channels', sized, also = size } = rest;
  const divisor = call.arguments[argument] as Dimension;
  call.require(compare('==', modulo(size, divisor), ZERO), () => {
    const near = divisorsNear(size, divisor, also);
    const others = sized === undefined ? [] : multiplesNear(size, divisor);
    return {
      code: 'not-divisible',
      message: `has ${argument}=${format(divisor)}, which doesn't divide ${what}, ${format(size)}: ${why}.${near.length === 0 ? '' : ` ${near.join(' or ')} would.`}`,
      argument,
      instead: [
        ...near.map((each) => ({ argument, value: String(each), purpose: `, which divides ${format(size)}` })),
        ...others.map((each) => ({
          argument: sized!,
          value: String(each),
          purpose: `, which ${argument}=${format(divisor)} divides`,
        })),
      ],
    };
  });
}

/** At most so far from a divisor another one is looked for. */
const FAR = 1000n;

/** The common divisors of two numbers next to one that is none. */
function divisorsNear(size: Dimension, divisor: Dimension, also: Dimension): readonly bigint[] {
  const [whole, part] = [constantValue(size), constantValue(divisor)];
  if (whole === undefined || part === undefined) return [];
  const other = constantValue(also) ?? whole;
  const divides = (each: bigint): boolean => each > 0n && whole % each === 0n && other % each === 0n;
  const near: bigint[] = [];
  for (const step of [-1n, 1n]) {
    const start = step < 0n && part > whole ? whole : part + step;
    for (let each = start; each > 0n && each <= whole && each - part < FAR && part - each < FAR; each += step) {
      if (!divides(each)) continue;
      near.push(each);
      break;
    }
  }
  return near;
}

/** The multiples of a number next to one that is none; the nearer one first. */
function multiplesNear(size: Dimension, divisor: Dimension): readonly bigint[] {
  const [whole, part] = [constantValue(size), constantValue(divisor)];
  if (whole === undefined || part === undefined || part <= 0n) return [];
  const below = whole - (whole % part);
  const both = whole - below > below + part - whole ? [below + part, below] : [below, below + part];
  return both.filter((each) => each > 0n);
}

/** More layers in a row than this is a mistake, not a model. */
const MOST_IN_A_ROW = 10_000;

/** Refuses where an argument asks for more layers than anybody stacks: their weights are listed one by one. */
export function requireFew(call: LayerCall, argument: string): void {
  const count = call.arguments[argument] as Dimension;
  if ((constantValue(count) ?? 0n) <= MOST_IN_A_ROW) return;
  call.refuse({
    code: 'too-large',
    message: `has ${argument}=${format(count)}: more than ${MOST_IN_A_ROW} layers in a row aren't built.`,
    argument,
  });
}

/**
 * How many steps a window makes: ⌊(size + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1 along each dimension.
 * Refuses a window larger than the padded input. Source: the shape formulas of torch.nn.Conv2d and MaxPool2d.
 *
 * @param instead what would make the input large enough
 */
export function slide(
  call: Pick<LayerCall, 'require'>,
  sizes: readonly Dimension[],
  kernel: readonly Dimension[],
  stride: readonly Dimension[],
  padding: readonly Dimension[],
  dilation: readonly Dimension[] = kernel.map(() => ONE),
  ceilMode = false,
  instead: readonly LayerSetting[] = [],
): Dimension[] {
  return sizes.map((size, i) => {
    const window = add(multiply(dilation[i]!, subtract(kernel[i]!, ONE)), ONE);
    const padded = add(size, multiply(constant(2), padding[i]!));
    const room = subtract(padded, window);
    const steps = ceilMode ? ceilSteps(room, size, stride[i]!, padding[i]!) : add(floorDivide(room, stride[i]!), ONE);
    call.require(ceilMode ? compare('>=', steps, ONE) : compare('>=', padded, window), () => ({
      code: 'size-vanishes',
      message: `looks at ${format(window)} places at once, but its padded input has only ${format(padded)}: nothing would be left. Use a smaller kernel, padding, or less pooling before it.`,
      instead,
    }));
    return steps;
  });
}

/** With ceil_mode the last window may hang over the edge, but must start inside the input or its left padding. */
function ceilSteps(room: Dimension, size: Dimension, stride: Dimension, padding: Dimension): Dimension {
  const steps = add(floorDivide(subtract(add(room, stride), ONE), stride), ONE);
  const lastStart = multiply(subtract(steps, ONE), stride);
  return select(compare('>=', lastStart, add(size, padding)), subtract(steps, ONE), steps);
}

/** ⌊size · factor⌋ as torch has it, in doubles. */
export function scale(size: Dimension, factor: number | undefined): Dimension {
  if (factor === undefined) return opaque(`${format(size)} scaled`, symbolsOf(size), () => undefined);
  const known = constantValue(size);
  if (known !== undefined) return constant(BigInt(Math.floor(Number(known) * factor)));
  for (let denominator = 1; denominator <= 1024; denominator *= 2) {
    // Exact in doubles, so it is a plain quotient.
    if (Number.isInteger(factor * denominator)) {
      return floorDivide(multiply(size, constant(factor * denominator)), constant(denominator));
    }
  }
  return opaque(`floor(${format(size)} * ${factor})`, symbolsOf(size), (lookup) => {
    const value = evaluate(size, lookup);
    return value === undefined ? undefined : BigInt(Math.floor(Number(value) * factor));
  });
}
