/**
 * The normal form, and the ring operations on it.
 *
 * A dimension is a polynomial with integer coefficients over atoms: symbols, floor quotients, minima, maxima,
 * selections and opaque terms. Terms are kept in graded lexicographic order of their monomials and never have
 * coefficient zero; an atom is identified by its key, which is made of the keys of the normal forms inside it. So two
 * dimensions have one key exactly when their normal forms are the same.
 */

export interface Factor {
  readonly atom: Atom;
  readonly exponent: number;
}

/** A product of powers of atoms, sorted by the atoms' keys. */
export interface Monomial {
  readonly factors: readonly Factor[];
  readonly degree: number;
}

export interface Term {
  readonly coefficient: bigint;
  readonly monomial: Monomial;
}

export interface Bounds {
  readonly lower: bigint | undefined;
  readonly upper: bigint | undefined;
}

interface AtomBase {
  readonly key: string;
  readonly symbols: ReadonlySet<string>;
  /** Nodes in it, to keep work bounded. */
  readonly size: number;
}

export interface SymbolAtom extends AtomBase {
  readonly kind: 'symbol';
  readonly name: string;
  readonly lower: bigint | undefined;
}

/** A floor quotient, or a remainder by a divisor that isn't constant, with the sign rules of Python. */
export interface DivisionAtom extends AtomBase {
  readonly kind: 'floorDivide' | 'modulo';
  readonly dividend: Dimension;
  readonly divisor: Dimension;
}

export interface ExtremeAtom extends AtomBase {
  readonly kind: 'minimum' | 'maximum';
  readonly operands: readonly Dimension[];
}

export interface SelectAtom extends AtomBase {
  readonly kind: 'select';
  readonly condition: Condition;
  readonly whenTrue: Dimension;
  readonly whenFalse: Dimension;
}

export interface OpaqueAtom extends AtomBase, Opaque<bigint> {
  readonly kind: 'opaque';
  readonly key: string;
}

export type Atom = SymbolAtom | DivisionAtom | ExtremeAtom | SelectAtom | OpaqueAtom;

/** A term that the algebra knows nothing about. */
export interface Opaque<T> {
  readonly key: string;
  /** What it was called when it was made; `key` also tells the {@link bindings}. */
  readonly name: string;
  /** The symbols that {@link evaluateWith} asks for. */
  readonly parameters: readonly string[];
  readonly evaluateWith: (lookup: (symbol: string) => bigint | undefined) => T | undefined;
  readonly payload: unknown;
  /** What substitution has put in the place of its parameters so far. */
  readonly bindings: ReadonlyMap<string, Dimension>;
}

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';

/**
 * A statement about dimensions. Comparisons and connectives are kept as they were written, for printing; the key is of
 * the normal form, so `a < b` and `b >= a + 1` have one key.
 */
export type Condition =
  | { readonly kind: 'constant'; readonly value: boolean; readonly key: string }
  | {
      readonly kind: 'compare';
      readonly operator: Comparison;
      readonly left: Dimension;
      readonly right: Dimension;
      readonly key: string;
    }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Condition[]; readonly key: string }
  | { readonly kind: 'opaque'; readonly negated: boolean; readonly term: Opaque<boolean>; readonly key: string };

/** Thrown where an expression would grow past any use: a model that a person wrote never gets near. */
export class DimensionTooLarge extends RangeError {
  override readonly name = 'DimensionTooLarge';
}

/** The most nodes that a dimension may have. */
export const SIZE_LIMIT = 2_000;
/** The most bits that an integer may have. */
const BIT_LIMIT = 65_536n;
const LARGEST = 1n << BIT_LIMIT;

const NO_TERMS: readonly Term[] = [];
const NO_SYMBOLS: ReadonlySet<string> = new Set();

/** An exact integer expression over symbols; immutable. Use the functions, not the fields: they are the normal form. */
export class Dimension {
  readonly constant: bigint;
  readonly terms: readonly Term[];
  readonly size: number;
  /** A division by zero: whatever is done with it, it stays one. */
  readonly faulty: boolean;
  #key: string | undefined;
  #symbols: ReadonlySet<string> | undefined;
  /** Filled in by `bounds.ts`. */
  bounds: Bounds | undefined;

