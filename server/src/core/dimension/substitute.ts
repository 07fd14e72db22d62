/** Putting dimensions, or numbers, in the place of symbols. */
import {
  and,
  compare,
  compareIntegers,
  maximum,
  minimum,
  ofOpaque,
  opaqueTerm,
  opaqueTruth,
  or,
  select,
  TRUE,
  FALSE,
} from './condition.ts';
import { floorDivide, modulo } from './divide.ts';
import {
  add,
  atomOf,
  constant,
  floorQuotient,
  floorRemainder,
  isConstant,
  multiply,
  ofAtom,
  raise,
  type Atom,
  type Condition,
  type Dimension,
  type Opaque,
} from './terms.ts';

export type Substitution = (symbol: string) => Dimension | undefined;
export type Values = (symbol: string) => bigint | undefined;

/** `d` with every symbol that `lookup` knows replaced; an opaque term is evaluated as soon as all it needs is known. */
export function substitute(d: Dimension, lookup: Substitution): Dimension {
  return concerns(d.symbols, lookup) ? substituteIn(d, lookup) : d;
}

function concerns(symbols: ReadonlySet<string>, lookup: Substitution): boolean {
  for (const symbol of symbols) if (lookup(symbol) !== undefined) return true;
  return false;
}

function substituteIn(d: Dimension, lookup: Substitution): Dimension {
  let total = constant(d.constant);
  for (const { coefficient, monomial } of d.terms) {
    let term = constant(coefficient);
    for (const { atom, exponent } of monomial.factors) {
      const value = substituteAtom(atom, lookup);
      if (value.faulty) return value;
      term = multiply(term, exponent === 1 ? value : raise(value, BigInt(exponent)));
    }
    total = add(total, term);
  }
  return total;
}

function substituteAtom(atom: Atom, lookup: Substitution): Dimension {
  switch (atom.kind) {
    case 'symbol':
      return lookup(atom.name) ?? ofAtom(atom);
    case 'floorDivide':
      return floorDivide(substitute(atom.dividend, lookup), substitute(atom.divisor, lookup));
    case 'modulo':
      return modulo(substitute(atom.dividend, lookup), substitute(atom.divisor, lookup));
    case 'minimum':
      return minimum(...atom.operands.map((operand) => substitute(operand, lookup)));
    case 'maximum':
      return maximum(...atom.operands.map((operand) => substitute(operand, lookup)));
    case 'select': {
      const condition = substituteCondition(atom.condition, lookup);
      return select(condition, substitute(atom.whenTrue, lookup), substitute(atom.whenFalse, lookup));
    }
    case 'opaque': {
      const { term, value } = substituteOpaque(atom, lookup);
      return value === undefined ? ofOpaque(term) : constant(value);
    }
  }
}

function substituteOpaque<T>(term: Opaque<T>, lookup: Substitution): { term: Opaque<T>; value: T | undefined } {
  const bindings = new Map<string, Dimension>();
  for (const parameter of term.parameters) {
    const bound = term.bindings.get(parameter);
    const value = bound === undefined ? lookup(parameter) : substitute(bound, lookup);
    if (value !== undefined && !isSymbol(value, parameter)) bindings.set(parameter, value);
  }
  const known = term.parameters.every((parameter) => {
    const value = bindings.get(parameter);
    return value !== undefined && isConstant(value);
  });
  return {
    term: opaqueTerm(term.name, term.parameters, term.evaluateWith, term.payload, bindings),
    value: known ? term.evaluateWith((parameter) => bindings.get(parameter)?.constant) : undefined,
  };
}

function isSymbol(d: Dimension, name: string): boolean {
  const atom = atomOf(d);
  return atom?.kind === 'symbol' && atom.name === name;
}

export function substituteCondition(condition: Condition, lookup: Substitution): Condition {
  switch (condition.kind) {
    case 'constant':
      return condition;
    case 'compare': {
      const left = substitute(condition.left, lookup);
      const right = substitute(condition.right, lookup);
      return left === condition.left && right === condition.right
        ? condition
        : compare(condition.operator, left, right);
    }
    case 'and':
      return and(...condition.operands.map((operand) => substituteCondition(operand, lookup)));
    case 'or':
      return or(...condition.operands.map((operand) => substituteCondition(operand, lookup)));
    case 'opaque': {
      const { term, value } = substituteOpaque(condition.term, lookup);
      if (value === undefined) return opaqueTruth(term, condition.negated);
      return value !== condition.negated ? TRUE : FALSE;
    }
  }
}

/** The value of `d`; unknown where a symbol is, and where it divides by zero. */
export function evaluate(d: Dimension, lookup: Values): bigint | undefined {
  let total = d.constant;
  for (const { coefficient, monomial } of d.terms) {
    let term = coefficient;
    for (const { atom, exponent } of monomial.factors) {
      const value = evaluateAtom(atom, lookup);
      if (value === undefined) return undefined;
      term *= exponent === 1 ? value : value ** BigInt(exponent);
    }
    total += term;
  }
  return total;
}

function evaluateAtom(atom: Atom, lookup: Values): bigint | undefined {
  switch (atom.kind) {
    case 'symbol':
      return lookup(atom.name);
    case 'floorDivide':
    case 'modulo': {
      const dividend = evaluate(atom.dividend, lookup);
      const divisor = evaluate(atom.divisor, lookup);
      if (dividend === undefined || divisor === undefined || divisor === 0n) return undefined;
      return atom.kind === 'modulo' ? floorRemainder(dividend, divisor) : floorQuotient(dividend, divisor);
    }
    case 'minimum':
    case 'maximum': {
      let best: bigint | undefined;
      for (const operand of atom.operands) {
        const value = evaluate(operand, lookup);
        if (value === undefined) return undefined;
        if (best === undefined || (atom.kind === 'minimum' ? value < best : value > best)) best = value;
      }
      return best;
    }
    case 'select': {
      const holds = evaluateCondition(atom.condition, lookup);
      return holds === undefined ? undefined : evaluate(holds ? atom.whenTrue : atom.whenFalse, lookup);
    }
    case 'opaque':
      return evaluateOpaque(atom, lookup);
  }
}

function evaluateOpaque<T>(term: Opaque<T>, lookup: Values): T | undefined {
  return term.evaluateWith((parameter) => {
    const bound = term.bindings.get(parameter);
    return bound === undefined ? lookup(parameter) : evaluate(bound, lookup);
  });
}

/** Whether it holds; unknown where that depends on something unknown. */
export function evaluateCondition(condition: Condition, lookup: Values): boolean | undefined {
  switch (condition.kind) {
    case 'constant':
      return condition.value;
    case 'compare': {
      const left = evaluate(condition.left, lookup);
      const right = evaluate(condition.right, lookup);
      return left === undefined || right === undefined ? undefined : compareIntegers(condition.operator, left, right);
    }
    case 'and':
    case 'or': {
      let unknown = false;
      for (const operand of condition.operands) {
        const value = evaluateCondition(operand, lookup);
        if (value === undefined) unknown = true;
        else if (value === (condition.kind === 'or')) return value;
      }
      return unknown ? undefined : condition.kind === 'and';
    }
    case 'opaque': {
      const value = evaluateOpaque(condition.term, lookup);
      return value === undefined ? undefined : value !== condition.negated;
    }
  }
}
