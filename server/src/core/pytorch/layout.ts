/**
 * Lays Python out as `ruff format` does: 88 columns, brackets broken from the outside, trailing commas where each item
 * has a line. The generator writes every expression on one line; here its brackets and operators are found again and
 * broken where the line is too long.
 */

import { widthOf } from '../columns.ts';

const WIDTH = 88;
const INDENT = '    ';

/** `prefix expression suffix`, as in `x = …` and `if …:`, laid out at an indentation (counted in steps). */
export function layoutStatement(prefix: string, expression: string, suffix: string, depth: number): string[] {
  const indent = INDENT.repeat(depth);
  const node = parse(expression);
  const start = indent + prefix;
  if (fits(widthOf(start), node.text, widthOf(suffix))) return [start + node.text + suffix];
  const inside = indent + INDENT;
  if (node.kind === 'tuple') {
    const items = node.items.map((item) => `${inside}${render(item, inside, inside.length, 1)},`);
    return lines(`${start}(`, ...items, `${indent})${suffix}`);
  }
  const isOperation = node.kind === 'operation' || node.kind === 'prefixed';
  if (breaksItself(node)) {
    // No parentheses are around an operation, so it can't break at its operators.
    const body = isOperation
      ? renderPieces(piecesOf(node), indent, widthOf(start), widthOf(suffix))
      : render(node, indent, widthOf(start), widthOf(suffix));
    const found = lines(`${start}${body}${suffix}`);
    if (!isOperation || found.every((line) => widthOf(line) <= WIDTH)) return found;
  }
  return lines(`${start}(`, `${inside}${render(node, inside, inside.length, 0)}`, `${indent})${suffix}`);
}

/** `def name(parameters) -> result:` */
export function layoutDefinition(name: string, parameters: readonly string[], result: string, depth: number): string[] {
  const indent = INDENT.repeat(depth);
  const flat = `${indent}def ${name}(${parameters.join(', ')}) -> ${result}:`;
  if (widthOf(flat) <= WIDTH) return [flat];
  const inside = indent + INDENT;
  const joined = inside + parameters.join(', ');
  const body =
    widthOf(joined) <= WIDTH ? [joined] : parameters.flatMap((parameter) => layoutParameter(parameter, inside));
  return [`${indent}def ${name}(`, ...body, `${indent}) -> ${result}:`];
}

function layoutParameter(parameter: string, indent: string): string[] {
  const [declared = '', standard] = parameter.split(/ = (.*)/u, 2);
  if (standard === undefined || fits(indent.length, parameter, 1)) return [`${indent}${parameter},`];
  const head = `${declared} = `;
  return lines(`${indent}${head}${render(parse(standard), indent, indent.length + widthOf(head), 1)},`);
}

/** Whether it stands on one line. */
export function fitsOnLine(text: string, depth: number): boolean {
  return fits(depth * INDENT.length, text, 0);
}

function fits(column: number, text: string, tail: number): boolean {
  return !isForced(text) && column + widthOf(text) + tail <= WIDTH;
}

/** Two commas before a closing bracket: the generator's sign for one item a line, whatever the width. */
function isForced(text: string): boolean {
  return /,,[)\]}]/u.test(text);
}

function lines(...parts: readonly string[]): string[] {
  return parts.flatMap((part) => part.split('\n'));
}

// ---------------------------------------------------------------------------------------------- breaking

/** Whether an expression too long for its line breaks inside its own brackets rather than in parentheses around it. */
function breaksItself(node: Node): boolean {
  switch (node.kind) {
    case 'call':
      return node.items.length > 0 && !isFluent(node);
    case 'brackets':
      return true;
    case 'trailer':
      return !isFluent(node) && (isSubscript(node) || breaksItself(node.object));
    case 'operation':
      return loosest(node).count === 1 && (beginsWithBracket(node) || endsInBracket(node));
    case 'prefixed': {
      const { prefix, operand } = node;
      // A sign stands before the bracket that an operation begins with.
      const isSign = prefix === 'not ' || prefix === '-' || prefix === '+';
      if (isSign && operand.kind === 'operation') return loosest(operand).count === 1 && endsInBracket(operand);
      return breaksItself(operand);
    }
    case 'atom':
      return true;
    case 'conditional':
    case 'tuple':
    case 'comprehension':
      return false;
  }
}