  constructor(constant: bigint, terms: readonly Term[], faulty = false) {
    this.constant = constant;
    this.terms = terms;
    this.faulty = faulty;
    this.#key = undefined;
    this.#symbols = undefined;
    this.bounds = undefined;
    let size = 1;
    for (const { monomial } of terms) {
      for (const { atom } of monomial.factors) size += atom.size;
    }
    if (size > SIZE_LIMIT) throw new DimensionTooLarge(`An expression of more than ${String(SIZE_LIMIT)} terms.`);
    this.size = size;
  }

  get key(): string {
    return (this.#key ??= keyOf(this));
  }

  get symbols(): ReadonlySet<string> {
    if (this.terms.length === 0) return NO_SYMBOLS;
    return (this.#symbols ??= symbolsIn(
      this.terms.flatMap(({ monomial }) => monomial.factors.map(({ atom }) => atom)),
    ));
  }
}

function keyOf({ constant, terms }: Dimension): string {
  if (terms.length === 0) return String(constant);
  let key = '';
  for (const { coefficient, monomial } of terms) {
    if (key !== '') key += '+';
    if (coefficient !== 1n) key += `${String(coefficient)}*`;
    key += monomial.factors
      .map(({ atom, exponent }) => (exponent === 1 ? atom.key : `${atom.key}^${String(exponent)}`))
      .join('*');
  }
  return constant === 0n ? key : `${key}+${String(constant)}`;
}

/** The union of what the parts depend on; shares a set where it can. */
export function symbolsIn(parts: Iterable<{ readonly symbols: ReadonlySet<string> }>): ReadonlySet<string> {
  let union = NO_SYMBOLS;
  for (const { symbols } of parts) {
    if (union.size === 0 || union === symbols) union = symbols;
    else if (symbols.size > 0) union = new Set([...union, ...symbols]);
  }
  return union;
}

const CACHED_FROM = -64;
const CACHED_TO = 4096;
const cached: readonly Dimension[] = Array.from(
  { length: CACHED_TO - CACHED_FROM + 1 },
  (_, index) => new Dimension(BigInt(index + CACHED_FROM), NO_TERMS),
);

export function constant(value: bigint | number): Dimension {
  if (value >= CACHED_FROM && value <= CACHED_TO) {
    const found = cached[Number(value) - CACHED_FROM];
    if (found !== undefined) return found;
  }
  return new Dimension(BigInt(value), NO_TERMS);
}

export const ZERO = constant(0);
export const ONE = constant(1);

const PLAIN_NAME = /^[\p{XID_Start}_][\p{XID_Continue}.]*$/u;

/** The size or number called `name`; its name identifies it. `lower`: the least value it can have (sizes: 1). */
export function symbol(name: string, lower?: bigint): Dimension {
  return ofAtom({
    kind: 'symbol',
    key: PLAIN_NAME.test(name) ? name : `$${JSON.stringify(name)}`,
    symbols: new Set([name]),
    size: 1,
    name,
    lower,
  });
}

export function ofAtom(atom: Atom, faulty = false): Dimension {
  return new Dimension(0n, [{ coefficient: 1n, monomial: { factors: [{ atom, exponent: 1 }], degree: 1 } }], faulty);
}

/** The atom that `d` is, where it is nothing else. */
export function atomOf(d: Dimension): Atom | undefined {
  const term = d.terms[0];
  if (d.terms.length !== 1 || term === undefined || d.constant !== 0n || term.coefficient !== 1n) return undefined;
  const factor = term.monomial.factors[0];
  return term.monomial.degree === 1 ? factor?.atom : undefined;
}

export function polynomial(value: bigint, terms: readonly Term[]): Dimension {
  return terms.length === 0 ? constant(value) : new Dimension(value, terms);
}

export function isConstant(d: Dimension): boolean {
  return d.terms.length === 0;
}

/** The value of a dimension without symbols. */
export function constantValue(d: Dimension): bigint | undefined {
  return d.terms.length === 0 ? d.constant : undefined;
}

