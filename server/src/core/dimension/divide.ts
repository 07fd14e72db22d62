/**
 * Floor division and remainder with Python's signs, and their normal form. For a constant divisor `m > 0`:
 *
 * 1. what is divisible comes out: `(4*H + 2) // 4 = H` (`5*H // 4` stays as it is, for the reader's sake);
 * 2. a common divisor is cancelled, the constant rounded down: `(2*H + 3) // 4 = (H + 1) // 2`;
 * 3. a quotient inside joins: `(p + a // k) // m = (k*p + a) // (k*m)` where `p` has no other quotient;
 * 4. the leading coefficient is positive: `-a // m = -((a - 1) // m) - 1`;
 * 5. the constant is in `(-m, 0]`, so a convolution reads as usual: `(H - 1) // 2 + 1`;
 * 6. a quotient that its bounds decide is that number.
 *
 * A remainder by a constant is `a - m * (a // m)`, so that `a // m * m + a % m = a` comes by itself (printing finds the
 * remainder again); by anything else it is an atom. A quotient that simplifies to a polynomial no longer divides, so
 * it has a value even where the divisor is zero.
 */
import { lowerBound, upperBound } from './bounds.ts';
import {
  add,
  constant,
  content,
  Dimension,
  divideMonomials,
  floorQuotient,
  floorRemainder,
  gcd,
  multiply,
  ofAtom,
  ofTerm,
  polynomial,
  scale,
  subtract,
  symbolsIn,
  ZERO,
  type DivisionAtom,
  type Factor,
  type Monomial,
  type Term,
} from './terms.ts';

/** `a // b` as in Python. */
export function floorDivide(a: Dimension, b: Dimension): Dimension {
  if (b.terms.length === 0) {
    if (b.constant === 0n) return a.faulty ? a : division('floorDivide', a, b);
    if (a.terms.length === 0) return constant(floorQuotient(a.constant, b.constant));
    if (a.faulty) return a;
    return b.constant > 0n ? divideByConstant(a, b.constant) : divideByConstant(scale(a, -1n), -b.constant);
  }
  if (a.faulty) return a;
  if (b.faulty) return b;
  return divideBySymbolic(a, b);
}

/** `a % b` as in Python: of the divisor's sign. */
export function modulo(a: Dimension, b: Dimension): Dimension {
  if (a.terms.length === 0 && b.terms.length === 0 && b.constant !== 0n) {
    return constant(floorRemainder(a.constant, b.constant));
  }
  if (a.faulty) return a;
  if (b.faulty) return b;
  if (b.terms.length === 0) {
    return b.constant === 0n ? division('modulo', a, b) : subtract(a, scale(floorDivide(a, b), b.constant));
  }
  if ((a.terms.length === 0 && a.constant === 0n) || quotient(a, b) !== undefined) return ZERO;
  if (isWithin(a, b)) return a;
  return division('modulo', a, b);
}

function division(kind: 'floorDivide' | 'modulo', dividend: Dimension, divisor: Dimension): Dimension {
  const atom: DivisionAtom = {
    kind,
    // After letters, so that plain symbols come first in a sum.
    key: `~(${dividend.key})${kind === 'modulo' ? '%' : '//'}(${divisor.key})`,
    symbols: symbolsIn([dividend, divisor]),
    size: dividend.size + divisor.size,
    dividend,
    divisor,
  };
  return ofAtom(atom, divisor.terms.length === 0 && divisor.constant === 0n);
}

function divideByConstant(dividend: Dimension, divisor: bigint): Dimension {
  if (divisor === 1n) return dividend;
  const whole: Term[] = [];
  const rest: Term[] = [];
  let common = divisor;
  for (const term of dividend.terms) {
    if (term.coefficient % divisor === 0n) {
      whole.push({ coefficient: term.coefficient / divisor, monomial: term.monomial });
    } else {
      common = gcd(common, term.coefficient);
      rest.push(term);
    }
  }
  if (rest.length === 0) return polynomial(floorQuotient(dividend.constant, divisor), whole);
  const modulus = divisor / common;
  const reduced = rest.map(({ coefficient, monomial }) => ({ coefficient: coefficient / common, monomial }));
  const part = divideReduced(reduced, floorQuotient(dividend.constant, common), modulus);
  return whole.length === 0 ? part : add(part, polynomial(0n, whole));
}

/** `(terms + value) // modulus` after rules 1 and 2. */
function divideReduced(terms: readonly Term[], value: bigint, modulus: bigint): Dimension {
  const joined = joinQuotient(terms, value, modulus);
  if (joined !== undefined) return joined;
  const leading = terms[0];
  if (leading !== undefined && leading.coefficient < 0n) {
    // floor(-x / m) = -ceil(x / m) = -floor((x + m - 1) / m)
    const flipped = terms.map(({ coefficient, monomial }) => ({ coefficient: -coefficient, monomial }));
    return scale(divideReduced(flipped, modulus - 1n - value, modulus), -1n);
  }
  const outside = -floorQuotient(-value, modulus);
  const dividend = new Dimension(value - outside * modulus, terms);
  const lower = lowerBound(dividend);
  const upper = lower === undefined ? undefined : upperBound(dividend);
  if (lower !== undefined && upper !== undefined) {
    const least = floorQuotient(lower, modulus);
    if (least === floorQuotient(upper, modulus)) return constant(least + outside);
  }
  return add(division('floorDivide', dividend, constant(modulus)), constant(outside));
}