/** The operators outside brackets that bind loosest, and how many of them there are. */
function loosest(node: Node): { readonly precedence: number; readonly count: number } {
  switch (node.kind) {
    case 'operation': {
      const { precedence, operators, operands } = node;
      const own = { precedence: Math.max(precedence, AND), count: operators.length };
      return operands.map(loosest).reduce((a, b) => {
        if (a.precedence !== b.precedence) return a.precedence < b.precedence ? a : b;
        return { precedence: a.precedence, count: a.count + b.count };
      }, own);
    }
    case 'prefixed':
      return loosest(node.operand);
    default:
      return { precedence: Infinity, count: 0 };
  }
}

function beginsWithBracket(node: Node): boolean {
  switch (node.kind) {
    case 'brackets':
      return node.items.length > 0;
    case 'operation':
      return node.operands.slice(0, 1).some(beginsWithBracket);
    case 'call':
      return beginsWithBracket(node.callee);
    case 'trailer':
      return beginsWithBracket(node.object);
    default:
      return false;
  }
}

function endsInBracket(node: Node): boolean {
  switch (node.kind) {
    case 'brackets':
    case 'call':
      return node.items.length > 0;
    case 'operation':
      return node.operands.slice(-1).some(endsInBracket);
    case 'prefixed':
      return endsInBracket(node.operand);
    default:
      return false;
  }
}

/** Calls and attributes in a row on one object, which are broken at their dots: two stand behind a bracket. */
function isFluent(node: Node): boolean {
  return countDots(node) >= 2;
}

function countDots(node: Node): number {
  switch (node.kind) {
    case 'call':
      return countDots(node.callee);
    case 'trailer':
      return (isDotBehindBracket(node) ? 1 : 0) + countDots(node.object);
    case 'brackets':
      return node.isParenthesised ? 1 : 0;
    default:
      return 0;
  }
}

function isSubscript(node: Node): boolean {
  return node.kind === 'trailer' && node.suffix.startsWith('[');
}

function isDotBehindBracket(node: Node): node is Node & { kind: 'trailer' } {
  return node.kind === 'trailer' && !isSubscript(node) && (node.object.kind === 'call' || isSubscript(node.object));
}

/** Text for a node that begins at `column` with `tail` characters behind it; lines after the first are indented. */
function render(node: Node, indent: string, column: number, tail: number): string {
  if (fits(column, node.text, tail)) return node.text;
  switch (node.kind) {
    case 'atom':
      return node.text;
    case 'prefixed':
      return node.prefix + render(node.operand, indent, column + widthOf(node.prefix), tail);
    case 'call':
    case 'trailer':
      return isFluent(node) ? renderDots(node, indent, column) : renderPieces(piecesOf(node), indent, column, tail);
    case 'brackets':
      return renderBrackets(
        node.open,
        node.items,
        node.close,
        node.isParenthesised ? 'parentheses' : 'literal',
        /,,[)\]}]$/u.test(node.text),
        indent,
      );
    case 'comprehension':
      return [node.element.text, ...node.clauses].join(`\n${indent}`);
    case 'conditional': {
      const parts: string[] = [];
      let at: Node = node;
      for (let keyword = ''; ; keyword = 'else ') {
        if (at.kind !== 'conditional') {
          parts.push(keyword + render(at, indent, indent.length + widthOf(keyword), tail));
          break;
        }
        parts.push(
          keyword + render(at.body, indent, indent.length + widthOf(keyword), 0),
          `if ${render(at.test, indent, indent.length + 3, 0)}`,
        );
        at = at.otherwise;
      }
      return parts.join(`\n${indent}`);
    }
    case 'operation':
      return renderOperation(node, indent, column, tail);
    case 'tuple':
      return node.items.map((item) => render(item, indent, indent.length, 1)).join(`,\n${indent}`);
  }
}

