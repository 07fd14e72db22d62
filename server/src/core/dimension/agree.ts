/** When two sizes are the same: always, never, or under a condition that a person can read. */
import { lowerBound, upperBound } from './bounds.ts';
import { and, compare, conditionSymbols } from './condition.ts';
import { commonMonomial, floorDivide, quotient } from './divide.ts';
import { describe, setOf, type Described } from './integerSet.ts';
import { formatCondition, type OpaquePrinter } from './print.ts';
import { commonModulus, solve } from './solve.ts';
import { substitute } from './substitute.ts';
import {
  add,
  constant,
  content,
  divideMonomials,
  gcd,
  isConstant,
  multiply,
  ofTerm,
  ONE,
  polynomial,
  product,
  subtract,
  symbol,
  ZERO,
  type Condition,
  type Dimension,
  type Monomial,
  type SymbolAtom,
} from './terms.ts';

export type Agreement =
  { readonly kind: 'always' } | { readonly kind: 'never' } | ({ readonly kind: 'when' } & Described);

/**
 * When `a == b`. Complete where the difference depends on one symbol by sums, products, floor division and remainder by
 * constants, minima, maxima and selections; where it depends on several, or deciding would take too long, what can't
 * be decided is `when` with the equation itself.
 */
export function agree(a: Dimension, b: Dimension, opaque?: OpaquePrinter): Agreement {
  const equation = compare('==', a, b);
  if (equation.kind === 'constant') return { kind: equation.value ? 'always' : 'never' };
  if (a.faulty || b.faulty) return when(equation, opaque);
  return decide(zeroFactor(subtract(a, b)), 8) ?? when(equation, opaque);
}

/** When a condition holds, in the same words. */
export function explain(condition: Condition, opaque?: OpaquePrinter): Agreement {
  return explainShortly(condition) ?? when(condition, opaque);
}

function when(condition: Condition, opaque?: OpaquePrinter): Agreement {
  return { kind: 'when', condition, text: formatCondition(condition, opaque) };
}

function decide(difference: Dimension, depth: number): Agreement | undefined {
  const equation = compare('==', difference, ZERO);
  if (equation.kind === 'constant') return { kind: equation.value ? 'always' : 'never' };
  if (difference.symbols.size <= 1) return explainShortly(equation);
  const factor = separate(difference);
  if (factor !== undefined && depth > 0) return decide(zeroFactor(factor), depth - 1);
  return decideClasses(difference);
}

/** `d` without the factors that are never zero. */
function zeroFactor(d: Dimension): Dimension {
  if (d.constant !== 0n) return d;
  const shared = commonMonomial(d.terms);
  if (shared === undefined) return d;
  const factors = shared.factors.filter((factor) =>
    isNeverZero(ofTerm(1n, { factors: [factor], degree: factor.exponent })),
  );
  if (factors.length === 0) return d;
  const degree = factors.reduce((total, { exponent }) => total + exponent, 0);
  return quotient(d, ofTerm(1n, { factors, degree })) ?? d;
}

function isNeverZero(d: Dimension): boolean {
  return (lowerBound(d) ?? 0n) > 0n || (upperBound(d) ?? 0n) < 0n;
}

/** `f` where `d = f * g`, `f` depends on less than `d`, and `g` is never zero. */
function separate(d: Dimension): Dimension | undefined {
  for (const name of d.symbols) {
    // d as a polynomial in what doesn't depend on the symbol; one of its coefficients, which must divide all others.
    const first = d.terms[0];
    if (first === undefined) return undefined;
    const outer = without(first.monomial, name);
    const terms = d.terms.flatMap(({ coefficient, monomial }) => {
      const inner = divideMonomials(monomial, outer);
      return inner !== undefined && without(inner, name).degree === 0 && inner.degree > 0
        ? [{ coefficient, monomial: inner }]
        : [];
    });
    const same = d.terms.find(({ monomial }) => divideMonomials(monomial, outer)?.degree === 0);
    const value = outer.degree === 0 ? d.constant : (same?.coefficient ?? 0n);
    if (terms.length === 0) continue;
    const whole = polynomial(value, terms);
    const factor = quotient(whole, constant(gcd(content(whole), whole.constant)));
    const rest = factor === undefined ? undefined : quotient(d, factor);
    if (factor !== undefined && rest !== undefined && factor.symbols.size < d.symbols.size && isNeverZero(rest)) {
      return factor;
    }
  }
  return undefined;
}

