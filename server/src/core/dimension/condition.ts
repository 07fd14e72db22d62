/**
 * Conditions on dimensions, and the operations that choose: minimum, maximum, select.
 *
 * A comparison's normal form is `d == 0`, `d != 0` or `d >= 0`, divided by the common divisor of its coefficients, so
 * `2*H == 6` is `H == 3` and `2*H == 5` is false. What the bounds of the symbols decide is decided at once.
 */
import { lowerBound, upperBound } from './bounds.ts';
import {
  add,
  atomOf,
  bounded,
  constant,
  content,
  equal,
  floorQuotient,
  isConstant,
  ofAtom,
  ONE,
  polynomial,
  raise,
  scale,
  subtract,
  symbolsIn,
  type Comparison,
  type Condition,
  type Dimension,
  type Opaque,
} from './terms.ts';

export const TRUE: Condition = { kind: 'constant', value: true, key: 'true' };
export const FALSE: Condition = { kind: 'constant', value: false, key: 'false' };

function truth(value: boolean): Condition {
  return value ? TRUE : FALSE;
}

export const NEGATED: Readonly<Record<Comparison, Comparison>> = {
  '==': '!=',
  '!=': '==',
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
};
const MIRRORED: Readonly<Record<Comparison, Comparison>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

export function compare(operator: Comparison, a: Dimension, b: Dimension): Condition {
  if (a.terms.length === 0 && b.terms.length === 0) return truth(compareIntegers(operator, a.constant, b.constant));
  // The number stands on the right.
  if (isConstant(a)) return compare(MIRRORED[operator], b, a);
  const normal = normalise(operator, a, b);
  return typeof normal === 'boolean' ? truth(normal) : { kind: 'compare', operator, left: a, right: b, key: normal };
}

export function compareIntegers(operator: Comparison, a: bigint, b: bigint): boolean {
  switch (operator) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
  }
}

/** The truth, or the key of the normal form. */
function normalise(operator: Comparison, a: Dimension, b: Dimension): boolean | string {
  if (a.faulty || b.faulty) return `(${a.key})${operator}(${b.key})`;
  if (operator === '==' || operator === '!=') {
    const equality = operator === '==';
    if (equal(a, b)) return equality;
    const difference = subtract(a, b);
    if (isConstant(difference)) return !equality;
    const divisor = content(difference);
    if (difference.constant % divisor !== 0n) return !equality;
    if ((lowerBound(difference) ?? 0n) > 0n || (upperBound(difference) ?? 0n) < 0n) return !equality;
    const sign = (difference.terms[0]?.coefficient ?? 1n) < 0n ? -divisor : divisor;
    return `(${divided(difference, sign).key})${operator}0`;
  }
  const difference = operator === '<' || operator === '<=' ? subtract(b, a) : subtract(a, b);
  const strict = operator === '<' || operator === '>';
  const least = strict ? add(difference, constant(-1n)) : difference;
  if (isConstant(least)) return least.constant >= 0n;
  const lower = lowerBound(least);
  if (lower !== undefined && lower >= 0n) return true;
  const upper = upperBound(least);
  if (upper !== undefined && upper < 0n) return false;
  return `(${divided(least, content(least)).key})>=0`;
}

/** Divides by what divides all coefficients, the constant rounded down. */
function divided(d: Dimension, divisor: bigint): Dimension {
  if (divisor === 1n) return d;
  return polynomial(
    floorQuotient(d.constant, divisor),
    d.terms.map(({ coefficient, monomial }) => ({ coefficient: coefficient / divisor, monomial })),
  );
}

export function and(...conditions: readonly Condition[]): Condition {
  return connect('and', conditions);
}

export function or(...conditions: readonly Condition[]): Condition {
  return connect('or', conditions);
}

