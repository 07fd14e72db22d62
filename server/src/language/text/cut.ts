import { PARAMETER_TYPES } from '../../core/definition.ts';
import {
  OpenBrackets,
  closerOf,
  columnOf,
  endsOperand,
  isCloser,
  isKeyword,
  isName,
  kindOf,
  startsLine,
  type Token,
} from './tokens.ts';

/**
 * Cuts a file's tokens into the parts that are parsed one by one: imports, headers of definitions, statements. An error
 * then stays in its part, and a part whose text is as before needn't be parsed again.
 *
 * In a sound file brackets alone decide. In a broken one (it is being typed) a part also ends where something begins
 * that can't belong to it: `output x` can't stand inside parentheses, `block B` not inside a block.
 */
export interface Cut {
  readonly imports: readonly Slice[];
  readonly definitions: readonly CutDefinition[];
  /** What stands outside of everything. */
  readonly strays: readonly Slice[];
}

/** Token indices, the end exclusive. */
export interface Slice {
  readonly start: number;
  readonly end: number;
}

export interface StatementSlice extends Slice {
  /** Begins as no statement does. */
  readonly isStray: boolean;
}

export interface CutDefinition {
  readonly kind: 'model' | 'block' | 'extern';
  /** From `model` or `block` through the opening brace where there is one; an extern through its closing brace. */
  readonly header: Slice;
  /** Index of the body's `{`. */
  readonly open: number | undefined;
  readonly statements: readonly StatementSlice[];
  /** Index of the body's `}`. */
  readonly close: number | undefined;
}

export function cut(tokens: readonly Token[]): Cut {
  return new Cutter(tokens).file();
}

/** What begins at a token, as far as two or three tokens tell. */
type Form = 'keyword' | 'binding' | 'property';

const TYPES: ReadonlySet<string> = new Set(PARAMETER_TYPES);

