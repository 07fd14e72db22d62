/**
 * Which integers satisfy a condition on one symbol: exact, over residues.
 *
 * Let `x` be made of sums, products, floor quotients by constants, minima, maxima and selections of one symbol. Give
 * `x` the modulus L(x): 1 for the symbol, the least common multiple of its parts' for a sum or product, and `m * L(a)` for
 * `a // m`. On a residue class `s = r + P*t` with `L(x)` dividing `P`, `x` is then a polynomial in `t` (piecewise, for
 * minima and the like) whose coefficients, the constant aside, are divisible by `P / L(x)`: for a symbol by definition,
 * for sums and products at once, and for `a // m` because `P / L(a)` is a multiple of `m`, so that only the constant is
 * rounded. The sign of a polynomial on integers changes finitely often, and is found exactly by bisection where its
 * forward difference, of one degree less, keeps its sign.
 */
import { compareIntegers } from './condition.ts';
import { floorQuotient, gcd, type Atom, type Comparison, type Condition, type Dimension } from './terms.ts';

/** At most so many residue classes are looked at, with so many operations on coefficients over all of them. */
const CLASS_LIMIT = 100_000n;
const WORK_LIMIT = 8_000_000;
const DEGREE_LIMIT = 12;
const PIECE_LIMIT = 48;

/** `from <= value`, and `value <= to` where there is an end. */
export interface Run {
  readonly from: bigint;
  readonly to: bigint | undefined;
}

/** For each residue (from `origin` upwards), the values `t` for which `origin + residue + period * t` is a solution. */
export interface Solutions {
  readonly origin: bigint;
  readonly period: bigint;
  readonly classes: readonly (readonly Run[])[];
}

/** Coefficients from the constant upwards, without zeros at the end. */
type Polynomial = readonly bigint[];

/** Its `value` counts from `from` to before the next piece. */
interface Piece<T> {
  readonly from: bigint;
  readonly value: T;
}
type Pieces<T> = readonly Piece<T>[];

class Unsolvable extends Error {}

/** The numbers that a symbol runs through, and the work that may still be done on them. */
class Line {
  polynomial: Polynomial = [];
  #work = WORK_LIMIT;

