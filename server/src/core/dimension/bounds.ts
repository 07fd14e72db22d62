/**
 * Bounds from what is known of the symbols (a size is at least 1): sound, not always the best.
 *
 * First plain interval arithmetic. Where that leaves a side open, quotients are relaxed to their real bounds,
 * `(a - m + 1) / m <= a // m <= a / m`, so that what they share with the rest cancels (`H - H // 2 >= 0`), and every
 * atom is measured from its own lower bound, so that products do too (`H*W - H >= 0`).
 */
import {
  add,
  constant,
  floorQuotient,
  multiply,
  ofAtom,
  ofTerm,
  raise,
  scale,
  subtract,
  type Atom,
  type Bounds,
  type Dimension,
  type Factor,
} from './terms.ts';

const OPEN: Bounds = { lower: undefined, upper: undefined };

/** A value that `d` is never below. */
export function lowerBound(d: Dimension): bigint | undefined {
  return d.terms.length === 0 ? d.constant : boundsOf(d).lower;
}

/** A value that `d` is never above. */
export function upperBound(d: Dimension): bigint | undefined {
  return d.terms.length === 0 ? d.constant : boundsOf(d).upper;
}

function boundsOf(d: Dimension): Bounds {
  return (d.bounds ??= d.faulty ? OPEN : findBounds(d));
}

function findBounds(d: Dimension): Bounds {
  const { lower, upper } = intervalOf(d);
  if (d.size > 300 || (d.terms.length === 1 && d.terms[0]?.monomial.degree === 1)) return { lower, upper };
  return { lower: lower ?? relaxedLower(d), upper: upper ?? minus(relaxedLower(scale(d, -1n))) };
}

function minus(value: bigint | undefined): bigint | undefined {
  return value === undefined ? undefined : -value;
}

function intervalOf(d: Dimension): Bounds {
  let lower: bigint | undefined = d.constant;
  let upper: bigint | undefined = d.constant;
  for (const { coefficient, monomial } of d.terms) {
    const term = scaleBounds(coefficient, monomialBounds(monomial.factors));
    lower = lower === undefined || term.lower === undefined ? undefined : lower + term.lower;
    upper = upper === undefined || term.upper === undefined ? undefined : upper + term.upper;
    if (lower === undefined && upper === undefined) return OPEN;
  }
  return { lower, upper };
}

function monomialBounds(factors: readonly Factor[]): Bounds {
  let bounds: Bounds | undefined;
  for (const { atom, exponent } of factors) {
    const next = powerBounds(atomBounds(atom), exponent);
    bounds = bounds === undefined ? next : multiplyBounds(bounds, next);
  }
  return bounds ?? OPEN;
}

function scaleBounds(factor: bigint, { lower, upper }: Bounds): Bounds {
  const from = lower === undefined ? undefined : lower * factor;
  const to = upper === undefined ? undefined : upper * factor;
  return factor > 0n ? { lower: from, upper: to } : { lower: to, upper: from };
}

function powerBounds(base: Bounds, exponent: number): Bounds {
  let bounds = base;
  for (let n = 1; n < exponent && n < 8; n++) bounds = multiplyBounds(bounds, base);
  if (exponent >= 8) bounds = base.lower !== undefined && base.lower >= 0n ? { lower: 0n, upper: undefined } : OPEN;
  if (exponent % 2 === 0 && (bounds.lower === undefined || bounds.lower < 0n)) return { ...bounds, lower: 0n };
  return bounds;
}

function multiplyBounds(a: Bounds, b: Bounds): Bounds {
  if (a.lower !== undefined && b.lower !== undefined && a.lower >= 0n && b.lower >= 0n) {
    return {
      lower: a.lower * b.lower,
      upper:
        a.upper === 0n || b.upper === 0n
          ? 0n
          : a.upper === undefined || b.upper === undefined
            ? undefined
            : a.upper * b.upper,
    };
  }
  if (a.upper !== undefined && a.upper <= 0n && a.lower !== 0n) return mirror(multiplyBounds(mirror(a), b));
  if (b.upper !== undefined && b.upper <= 0n && b.lower !== 0n) return mirror(multiplyBounds(a, mirror(b)));
  if (a.lower === undefined || a.upper === undefined || b.lower === undefined || b.upper === undefined) return OPEN;
  const corners = [a.lower * b.lower, a.lower * b.upper, a.upper * b.lower, a.upper * b.upper];
  return {
    lower: corners.reduce((least, corner) => (corner < least ? corner : least)),
    upper: corners.reduce((most, corner) => (corner > most ? corner : most)),
  };
}

function mirror({ lower, upper }: Bounds): Bounds {
  return { lower: minus(upper), upper: minus(lower) };
}

