/** The functions of expressions: Python's builtins that the language has, and make_divisible. */
import {
  type Dimension,
  add,
  compare,
  constant,
  constantValue,
  floorDivide,
  maximum,
  minimum,
  multiply,
  not,
  select,
  subtract,
  sum,
} from '../dimension.ts';
import type { Value } from '../value.ts';
import { UNKNOWN } from '../value.ts';
import { describeKind, intValue, listValue } from './values.ts';

/** Refused arguments, said in words that stand behind "min ". */
export class FunctionError extends Error {
  readonly code: string;
  constructor(message: string, code = 'expression-type') {
    super(message);
    this.code = code;
  }
}

export interface ExpressionFunction {
  readonly name: string;
  /** How it is called, for hovers and completion. */
  readonly signature: string;
  readonly summary: string;
  /** `undefined` where it needs known numbers: it then waits for them. */
  readonly apply: (operands: readonly Value[]) => Value | undefined;
}

/** The most items of a list that a program may make: more is a mistake, not a model. */
export const LIST_LIMIT = 100_000;

function one(name: string, operands: readonly Value[]): Value {
  const [value] = operands;
  if (operands.length !== 1 || value === undefined)
    throw new FunctionError(`takes one value, as in ${name}(x)`, 'argument-value');
  return value;
}

function knownNumber(value: Value): number | bigint | undefined {
  switch (value.kind) {
    case 'int':
      return constantValue(value.value);
    case 'float':
      return value.value;
    case 'ratio': {
      const a = constantValue(value.numerator);
      const b = constantValue(value.denominator);
      return a === undefined || b === undefined ? undefined : Number(a) / Number(b);
    }
    case 'bool': {
      const known = value.value.kind === 'constant' ? value.value.value : undefined;
      return known === undefined ? undefined : known ? 1n : 0n;
    }
    case 'symbolic':
    case 'unknown': // an item of a list that depends on parameters without a value
      return undefined;
    default:
      throw new FunctionError(`takes a number, not ${describeKind(value)}`);
  }
}

/** A function from one number to a whole number: exact on ratios, Python's on floats. */
function whole(
  name: string,
  summary: string,
  ofFloat: (value: number) => number,
  ofRatio: (numerator: Dimension, denominator: Dimension) => Dimension | undefined,
): ExpressionFunction {
  return {
    name,
    signature: `${name}(x)`,
    summary,
    apply(operands) {
      const value = one(name, operands);
      if (value.kind === 'int') return value;
      if (value.kind === 'ratio') {
        const result = ofRatio(value.numerator, value.denominator);
        return result === undefined ? undefined : intValue(result);
      }
      const known = knownNumber(value);
      if (known === undefined) return undefined;
      const result = typeof known === 'bigint' ? known : ofFloat(known);
      if (typeof result === 'number' && !Number.isFinite(result))
        throw new FunctionError(`takes a finite number, not ${String(known)}`);
      return intValue(BigInt(result));
    },
  };
}

/** Half to even, as Python rounds. */
function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

const ceilDivide = (a: Dimension, b: Dimension): Dimension =>
  subtract(constant(0), floorDivide(subtract(constant(0), a), b));

function roundRatio(a: Dimension, b: Dimension): Dimension | undefined {
  const x = constantValue(a);
  const y = constantValue(b);
  if (x === undefined || y === undefined) return undefined;
  const below = constantValue(floorDivide(a, b))!;
  const twice = 2n * (x - below * y);
  const up = twice > y || (twice === y && below % 2n !== 0n);
  return constant(up ? below + 1n : below);
}

function towardsZero(a: Dimension, b: Dimension): Dimension | undefined {
  const x = constantValue(a);
  const y = constantValue(b);
  return x === undefined || y === undefined ? undefined : constant(x / y);
}

function extreme(name: 'min' | 'max', ofInts: (...values: Dimension[]) => Dimension): ExpressionFunction {
  return {
    name,
    signature: `${name}(a, b, …)`,
    summary: name === 'min' ? 'The smallest of some numbers.' : 'The largest of some numbers.',
    apply(operands) {
      const [first] = operands;
      const values = operands.length === 1 && first?.kind === 'list' ? first.items : operands;
      if (values.length === 0) throw new FunctionError('takes at least one number', 'argument-value');
      const ints = values.map((value) => (value.kind === 'int' ? value.value : undefined));
      if (ints.every((value) => value !== undefined)) return intValue(ofInts(...ints));
      const numbers = values.map(knownNumber);
      let best = 0;
      for (const [i, number] of numbers.entries()) {
        if (number === undefined) return undefined;
        if (name === 'min' ? number < numbers[best]! : number > numbers[best]!) best = i;
      }
      return values[best];
    },
  };
}

