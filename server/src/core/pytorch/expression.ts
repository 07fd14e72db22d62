/** The author's expressions as Python: the same text wherever Python reads it the same. */
import type { Argument, BinaryExpression, CallExpression, Expression, Identifier } from '../definition.ts';
import { type Condition, type Dimension, type Opaque, key, structure } from '../dimension.ts';
import { precedenceOf } from '../elaborate/words.ts';
import type { Value } from '../value.ts';
import { numberLiteral, power, stringLiteral, within } from './python.ts';

/** What names and sizes are called where an expression is printed. */
export interface Environment {
  /** What was found at an expression. */
  valueOf(expression: Expression): Value | undefined;
  name(name: Identifier, expression: Expression): string;
  /** What a condition is in every use; `undefined` where that differs. */
  taken(condition: Expression): boolean | undefined;
  /** A size of a tensor: `x.channels`, `x.shape[1]`, `x.shape`; `undefined` where the expression is none. */
  size(expression: Expression): string | undefined;
  /** What is worked out from sizes that are plain numbers; `undefined` where it isn't. */
  known(expression: Expression): string | undefined;
  /** A layer or block as an argument; `undefined` where the call is a function's. */
  layer(expression: CallExpression): string | undefined;
  /** A function of the language that is no builtin: says what to call it, and sees to its import. */
  function(name: string): string;
  /** What has no Python. */
  impossible(expression: Expression, why: string): string;
}

/** Functions that give whole numbers already. */
const WHOLE = new Set(['round', 'floor', 'ceil', 'len']);
const ROUNDINGS = new Set(['round', 'floor', 'ceil', 'int']);

/** `wantsInt`: an int is needed, so an exact `/` is written `//`. */
export function printExpression(expression: Expression, around: Environment, wantsInt = false): string {
  const print = (inner: Expression): string => printExpression(inner, around);
  const size = around.size(expression) ?? around.known(expression);
  if (size !== undefined) return size;
  switch (expression.kind) {
    case 'number':
      return numberLiteral(expression);
    case 'string':
      return stringLiteral(expression.value);
    case 'boolean':
      return expression.value ? 'True' : 'False';
    case 'none':
      return 'None';
    case 'name':
      return around.name(expression.name, expression);
    case 'call':
      return around.layer(expression) ?? printCall(expression, around);
    case 'member':
      return `${within(print(expression.object), 9)}.${expression.member.text}`;
    case 'index':
      return `${within(print(expression.object), 9)}[${print(expression.index)}]`;
    case 'slice': {
      const { start, stop, step } = expression;
      const [from, to, by] = [start, stop, step].map((part) => (part === undefined ? '' : within(print(part), 5)));
      const space = [start, stop, step].some((part) => part !== undefined && isComplex(part)) ? ' ' : '';
      const text = `${from ?? ''}${from === '' ? '' : space}:${to === '' ? '' : space}${to ?? ''}${by === '' ? '' : `${space}:${space}${by ?? ''}`}`;
      return `${within(print(expression.object), 9)}[${text}]`;
    }
    case 'list':
      return `[${expression.items.map(print).join(', ')}]`;
    case 'tuple': {
      const items = expression.items.map(print);
      return items.length === 1 ? `[${items.join()}]` : `(${items.join(', ')})`;
    }
    case 'unary':
      return expression.operator === 'not'
        ? negation(expression.operand, print)
        : `${expression.operator}${within(print(expression.operand), 7)}`;
    case 'binary':
      return printBinary(expression, around, wantsInt);
    case 'compare': {
      const taken = around.taken(expression);
      if (taken !== undefined) return taken ? 'True' : 'False';
      return expression.operands
        .map((operand, i) => {
          const pair = i === 0 ? [] : [expression.operands[i - 1]!, operand];
          const operator = comparison(
            expression.operators[i - 1] ?? '',
            pair.some(({ kind }) => kind === 'none'),
          );
          return `${i === 0 ? '' : `${operator} `}${within(print(operand), 5)}`;
        })
        .join(' ');
    }
    case 'conditional': {
      const taken = around.taken(expression.condition);
      // The other arm has no facts.
      if (taken !== undefined) return printExpression(taken ? expression.then : expression.otherwise, around, wantsInt);
      const [then, otherwise] = [expression.then, expression.otherwise].map((arm) =>
        printExpression(arm, around, wantsInt),
      );
      return choose(print(expression.condition), then ?? '', otherwise ?? '');
    }
    case 'pipeline':
      return around.impossible(expression, 'Layers can’t stand where a number is wanted.');
    case 'missing':
      return around.impossible(expression, 'Something is missing here.');
  }
}