function connect(kind: 'and' | 'or', conditions: readonly Condition[]): Condition {
  /** The value that decides the whole. */
  const decisive = kind === 'or';
  const operands = new Map<string, Condition>();
  for (const condition of conditions) {
    for (const operand of condition.kind === kind ? condition.operands : [condition]) {
      if (operand.kind === 'constant') {
        if (operand.value === decisive) return operand;
      } else {
        operands.set(operand.key, operands.get(operand.key) ?? operand);
      }
    }
  }
  const distinct = [...operands.values()];
  if (distinct.some((operand) => operands.has(not(operand).key))) return truth(decisive);
  const only = distinct[0];
  if (only === undefined) return truth(!decisive);
  if (distinct.length === 1) return only;
  return { kind, operands: distinct, key: `(${[...operands.keys()].sort().join(` ${kind} `)})` };
}

export function not(condition: Condition): Condition {
  switch (condition.kind) {
    case 'constant':
      return truth(!condition.value);
    case 'compare':
      return compare(NEGATED[condition.operator], condition.left, condition.right);
    case 'and':
      return or(...condition.operands.map(not));
    case 'or':
      return and(...condition.operands.map(not));
    case 'opaque':
      return opaqueTruth(condition.term, !condition.negated);
  }
}

export function opaqueTruth(term: Opaque<boolean>, negated: boolean): Condition {
  return { kind: 'opaque', negated, term, key: negated ? `not ${term.key}` : term.key };
}

/** A condition that the algebra knows nothing about; see {@link opaque}. */
export function opaqueCondition(
  name: string,
  symbols: Iterable<string>,
  evaluate: (lookup: (symbol: string) => bigint | undefined) => boolean | undefined,
  payload?: unknown,
): Condition {
  const term = opaqueTerm(name, [...symbols], evaluate, payload, new Map());
  const value = term.parameters.length === 0 ? evaluate(() => undefined) : undefined;
  return value === undefined ? opaqueTruth(term, false) : truth(value);
}

/**
 * An integer that the algebra knows nothing about. `name` identifies it; `evaluate` gives its value when the
 * `symbols` are known; `payload` is carried for printing.
 */
export function opaque(
  name: string,
  symbols: Iterable<string>,
  evaluate: (lookup: (symbol: string) => bigint | undefined) => bigint | undefined,
  payload?: unknown,
): Dimension {
  const term = opaqueTerm(name, [...symbols], evaluate, payload, new Map());
  const value = term.parameters.length === 0 ? evaluate(() => undefined) : undefined;
  return value === undefined ? ofOpaque(term) : constant(value);
}

export function ofOpaque(term: Opaque<bigint>): Dimension {
  return ofAtom({ kind: 'opaque', symbols: opaqueSymbols(term), size: opaqueSize(term), ...term });
}

export function opaqueTerm<T>(
  name: string,
  parameters: readonly string[],
  evaluateWith: Opaque<T>['evaluateWith'],
  payload: unknown,
  bindings: ReadonlyMap<string, Dimension>,
): Opaque<T> {
  const bound = [...bindings].map(([parameter, value]) => `${JSON.stringify(parameter)}:${value.key}`).sort();
  const key = `?${JSON.stringify(name)}${bound.length === 0 ? '' : `{${bound.join(',')}}`}`;
  return { key, name, parameters, evaluateWith, payload, bindings };
}

function opaqueSize({ bindings }: Opaque<unknown>): number {
  return [...bindings.values()].reduce((size, value) => size + value.size, 1);
}

function opaqueSymbols({ parameters, bindings }: Opaque<unknown>): ReadonlySet<string> {
  return symbolsIn([
    { symbols: new Set(parameters.filter((parameter) => !bindings.has(parameter))) },
    ...bindings.values(),
  ]);
}

/** Whether it holds, where that is known whatever the symbols are. */
export function decided(condition: Condition): boolean | undefined {
  return condition.kind === 'constant' ? condition.value : undefined;
}

export function conditionKey(condition: Condition): string {
  return condition.key;
}

export function conditionSymbols(condition: Condition): ReadonlySet<string> {
  switch (condition.kind) {
    case 'constant':
      return symbolsIn([]);
    case 'compare':
      return symbolsIn([condition.left, condition.right]);
    case 'and':
    case 'or':
      return symbolsIn(condition.operands.map((operand) => ({ symbols: conditionSymbols(operand) })));
    case 'opaque':
      return opaqueSymbols(condition.term);
  }
}