function items(value: Value): readonly Value[] {
  if (value.kind !== 'list') throw new FunctionError(`takes a list, not ${describeKind(value)}`);
  return value.items;
}

/** torchvision's rule: the nearest multiple of the divisor, at least the divisor, never under 90 % of the value. */
function makeDivisible(value: Dimension, divisor: Dimension): Dimension {
  const twice = multiply(constant(2), divisor);
  const nearest = multiply(floorDivide(add(multiply(constant(2), value), divisor), twice), divisor);
  const atLeast = maximum(divisor, nearest);
  const tooSmall = compare('<', multiply(constant(10), atLeast), multiply(constant(9), value));
  return select(not(tooSmall), atLeast, add(atLeast, divisor));
}

const FUNCTIONS: readonly ExpressionFunction[] = [
  whole('floor', 'The largest whole number that is not above x.', Math.floor, floorDivide),
  whole('ceil', 'The smallest whole number that is not below x.', Math.ceil, ceilDivide),
  whole('round', 'The nearest whole number; halves go to the even one, as in Python.', roundHalfEven, roundRatio),
  whole('int', 'The whole part of x.', Math.trunc, towardsZero),
  extreme('min', minimum),
  extreme('max', maximum),
  {
    name: 'abs',
    signature: 'abs(x)',
    summary: 'The size of a number without its sign.',
    apply(operands) {
      const value = one('abs', operands);
      if (value.kind === 'int') return intValue(maximum(value.value, subtract(constant(0), value.value)));
      const known = knownNumber(value);
      return known === undefined ? undefined : { kind: 'float', value: Math.abs(Number(known)) };
    },
  },
  {
    name: 'sqrt',
    signature: 'sqrt(x)',
    summary: 'The square root.',
    apply(operands) {
      const known = knownNumber(one('sqrt', operands));
      if (known === undefined) return undefined;
      if (Number(known) < 0)
        throw new FunctionError(`takes a number of at least 0, not ${String(known)}`, 'argument-value');
      return { kind: 'float', value: Math.sqrt(Number(known)) };
    },
  },
  {
    name: 'sum',
    signature: 'sum(list)',
    summary: 'The sum of the numbers of a list.',
    apply(operands) {
      const values = items(one('sum', operands));
      const ints = values.map((value) => (value.kind === 'int' ? value.value : undefined));
      if (ints.every((value) => value !== undefined)) return intValue(sum(ints));
      const numbers = values.map(knownNumber);
      return numbers.every((number) => number !== undefined)
        ? { kind: 'float', value: numbers.reduce<number>((total, number) => total + Number(number), 0) }
        : undefined;
    },
  },
  {
    name: 'len',
    signature: 'len(list)',
    summary: 'How many items a list has.',
    apply: (operands) => intValue(items(one('len', operands)).length),
  },
  {
    name: 'enumerate',
    signature: 'enumerate(list)',
    summary: 'Pairs of a number from 0 and an item.',
    apply: (operands) =>
      listValue(items(one('enumerate', operands)).map((item, i) => listValue([intValue(i), item], true))),
  },
  {
    name: 'zip',
    signature: 'zip(a, b, …)',
    summary: 'The first items together, then the second ones, as far as the shortest list goes.',
    apply(operands) {
      const lists = operands.map((operand) => items(operand));
      const length = Math.min(...lists.map((list) => list.length), LIST_LIMIT);
      if (lists.length === 0) return listValue([]);
      return listValue(
        Array.from({ length }, (_, i) =>
          listValue(
            lists.map((list) => list[i] ?? UNKNOWN),
            true,
          ),
        ),
      );
    },
  },
  {
    name: 'make_divisible',
    signature: 'make_divisible(value, divisor)',
    summary:
      'The nearest multiple of the divisor that is not under 90 % of the value (torchvision rounds channels so).',
    apply(operands) {
      const [value, divisor] = operands;
      if (operands.length !== 2 || value === undefined || divisor === undefined) {
        throw new FunctionError('takes two numbers, as in make_divisible(channels, 8)', 'argument-value');
      }
      if (divisor.kind !== 'int')
        throw new FunctionError(`takes a whole number as divisor, not ${describeKind(divisor)}`);
      if (value.kind === 'int') return intValue(makeDivisible(value.value, divisor.value));
      const number = knownNumber(value);
      const by = constantValue(divisor.value);
      if (number === undefined || by === undefined) return undefined;
      const d = Number(by);
      let result = Math.max(d, Math.floor(Math.trunc(Number(number) + d / 2) / d) * d);
      if (result < 0.9 * Number(number)) result += d;
      return intValue(result);
    },
  },
];

const byName = new Map(FUNCTIONS.map((f) => [f.name, f]));

export function findFunction(name: string): ExpressionFunction | undefined {
  return byName.get(name);
}

export function functionNames(): Iterable<string> {
  return byName.keys();
}
