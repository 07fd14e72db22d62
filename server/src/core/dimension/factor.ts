/** Sums as few products, for readers: `3 * (H // 2 + 1) * (W // 2 + 1)` where the normal form has four terms. */
import {
  type Dimension,
  type Monomial,
  add,
  constant,
  equal,
  multiply,
  ofAtom,
  ofTerm,
  product,
  subtract,
} from './terms.ts';

/** A product of a number and factors that are no numbers. */
export interface Product {
  readonly coefficient: bigint;
  readonly factors: readonly Dimension[];
}

/** Longer ones are nothing that anybody reads. */
const MOST_TERMS = 200;

/** Products that add up to `d`, which they do exactly: each is what the ones before it leave. */
export function factorise(d: Dimension): readonly Product[] {
  const found: Product[] = [];
  let rest = d;
  while (rest.terms.length > 0 && rest.terms.length <= MOST_TERMS) {
    const leading = rest.terms.reduce((best, term) => (term.monomial.degree > best.monomial.degree ? term : best));
    const before = size(rest);
    const candidates = productsOf(rest, leading.coefficient, atomsOf(leading.monomial))
      .map((each) => ({ each, left: subtract(rest, expanded(each)) }))
      // A product must take away more than the term that it was made from.
      .filter(({ left }) => size(left) < before - 1)
      .sort((a, b) => size(a.left) - size(b.left));
    const plain = { coefficient: leading.coefficient, factors: atomsOf(leading.monomial) };
    const [chosen = { each: plain, left: subtract(rest, expanded(plain)) }] = candidates;
    found.push(chosen.each);
    rest = chosen.left;
  }
  const last = rest.terms.map(({ coefficient, monomial }) => ({ coefficient, factors: atomsOf(monomial) }));
  return [...found, ...last, ...(rest.constant === 0n ? [] : [{ coefficient: rest.constant, factors: [] }])];
}

/** `c * a * b` as `c * (a + i) * (b + j)`, where `i` and `j` are what the sum has beside it: all of them, or one. */
function productsOf(rest: Dimension, coefficient: bigint, atoms: readonly Dimension[]): readonly Product[] {
  // A sum in parentheses is no product.
  if (atoms.length === 1 && (coefficient === 1n || coefficient === -1n)) return [];
  const beside = atoms.map((_, i) => {
    const others = product(atoms.filter((_other, k) => k !== i));
    const found = coefficientOf(rest, others);
    return found % coefficient === 0n ? found / coefficient : 0n;
  });
  const shifted = (by: (i: number) => bigint): Product => ({
    coefficient,
    factors: atoms.map((atom, i) => add(atom, constant(by(i)))),
  });
  // What stands beside a square is twice what its factors have.
  const shared = atoms.map((atom, i) => {
    const alike = BigInt(atoms.filter((other) => equal(atom, other)).length);
    return beside[i]! % alike === 0n ? beside[i]! / alike : 0n;
  });
  return [shifted((i) => shared[i]!), ...atoms.map((_, i) => shifted((k) => (k === i ? beside[i]! : 0n)))];
}

function coefficientOf({ terms, constant: number }: Dimension, monomial: Dimension): bigint {
  const [wanted] = monomial.terms;
  if (wanted === undefined) return number;
  return terms.find((term) => equal(ofTerm(1n, term.monomial), ofTerm(1n, wanted.monomial)))?.coefficient ?? 0n;
}

function atomsOf({ factors }: Monomial): Dimension[] {
  return factors.flatMap(({ atom, exponent }) => Array.from({ length: exponent }, () => ofAtom(atom)));
}

function expanded({ coefficient, factors }: Product): Dimension {
  return multiply(constant(coefficient), product(factors));
}

function size({ terms, constant: number }: Dimension): number {
  return terms.length + (number === 0n ? 0 : 1);
}
