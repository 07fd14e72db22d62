/** Dimensions and conditions as text: one printer, with a style for readers and one for Python. */
import { type Product, factorise } from './factor.ts';
import { structure, type Structure } from './structure.ts';
import { type Condition, type Dimension, type Opaque, equal } from './terms.ts';

/** How tightly Python binds; a text is put in parentheses where its place asks for more. */
export const PRECEDENCE = {
  conditional: 0,
  or: 1,
  and: 2,
  not: 3,
  comparison: 4,
  sum: 5,
  product: 6,
  sign: 7,
  power: 8,
  primary: 9,
} as const;

export interface Printed {
  readonly text: string;
  /** One of {@link PRECEDENCE}. */
  readonly precedence: number;
}

/** Prints an opaque term or condition; a text alone counts as a primary expression (a name, a call). */
export type OpaquePrinter = (term: Opaque<unknown>) => string | Printed;

interface Style {
  readonly name: (symbol: string) => string;
  readonly opaque: OpaquePrinter;
  /** Python: `planes * 4`, `x**2`, `a if c else b`; else `4 * planes`, `x ** 2`, `if c { a } else { b }`. */
  readonly python: boolean;
  /** Sums as products of sums, where that is shorter. */
  readonly factored?: true;
  /** As one works it out by hand: `⌊(224 + 2·3 − 7) / 2⌋ + 1`. */
  readonly byHand?: true;
}

/** What isn't known has a number of its own, which says nothing to a reader. */
const shown = (symbol: string): string => (symbol.startsWith('?') ? '?' : symbol);

const READER: Style = { name: shown, opaque: ({ name }) => name, python: false };

/** `d` as a reader of the language sees it: `(H - 1) // 2 + 1`. Opaque terms show their name unless told otherwise. */
export function format(d: Dimension, opaque: OpaquePrinter = READER.opaque): string {
  return print(d, opaque === READER.opaque ? READER : { ...READER, opaque }).text;
}

/** {@link format}, as `3 * (H + 1) * (W + 1)` where that is shorter than the sum: for counts and formulas. */
export function formatFactored(d: Dimension, opaque: OpaquePrinter = READER.opaque): string {
  return print(d, { ...READER, opaque, factored: true }).text;
}

/** `d` as one works it out by hand, `value` in the place of each symbol: `⌊(224 + 2·3 − 7) / 2⌋ + 1`. */
export function formatByHand(d: Dimension, value: (symbol: string) => Dimension | undefined): string {
  const name = (symbol: string): string => {
    const known = value(symbol);
    if (known === undefined) return shown(symbol);
    return within(print(known, { ...READER, byHand: true }), PRECEDENCE.primary);
  };
  return print(d, { ...READER, name, factored: true, byHand: true }).text;
}

export function formatCondition(condition: Condition, opaque: OpaquePrinter = READER.opaque): string {
  return printCondition(condition, { ...READER, opaque }).text;
}

/** `d` as Python, spaced as PEP 8 and ruff have it. `name` says what a symbol is called there. */
export function formatPython(
  d: Dimension,
  name: (symbol: string) => string = READER.name,
  opaque: OpaquePrinter = READER.opaque,
): string {
  return print(d, { name, opaque, python: true }).text;
}

export function formatConditionPython(
  condition: Condition,
  name: (symbol: string) => string = READER.name,
  opaque: OpaquePrinter = READER.opaque,
): string {
  return printCondition(condition, { name, opaque, python: true }).text;
}

/** {@link formatPython} with its precedence, for a caller that puts it into something larger. */
export function printPython(d: Dimension, name: (symbol: string) => string, opaque: OpaquePrinter): Printed {
  return print(d, { name, opaque, python: true });
}