function without(monomial: Monomial, name: string): Monomial {
  const factors = monomial.factors.filter(({ atom }) => !atom.symbols.has(name));
  return { factors, degree: factors.reduce((total, { exponent }) => total + exponent, 0) };
}

const MOST_CLASSES = 1024;

/**
 * Several symbols: looks at each combination of residues, where floor quotients become polynomials. The same on all is
 * always; on each decided by bounds or divisibility is never.
 */
function decideClasses(d: Dimension): Agreement | undefined {
  const modulus = commonModulus(d);
  if (modulus === undefined || d.size > 200 || d.terms.some(({ monomial }) => monomial.degree > 6)) return undefined;
  const symbols = [...d.symbols].map((name) => ({ name, lower: findSymbol(d, name)?.lower }));
  for (const refinement of [1n, 2n, 3n, 4n]) {
    const period = modulus * refinement;
    const classes = Number(period) ** symbols.length;
    if (period === 1n) continue;
    if (classes > MOST_CLASSES) return undefined;
    let zeros = 0;
    let others = 0;
    for (let index = 0; index < classes; index++) {
      let rest = BigInt(index);
      const values = new Map<string, Dimension>();
      for (const { name, lower } of symbols) {
        const steps = symbol(name, lower === undefined ? undefined : 0n);
        values.set(name, add(multiply(steps, constant(period)), constant((rest % period) + (lower ?? 0n))));
        rest /= period;
      }
      const equation = compare(
        '==',
        substitute(d, (name) => values.get(name)),
        ZERO,
      );
      if (equation.kind !== 'constant') break;
      if (equation.value) zeros++;
      else others++;
    }
    if (zeros === classes) return { kind: 'always' };
    if (others === classes) return { kind: 'never' };
  }
  return undefined;
}

function explainShortly(condition: Condition): Agreement | undefined {
  if (condition.kind === 'constant') return { kind: condition.value ? 'always' : 'never' };
  const [name, ...more] = conditionSymbols(condition);
  if (name === undefined || more.length > 0) return undefined;
  const atom = findInCondition(condition, name);
  if (atom === undefined) return undefined;
  const up = solve(condition, atom.lower ?? 0n, false);
  const down = atom.lower === undefined && up !== undefined ? solve(condition, 0n, true) : undefined;
  if (up === undefined || (atom.lower === undefined && down === undefined)) return undefined;
  const set = setOf(up, down);
  const described = set === undefined ? undefined : describe(set, symbol(name, atom.lower), name);
  if (described === undefined) return undefined;
  if (described.condition.kind === 'constant') return { kind: described.condition.value ? 'always' : 'never' };
  return { kind: 'when', ...described };
}

function findSymbol(d: Dimension, name: string): SymbolAtom | undefined {
  for (const { monomial } of d.terms) {
    for (const { atom } of monomial.factors) {
      if (!atom.symbols.has(name)) continue;
      switch (atom.kind) {
        case 'symbol':
          return atom;
        case 'floorDivide':
        case 'modulo':
          return findSymbol(atom.dividend, name) ?? findSymbol(atom.divisor, name);
        case 'minimum':
        case 'maximum':
          return findIn(atom.operands, (operand) => findSymbol(operand, name));
        case 'select':
          return (
            findInCondition(atom.condition, name) ?? findSymbol(atom.whenTrue, name) ?? findSymbol(atom.whenFalse, name)
          );
        case 'opaque':
          continue;
      }
    }
  }
  return undefined;
}

function findInCondition(condition: Condition, name: string): SymbolAtom | undefined {
  switch (condition.kind) {
    case 'compare':
      return findSymbol(condition.left, name) ?? findSymbol(condition.right, name);
    case 'and':
    case 'or':
      return findIn(condition.operands, (operand) => findInCondition(operand, name));
    case 'constant':
    case 'opaque':
      return undefined;
  }
}

function findIn<T>(items: readonly T[], find: (item: T) => SymbolAtom | undefined): SymbolAtom | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Several conditions at once; `parts`, for a list, says each thing about one symbol once. */
export type Conjunction =
  | { readonly kind: 'always' }
  | { readonly kind: 'never' }
  | ({ readonly kind: 'when'; readonly parts: readonly Described[] } & Described);