class Cutter {
  private readonly tokens: readonly Token[];
  private readonly matches: readonly (number | undefined)[];
  private position = 0;
  /** Whether the statement at hand has been names and commas so far. */
  private onlyNames = false;
  /** The names with a comma behind them that were looked at last, and whether a `=` follows them. */
  private names = { start: 0, end: 0, isBound: false };

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
    this.matches = matchBrackets(tokens, (index) => this.startsDefinition(index));
  }

  file(): Cut {
    const imports: Slice[] = [];
    const definitions: CutDefinition[] = [];
    const strays: Slice[] = [];
    while (this.position < this.tokens.length) {
      const start = this.position;
      const kind = this.kind(start);
      if (kind === 'import') {
        imports.push(this.importSlice());
      } else if (kind === 'extern') {
        definitions.push(this.extern());
      } else if (kind === 'model' || kind === 'block') {
        definitions.push(this.definition(kind));
      } else if (this.looksLikeDefinition(start)) {
        definitions.push(this.definition('block'));
      } else {
        do this.position++;
        while (this.position < this.tokens.length && !this.startsTopLevel(this.position));
        strays.push({ start, end: this.position });
      }
    }
    return { imports, definitions, strays };
  }

  private kind(index: number): string | undefined {
    return kindOf(this.tokens[index]);
  }

  /** `Name(…) {`: only the keyword is missing. */
  private looksLikeDefinition(index: number): boolean {
    if (this.kind(index) !== 'ID' || !startsLine(this.tokens, index)) return false;
    const next = index + 1;
    const close = this.kind(next) === '(' ? this.matches[next] : index;
    return close !== undefined && this.kind(close + 1) === '{';
  }

  private importSlice(): Slice {
    const start = this.position++;
    while (this.position < this.tokens.length && !this.startsTopLevel(this.position)) {
      const ends = this.kind(this.position)?.endsWith('STRING');
      this.position++;
      if (ends) break;
    }
    return { start, end: this.position };
  }

  private extern(): CutDefinition {
    const start = this.position++;
    let depth = 0;
    let open: number | undefined;
    let close: number | undefined;
    while (this.position < this.tokens.length && !this.startsTopLevel(this.position)) {
      const index = this.position++;
      const kind = this.kind(index);
      if (kind === '{' && depth++ === 0) open ??= index;
      if (kind === '}' && --depth <= 0) {
        close = index;
        break;
      }
    }
    return { kind: 'extern', header: { start, end: this.position }, open, statements: [], close };
  }

  private definition(kind: 'model' | 'block'): CutDefinition {
    const start = this.position;
    const open = this.header(start);
    const header = { start, end: this.position };
    const statements: StatementSlice[] = [];
    let close: number | undefined;
    while (this.position < this.tokens.length && !this.startsTopLevelInBody(this.position)) {
      if (this.kind(this.position) === '}' && this.closesDefinition(this.position, start)) {
        close = this.position++;
        break;
      }
      const from = this.position;
      this.position = this.statementEnd(from, start);
      statements.push({
        start: from,
        end: this.position,
        isStray: this.form(from) === undefined && !this.isStatementKeyword(from),
      });
    }
    return { kind, header, open, statements, close };
  }

  /** Moves behind the opening brace, or to where it should be; gives its index. */
  private header(start: number): number | undefined {
    this.position = this.kind(start) === 'ID' ? start : start + 1;
    if (isName(this.tokens[this.position]) && this.form(this.position) !== 'keyword') this.position++;
    if (this.kind(this.position) === '(') {
      const close = this.matches[this.position];
      this.position = close === undefined ? this.parametersEnd(this.position) : close + 1;
    }
    if (this.kind(this.position) === ':' && startsLine(this.tokens, this.position + 1)) {
      this.position++; // Python's
      return undefined;
    }
    if (this.kind(this.position) !== '{') {
      // Something is wrong: an opening brace on this line, or before the first statement, is the body's.
      for (let index = this.position; index < this.tokens.length; index++) {
        if (this.kind(index) === '{') {
          this.position = index;
          break;
        }
        if (startsLine(this.tokens, index) && (this.form(index) !== undefined || this.startsTopLevel(index))) break;
        if (this.form(index) === 'keyword') break;
      }
    }
    return this.kind(this.position) === '{' ? this.position++ : undefined;
  }

  /** Behind the last whole parameter on lines of their own, where the bracket around them isn't closed yet. */
  private parametersEnd(open: number): number {
    if (!startsLine(this.tokens, open + 1)) return open;
    let end = open + 1;
    for (;;) {
      const next = this.parameterEnd(end);
      if (next === undefined) return end === open + 1 ? open : end;
      end = next;
      if (this.kind(end - 1) !== ',') return end;
    }
  }

  /** Behind the comma, or the line, of what can only be a parameter; undefined where something else may be meant. */
  private parameterEnd(start: number): number | undefined {
    if (!isName(this.tokens[start]) || this.form(start) === 'keyword') return undefined;
    const isTyped = this.kind(start + 1) === ':';
    const type = this.tokens[start + 2];
    const isMissing = type === undefined || startsLine(this.tokens, start + 2);
    if (isTyped && !isMissing && !TYPES.has(type.image)) return undefined;
    let depth = 0;
    for (let index = start + 1; index < this.tokens.length; index++) {
      const kind = this.kind(index);
      if (depth === 0 && kind === ',') return index + 1;
      if (depth === 0 && startsLine(this.tokens, index)) return isTyped ? index : undefined;
      if (kind === '->' || kind === '{') return undefined;
      if (closerOf(kind) !== undefined) depth++;
      else if (isCloser(kind)) depth--;
    }
    return this.tokens.length;
  }

  /** Where the statement that begins at `from` ends. */
  private statementEnd(from: number, definition: number): number {
    const open = new OpenBrackets();
    this.onlyNames = true;
    let hasSign = false;
    for (let index = from; index < this.tokens.length; index++) {
      if (index > from && (this.startsTopLevelInBody(index) || this.startsStatement(index, from, open, hasSign)))
        return index;
      if (open.depth === 0 && (this.kind(index) === '=' || (this.kind(index) === ':' && index === from + 1))) {
        hasSign = true;
      }
      const kind = this.kind(index);
      this.onlyNames &&= kind === ',' || isName(this.tokens[index]);
      const closer = closerOf(kind);
      if (closer !== undefined) open.push(index, closer);
      else if (isCloser(kind)) {
        const isClosed = open.close(kind!) !== undefined;
        if (!isClosed && kind === '}' && index > from && this.closesDefinition(index, definition)) return index;
      }
    }
    return this.tokens.length;
  }

  /** Whether a `}` that no brace of the body opens ends the definition; otherwise it is one too many. */
  private closesDefinition(index: number, definition: number): boolean {
    const brace = this.tokens[index]!;
    const keyword = this.tokens[definition]!;
    if (startsLine(this.tokens, index) && columnOf(brace) <= columnOf(keyword)) return true;
    const next = index + 1;
    if (next >= this.tokens.length || this.startsTopLevel(next)) return true;
    return this.form(next) === undefined && isName(this.tokens[next]);
  }

  /** Whether the statement that began at `from` ends before this token; `open` are the brackets open here, `hasSign` tells of a `=` or `key:`. */
  private startsStatement(index: number, from: number, open: OpenBrackets, hasSign: boolean): boolean {
    const form = this.form(index);
    const onNewLine = startsLine(this.tokens, index);
    const afterOperand = endsOperand(this.tokens, index - 1);
    if (open.depth === 0) {
      if (form === undefined)
        return onNewLine && afterOperand && (this.startsOperand(index) || this.lostItsStart(index, hasSign));
      if (afterOperand) return true;
      if (form === 'keyword' && index === from + 1 && this.isStatementKeyword(from))
        return this.kind(from) !== 'frozen';
      return onNewLine && !this.continues(index, from, form);
    }
    // Inside brackets no statement can begin, so this is about brackets that aren't closed.
    // `target: input`, the value on a line of its own.
    if (form === 'keyword') return (onNewLine && this.kind(index - 1) !== ':') || afterOperand;
    if (form === undefined || !onNewLine) return false;
    const innermost = open.innermost!;
    if (this.kind(innermost) === '{' && this.kind(innermost - 1) === 'train' && form === 'property') return false;
    const unclosed = this.matches[innermost] === undefined;
    const outdented = columnOf(this.tokens[index]!) <= columnOf(this.tokens[from]!);
    if (afterOperand) return unclosed || outdented;
    // In braces `name =` is nothing; in parentheses it is an argument.
    return outdented && (unclosed || (this.kind(innermost) === '{' && form === 'binding'));
  }

  /** A statement without its name (`= x`, `: MNIST`), or `output` (`(a, b) -> …`): nothing goes on like that. */
  private lostItsStart(index: number, hasSign: boolean): boolean {
    const kind = this.kind(index);
    if (kind === '=') return hasSign;
    if (kind === ':') return hasSign && this.kind(index - 2) !== '->' && this.kind(index - 2) !== 'frozen';
    return kind === '(' && this.kind(index - 1) !== 'ID';
  }

  /** Whether what looks like a new statement on a new line can go on with one that wants more. */
  private continues(index: number, from: number, form: Form): boolean {
    const previous = this.kind(index - 1);
    switch (previous) {
      case ',':
        if (form === 'property') return this.kind(from) === 'input';
        return form === 'binding' && this.onlyNames && !this.isStatementKeyword(from);
      case '->':
        return form === 'property';
      case 'frozen':
        return true;
      case 'output':
      case 'layer':
        return form !== 'keyword' && index - 1 <= from + 1;
      case 'input':
      case 'weight':
      case 'buffer':
        return form === 'property' && index - 1 <= from + 1;
      default:
        return false;
    }
  }

  private isStatementKeyword(index: number): boolean {
    return ['input', 'output', 'weight', 'buffer', 'layer', 'frozen', 'train'].includes(this.kind(index) ?? '');
  }

  private form(index: number): Form | undefined {
    const token = this.tokens[index];
    const kind = kindOf(token);
    const next = this.kind(index + 1);
    if (token === undefined || !isName(token)) return undefined;
    const previous = this.tokens[index - 1];
    if (kindOf(previous) === '.' && !startsLine(this.tokens, index)) return undefined;
    if (next === '=') return 'binding';
    // `unit{i}_conv:` is a label's end
    if (next === ':')
      return kindOf(previous) === '}' && previous?.endOffset === token.startOffset - 1 ? undefined : 'property';
    const ends = next === undefined || isCloser(next);
    switch (kind) {
      case 'ID':
        return next === ',' && this.startsNames(index) ? 'binding' : undefined;
      case 'input':
      case 'weight':
      case 'buffer':
      case 'layer':
        return ends || isName(this.tokens[index + 1]) ? 'keyword' : undefined;
      case 'output':
        return next === '{' || next === ',' || next === '.' || next === ')' || next === ']' ? undefined : 'keyword';
      case 'frozen':
        if (ends || startsLine(this.tokens, index + 1)) return 'keyword';
        return (next === 'weight' || next === 'buffer' || next === 'layer') && this.form(index + 1) === 'keyword'
          ? 'keyword'
          : undefined;
      case 'train': {
        // `train{i}:` is a label
        const key = this.tokens[index + 2];
        const isBody =
          next === '{' && (key === undefined || kindOf(key) === '}' || (isName(key) && this.kind(index + 3) !== '}'));
        return ends || isBody ? 'keyword' : undefined;
      }
      default:
        return undefined;
    }
  }

  /** `a, b, c =`. */
  private startsNames(index: number): boolean {
    const { start, end } = this.names;
    if (index >= start && index < end && (index - start) % 2 === 0) return this.names.isBound;
    let last = index;
    while (this.kind(last) === 'ID' && this.kind(last + 1) === ',') last += 2;
    const isBound = this.kind(last) === '=' || (this.kind(last) === 'ID' && this.kind(last + 1) === '=');
    this.names = { start: index, end: last, isBound };
    return isBound;
  }

  /** Tokens that never go on with an expression. */
  private startsOperand(index: number): boolean {
    const kind = this.kind(index);
    return (
      ['ID', 'NUMBER', 'STRING', 'True', 'False', 'None', 'if', 'for'].includes(kind ?? '') ||
      (isName(this.tokens[index]) && kind !== 'from' && kind !== 'as')
    );
  }

  private startsTopLevel(index: number): boolean {
    const kind = this.kind(index);
    if (kind === 'import') return this.kind(index + 1) === '{' || startsLine(this.tokens, index);
    return (
      this.startsDefinition(index) ||
      ((kind === 'model' || kind === 'block' || kind === 'extern') &&
        startsLine(this.tokens, index) &&
        this.form(index) === undefined)
    );
  }

  /** In a body `block:` and `block{i}:` are labels, so more is asked. */
  private startsTopLevelInBody(index: number): boolean {
    if (this.startsDefinition(index)) return true;
    return this.kind(index) === 'import' && this.kind(index + 1) === '{' && startsLine(this.tokens, index);
  }

  /** `block Name`, which nothing inside of a definition can read. */
  private startsDefinition(index: number): boolean {
    const kind = this.kind(index);
    const next = this.kind(index + 1);
    if (kind === 'extern') return next === 'block' || next === 'function';
    return (
      ((kind === 'model' || kind === 'block') &&
        (next === 'ID' || (isKeyword(this.tokens[index + 1]) && ['(', '{'].includes(this.kind(index + 2) ?? ''))) &&
        this.kind(index - 1) !== 'extern' &&
        startsLine(this.tokens, index)) ||
      this.startsDefinitionInLine(index)
    );
  }

  /** `} block B {` on one line. */
  private startsDefinitionInLine(index: number): boolean {
    const kind = this.kind(index);
    return (
      (kind === 'model' || kind === 'block') &&
      this.kind(index - 1) === '}' &&
      this.kind(index + 1) === 'ID' &&
      ['(', '{'].includes(this.kind(index + 2) ?? '')
    );
  }
}

/** For each opening bracket its closing one, by kinds; what a definition's start leaves open stays open. */
function matchBrackets(tokens: readonly Token[], startsDefinition: (index: number) => boolean): (number | undefined)[] {
  const matches = new Array<number | undefined>(tokens.length).fill(undefined);
  const open = new OpenBrackets();
  for (let index = 0; index < tokens.length; index++) {
    const kind = tokens[index]!.tokenType.name;
    const closer = closerOf(kind);
    if (closer !== undefined) {
      open.push(index, closer);
    } else if (isCloser(kind)) {
      const opener = open.close(kind);
      if (opener !== undefined) matches[opener] = index;
    } else if (
      (kind === 'block' || kind === 'model' || kind === 'extern') &&
      open.depth > 0 &&
      startsDefinition(index)
    ) {
      open.clear();
    }
  }
  return matches;
}
