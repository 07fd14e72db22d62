/** A dimension as a reader sees it: for printers, which need not know the normal form. */
import {
  atomOf,
  constant,
  isConstant,
  multiply,
  ofAtom,
  ofTerm,
  polynomial,
  scale,
  subtract,
  type Atom,
  type Condition,
  type Dimension,
  type DivisionAtom,
  type Monomial,
  type Opaque,
} from './terms.ts';

export type Structure =
  | { readonly kind: 'constant'; readonly value: bigint }
  | { readonly kind: 'symbol'; readonly name: string; readonly lower: bigint | undefined }
  /** Two terms or more, a positive one first where there is one; values are without their sign. */
  | { readonly kind: 'sum'; readonly terms: readonly { readonly negative: boolean; readonly value: Dimension }[] }
  /** A coefficient (1 only where there are several factors) times factors that are no constants. */
  | { readonly kind: 'product'; readonly coefficient: bigint; readonly factors: readonly Dimension[] }
  | { readonly kind: 'power'; readonly base: Dimension; readonly exponent: number }
  | { readonly kind: 'floorDivide' | 'modulo'; readonly dividend: Dimension; readonly divisor: Dimension }
  | { readonly kind: 'minimum' | 'maximum'; readonly operands: readonly Dimension[] }
  | {
      readonly kind: 'select';
      readonly condition: Condition;
      readonly whenTrue: Dimension;
      readonly whenFalse: Dimension;
    }
  | { readonly kind: 'opaque'; readonly term: Opaque<bigint> };

/** The outermost operation of `d`. */
export function structure(d: Dimension): Structure {
  if (isConstant(d)) return { kind: 'constant', value: d.constant };
  const atom = atomOf(d);
  if (atom !== undefined) return structureOfAtom(atom);
  const { rest, remainders } = findRemainders(d);
  const parts = [
    ...rest.terms.map(({ coefficient, monomial }) => ({
      negative: coefficient < 0n,
      value: ofTerm(coefficient < 0n ? -coefficient : coefficient, monomial),
    })),
    ...remainders.map(({ coefficient, monomial, remainder }) => ({
      negative: coefficient < 0n,
      value: multiply(ofTerm(coefficient < 0n ? -coefficient : coefficient, monomial), remainder),
    })),
  ];
  if (rest.constant !== 0n) {
    parts.push({ negative: rest.constant < 0n, value: constant(rest.constant < 0n ? -rest.constant : rest.constant) });
  }
  if (parts.length > 1) {
    const first = parts.findIndex(({ negative }) => !negative);
    if (first > 0) parts.unshift(...parts.splice(first, 1));
    return { kind: 'sum', terms: parts };
  }
  const only = remainders[0];
  if (only !== undefined) {
    const { coefficient, monomial, remainder, division } = only;
    return coefficient === 1n && monomial.degree === 0
      ? { kind: 'modulo', dividend: division.dividend, divisor: division.divisor }
      : { kind: 'product', coefficient, factors: [...factorsOf(monomial), remainder] };
  }
  const term = rest.terms[0];
  const factor = term?.monomial.factors[0];
  if (term === undefined || factor === undefined) return { kind: 'constant', value: rest.constant };
  return term.coefficient === 1n && term.monomial.factors.length === 1
    ? { kind: 'power', base: ofAtom(factor.atom), exponent: factor.exponent }
    : { kind: 'product', coefficient: term.coefficient, factors: factorsOf(term.monomial) };
}

function factorsOf(monomial: Monomial): Dimension[] {
  return monomial.factors.map((factor) => ofTerm(1n, { factors: [factor], degree: factor.exponent }));
}

function structureOfAtom(atom: Atom): Structure {
  switch (atom.kind) {
    case 'opaque':
      return { kind: 'opaque', term: atom };
    case 'symbol':
      return { kind: 'symbol', name: atom.name, lower: atom.lower };
    case 'floorDivide':
    case 'modulo':
      return { kind: atom.kind, dividend: atom.dividend, divisor: atom.divisor };
    case 'minimum':
    case 'maximum':
      return { kind: atom.kind, operands: atom.operands };
    case 'select':
      return { kind: 'select', condition: atom.condition, whenTrue: atom.whenTrue, whenFalse: atom.whenFalse };
  }
}

interface Remainder {
  /** What it is multiplied by. */
  readonly coefficient: bigint;
  readonly monomial: Monomial;
  readonly division: DivisionAtom;
  /** The dividend less the divisor times the quotient. */
  readonly remainder: Dimension;
}

/** Finds `k*a - k*m*(a // m)` in a sum again, where all its terms are there: it reads `k * (a % m)`. */
function findRemainders(d: Dimension): { rest: Dimension; remainders: readonly Remainder[] } {
  const candidates = d.terms.flatMap(({ coefficient, monomial }) =>
    monomial.factors.flatMap(({ atom, exponent }) =>
      atom.kind === 'floorDivide' &&
      exponent === 1 &&
      isConstant(atom.divisor) &&
      atom.divisor.constant !== 0n &&
      coefficient % atom.divisor.constant === 0n
        ? [
            {
              coefficient: -coefficient / atom.divisor.constant,
              monomial: {
                factors: monomial.factors.filter((factor) => factor.atom !== atom),
                degree: monomial.degree - 1,
              },
              division: atom,
            },
          ]
        : [],
    ),
  );
  candidates.sort((a, b) => b.division.size - a.division.size);
  let rest = d;
  const remainders: Remainder[] = [];
  for (const { coefficient, monomial, division } of candidates) {
    const remainder = subtract(division.dividend, scale(ofAtom(division), division.divisor.constant));
    const part = multiply(ofTerm(coefficient, monomial), remainder);
    const left = subtract(rest, part);
    if (left.terms.length !== rest.terms.length - part.terms.length) continue;
    rest = left;
    remainders.push({ coefficient, monomial, division, remainder });
  }
  return { rest: polynomial(rest.constant, rest.terms), remainders };
}

/** The symbol and 8 of `8 * h`, 1 of `h`; `undefined` where `d` is no multiple of one symbol. */
export function multipleOf(d: Dimension | undefined): { readonly symbol: string; readonly times: bigint } | undefined {
  const node = d === undefined ? undefined : structure(d);
  if (node?.kind === 'symbol') return { symbol: node.name, times: 1n };
  if (node?.kind !== 'product' || node.factors.length !== 1) return undefined;
  const inner = structure(node.factors[0]!);
  return inner.kind === 'symbol' ? { symbol: inner.name, times: node.coefficient } : undefined;
}
