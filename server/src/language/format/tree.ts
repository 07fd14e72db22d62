/**
 * The tokens and comments of a part as what the formatter lays out: brackets, the items in them, and the segments that
 * `->` makes of an item. Nothing is known here of what the tokens mean, so that a slip keeps its words.
 */
import {
  closerOf,
  columnOf,
  endLineOf,
  endOf,
  endsOperand,
  isCloser,
  isName,
  isWord,
  kindOf,
  lineOf,
  startsLine,
  type Token,
} from '../text/tokens.ts';

export interface Comment {
  /** With `#`, as it is printed. */
  readonly text: string;
  /** Where it began, from 1: what stood one below the other is kept so. */
  readonly column: number;
  readonly ownLine: boolean;
  /** From 1. */
  readonly line: number;
}

export type Piece = Word | Bracket;

export interface Word {
  readonly kind: 'word';
  readonly text: string;
  /** What stands between it and the piece before. */
  readonly gap: '' | ' ';
  /** Binds its two sides; of several the loosest is broken first. */
  readonly precedence?: number;
  /** The comments behind it, up to the next token. */
  after: readonly Comment[];
}

export type Role =
  /** Of a call, or a definition's parameters. */
  | 'arguments'
  /** `( … )` around stages, a tuple or an expression. */
  | 'group'
  | 'list'
  | 'subscript'
  /** `{ … }` of `if`, `else` and `for`. */
  | 'body'
  /** `import { … }`. */
  | 'names'
  /** `{ … }` in a label. */
  | 'label';

export interface Bracket {
  readonly kind: 'bracket';
  readonly open: string;
  readonly close: string;
  readonly role: Role;
  readonly gap: '' | ' ';
  readonly items: readonly Item[];
  /** Comments behind the opening bracket, on its line. */
  readonly opened: readonly Comment[];
  /** Comments before the closing bracket. */
  readonly ending: readonly Comment[];
  /** A comma before the closing bracket that says something: `(1,)`. */
  readonly isTuple: boolean;
  /** The author went to a new line behind the opening bracket. */
  readonly isOpened: boolean;
  after: readonly Comment[];
}

/** What stands between commas. */
export interface Item {
  readonly segments: readonly Segment[];
  /** Behind the comma. */
  readonly after: readonly Comment[];
  /** A blank line was left before it. */
  readonly isApart: boolean;
}

/** What stands between arrows. */
export interface Segment {
  readonly pieces: readonly Piece[];
  /** Comments before it, on lines of their own. */
  readonly before: readonly Comment[];
  /** The author went to a new line before it (before its arrow, or behind that). */
  readonly isBroken: boolean;
}

/** What the lexer makes of a text. */
export interface Source {
  readonly tokens: readonly Token[];
  /** For each token the comments before it; one more for the end. */
  readonly comments: readonly (readonly Comment[])[];
  /** For each opening bracket the index of its closing one. */
  readonly closing: ReadonlyMap<number, number>;
}