/** `a if c else b`, or `max(a, b)` where it is that. */
export function choose(test: string, then: string, otherwise: string): string {
  if (then === otherwise) return then;
  for (const operator of ['>', '>=', '<', '<=']) {
    const isLarger = operator.startsWith('>');
    const [a, b] = [within(then, 5), within(otherwise, 5)];
    if (test === `${a} ${operator} ${b}`) return `${isLarger ? 'max' : 'min'}(${then}, ${otherwise})`;
    if (test === `${b} ${operator} ${a}`) return `${isLarger ? 'min' : 'max'}(${otherwise}, ${then})`;
  }
  return `${within(then, 1)} if ${within(test, 1)} else ${otherwise}`;
}

const OPPOSITES: ReadonlyMap<string | undefined, string> = new Map([
  ['==', '!='],
  ['!=', '=='],
]);

/** Python asks by identity for None. */
function comparison(operator: string, isNone: boolean): string {
  if (!isNone) return operator;
  return operator === '==' ? 'is' : operator === '!=' ? 'is not' : operator;
}

/** `not a == b` is `a != b`. */
function negation(operand: Expression, print: (inner: Expression) => string): string {
  if (operand.kind === 'compare' && operand.operators.length === 1) {
    const opposite = OPPOSITES.get(operand.operators[0]);
    const [left, right] = operand.operands;
    if (opposite !== undefined && left !== undefined && right !== undefined)
      return `${within(print(left), 5)} ${comparison(opposite, left.kind === 'none' || right.kind === 'none')} ${within(print(right), 5)}`;
  }
  if (operand.kind === 'unary' && operand.operator === 'not') return print(operand.operand);
  return `not ${within(print(operand), 3)}`;
}

function isComplex(expression: Expression): boolean {
  return expression.kind !== 'name' && expression.kind !== 'number' && expression.kind !== 'unary';
}

function printBinary(expression: BinaryExpression, around: Environment, wantsInt: boolean): string {
  const { operator, left, right } = expression;
  const print = (inner: Expression): string => printExpression(inner, around);
  if (operator === '..') {
    const from = print(left);
    return from === '0' ? `range(${print(right)})` : `range(${from}, ${print(right)})`;
  }
  if (operator === '**') return power(print(left), print(right));
  // A side that every use has alike, and that changes nothing, isn't written.
  if (
    (operator === 'and' || operator === 'or') &&
    [left, right].every((side) => around.valueOf(side)?.kind === 'bool')
  ) {
    if (around.taken(left) === (operator === 'and')) return print(right);
    if (around.taken(right) === (operator === 'and')) return print(left);
  }
  const isWhole = operator === '/' && (wantsInt || around.valueOf(expression)?.kind === 'int');
  const precedence = precedenceOf(operator) ?? 0;
  if (operator === 'and') return conjunction(within(print(left), 2), within(print(right), 3));
  const sides = `${within(print(left), precedence)} ${isWhole ? '//' : operator} ${within(print(right), precedence + 1)}`;
  const known = around.valueOf(expression)?.kind;
  return wantsInt && !isWhole && operator !== '/' && known === 'ratio' ? `int(${sides})` : sides;
}

/** `a < b and b < c` is `a < b < c`. */
function conjunction(left: string, right: string): string {
  const [a, b] = [/^(?:.* and )?([\w.]+ <=? )([\w.]+)$/u.exec(left), /^([\w.]+)( <=? [\w.]+)$/u.exec(right)];
  return a !== null && b !== null && a[2] === b[1] ? `${left}${b[2] ?? ''}` : `${left} and ${right}`;
}

function printCall(expression: CallExpression, around: Environment): string {
  const name = around.function(expression.callee.text);
  const [only, second] = expression.arguments;
  if (name === 'int' && only?.value.kind === 'call' && second === undefined && WHOLE.has(only.value.callee.text))
    return printExpression(only.value, around);
  // What is whole already isn't rounded.
  const isRounded = ROUNDINGS.has(expression.callee.text) && only !== undefined && second === undefined;
  if (isRounded && around.valueOf(only.value)?.kind === 'int') return printExpression(only.value, around, true);
  return `${name}(${printArguments(expression.arguments, around)})`;
}

export function printArguments(args: readonly Argument[], around: Environment): string {
  return args
    .map(({ name, value }) => `${name === undefined ? '' : `${name.text}=`}${printExpression(value, around)}`)
    .join(', ');
}