/** All of them: those about the same one symbol become one, "H divisible by 4" and "… by 16" the latter. */
export function conjunction(conditions: Iterable<Condition>, opaque?: OpaquePrinter): Conjunction {
  const groups = new Map<string, Condition[]>();
  for (const condition of conditions) {
    for (const each of condition.kind === 'and' ? condition.operands : [condition]) {
      const symbols = [...conditionSymbols(each)];
      const group = symbols.length === 1 ? `=${symbols.join()}` : each.key;
      groups.set(group, [...(groups.get(group) ?? []), each]);
    }
  }
  const parts: Described[] = [];
  for (const group of groups.values()) {
    const together = and(...group);
    const whole = explainShortly(together);
    const described =
      whole === undefined && together.kind === 'and'
        ? together.operands.map((condition) => explain(condition, opaque))
        : [whole ?? explain(together, opaque)];
    for (const part of described) {
      if (part.kind === 'never') return part;
      if (part.kind === 'when') parts.push(part);
    }
  }
  const condition = and(...parts.map((part) => part.condition));
  if (condition.kind === 'constant') return { kind: condition.value ? 'always' : 'never' };
  const separator = parts.some(({ text }) => / (?:and|or) /.test(text)) ? '; ' : ' and ';
  return { kind: 'when', condition, text: parts.map(({ text }) => text).join(separator), parts };
}

/**
 * `product(a) == product(b)`, for sizes that are at least 1, as equations of one symbol each: with windows of 7,
 * `7 * 7 * (H // 7) * (W // 7) == H * W` is `7 * (H // 7) == H` and the same for W, because neither product can be larger
 * than its own. The equation as it is where nothing of this kind is found.
 */
export function separateProducts(
  a: readonly Dimension[],
  b: readonly Dimension[],
): readonly (readonly [Dimension, Dimension])[] {
  const whole: readonly (readonly [Dimension, Dimension])[] = [[product(a), product(b)]];
  const [left, right] = [bySymbol(a), bySymbol(b)];
  if (left === undefined || right === undefined) return whole;
  const names = [...new Set([...left.products.keys(), ...right.products.keys()])];
  if (names.length < 2 || (left.factor !== 1n && right.factor !== 1n)) return whole;
  const [small, large] = right.factor === 1n ? [left, right] : [right, left];
  let factor = small.factor;
  const equations = names.map((name): readonly [Dimension, Dimension] => {
    const p = small.products.get(name) ?? ONE;
    const q = large.products.get(name) ?? ONE;
    const most = divisorsOf(small.factor).findLast((each) => neverAbove(multiply(constant(each), p), q));
    factor = most === undefined || factor % most !== 0n ? 0n : factor / most;
    return [multiply(constant(most ?? 1n), p), q];
  });
  return factor === 1n ? equations : whole;
}

/** Numbers together, and the other sizes by the only symbol in them; none where there are several in one. */
function bySymbol(
  sizes: readonly Dimension[],
): { readonly factor: bigint; readonly products: ReadonlyMap<string, Dimension> } | undefined {
  let factor = 1n;
  const products = new Map<string, Dimension>();
  for (const size of sizes) {
    const [name, another] = size.symbols;
    if (another !== undefined || size.faulty) return undefined;
    if (name === undefined) factor *= size.constant;
    else products.set(name, multiply(products.get(name) ?? ONE, size));
  }
  return { factor, products };
}

function neverAbove(a: Dimension, b: Dimension): boolean {
  return explain(compare('<=', a, b)).kind === 'always';
}

const LARGEST_FACTOR = 1_000_000n;

/** From 1 up. */
function divisorsOf(number: bigint): readonly bigint[] {
  const small: bigint[] = [];
  if (number > LARGEST_FACTOR) return small;
  for (let each = 1n; each * each <= number; each++) if (number % each === 0n) small.push(each);
  const large = small.map((each) => number / each).filter((each) => each * each !== number);
  return [...small, ...large.reverse()];
}

/** `a / b` where `b` divides `a` whatever the symbols are (and `b` isn't zero). */
export function exactDivide(a: Dimension, b: Dimension): Dimension | undefined {
  if (isConstant(a) && isConstant(b)) {
    return b.constant !== 0n && a.constant % b.constant === 0n ? constant(a.constant / b.constant) : undefined;
  }
  if (a.faulty || b.faulty || (isConstant(b) && b.constant === 0n)) return undefined;
  const exact = quotient(a, b);
  if (exact !== undefined) return exact;
  const floor = floorDivide(a, b);
  return agree(multiply(floor, b), a).kind === 'always' ? floor : undefined;
}