/** Undefined where a bracket isn't closed, or closes none. */
export function sourceOf(tokens: readonly Token[], comments: readonly Token[]): Source | undefined {
  const before: Comment[][] = Array.from({ length: tokens.length + 1 }, () => []);
  let index = 0;
  for (const comment of comments) {
    while (index < tokens.length && tokens[index]!.startOffset < comment.startOffset) index++;
    const previous = tokens[index - 1];
    before[index]!.push({
      text: comment.image.replace(/^#(?=[\p{L}\p{N}])/u, '# ').trimEnd(),
      column: columnOf(comment),
      line: lineOf(comment),
      ownLine: previous === undefined || endLineOf(previous) < lineOf(comment),
    });
  }
  const closing = new Map<number, number>();
  const open: number[] = [];
  for (const [at, token] of tokens.entries()) {
    const kind = kindOf(token);
    if (closerOf(kind) !== undefined) open.push(at);
    if (!isCloser(kind)) continue;
    const opener = open.pop();
    if (opener === undefined || closerOf(kindOf(tokens[opener])) !== kind) return undefined;
    closing.set(opener, at);
  }
  return open.length === 0 ? { tokens, comments: before, closing } : undefined;
}

/**
 * The items of tokens from `start` to `end`, which are a statement or a definition's header. Only inputs and outputs are
 * several: the names before a `=` are one thing with what is bound to them.
 */
export function readItems(source: Source, start: number, end: number): readonly Item[] {
  const first = kindOf(source.tokens[start]);
  return new Reader(source, start, first === 'input' || first === 'output').items(end).items;
}

class Reader {
  private readonly source: Source;
  private readonly tokens: readonly Token[];
  private position: number;
  /** Of the innermost bracket; `parameters` are a definition's. */
  private around: Role | 'parameters' | undefined;
  /** The closing braces of labels' numbers. */
  private readonly labels = new Set<number>();

  /** Whether commas outside of brackets separate. */
  private readonly hasItems: boolean;

  constructor(source: Source, position: number, hasItems: boolean) {
    this.source = source;
    this.hasItems = hasItems;
    this.tokens = source.tokens;
    this.position = position;
  }

  /** What is read here leaves the comments before `start` and before `end` to the caller. */
  items(end: number): { readonly items: Item[]; readonly endsInComma: boolean } {
    const items: Item[] = [];
    let before: readonly Comment[] = [];
    let isApart = false;
    let endsInComma = false;
    while (this.position < end) {
      const segments = this.segments(end, before);
      const item = { segments, isApart };
      const after: Comment[] = [];
      endsInComma = this.position < end;
      if (endsInComma) {
        const next = ++this.position;
        // Behind a comma that a statement ends with, they are the caller's.
        const isInside = next < end || this.around !== undefined;
        after.push(...this.source.comments[next - 1]!, ...(isInside ? this.comments(next, false) : []));
        before = next < end ? this.comments(next, true) : [];
        isApart = next < end && this.isApart(next);
      }
      items.push({ ...item, after });
    }
    return { items, endsInComma };
  }

  /** Up to a comma, or the end. */
  private segments(end: number, first: readonly Comment[]): readonly Segment[] {
    const segments: Segment[] = [];
    let before = first;
    let isBroken = false;
    for (;;) {
      const pieces = this.pieces(end);
      segments.push({ pieces, before, isBroken });
      const arrow = this.position;
      if (arrow >= end || kindOf(this.tokens[arrow]) !== '->') return segments;
      const next = ++this.position;
      const own = this.comments(arrow, true);
      const after = this.comments(next, false);
      // They stay in their order: below others, what stood behind the arrow has a line of its own.
      const last = this.comments(arrow, false);
      // A line has one comment at its end.
      const isFree = own.length === 0 && last.length === 0;
      behind(pieces, isFree ? after : last);
      before = [...own, ...(isFree ? [] : after), ...(next < end ? this.comments(next, true) : [])];
      isBroken = startsLine(this.tokens, arrow) || (next < end && startsLine(this.tokens, next));
    }
  }

  private pieces(end: number): readonly Piece[] {
    const pieces: Piece[] = [];
    /** `for c, s in`. */
    let isInNames = false;
    while (this.position < end) {
      const kind = kindOf(this.tokens[this.position]);
      if (kind === 'for') isInNames = true;
      else if (kind === 'in') isInNames = false;
      if (kind === '->' || (kind === ',' && !isInNames && (this.hasItems || this.around !== undefined))) break;
      const isFirst = pieces.length === 0;
      if (!isFirst) behind(pieces, this.source.comments[this.position]!);
      pieces.push(closerOf(kind) === undefined ? this.word(isFirst) : this.bracket(isFirst));
    }
    return pieces;
  }

  private word(isFirst: boolean): Word {
    const index = this.position++;
    const token = this.tokens[index]!;
    const kind = kindOf(token)!;
    const precedence = !isFirst && endsOperand(this.tokens, index - 1) ? PRECEDENCE.get(kind) : undefined;
    return {
      kind: 'word',
      text: kind === 'STRING' ? quoted(token.image) : token.image,
      gap: isFirst ? '' : this.gap(index),
      ...(precedence === undefined ? {} : { precedence }),
      after: [],
    };
  }

  private bracket(isFirst: boolean): Bracket {
    const index = this.position++;
    const end = this.source.closing.get(index)!;
    const role = this.role(index);
    if (role === 'label') this.labels.add(end);
    const gap = isFirst ? '' : this.gap(index, role);
    const first = this.position;
    const outer = this.around;
    this.around = role === 'arguments' && this.isDefinition(index) ? 'parameters' : role;
    const { items, endsInComma } = this.items(end);
    this.around = outer;
    this.position = end + 1;
    const opened = this.comments(first, false);
    const own = this.comments(first, true);
    const [item] = items;
    if (item !== undefined) {
      const [head, ...others] = item.segments;
      items.splice(0, 1, { ...item, segments: [{ ...head!, before: own }, ...others] });
      // What stands behind the last item's last word, on its line.
      if (!endsInComma) behind(items.at(-1)!.segments.at(-1)!.pieces, this.comments(end, false));
    }
    return {
      kind: 'bracket',
      open: this.tokens[index]!.image,
      close: this.tokens[end]!.image,
      role,
      gap,
      items,
      opened,
      ending: this.comments(end, true),
      isTuple: role === 'group' && endsInComma && items.length === 1 && item!.segments.length === 1,
      isOpened: first < end && startsLine(this.tokens, first),
      after: [],
    };
  }

  private role(index: number): Role {
    const afterOperand = endsOperand(this.tokens, index - 1);
    switch (kindOf(this.tokens[index])) {
      case '(':
        return afterOperand || this.isDefinition(index) ? 'arguments' : 'group';
      case '[':
        return afterOperand ? 'subscript' : 'list';
      default:
        if (kindOf(this.tokens[index - 1]) === 'import') return 'names';
        return this.isLabel(index) ? 'label' : 'body';
    }
  }

  /** Whether a parenthesis opens a definition's parameters: `block Down(`. */
  private isDefinition(index: number): boolean {
    return (
      isWord(this.tokens[index - 1]!) && ['model', 'block', 'function'].includes(kindOf(this.tokens[index - 2]) ?? '')
    );
  }

  /** `unit{i}_conv:` and `block{i}-{j}:` are written without spaces; no other brace has what goes on behind it. */
  private isLabel(index: number): boolean {
    const previous = this.tokens[index - 1];
    if (previous === undefined || !this.isGlued(index)) return false;
    const isBehindHyphen = kindOf(previous) === '-' && this.labels.has(index - 2);
    if (!isWord(previous) && kindOf(previous) !== 'NUMBER' && !this.labels.has(index - 1) && !isBehindHyphen)
      return false;
    const next = this.source.closing.get(index)! + 1;
    if (kindOf(this.tokens[next]) === ':') return true;
    if (next >= this.tokens.length || !this.isGlued(next)) return false;
    const last = kindOf(this.tokens[next]) === '-' ? next + 1 : next;
    return this.goesOn(next) || (kindOf(this.tokens[last]) === '{' && this.isGlued(last));
  }

  private goesOn(index: number): boolean {
    return isWord(this.tokens[index]!) || kindOf(this.tokens[index]) === 'NUMBER';
  }

  private isGlued(index: number): boolean {
    return endOf(this.tokens[index - 1]!) === this.tokens[index]!.startOffset;
  }

  /** What stands between a piece and the one before it. */
  private gap(index: number, role?: Role): '' | ' ' {
    const kind = kindOf(this.tokens[index]);
    const before = kindOf(this.tokens[index - 1]);
    if (role === 'arguments' || role === 'subscript' || role === 'label') return '';
    if (kind === ',' || kind === '.' || kind === '..' || kind === ':' || before === '.' || before === '..') return '';
    if (this.labels.has(index - 1)) return '';
    if (before === ':' && this.around === 'subscript') return '';
    const isSign = (before === '-' || before === '+') && !endsOperand(this.tokens, index - 2);
    if (isSign) return '';
    const sign = kind === '=' ? index : before === '=' ? index - 1 : undefined;
    if (sign !== undefined && this.around === 'arguments' && isName(this.tokens[sign - 1])) return '';
    return ' ';
  }

  private comments(index: number, ownLine: boolean): readonly Comment[] {
    return this.source.comments[index]!.filter((comment) => comment.ownLine === ownLine);
  }

  /** Whether a blank line is left before a token, or before the comments above it. */
  private isApart(index: number): boolean {
    const first = this.comments(index, true)[0]?.line ?? lineOf(this.tokens[index]!);
    return first - endLineOf(this.tokens[index - 1]!) > 1;
  }
}

function behind(pieces: readonly Piece[], comments: readonly Comment[]): void {
  const last = pieces.at(-1);
  if (last !== undefined && comments.length > 0) last.after = [...last.after, ...comments];
}

const PRECEDENCE: ReadonlyMap<string, number> = new Map(
  [['or'], ['and'], ['==', '!=', '<', '<=', '>', '>='], ['+', '-'], ['*', '/', '//', '%', '@']].flatMap(
    (operators, precedence) => operators.map((operator) => [operator, precedence] as const),
  ),
);

/** In double quotes, where nothing in it needs a backslash then. */
function quoted(image: string): string {
  return image.startsWith("'") && !/["\\]/.test(image) ? `"${image.slice(1, -1)}"` : image;
}