function renderOperation(node: Node & { kind: 'operation' }, indent: string, column: number, tail: number): string {
  return node.operands
    .map((operand, i) => {
      const operator = i === 0 ? '' : `${node.operators[i - 1] ?? ''} `;
      const start = i === 0 ? column : indent.length + widthOf(operator);
      return operator + render(operand, indent, start, i === node.operands.length - 1 ? tail : 0);
    })
    .join(`\n${indent}`);
}

/** What breaks in an operation, and the text between. */
type Piece = string | Brackets;
interface Brackets {
  readonly open: string;
  readonly items: readonly Node[];
  readonly close: string;
  readonly kind: 'call' | 'literal' | 'parentheses';
  readonly text: string;
}

function piecesOf(node: Node): Piece[] {
  const pieces: Piece[] = [];
  const add = (piece: Piece): void => {
    const last = pieces.at(-1);
    if (typeof piece === 'string' && typeof last === 'string') pieces[pieces.length - 1] = last + piece;
    else pieces.push(piece);
  };
  const visit = (each: Node): void => {
    switch (each.kind) {
      case 'operation':
        each.operands.forEach((operand, i) => {
          if (i > 0)
            add(each.precedence > POWER - 1 ? (each.operators[i - 1] ?? '') : ` ${each.operators[i - 1] ?? ''} `);
          visit(operand);
        });
        return;
      case 'prefixed':
        add(each.prefix);
        visit(each.operand);
        return;
      case 'trailer':
        visit(each.object);
        if (isSubscript(each))
          add({ open: '[', items: [insideOf(each.suffix)], close: ']', kind: 'literal', text: each.suffix });
        else add(each.suffix);
        return;
      case 'call': {
        visit(each.callee);
        const text = each.text.slice(each.callee.text.length);
        add(each.items.length === 0 ? text : { open: '(', items: each.items, close: ')', kind: 'call', text });
        return;
      }
      case 'brackets': {
        const { open, items, close, isParenthesised, text } = each;
        add(
          items.length === 0 ? text : { open, items, close, kind: isParenthesised ? 'parentheses' : 'literal', text },
        );
        return;
      }
      default:
        add(each.text);
    }
  };
  visit(node);
  return pieces;
}

/** Brackets break from the left, each where the line is too long up to the next one. */
function renderPieces(pieces: readonly Piece[], indent: string, column: number, tail: number): string {
  let text = '';
  let at = column;
  pieces.forEach((piece, i) => {
    if (typeof piece === 'string') {
      text += piece;
      at += widthOf(piece);
      return;
    }
    const next = pieces[i + 1];
    const between = typeof next === 'string' ? widthOf(next) : 0;
    const isLast = pieces.slice(i + 1).every((each) => typeof each === 'string');
    if (fits(at, piece.text, between + (isLast ? tail : 1))) {
      text += piece.text;
      at += widthOf(piece.text);
      return;
    }
    text += renderBrackets(piece.open, piece.items, piece.close, piece.kind, /,,[)\]}]$/u.test(piece.text), indent);
    at = indent.length + 1;
  });
  return text;
}