function print(d: Dimension, style: Style): Printed {
  const node = structure(d);
  switch (node.kind) {
    case 'constant':
      return printInteger(node.value);
    case 'symbol':
      return { text: style.name(node.name), precedence: PRECEDENCE.primary };
    case 'sum': {
      const products = style.factored === true ? factorise(d) : [];
      return products.length > 0 && products.length < node.terms.length
        ? printFactored(products, style)
        : printSum(node, style);
    }
    case 'product':
      return printProduct(node, style);
    case 'power': {
      const base = within(print(node.base, style), PRECEDENCE.primary);
      const tight = style.python && /^[\p{XID_Start}_][\p{XID_Continue}.]*$/u.test(base);
      const exponent = String(node.exponent);
      if (style.byHand === true) return { text: `${base}${raised(exponent)}`, precedence: PRECEDENCE.power };
      return { text: `${base}${tight ? '**' : ' ** '}${exponent}`, precedence: PRECEDENCE.power };
    }
    case 'floorDivide':
    case 'modulo': {
      if (style.byHand === true && node.kind === 'floorDivide') {
        const [above, below] = [node.dividend, node.divisor].map((each) => print(each, style));
        const text = `⌊${within(above!, PRECEDENCE.product)} / ${within(below!, PRECEDENCE.sign)}⌋`;
        return { text, precedence: PRECEDENCE.primary };
      }
      const dividend = within(print(node.dividend, style), PRECEDENCE.product);
      const divisor = within(print(node.divisor, style), PRECEDENCE.sign);
      return { text: `${dividend} ${node.kind === 'modulo' ? '%' : '//'} ${divisor}`, precedence: PRECEDENCE.product };
    }
    case 'minimum':
    case 'maximum': {
      const operands = node.operands.map((operand) => print(operand, style).text);
      const called = node.kind === 'minimum' ? 'min' : 'max';
      return { text: `${called}(${operands.join(', ')})`, precedence: PRECEDENCE.primary };
    }
    case 'select':
      return printSelect(node, style);
    case 'opaque':
      return printOpaque(node.term, style);
  }
}

function within({ text, precedence }: Printed, wanted: number): string {
  return precedence < wanted ? `(${text})` : text;
}

function printInteger(value: bigint): Printed {
  return { text: String(value), precedence: value < 0n ? PRECEDENCE.sign : PRECEDENCE.primary };
}

function printSum({ terms }: Structure & { kind: 'sum' }, style: Style): Printed {
  let text = '';
  for (const { negative, value } of inOrder(terms, style, (term) =>
    kindOfTerm(structure(term.value).kind === 'constant', term.negative),
  )) {
    if (text === '') text = negative ? printNegative(value, style).text : within(print(value, style), PRECEDENCE.sum);
    else text += `${sign(negative, style)}${within(print(value, style), PRECEDENCE.product)}`;
  }
  return { text, precedence: PRECEDENCE.sum };
}

/** By hand one writes what is added, then what is taken away, and numbers that nothing stands for last: `28 + 2·2 − 5 + 1`. */
function inOrder<T>(terms: readonly T[], { byHand }: Style, kind: (term: T) => TermKind): readonly T[] {
  return byHand === true ? terms.toSorted((a, b) => kind(a) - kind(b)) : terms;
}

type TermKind = 0 | 1 | 2;

function kindOfTerm(isNumber: boolean, isNegative: boolean): TermKind {
  return isNumber ? 2 : isNegative ? 1 : 0;
}

function sign(isNegative: boolean, { byHand }: Style): string {
  if (!isNegative) return ' + ';
  return byHand === true ? ' − ' : ' - ';
}