function conditionSize(condition: Condition): number {
  switch (condition.kind) {
    case 'constant':
      return 1;
    case 'compare':
      return condition.left.size + condition.right.size;
    case 'and':
    case 'or':
      return condition.operands.reduce((size, operand) => size + conditionSize(operand), 0);
    case 'opaque':
      return opaqueSize(condition.term);
  }
}

/** `whenTrue` where the condition holds, else `whenFalse`. */
export function select(condition: Condition, whenTrue: Dimension, whenFalse: Dimension): Dimension {
  if (condition.kind === 'constant') return condition.value ? whenTrue : whenFalse;
  if (equal(whenTrue, whenFalse)) return whenTrue;
  // One key for it and for the same written the other way round.
  const opposite = not(condition).key;
  const key =
    condition.key < opposite
      ? `~if(${condition.key})(${whenTrue.key})(${whenFalse.key})`
      : `~if(${opposite})(${whenFalse.key})(${whenTrue.key})`;
  return ofAtom({
    kind: 'select',
    key,
    symbols: symbolsIn([{ symbols: conditionSymbols(condition) }, whenTrue, whenFalse]),
    size: conditionSize(condition) + whenTrue.size + whenFalse.size,
    condition,
    whenTrue,
    whenFalse,
  });
}

export function minimum(...dimensions: readonly Dimension[]): Dimension {
  return extreme('minimum', dimensions);
}

export function maximum(...dimensions: readonly Dimension[]): Dimension {
  return extreme('maximum', dimensions);
}

/** More operands than these aren't compared with each other. */
const COMPARED_LIMIT = 24;

function extreme(kind: 'minimum' | 'maximum', dimensions: readonly Dimension[]): Dimension {
  const sign = kind === 'minimum' ? 1n : -1n;
  let bound: bigint | undefined;
  const distinct = new Map<string, Dimension>();
  for (const dimension of dimensions) {
    if (dimension.faulty) return dimension;
    for (const d of operandsOf(kind, dimension)) {
      if (!isConstant(d)) distinct.set(d.key, d);
      else if (bound === undefined || (d.constant - bound) * sign < 0n) bound = d.constant;
    }
  }
  if (bound !== undefined && distinct.size === 0) return constant(bound);
  const operands = [...distinct.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  if (bound !== undefined) operands.push(constant(bound));
  // An operand goes where another is never further from the extreme.
  for (let index = operands.length - 1; index >= 0 && operands.length <= COMPARED_LIMIT; index--) {
    const operand = operands[index];
    const dominated = operands.some(
      (other) =>
        operand !== undefined && other !== operand && (lowerBound(scale(subtract(operand, other), sign)) ?? -1n) >= 0n,
    );
    if (dominated) operands.splice(index, 1);
  }
  const only = operands[0];
  if (only === undefined) throw new RangeError(`The ${kind} of nothing.`);
  if (operands.length === 1) return only;
  return ofAtom({
    kind,
    key: `~${kind === 'minimum' ? 'min' : 'max'}(${operands.map((d) => d.key).join(',')})`,
    symbols: symbolsIn(operands),
    size: operands.reduce((size, d) => size + d.size, 1),
    operands,
  });
}

function operandsOf(kind: 'minimum' | 'maximum', d: Dimension): readonly Dimension[] {
  const atom = atomOf(d);
  return atom?.kind === kind ? atom.operands : [d];
}

/** `base ** exponent` for a constant exponent from 0 on; else (or where it would be enormous) nothing. */
export function power(base: Dimension, exponent: Dimension): Dimension | undefined {
  if (!isConstant(exponent) || exponent.constant < 0n) return undefined;
  if (exponent.constant === 0n) return ONE;
  if (isConstant(base)) {
    const bits = BigInt(base.constant.toString(16).length) * 4n;
    if (base.constant * base.constant > 1n && bits * exponent.constant > 65_536n) return undefined;
    return constant(bounded(base.constant ** exponent.constant));
  }
  return exponent.constant > 64n ? undefined : raise(base, exponent.constant);
}