/** A line for each dot behind a bracket. */
function renderDots(node: Node, indent: string, column: number): string {
  const steps: Node[] = [];
  let at: Node = node;
  // What follows a dot up to the next one belongs to it.
  for (let isBegun = false; ;) {
    if (!isBegun) steps.unshift(at);
    isBegun = !isDotBehindBracket(at);
    if (at.kind === 'call') at = at.callee;
    else if (at.kind === 'trailer') at = at.object;
    else break;
  }
  return steps
    .map((step, i) => {
      const before = i === 0 ? undefined : steps[i - 1];
      const text = before === undefined ? step.text : step.text.slice(before.text.length);
      if (fits(before === undefined ? column : indent.length, text, 0)) return text;
      return before === undefined
        ? render(step, indent, column, 0)
        : renderPieces(piecesOf(step).slice(piecesOf(before).length), indent, indent.length, 0);
    })
    .join(`\n${indent}`);
}

/** What stands in a subscript; a slice is left as it is. */
function insideOf(suffix: string): Node {
  const text = suffix.slice(1, -1);
  return text.includes(':') ? { kind: 'atom', text } : parse(text);
}

function renderBrackets(
  open: string,
  items: readonly Node[],
  close: string,
  kind: 'call' | 'literal' | 'parentheses',
  isForced: boolean,
  indent: string,
): string {
  const inside = indent + INDENT;
  const [only, second] = items;
  if (only === undefined) return open + close;
  if (second === undefined && !(open === '(' && kind === 'literal') && !isForced) {
    const mark =
      only.kind === 'comprehension' ? renderComprehension(only, inside) : render(only, inside, inside.length, 0);
    return `${open}\n${inside}${mark}\n${indent}${close}`;
  }
  const joined = items.map((item) => item.text).join(', ');
  if (kind === 'call' && !isForced && fits(inside.length, joined, 0))
    return `${open}\n${inside}${joined}\n${indent}${close}`;
  const body = items.map((item) => `${inside}${render(item, inside, inside.length, 1)},`).join('\n');
  return `${open}\n${body}\n${indent}${close}`;
}

function renderComprehension(node: Node & { kind: 'comprehension' }, indent: string): string {
  if (fits(indent.length, node.text, 0)) return node.text;
  return [render(node.element, indent, indent.length, 0), ...node.clauses].join(`\n${indent}`);
}

// ---------------------------------------------------------------------------------------------- reading

type Node =
  | { readonly kind: 'atom'; readonly text: string }
  | { readonly kind: 'call'; readonly text: string; readonly callee: Node; readonly items: readonly Node[] }
  /** An attribute or subscript behind something. */
  | { readonly kind: 'trailer'; readonly text: string; readonly object: Node; readonly suffix: string }
  /** `[…]`, `{…}`, `(…)`. */
  | {
      readonly kind: 'brackets';
      readonly text: string;
      readonly open: string;
      readonly close: string;
      readonly items: readonly Node[];
      readonly isParenthesised: boolean;
    }
  | {
      readonly kind: 'comprehension';
      readonly text: string;
      readonly element: Node;
      readonly clauses: readonly string[];
    }
  /** `name=`, `*`, `not `, `-`, `lambda x: ` before an operand. */
  | { readonly kind: 'prefixed'; readonly text: string; readonly prefix: string; readonly operand: Node }
  | {
      readonly kind: 'conditional';
      readonly text: string;
      readonly body: Node;
      readonly test: Node;
      readonly otherwise: Node;
    }
  | {
      readonly kind: 'operation';
      readonly text: string;
      readonly precedence: number;
      readonly operators: readonly string[];
      readonly operands: readonly Node[];
    }
  /** Items without brackets around them. */
  | { readonly kind: 'tuple'; readonly text: string; readonly items: readonly Node[] };

const TOKEN =
  /\s*(?:(?<string>[rbf]*(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))|(?<number>\d[\w.]*(?:(?<=e)[+-]\d+)?|\.\d+)|(?<name>[\p{XID_Start}_][\p{XID_Continue}]*)|(?<operator>\*\*|\/\/|==|!=|<=|>=|<|>|[-+*/%@=,:.()[\]{}]))/uy;