/** Higher degree first, then alphabetically: an order that multiplication keeps. */
function compareMonomials(a: Monomial, b: Monomial): number {
  if (a === b) return 0;
  if (a.degree !== b.degree) return b.degree - a.degree;
  for (let index = 0; index < a.factors.length; index++) {
    const left = a.factors[index];
    const right = b.factors[index];
    if (left === undefined || right === undefined) break;
    if (left.atom !== right.atom && left.atom.key !== right.atom.key) return left.atom.key < right.atom.key ? -1 : 1;
    if (left.exponent !== right.exponent) return right.exponent - left.exponent;
  }
  return 0;
}

export function add(a: Dimension, b: Dimension): Dimension {
  if (a.terms.length === 0) {
    if (b.terms.length === 0) return constant(a.constant + b.constant);
    return a.constant === 0n || b.faulty ? b : new Dimension(a.constant + b.constant, b.terms);
  }
  if (a.faulty) return a;
  if (b.faulty) return b;
  if (b.terms.length === 0) return b.constant === 0n ? a : new Dimension(a.constant + b.constant, a.terms);
  const terms: Term[] = [];
  let i = 0;
  let j = 0;
  for (;;) {
    const left = a.terms[i];
    const right = b.terms[j];
    if (left === undefined) {
      terms.push(...b.terms.slice(j));
      break;
    }
    if (right === undefined) {
      terms.push(...a.terms.slice(i));
      break;
    }
    const order = compareMonomials(left.monomial, right.monomial);
    if (order <= 0) i++;
    if (order >= 0) j++;
    if (order < 0) terms.push(left);
    else if (order > 0) terms.push(right);
    else {
      const coefficient = left.coefficient + right.coefficient;
      if (coefficient !== 0n) terms.push({ coefficient, monomial: left.monomial });
    }
  }
  return polynomial(a.constant + b.constant, terms);
}

export function negate(d: Dimension): Dimension {
  return scale(d, -1n);
}

export function subtract(a: Dimension, b: Dimension): Dimension {
  if (a.terms.length === 0 && b.terms.length === 0) return constant(a.constant - b.constant);
  return add(a, scale(b, -1n));
}

export function scale(d: Dimension, factor: bigint): Dimension {
  if (d.terms.length === 0) return constant(bounded(d.constant * factor));
  if (factor === 1n || d.faulty) return d;
  if (factor === 0n) return ZERO;
  return new Dimension(
    d.constant * factor,
    d.terms.map(({ coefficient, monomial }) => ({ coefficient: coefficient * factor, monomial })),
  );
}

export function multiply(a: Dimension, b: Dimension): Dimension {
  if (a.terms.length === 0) return scale(b, a.constant);
  if (b.terms.length === 0) return scale(a, b.constant);
  if (a.faulty) return a;
  if (b.faulty) return b;
  if ((a.terms.length + 1) * (b.terms.length + 1) > SIZE_LIMIT) {
    throw new DimensionTooLarge(`A product of more than ${String(SIZE_LIMIT)} terms.`);
  }
  const terms: Term[] = [];
  for (const left of a.terms) {
    for (const right of b.terms) {
      terms.push({
        coefficient: bounded(left.coefficient * right.coefficient),
        monomial: multiplyMonomials(left.monomial, right.monomial),
      });
    }
    if (b.constant !== 0n) terms.push({ coefficient: left.coefficient * b.constant, monomial: left.monomial });
  }
  if (a.constant !== 0n) {
    for (const right of b.terms) {
      terms.push({ coefficient: right.coefficient * a.constant, monomial: right.monomial });
    }
  }
  return polynomial(a.constant * b.constant, collect(terms));
}

function collect(terms: Term[]): readonly Term[] {
  if (terms.length <= 1) return terms;
  terms.sort((a, b) => compareMonomials(a.monomial, b.monomial));
  const collected: Term[] = [];
  for (const term of terms) {
    const last = collected.at(-1);
    if (last !== undefined && compareMonomials(last.monomial, term.monomial) === 0) {
      collected.pop();
      const coefficient = last.coefficient + term.coefficient;
      collected.push({ coefficient, monomial: term.monomial });
    } else {
      if (last?.coefficient === 0n) collected.pop();
      collected.push(term);
    }
  }
  if (collected.at(-1)?.coefficient === 0n) collected.pop();
  return collected;
}