/** `12` as `¹²`. */
function raised(digits: string): string {
  return digits.replaceAll(/\d/g, (digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'.charAt(Number(digit)));
}

function times({ byHand }: Style): string {
  return byHand === true ? '·' : ' * ';
}

/** A positive product first, where there is one. */
function printFactored(products: readonly Product[], style: Style): Printed {
  const order = [
    ...inOrder(products, style, ({ coefficient, factors }) => kindOfTerm(factors.length === 0, coefficient < 0n)),
  ];
  const first = order.findIndex(({ coefficient }) => coefficient > 0n);
  if (first > 0) order.unshift(...order.splice(first, 1));
  const [head, ...others] = order;
  const start = printFactors(head!.coefficient, head!.factors, style);
  if (others.length === 0) return start;
  const more = others.map(({ coefficient, factors }) => {
    const isNegative = coefficient < 0n;
    const value = printFactors(isNegative ? -coefficient : coefficient, factors, style);
    return `${sign(isNegative, style)}${within(value, PRECEDENCE.product)}`;
  });
  return { text: `${within(start, PRECEDENCE.sum)}${more.join('')}`, precedence: PRECEDENCE.sum };
}

function printFactors(coefficient: bigint, factors: readonly Dimension[], style: Style): Printed {
  if (factors.length === 0) return printInteger(coefficient);
  const powers = factors
    .filter((factor, i) => factors.findIndex((other) => equal(other, factor)) === i)
    .map((factor): Printed => {
      const exponent = factors.filter((other) => equal(other, factor)).length;
      const base = print(factor, style);
      if (exponent === 1) return base;
      const power = style.byHand === true ? raised(String(exponent)) : ` ** ${exponent}`;
      return { text: `${within(base, PRECEDENCE.primary)}${power}`, precedence: PRECEDENCE.power };
    });
  // Names stand in front of sums.
  powers.sort((a, b) => Number(a.precedence === PRECEDENCE.sum) - Number(b.precedence === PRECEDENCE.sum));
  if (coefficient === 1n && powers.length === 1) return powers[0]!;
  const parts = coefficient === 1n ? powers : [printInteger(coefficient), ...powers];
  // A quotient in front needs no parentheses, one behind does.
  const texts = parts.map((part, i) => within(part, i === 0 ? PRECEDENCE.product : PRECEDENCE.sign));
  return { text: texts.join(times(style)), precedence: PRECEDENCE.product };
}

/** `-value`, where -3 * x is a product of its own. */
function printNegative(value: Dimension, style: Style): Printed {
  const node = structure(value);
  if (node.kind === 'constant') return printInteger(-node.value);
  if (node.kind === 'product') return printProduct({ ...node, coefficient: -node.coefficient }, style);
  return { text: `-${within(print(value, style), PRECEDENCE.primary)}`, precedence: PRECEDENCE.sign };
}

function printProduct({ coefficient, factors }: Structure & { kind: 'product' }, style: Style): Printed {
  const printed = factors.map((factor) => print(factor, style));
  const [first] = printed;
  // `H // 16 * 16` needs no parentheses, `16 * (H // 16)` does.
  const last = style.python || first?.precedence === PRECEDENCE.product;
  if (coefficient === -1n) {
    const text = printed
      .map((factor, index) => within(factor, index === 0 ? PRECEDENCE.primary : PRECEDENCE.sign))
      .join(times(style));
    return { text: `-${text}`, precedence: printed.length > 1 ? PRECEDENCE.product : PRECEDENCE.sign };
  }
  const number = coefficient === 1n ? [] : [printInteger(coefficient)];
  const text = [...(last ? [] : number), ...printed, ...(last ? number : [])]
    .map((factor, index) => within(factor, index === 0 ? PRECEDENCE.product : PRECEDENCE.sign))
    .join(times(style));
  return { text, precedence: PRECEDENCE.product };
}

function printSelect({ condition, whenTrue, whenFalse }: Structure & { kind: 'select' }, style: Style): Printed {
  const chosen = print(whenTrue, style);
  const other = print(whenFalse, style);
  const test = printCondition(condition, style);
  const text = style.python
    ? `${within(chosen, PRECEDENCE.or)} if ${within(test, PRECEDENCE.or)} else ${other.text}`
    : `if ${test.text} { ${chosen.text} } else { ${other.text} }`;
  return { text, precedence: PRECEDENCE.conditional };
}

function printOpaque(term: Opaque<unknown>, style: Style): Printed {
  const printed = style.opaque(term);
  return typeof printed === 'string' ? { text: printed, precedence: PRECEDENCE.primary } : printed;
}

function printCondition(condition: Condition, style: Style): Printed {
  switch (condition.kind) {
    case 'constant':
      return { text: condition.value ? 'True' : 'False', precedence: PRECEDENCE.primary };
    case 'compare': {
      const sides = [condition.left, condition.right].map((side) => within(print(side, style), PRECEDENCE.sum));
      return { text: sides.join(` ${condition.operator} `), precedence: PRECEDENCE.comparison };
    }
    case 'and':
    case 'or': {
      const precedence = PRECEDENCE[condition.kind];
      const operands = condition.operands.map((operand) => within(printCondition(operand, style), precedence));
      return { text: operands.join(` ${condition.kind} `), precedence };
    }
    case 'opaque': {
      const printed = printOpaque(condition.term, style);
      return condition.negated
        ? { text: `not ${within(printed, PRECEDENCE.not)}`, precedence: PRECEDENCE.not }
        : printed;
    }
  }
}