/** `or` and `and` are alike to it. */
const AND = 2;
const POWER = 8;
const LEVELS: readonly ReadonlySet<string>[] = [
  new Set(['or']),
  new Set(['and']),
  new Set(),
  new Set(['==', '!=', '<', '<=', '>', '>=', 'in', 'is', 'is not', 'not in']),
  new Set(['+', '-']),
  new Set(['*', '/', '//', '%', '@']),
];

/** Not Python as the generator writes it. */
export class UnreadablePython extends Error {
  constructor(text: string) {
    super(`This isn't Python as the generator writes it: ${text}`);
  }
}

interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

function parse(text: string): Node {
  return new Reader(text).all();
}

/** What an expression is, outermost: says where it needs parentheses. */
export function precedenceOf(text: string): number {
  const node = parse(text);
  switch (node.kind) {
    case 'tuple':
    case 'comprehension':
      return -1;
    case 'conditional':
      return 0;
    case 'operation':
      return node.precedence;
    case 'prefixed':
      return node.prefix === 'not ' ? 3 : node.prefix.startsWith('lambda') ? 0 : 7;
    default:
      return 9;
  }
}

/** The sides of `a == b` or `a != b`; `undefined` where the text is anything else. */
export function equationOf(
  text: string,
): { readonly left: string; readonly operator: '==' | '!='; readonly right: string } | undefined {
  const node = parse(text);
  if (node.kind !== 'operation') return undefined;
  const [operator, second] = node.operators;
  const [left, right] = node.operands;
  if ((operator !== '==' && operator !== '!=') || second !== undefined || left === undefined || right === undefined)
    return undefined;
  return { left: left.text, operator, right: right.text };
}