export function atomBounds(atom: Atom): Bounds {
  switch (atom.kind) {
    case 'symbol':
      return { lower: atom.lower, upper: undefined };
    case 'floorDivide':
      return quotientBounds(atom.dividend, atom.divisor);
    case 'modulo': {
      const { lower, upper } = boundsOf(atom.divisor);
      return lower === undefined || lower <= 0n
        ? OPEN
        : { lower: 0n, upper: upper === undefined ? undefined : upper - 1n };
    }
    case 'minimum': {
      const upper = atom.operands.map(upperBound).filter((bound) => bound !== undefined);
      return { lower: leastOfAll(atom.operands.map(lowerBound)), upper: leastOfAll(upper) };
    }
    case 'maximum': {
      const lower = atom.operands.map((d) => minus(lowerBound(d))).filter((bound) => bound !== undefined);
      return {
        lower: minus(leastOfAll(lower)),
        upper: minus(leastOfAll(atom.operands.map((d) => minus(upperBound(d))))),
      };
    }
    case 'select': {
      const arms = [atom.whenTrue, atom.whenFalse];
      return {
        lower: leastOfAll(arms.map(lowerBound)),
        upper: minus(leastOfAll(arms.map((d) => minus(upperBound(d))))),
      };
    }
    case 'opaque':
      return OPEN;
  }
}

/** The least; unknown where one is, or where there is none. */
function leastOfAll(values: readonly (bigint | undefined)[]): bigint | undefined {
  let least: bigint | undefined;
  for (const value of values) {
    if (value === undefined) return undefined;
    if (least === undefined || value < least) least = value;
  }
  return least;
}

function quotientBounds(dividend: Dimension, divisor: Dimension): Bounds {
  const { lower, upper } = boundsOrValue(dividend);
  if (divisor.terms.length === 0) {
    if (divisor.constant <= 0n) return OPEN;
    return {
      lower: lower === undefined ? undefined : floorQuotient(lower, divisor.constant),
      upper: upper === undefined ? undefined : floorQuotient(upper, divisor.constant),
    };
  }
  const least = lowerBound(divisor);
  if (least === undefined || least < 1n) return OPEN;
  return {
    lower: lower === undefined ? undefined : lower >= 0n ? 0n : floorQuotient(lower, least),
    upper: upper === undefined ? undefined : upper >= 0n ? floorQuotient(upper, least) : -1n,
  };
}

function boundsOrValue(d: Dimension): Bounds {
  return d.terms.length === 0 ? { lower: d.constant, upper: d.constant } : boundsOf(d);
}

const RELAXATIONS = 12;

function relaxedLower(d: Dimension): bigint | undefined {
  let relaxed = d;
  let factor = 1n;
  for (let round = 0; round < RELAXATIONS; round++) {
    const next = relaxQuotient(relaxed);
    if (next === undefined) break;
    relaxed = next.relaxed;
    factor *= next.factor;
    if (relaxed.size > 300) return undefined;
    const least = intervalOf(relaxed).lower ?? shiftedLower(relaxed);
    // Further relaxing only makes it weaker.
    if (least !== undefined) return -floorQuotient(-least, factor);
  }
  return factor === 1n ? shiftedLower(d) : undefined;
}

/** `factor * d >= relaxed`, with one quotient less in it. */
function relaxQuotient(d: Dimension): { relaxed: Dimension; factor: bigint } | undefined {
  for (const { coefficient, monomial } of d.terms) {
    const index = monomial.factors.findIndex(
      ({ atom, exponent }) => atom.kind === 'floorDivide' && exponent === 1 && atom.divisor.terms.length === 0,
    );
    const atom = monomial.factors[index]?.atom;
    if (atom?.kind !== 'floorDivide' || atom.divisor.constant <= 0n) continue;
    const others = monomial.factors.filter((_, other) => other !== index);
    if (!others.every(({ atom: other }) => (atomBounds(other).lower ?? -1n) >= 0n)) continue;
    const modulus = atom.divisor.constant;
    const rest = subtract(d, ofTerm(coefficient, monomial));
    const bound = coefficient > 0n ? add(atom.dividend, constant(1n - modulus)) : atom.dividend;
    const replaced = multiply(bound, ofTerm(coefficient, { factors: others, degree: monomial.degree - 1 }));
    return { relaxed: add(scale(rest, modulus), replaced), factor: modulus };
  }
  return undefined;
}

/** Every atom written as its lower bound plus something that isn't negative. */
function shiftedLower(d: Dimension): bigint | undefined {
  let shifted = constant(d.constant);
  for (const { coefficient, monomial } of d.terms) {
    if (monomial.degree > 6) return undefined;
    let term = constant(coefficient);
    for (const { atom, exponent } of monomial.factors) {
      const { lower } = atomBounds(atom);
      if (lower === undefined) return undefined;
      term = multiply(term, raise(add(ofAtom(atom), constant(lower)), BigInt(exponent)));
    }
    shifted = add(shifted, term);
  }
  return shifted.terms.every(({ coefficient }) => coefficient > 0n) ? shifted.constant : undefined;
}
