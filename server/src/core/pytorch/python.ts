/** The small change of Python: literals, names, and lines of code. */
import { PYTHON_KEYWORDS } from '../elaborate/reserved.ts';
import type { NumberLiteral } from '../definition.ts';
import { fitsOnLine, layoutStatement, precedenceOf } from './layout.ts';

/** A string in the quotes that ruff chooses. */
export function stringLiteral(value: string): string {
  const escaped = value.replace(/[\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escapeOf);
  const quote = escaped.includes('"') && !escaped.includes("'") ? "'" : '"';
  return quote + escaped.replaceAll(quote, `\\${quote}`) + quote;
}
/** What can't be seen is spelled out: it may turn the text around it (PLE2502). */
function escapeOf(character: string): string {
  const code = character.codePointAt(0)!.toString(16);
  if (code.length > 4) return `\\U${code.padStart(8, '0')}`;
  return ESCAPES[character] ?? (code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`);
}
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A number as ruff writes it. */
export function numberLiteral({ text }: NumberLiteral): string {
  if (/^0[xob]/iu.test(text)) return text.slice(0, 2).toLowerCase() + text.slice(2).toUpperCase();
  const [mantissa = '', exponent] = text.toLowerCase().split('e');
  const padded = mantissa.includes('.') ? mantissa.replace(/^\./u, '0.').replace(/\.$/u, '.0') : mantissa;
  return exponent === undefined ? padded : `${padded}e${exponent.replace('+', '')}`;
}

/** The text, in parentheses where its place binds tighter. See `PRECEDENCE` of dimension/print.ts. */
export function within(text: string, precedence: number): string {
  return precedenceOf(text) < precedence ? `(${text})` : text;
}

/** `x**2` for what is simple, else with spaces, as ruff has it. */
export function power(base: string, exponent: string): string {
  const left = within(base, 9);
  const right = within(exponent, 7);
  const simple = /^-?[\p{XID_Continue}][\p{XID_Continue}.]*$/u;
  return simple.test(left) && simple.test(right) ? `${left}**${right}` : `${left} ** ${right}`;
}

/** Names that generated code needs to mean what they mean. */
const BUILTINS = new Set(
  'self super object int float bool str list tuple dict range len enumerate zip min max abs sum round isinstance slice getattr'.split(
    ' ',
  ),
);
/** What generated modules import. */
const GLOBALS = new Set('torch nn F math partial Callable Sequence OrderedDict'.split(' '));

/** Whether a name can stand in generated code as it is. */
export function isFree(name: string): boolean {
  return !PYTHON_KEYWORDS.has(name) && !BUILTINS.has(name) && !GLOBALS.has(name) && !isMangled(name);
}

/** Python renames `__name` inside a class, and reads identifiers in their NFKC form. */
export function isMangled(name: string): boolean {
  return (name.startsWith('__') && !name.endsWith('__')) || name.normalize('NFKC') !== name;
}

/** As Python reads it, and nothing that it renames. */
export function plainName(name: string): string {
  return name.normalize('NFKC').replace(/^__+/u, '_');
}

/** `name`, else `name_`, `name_2`, … */
export function freshName(name: string, isTaken: (name: string) => boolean): string {
  const plain = plainName(name);
  if (isFree(plain) && !isTaken(plain)) return plain;
  const marked = `${plain}_`;
  if (isFree(marked) && !isTaken(marked)) return marked;
  for (let number = 2; ; number += 1) {
    const numbered = `${plain}_${number}`;
    if (isFree(numbered) && !isTaken(numbered)) return numbered;
  }
}

/** `self.name`, and how it is written where Python would read that differently. */
export function attribute(name: string): string {
  return isMangled(name) ? `getattr(self, ${stringLiteral(name)})` : `self.${name}`;
}

export function docstring(text: string, depth: number): string[] {
  const indent = '    '.repeat(depth);
  // Lines that follow each other are one paragraph.
  const paragraphs = text
    .replace(/[^\P{Cc}\n]|[^\P{Cf}\u200c\u200d]/gu, ' ')
    .trim()
    .split(/\n\s*\n/u)
    .flatMap((part, i) => [...(i === 0 ? [] : ['']), part.replace(/\s*\n\s*/gu, ' ')]);
  const safe = paragraphs.map((line) => line.replaceAll('\\', '\\\\').replaceAll('"""', '\\"\\"\\"'));
  const wrapped = safe.flatMap((line) => wrap(line, 88 - indent.length - (safe.length === 1 ? 6 : 3)));
  const [first = '', ...rest] = wrapped;
  if (first === '') return [];
  const before = first.startsWith('"') ? ' ' : '';
  const behind = /(?:^|[^\\])(?:\\\\)*"$/u.test(first) ? ' ' : '';
  if (rest.length === 0) return [`${indent}"""${before}${first}${behind}"""`];
  return [
    `${indent}"""${before}${first}`,
    ...rest.map((line) => (line.trim() === '' ? '' : `${indent}${line.trim()}`)),
    `${indent}"""`,
  ];
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.trim().split(/\s+/u)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines;
}

/** A statement, or the head of a compound one: `prefix expression suffix`, with its expression on one line. */
export interface Line {
  readonly depth: number;
  readonly prefix: string;
  readonly expression: string;
  readonly suffix: string;
}

/** Statements being written, at the indentation of where they stand. They are laid out when all is written. */
export class Code {
  readonly lines: Line[] = [];
  depth: number;

  constructor(depth: number) {
    this.depth = depth;
  }

  statement(prefix: string, expression: string, suffix = ''): void {
    this.lines.push({ depth: this.depth, prefix, expression, suffix });
  }

  assign(target: string, expression: string): void {
    this.statement(`${target} = `, expression);
  }

  call(expression: string): void {
    this.statement('', expression);
  }

  /** A line without an expression. */
  raw(text: string): void {
    this.statement(text, '');
  }

  /** A compound statement and what stands inside it. */
  block(prefix: string, expression: string, body: () => void): void {
    const keyword = this.#isElse && prefix === 'if ' ? 'elif ' : prefix;
    this.#isElse = false;
    if (expression === '') this.raw(prefix);
    else this.statement(keyword, expression, ':');
    this.depth += 1;
    const before = this.lines.length;
    body();
    const isEmpty = this.lines.length === before;
    if (isEmpty && prefix === 'else:') this.lines.pop();
    else if (isEmpty) this.raw('pass');
    this.depth -= 1;
  }

  /** `else:`; where it holds one `if` and nothing more, that becomes an `elif`. */
  otherwise(isIf: boolean, body: () => void): void {
    if (!isIf) {
      this.block('else:', '', body);
      return;
    }
    this.#isElse = true;
    const start = this.lines.length;
    body();
    this.#isElse = false;
    if (this.#isOneIf(start)) return;
    this.lines.length = start;
    this.block('else:', '', body);
  }
  #isElse = false;

  /** Whether what was written from here on is an `elif` with its arms, and nothing after them. */
  #isOneIf(start: number): boolean {
    const own = this.lines.slice(start).filter(({ depth }) => depth === this.depth);
    return own.every(({ prefix }, i) => prefix === 'elif ' || (i > 0 && prefix === 'else:')) && own.length > 0;
  }

  fits(prefix: string, expression: string): boolean {
    return fitsOnLine(prefix + expression, this.depth);
  }

  /** The lines of Python. */
  text(): string[] {
    return merged(joined(this.lines)).flatMap(({ depth, prefix, expression, suffix }) =>
      expression === '' ? ['    '.repeat(depth) + prefix] : layoutStatement(prefix, expression, suffix, depth),
    );
  }
}

/** The same lines, with `if a:` around nothing but `if b:` as `if a and b:`. */
function joined(lines: readonly Line[]): readonly Line[] {
  const result = [...lines];
  // From the innermost outwards, so that three become one.
  for (let i = result.length - 2; i >= 0; i -= 1) {
    const [outer, inner] = [result[i]!, result[i + 1]!];
    if (!isIf(outer) || inner.prefix !== 'if ' || inner.depth !== outer.depth + 1) continue;
    const length = result.slice(i + 1).findIndex(({ depth }) => depth <= outer.depth);
    const end = length < 0 ? result.length : i + 1 + length;
    const behind = result[end];
    const isFollowed = behind?.depth === outer.depth && (behind.prefix === 'else:' || behind.prefix === 'elif ');
    if (isFollowed || result.slice(i + 2, end).some(({ depth }) => depth <= inner.depth)) continue;
    const body = result.slice(i + 2, end).map((line) => ({ ...line, depth: line.depth - 1 }));
    result.splice(i, end - i, { ...outer, expression: both(outer.expression, inner.expression) }, ...body);
  }
  return result;
}

/** The same lines, with `if a:` and `elif b:` around the same as `if a or b:`. */
function merged(lines: readonly Line[]): readonly Line[] {
  const result = [...lines];
  const endOf = (head: number): number => {
    const length = result.slice(head + 1).findIndex(({ depth }) => depth <= result[head]!.depth);
    return length < 0 ? result.length : head + 1 + length;
  };
  for (let i = result.length - 2; i >= 0; i -= 1) {
    const head = result[i]!;
    if (!isIf(head)) continue;
    const next = endOf(i);
    const other = result[next];
    if (other?.depth !== head.depth || other.prefix !== 'elif ') continue;
    const end = endOf(next);
    if (!isSame(result.slice(i + 1, next), result.slice(next + 1, end))) continue;
    result.splice(next, end - next);
    result[i] = { ...head, expression: `${within(head.expression, 1)} or ${within(other.expression, 2)}` };
  }
  return result;
}

function isSame(a: readonly Line[], b: readonly Line[]): boolean {
  const text = ({ depth, prefix, expression, suffix }: Line): string => `${depth} ${prefix}${expression}${suffix}`;
  return a.length === b.length && a.every((line, i) => text(line) === text(b[i]!));
}

function isIf({ prefix }: Line): boolean {
  return prefix === 'if ' || prefix === 'elif ';
}

/** Two conditions, or one where they are the same. */
function both(a: string, b: string): string {
  return a === b ? a : `${within(a, 2)} and ${within(b, 3)}`;
}