  charge(work: number): void {
    this.#work -= work;
    if (this.#work < 0) throw new Unsolvable();
  }
}

/**
 * The solutions `symbol >= origin` of a condition that depends on nothing else; none where it holds something that
 * isn't decided this way, or where that would take too long. `mirrored` looks at `-1 - symbol` instead.
 */
export function solve(condition: Condition, origin: bigint, mirrored: boolean): Solutions | undefined {
  try {
    const period = conditionModulus(condition);
    if (period > CLASS_LIMIT) return undefined;
    const line = new Line();
    const classes: Run[][] = [];
    for (let residue = 0n; residue < period; residue++) {
      const start = origin + residue;
      line.polynomial = mirrored ? [-1n - start, -period] : [start, period];
      classes.push(runsOf(conditionOn(condition, line)));
    }
    return { origin, period, classes };
  } catch (error) {
    if (error instanceof Unsolvable) return undefined;
    throw error;
  }
}

/** The modulus of `d`, of one symbol or several; none where a part of it has none. */
export function commonModulus(d: Dimension): bigint | undefined {
  try {
    return modulusOf(d);
  } catch (error) {
    if (error instanceof Unsolvable) return undefined;
    throw error;
  }
}

function runsOf(pieces: Pieces<boolean>): Run[] {
  const runs: Run[] = [];
  pieces.forEach(({ from, value }, index) => {
    if (!value) return;
    const next = pieces[index + 1];
    const to = next === undefined ? undefined : next.from - 1n;
    const last = runs.at(-1);
    if (last?.to === from - 1n) runs[runs.length - 1] = { from: last.from, to };
    else runs.push({ from, to });
  });
  return runs;
}

function lcm(a: bigint, b: bigint): bigint {
  const multiple = (a / gcd(a, b)) * b;
  if (multiple > CLASS_LIMIT) throw new Unsolvable();
  return multiple;
}

function modulusOf(d: Dimension): bigint {
  let modulus = 1n;
  for (const { monomial } of d.terms) {
    for (const { atom } of monomial.factors) modulus = lcm(modulus, atomModulus(atom));
  }
  return modulus;
}

function atomModulus(atom: Atom): bigint {
  switch (atom.kind) {
    case 'symbol':
      return 1n;
    case 'floorDivide':
      if (atom.divisor.terms.length > 0 || atom.divisor.constant <= 0n) throw new Unsolvable();
      return lcm(1n, modulusOf(atom.dividend) * atom.divisor.constant);
    case 'minimum':
    case 'maximum':
      return atom.operands.map(modulusOf).reduce(lcm, 1n);
    case 'select':
      return [conditionModulus(atom.condition), modulusOf(atom.whenTrue), modulusOf(atom.whenFalse)].reduce(lcm, 1n);
    case 'modulo':
    case 'opaque':
      throw new Unsolvable();
  }
}

function conditionModulus(condition: Condition): bigint {
  switch (condition.kind) {
    case 'constant':
      return 1n;
    case 'compare':
      return lcm(modulusOf(condition.left), modulusOf(condition.right));
    case 'and':
    case 'or':
      return condition.operands.map(conditionModulus).reduce(lcm, 1n);
    case 'opaque':
      throw new Unsolvable();
  }
}

function conditionOn(condition: Condition, line: Line): Pieces<boolean> {
  switch (condition.kind) {
    case 'constant':
      return [{ from: 0n, value: condition.value }];
    case 'compare': {
      const left = valueOn(condition.left, line);
      const right = valueOn(condition.right, line);
      return compareOn(condition.operator, left, right, line);
    }
    case 'and':
    case 'or': {
      const all = condition.kind === 'and';
      return condition.operands
        .map((operand) => conditionOn(operand, line))
        .reduce((a, b) => combine(a, b, (x, y) => (all ? x && y : x || y)));
    }
    case 'opaque':
      throw new Unsolvable();
  }
}

function compareOn(
  operator: Comparison,
  left: Pieces<Polynomial>,
  right: Pieces<Polynomial>,
  line: Line,
): Pieces<boolean> {
  const difference = combine(left, right, subtractPolynomials);
  return signsOf(difference, line).map(({ from, value }) => ({
    from,
    value: compareIntegers(operator, BigInt(value), 0n),
  }));
}

/** Coefficients in all pieces together. */
function areaOf(pieces: Pieces<Polynomial>): number {
  return pieces.reduce((area, { value }) => area + value.length, 0);
}

function valueOn(d: Dimension, line: Line): Pieces<Polynomial> {
  let total: Pieces<Polynomial> = [{ from: 0n, value: trim([d.constant]) }];
  for (const { coefficient, monomial } of d.terms) {
    let term: Pieces<Polynomial> = [{ from: 0n, value: [coefficient] }];
    for (const { atom, exponent } of monomial.factors) {
      const value = atomOn(atom, line);
      if (exponent > DEGREE_LIMIT) throw new Unsolvable();
      for (let n = 0; n < exponent; n++) {
        line.charge(areaOf(term) * areaOf(value));
        term = combine(term, value, multiplyPolynomials);
      }
    }
    line.charge(areaOf(total) + areaOf(term) + 4);
    total = combine(total, term, addPolynomials);
  }
  return total;
}

function atomOn(atom: Atom, line: Line): Pieces<Polynomial> {
  switch (atom.kind) {
    case 'symbol':
      return [{ from: 0n, value: line.polynomial }];
    case 'floorDivide': {
      const modulus = atom.divisor.constant;
      return valueOn(atom.dividend, line).map(({ from, value }) => ({
        from,
        value: trim(value.map((coefficient) => floorQuotient(coefficient, modulus))),
      }));
    }
    case 'minimum':
    case 'maximum': {
      const operator = atom.kind === 'minimum' ? '<=' : '>=';
      return atom.operands
        .map((operand) => valueOn(operand, line))
        .reduce((a, b) => choose(compareOn(operator, a, b, line), a, b));
    }
    case 'select':
      return choose(conditionOn(atom.condition, line), valueOn(atom.whenTrue, line), valueOn(atom.whenFalse, line));
    case 'modulo':
    case 'opaque':
      throw new Unsolvable();
  }
}

function choose(test: Pieces<boolean>, a: Pieces<Polynomial>, b: Pieces<Polynomial>): Pieces<Polynomial> {
  const pairs = combine(a, b, (x, y) => ({ x, y }));
  return combine(test, pairs, (holds, { x, y }) => (holds ? x : y));
}

function combine<A, B, C>(a: Pieces<A>, b: Pieces<B>, operation: (x: A, y: B) => C): Pieces<C> {
  const pieces: Piece<C>[] = [];
  let i = 0;
  let j = 0;
  let from = 0n;
  for (;;) {
    const left = a[i];
    const right = b[j];
    if (left === undefined || right === undefined) return pieces;
    const value = operation(left.value, right.value);
    if (pieces.at(-1)?.value !== value) pieces.push({ from, value });
    if (pieces.length > PIECE_LIMIT) throw new Unsolvable();
    const nextLeft = a[i + 1]?.from;
    const nextRight = b[j + 1]?.from;
    if (nextLeft === undefined && nextRight === undefined) return pieces;
    from = nextRight === undefined || (nextLeft !== undefined && nextLeft < nextRight) ? (nextLeft ?? 0n) : nextRight;
    if (nextLeft === from) i++;
    if (nextRight === from) j++;
  }
}

function trim(coefficients: bigint[]): Polynomial {
  while (coefficients.at(-1) === 0n) coefficients.pop();
  return coefficients;
}

function addPolynomials(a: Polynomial, b: Polynomial): Polynomial {
  const [longer, shorter] = a.length >= b.length ? [a, b] : [b, a];
  return trim(longer.map((coefficient, index) => coefficient + (shorter[index] ?? 0n)));
}

function subtractPolynomials(a: Polynomial, b: Polynomial): Polynomial {
  return addPolynomials(
    a,
    b.map((coefficient) => -coefficient),
  );
}

function multiplyPolynomials(a: Polynomial, b: Polynomial): Polynomial {
  if (a.length === 0 || b.length === 0) return [];
  if (a.length + b.length > DEGREE_LIMIT + 2) throw new Unsolvable();
  const result = new Array<bigint>(a.length + b.length - 1).fill(0n);
  a.forEach((x, i) => {
    b.forEach((y, j) => {
      result[i + j] = (result[i + j] ?? 0n) + x * y;
    });
  });
  return trim(result);
}

function valueAt(polynomial: Polynomial, t: bigint): bigint {
  let value = 0n;
  for (let index = polynomial.length - 1; index >= 0; index--) value = value * t + (polynomial[index] ?? 0n);
  return value;
}

type Sign = -1 | 0 | 1;

function signOf(value: bigint): Sign {
  return value > 0n ? 1 : value < 0n ? -1 : 0;
}

function signsOf(pieces: Pieces<Polynomial>, line: Line): Pieces<Sign> {
  const signs: Piece<Sign>[] = [];
  pieces.forEach(({ from, value }, index) => {
    const next = pieces[index + 1];
    for (const piece of signsBetween(value, from, next === undefined ? undefined : next.from - 1n, line)) {
      if (signs.at(-1)?.value !== piece.value) signs.push(piece);
    }
  });
  if (signs.length > PIECE_LIMIT) throw new Unsolvable();
  return signs;
}

/** Where `polynomial` has which sign, on the integers from `from` to `to` (without end where there is none). */
function signsBetween(
  polynomial: Polynomial,
  from: bigint,
  to: bigint | undefined,
  line: Line,
): readonly Piece<Sign>[] {
  line.charge(polynomial.length + 2);
  if (polynomial.length <= 1 || from === to) return [{ from, value: signOf(valueAt(polynomial, from)) }];
  if (to === undefined && from >= 0n) {
    if (polynomial.every((c) => c >= 0n) && valueAt(polynomial, from) > 0n) return [{ from, value: 1 }];
    if (polynomial.every((c) => c <= 0n) && valueAt(polynomial, from) < 0n) return [{ from, value: -1 }];
  }
  const slopes = signsBetween(difference(polynomial), from, to === undefined ? undefined : to - 1n, line);
  const signs: Piece<Sign>[] = [];
  slopes.forEach(({ from: start, value: slope }, index) => {
    // Here it only rises, or only falls, up to where the next slope begins.
    const end = slopes[index + 1]?.from ?? to;
    let position = start;
    for (;;) {
      const value = signOf(valueAt(polynomial, position));
      if (signs.at(-1)?.value !== value) signs.push({ from: position, value });
      if (slope === 0 || value === slope) return;
      const wanted = value;
      const changed = (t: bigint): boolean => {
        line.charge(polynomial.length + 2);
        return signOf(valueAt(polynomial, t)) !== wanted;
      };
      const next = firstWhere(changed, position, end);
      if (next === undefined) return;
      position = next;
    }
  });
  return signs;
}

/** `p(t + 1) - p(t)`, by Pascal's triangle. */
function difference(polynomial: Polynomial): Polynomial {
  const result = new Array<bigint>(polynomial.length).fill(0n);
  let row: bigint[] = [1n];
  polynomial.forEach((coefficient, degree) => {
    row.forEach((binomial, index) => {
      if (index < degree) result[index] = (result[index] ?? 0n) + coefficient * binomial;
    });
    row = [1n, ...row.slice(1).map((binomial, index) => binomial + (row[index] ?? 0n)), 1n];
  });
  return trim(result);
}

/** The first `t` in `(from, to]` with a property that, once there, stays; it comes for certain where there is no end. */
function firstWhere(property: (t: bigint) => boolean, from: bigint, to: bigint | undefined): bigint | undefined {
  let without = from;
  let step = 1n;
  let having: bigint;
  for (;;) {
    having = to !== undefined && without + step > to ? to : without + step;
    if (having === without) return undefined;
    if (property(having)) break;
    if (having === to) return undefined;
    without = having;
    step *= 2n;
  }
  while (having - without > 1n) {
    const middle = (without + having) / 2n;
    if (property(middle)) having = middle;
    else without = middle;
  }
  return having;
}