export function bounded(value: bigint): bigint {
  if (value > LARGEST || value < -LARGEST)
    throw new DimensionTooLarge(`An integer of more than ${String(BIT_LIMIT)} bits.`);
  return value;
}

function multiplyMonomials(a: Monomial, b: Monomial): Monomial {
  const factors: Factor[] = [];
  let i = 0;
  let j = 0;
  for (;;) {
    const left = a.factors[i];
    const right = b.factors[j];
    if (left === undefined) {
      factors.push(...b.factors.slice(j));
      break;
    }
    if (right === undefined) {
      factors.push(...a.factors.slice(i));
      break;
    }
    if (left.atom === right.atom || left.atom.key === right.atom.key) {
      factors.push({ atom: left.atom, exponent: left.exponent + right.exponent });
      i++;
      j++;
    } else if (left.atom.key < right.atom.key) {
      factors.push(left);
      i++;
    } else {
      factors.push(right);
      j++;
    }
  }
  return { factors, degree: a.degree + b.degree };
}

/** `a / b` where `b` divides `a`. */
export function divideMonomials(a: Monomial, b: Monomial): Monomial | undefined {
  if (b.degree > a.degree) return undefined;
  const factors: Factor[] = [];
  let j = 0;
  for (const factor of a.factors) {
    const divisor = b.factors[j];
    if (divisor?.atom.key !== factor.atom.key) {
      factors.push(factor);
      continue;
    }
    j++;
    if (divisor.exponent > factor.exponent) return undefined;
    if (divisor.exponent < factor.exponent) {
      factors.push({ atom: factor.atom, exponent: factor.exponent - divisor.exponent });
    }
  }
  return j === b.factors.length ? { factors, degree: a.degree - b.degree } : undefined;
}

/** One term as a dimension of its own. */
export function ofTerm(coefficient: bigint, monomial: Monomial): Dimension {
  return monomial.degree === 0 ? constant(coefficient) : new Dimension(0n, [{ coefficient, monomial }]);
}

/** Sizes among values of other kinds. */
export function isDimension(value: unknown): value is Dimension {
  return value instanceof Dimension;
}

export function equal(a: Dimension, b: Dimension): boolean {
  if (a === b) return true;
  if (a.constant !== b.constant || a.terms.length !== b.terms.length) return false;
  return a.terms.length === 0 || a.key === b.key;
}

export function sum(dimensions: Iterable<Dimension>): Dimension {
  let total = ZERO;
  for (const d of dimensions) total = add(total, d);
  return total;
}

export function product(dimensions: Iterable<Dimension>): Dimension {
  let total = ONE;
  for (const d of dimensions) total = multiply(total, d);
  return total;
}

/** `base ** exponent` by repeated squaring, for an exponent that is a number. */
export function raise(base: Dimension, exponent: bigint): Dimension {
  let result = ONE;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = multiply(result, square);
    if (rest > 1n) square = multiply(square, square);
  }
  return result;
}

export function key(d: Dimension): string {
  return d.key;
}

export function symbolsOf(d: Dimension): ReadonlySet<string> {
  return d.symbols;
}

/** Python's `//` on integers; the divisor isn't zero. */
export function floorQuotient(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

/** Python's `%` on integers; the divisor isn't zero. */
export function floorRemainder(a: bigint, b: bigint): bigint {
  const remainder = a % b;
  return remainder !== 0n && remainder < 0n !== b < 0n ? remainder + b : remainder;
}

export function gcd(a: bigint, b: bigint): bigint {
  let x = a < 0n ? -a : a;
  let y = b < 0n ? -b : b;
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

/** The greatest common divisor of the coefficients, the constant aside. */
export function content(d: Dimension): bigint {
  let divisor = 0n;
  for (const { coefficient } of d.terms) {
    divisor = gcd(divisor, coefficient);
    if (divisor === 1n) break;
  }
  return divisor;
}