/** An operation on printed values. */
export function printOperation(
  text: string,
  operands: readonly string[],
  functionName: (name: string) => string,
): string {
  const [first = '', second = '', ...others] = operands;
  const precedence = precedenceOf(text);
  if (text === 'item') return `${within(first, 9)}[${second}]`;
  // A column of what a loop goes over.
  if (text === 'sum of item') return `sum(each[${second}] for each in ${first})`;
  if (text === 'slice') {
    const [from, to, by] = [second, ...others].map((part) => (part === 'None' ? '' : within(part, 5)));
    return `${within(first, 9)}[${from ?? ''}:${to ?? ''}${by === undefined || by === '' ? '' : `:${by}`}]`;
  }
  if (text === 'bool') return first;
  if (text === 'if') return choose(first, second, others[0] ?? '');
  if (text === '**') return power(first, second);
  if (operands.length === 1 && (text === '-' || text === '+')) return `${text}${within(first, 7)}`;
  if (text === 'not') return `not ${within(first, 3)}`;
  if (precedence !== undefined) return `${within(first, precedence)} ${text} ${within(second, precedence + 1)}`;
  if (/^[<>=!]=?$/u.test(text)) {
    const operator = comparison(text, first === 'None' || second === 'None');
    return `${within(first, 5)} ${operator} ${within(second, 5)}`;
  }
  return `${functionName(text)}(${operands.join(', ')})`;
}

/** What a size's symbols and opaque terms are called, and sizes that have a text already. */
export interface SizeNames {
  known(key: string): string | undefined;
  symbol(name: string): string;
  opaque(term: Opaque<unknown>): string;
  /** A size that depends on a condition is being written. */
  chosen?(size: Dimension): string | undefined;
}

/** A size in Python, by what the author called it and its parts. */
export function printSize(size: Dimension, names: SizeNames): string {
  const node = structure(size);
  if (node.kind === 'constant') return String(node.value);
  const known = names.known(key(size));
  if (known !== undefined) return known;
  const print = (part: Dimension): string => printSize(part, names);
  switch (node.kind) {
    case 'symbol':
      return names.symbol(node.name);
    case 'sum':
      return node.terms.reduce((text, { negative, value }, i) => {
        const part = within(print(value), 6);
        return i === 0 ? `${negative ? '-' : ''}${part}` : `${text} ${negative ? '-' : '+'} ${part}`;
      }, '');
    case 'product': {
      const printed = node.factors.map(print);
      const isNumber = (text: string): boolean => /^\d+$/u.test(text);
      const factors = printed.filter((text) => !isNumber(text));
      // A size that is the same in every use is a number here.
      const coefficient = printed.filter(isNumber).reduce((all, text) => all * BigInt(text), node.coefficient);
      if (factors.length === 0) return String(coefficient);
      if (coefficient === -1n) return `-${factors.map((factor) => within(factor, 7)).join(' * ')}`;
      const number = coefficient === 1n ? [] : [String(coefficient)];
      // `H // 16 * 16` would need no parentheses; a number behind reads as the author's `planes * 4`.
      const simple = factors.every((factor) => /^[\w.[\]]+$/u.test(factor));
      const parts = simple ? [...number, ...factors] : [...factors, ...number];
      return parts.map((factor, i) => within(factor, i === 0 ? 6 : 7)).join(' * ');
    }
    case 'power':
      return power(print(node.base), String(node.exponent));
    case 'floorDivide':
    case 'modulo':
      return `${within(print(node.dividend), 6)} ${node.kind === 'modulo' ? '%' : '//'} ${within(print(node.divisor), 7)}`;
    case 'minimum':
    case 'maximum':
      return `${node.kind === 'minimum' ? 'min' : 'max'}(${node.operands.map(print).join(', ')})`;
    case 'select':
      return (
        names.chosen?.(size) ??
        choose(printCondition(node.condition, names), print(node.whenTrue), print(node.whenFalse))
      );
    case 'opaque':
      return names.opaque(node.term);
  }
}

export function printCondition(condition: Condition, names: SizeNames): string {
  switch (condition.kind) {
    case 'constant':
      return condition.value ? 'True' : 'False';
    case 'compare': {
      const sides = [condition.left, condition.right].map((side) => within(printSize(side, names), 5));
      return sides.join(` ${condition.operator} `);
    }
    case 'and':
    case 'or': {
      const precedence = condition.kind === 'and' ? 2 : 1;
      return condition.operands
        .map((operand) => within(printCondition(operand, names), precedence))
        .join(` ${condition.kind} `);
    }
    case 'opaque': {
      const text = names.opaque(condition.term);
      return condition.negated ? `not ${within(text, 3)}` : text;
    }
  }
}