class Reader {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    const tokens: Token[] = [];
    TOKEN.lastIndex = 0;
    for (;;) {
      const match = TOKEN.exec(text);
      if (match === null) break;
      const end = TOKEN.lastIndex;
      const trimmed = match[0].trimStart();
      tokens.push({ text: trimmed, start: end - trimmed.length, end });
    }
    if (text.slice(tokens.at(-1)?.end ?? 0).trim() !== '') throw new UnreadablePython(text);
    this.#tokens = tokens;
  }

  all(): Node {
    const start = this.#at;
    const items = [this.#item()];
    while (this.#take(',')) if (this.#peek() !== undefined) items.push(this.#item());
    if (this.#peek() !== undefined) throw new UnreadablePython(this.#text);
    const [only, second] = items;
    if (only !== undefined && second === undefined && !this.#text.trimEnd().endsWith(',')) return only;
    return { kind: 'tuple', text: this.#since(start), items };
  }

  #peek(ahead = 0): string | undefined {
    return this.#tokens[this.#at + ahead]?.text;
  }

  #take(text: string): boolean {
    if (this.#peek() !== text) return false;
    this.#at += 1;
    return true;
  }

  #since(start: number): string {
    return this.#text.slice(this.#tokens[start]?.start ?? 0, this.#tokens[this.#at - 1]?.end ?? 0);
  }

  /** An argument or element. */
  #item(): Node {
    const start = this.#at;
    if (this.#peek() === '*' || this.#peek() === '**') {
      this.#at += 1;
      return this.#prefixed(start, this.#expression());
    }
    if (this.#peek(1) === '=') {
      this.#at += 2;
      return this.#prefixed(start, this.#expression());
    }
    const element = this.#expression();
    if (this.#take(':')) return this.#prefixed(start, this.#expression());
    if (this.#peek() !== 'for') return element;
    const clauses: string[] = [];
    while (this.#peek() === 'for' || this.#peek() === 'if') {
      const clause = this.#at;
      this.#at += 1;
      if (this.#peek(-1) === 'for') {
        while (this.#peek() !== 'in') this.#at += 1;
        this.#at += 1;
      }
      this.#operation(0);
      clauses.push(this.#since(clause));
    }
    return { kind: 'comprehension', text: this.#since(start), element, clauses };
  }

  #prefixed(start: number, operand: Node): Node {
    const text = this.#since(start);
    return { kind: 'prefixed', text, prefix: text.slice(0, text.length - operand.text.length), operand };
  }

  #expression(): Node {
    const start = this.#at;
    if (this.#peek() === 'lambda') {
      while (this.#peek() !== ':') this.#at += 1;
      this.#at += 1;
      return this.#prefixed(start, this.#expression());
    }
    const body = this.#operation(0);
    if (!this.#take('if')) return body;
    const test = this.#operation(0);
    this.#take('else');
    const otherwise = this.#expression();
    return { kind: 'conditional', text: this.#since(start), body, test, otherwise };
  }

  #operator(level: number): string | undefined {
    const [first, second] = [this.#peek(), this.#peek(1)];
    if (first === undefined) return undefined;
    const pair = `${first} ${second ?? ''}`;
    if (LEVELS[level]?.has(pair) === true) return pair;
    return LEVELS[level]?.has(first) === true ? first : undefined;
  }

  #operation(level: number): Node {
    const start = this.#at;
    if (level === 2 && this.#take('not')) return this.#prefixed(start, this.#operation(2));
    if (level === LEVELS.length) return this.#sign();
    const operands = [this.#operation(level + 1)];
    const operators: string[] = [];
    for (;;) {
      const operator = this.#operator(level);
      if (operator === undefined) break;
      this.#at += operator.includes(' ') ? 2 : 1;
      operators.push(operator);
      operands.push(this.#operation(level + 1));
    }
    const [only] = operands;
    if (only !== undefined && operators.length === 0) return only;
    return { kind: 'operation', text: this.#since(start), precedence: level + 1, operators, operands };
  }

  #sign(): Node {
    const start = this.#at;
    if (this.#take('-') || this.#take('+')) return this.#prefixed(start, this.#sign());
    const base = this.#primary();
    if (!this.#take('**')) return base;
    const exponent = this.#sign();
    return {
      kind: 'operation',
      text: this.#since(start),
      precedence: 8,
      operators: ['**'],
      operands: [base, exponent],
    };
  }

  #primary(): Node {
    const start = this.#at;
    let node = this.#atom();
    for (;;) {
      if (this.#peek() === '(') {
        const items = this.#brackets(')');
        node = { kind: 'call', text: this.#since(start), callee: node, items };
      } else if (this.#peek() === '[') {
        this.#skip('[', ']');
        node = this.#trailer(start, node);
      } else if (this.#peek() === '.') {
        this.#at += 2;
        node = this.#trailer(start, node);
      } else return node;
    }
  }

  #trailer(start: number, object: Node): Node {
    const text = this.#since(start);
    return { kind: 'trailer', text, object, suffix: text.slice(object.text.length) };
  }

  #skip(open: string, close: string): void {
    let depth = 0;
    do {
      if (this.#peek() === open) depth += 1;
      if (this.#peek() === close) depth -= 1;
      this.#at += 1;
    } while (depth > 0);
  }

  #brackets(close: string): Node[] {
    const items: Node[] = [];
    this.#at += 1;
    while (this.#peek() !== close) {
      if (this.#peek() === undefined) throw new UnreadablePython(this.#text);
      items.push(this.#item());
      if (!this.#take(',')) break;
      this.#take(',');
    }
    if (!this.#take(close)) throw new UnreadablePython(this.#text);
    return items;
  }

  #atom(): Node {
    const start = this.#at;
    const open = this.#peek();
    const close = open === '(' ? ')' : open === '[' ? ']' : open === '{' ? '}' : undefined;
    if (open === undefined) throw new UnreadablePython(this.#text);
    if (close === undefined) {
      this.#at += 1;
      return { kind: 'atom', text: open };
    }
    const items = this.#brackets(close);
    const text = this.#since(start);
    const isParenthesised = open === '(' && items.length === 1 && !/,\s*\)$/u.test(text);
    return { kind: 'brackets', text, open, close, items, isParenthesised };
  }
}