function joinQuotient(terms: readonly Term[], value: bigint, modulus: bigint): Dimension | undefined {
  let found: { term: Term; atom: DivisionAtom } | undefined;
  for (const term of terms) {
    for (const { atom } of term.monomial.factors) {
      if (atom.kind !== 'floorDivide') continue;
      const alone = term.monomial.degree === 1 && (term.coefficient === 1n || term.coefficient === -1n);
      if (found !== undefined || !alone || atom.divisor.terms.length > 0) return undefined;
      found = { term, atom };
    }
  }
  if (found === undefined) return undefined;
  const { term, atom } = found;
  const inner = atom.divisor.constant;
  const others = polynomial(
    value,
    terms.filter((other) => other !== term),
  );
  // -floor(a / k) = floor((-a + k - 1) / k)
  const dividend = term.coefficient === 1n ? atom.dividend : subtract(constant(inner - 1n), atom.dividend);
  return divideByConstant(add(scale(others, inner), dividend), inner * modulus);
}

function divideBySymbolic(dividend: Dimension, divisor: Dimension): Dimension {
  if (dividend.terms.length === 0 && dividend.constant === 0n) return ZERO;
  const exact = quotient(dividend, divisor);
  if (exact !== undefined) return exact;
  const leading = divisor.terms[0];
  if (leading !== undefined && leading.coefficient < 0n)
    return divideBySymbolic(scale(dividend, -1n), scale(divisor, -1n));
  const cancelled = cancelCommon(dividend, divisor);
  if (cancelled !== undefined) return floorDivide(cancelled.dividend, cancelled.divisor);
  if (leading !== undefined && divisor.terms.length === 1 && divisor.constant === 0n) {
    const whole: Term[] = [];
    const rest: Term[] = [];
    for (const term of dividend.terms) {
      const monomial = divideMonomials(term.monomial, leading.monomial);
      if (monomial !== undefined && monomial.degree > 0 && term.coefficient % leading.coefficient === 0n) {
        whole.push({ coefficient: term.coefficient / leading.coefficient, monomial });
      } else {
        rest.push(term);
      }
    }
    if (whole.length > 0) {
      return add(polynomial(0n, whole), divideBySymbolic(polynomial(dividend.constant, rest), divisor));
    }
  }
  return isWithin(dividend, divisor) ? ZERO : division('floorDivide', dividend, divisor);
}

/** Whether `0 <= a < b` for certain. */
function isWithin(a: Dimension, b: Dimension): boolean {
  if ((lowerBound(a) ?? -1n) < 0n) return false;
  return (lowerBound(subtract(b, a)) ?? 0n) >= 1n;
}

/** The fraction without the integer and the monomial that all terms of both share. */
function cancelCommon(a: Dimension, b: Dimension): { dividend: Dimension; divisor: Dimension } | undefined {
  const number = gcd(gcd(content(a), a.constant), gcd(content(b), b.constant));
  const monomial = a.constant === 0n && b.constant === 0n ? commonMonomial([...a.terms, ...b.terms]) : undefined;
  if (number === 1n && monomial === undefined) return undefined;
  const by = ofTerm(number, monomial ?? { factors: [], degree: 0 });
  const dividend = quotient(a, by);
  const divisor = quotient(b, by);
  return dividend === undefined || divisor === undefined ? undefined : { dividend, divisor };
}

/** The greatest monomial that divides every term; none where it is 1. */
export function commonMonomial(terms: readonly Term[]): Monomial | undefined {
  let factors: readonly Factor[] = terms[0]?.monomial.factors ?? [];
  for (const { monomial } of terms) {
    factors = factors.flatMap(({ atom, exponent }) => {
      const same = monomial.factors.find((other) => other.atom.key === atom.key);
      return same === undefined ? [] : [{ atom, exponent: Math.min(exponent, same.exponent) }];
    });
    if (factors.length === 0) return undefined;
  }
  return factors.length === 0
    ? undefined
    : { factors, degree: factors.reduce((total, { exponent }) => total + exponent, 0) };
}

/** `a / b` where that is a polynomial with integer coefficients. */
export function quotient(a: Dimension, b: Dimension): Dimension | undefined {
  if (b.terms.length === 0) {
    const divisor = b.constant;
    if (divisor === 0n) return undefined;
    if (a.constant % divisor !== 0n || a.terms.some(({ coefficient }) => coefficient % divisor !== 0n))
      return undefined;
    return polynomial(
      a.constant / divisor,
      a.terms.map(({ coefficient, monomial }) => ({ coefficient: coefficient / divisor, monomial })),
    );
  }
  const leading = b.terms[0];
  if (leading === undefined || a.faulty || b.faulty) return undefined;
  let rest = a;
  let result = ZERO;
  while (rest.terms.length > 0 || rest.constant !== 0n) {
    const term = rest.terms[0];
    if (term === undefined || term.coefficient % leading.coefficient !== 0n) return undefined;
    const monomial = divideMonomials(term.monomial, leading.monomial);
    if (monomial === undefined) return undefined;
    const part = ofTerm(term.coefficient / leading.coefficient, monomial);
    result = add(result, part);
    rest = subtract(rest, multiply(part, b));
  }
  return result;
}
