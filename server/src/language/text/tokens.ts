import type { GrammarAST, LexerResult, Stream, TokenBuilder, ValueConverter } from 'langium';
import { DefaultTokenBuilder } from 'langium';
import { firstFrom } from '../../core/search.ts';

/** A token as the lexer makes it; its type's name is the keyword itself or the name of the terminal. */
export type Token = LexerResult['tokens'][number];
type TokenType = Token['tokenType'];

export const MISSING = 'MISSING';
export const CALLED = 'CALLED';
export const CALLEE = 'CALLEE';
/** A string without its closing quote, up to the end of the line; repair.ts makes a STRING of it. */
export const BROKEN_STRING = 'BROKEN_STRING';

export class ScvTokenBuilder extends DefaultTokenBuilder implements TokenBuilder {
  protected override buildTerminalTokens(rules: Stream<GrammarAST.AbstractRule>): TokenType[] {
    const terminals = super.buildTerminalTokens(rules);
    const broken: TokenType = { name: BROKEN_STRING, PATTERN: /"(\\[^\r\n]|[^"\\\r\n])*|'(\\[^\r\n]|[^'\\\r\n])*/ };
    const strings = terminals.findIndex((terminal) => terminal.name === 'STRING');
    terminals.splice(strings + 1, 0, broken); // the first that matches wins, so a whole string comes first
    return terminals;
  }
}

/**
 * The syntax tree has numbers and strings as written; reading/literals.ts knows what they say. Python takes names for
 * one another that differ in their writing alone (NFKC), and so does the language, wherever a name stands.
 */
export const valueConverter: ValueConverter = {
  convert: (text) => (text.startsWith('"') || text.startsWith("'") ? text : text.normalize('NFKC')),
};

export function kindOf(token: Token | undefined): string | undefined {
  return token?.tokenType.name;
}

/** Words that are keywords wherever they stand, in Python's way; all other keywords may be names. */
const EXPRESSION_WORDS = new Set(['True', 'False', 'None', 'if', 'else', 'for', 'in', 'is', 'not', 'and', 'or']);

const WORD = /^[a-zA-Z]/;

export function isKeyword(token: Token | undefined): boolean {
  return token !== undefined && token.tokenType.name === token.image && WORD.test(token.image);
}

/** A name or any keyword. */
export function isWord(token: Token): boolean {
  return kindOf(token) === 'ID' || isKeyword(token);
}

/** What may be a label, a key, an argument's name. */
export function isName(token: Token | undefined): boolean {
  return kindOf(token) === 'ID' || (isKeyword(token) && !EXPRESSION_WORDS.has(token!.image));
}

const OPERAND_ENDS = new Set([
  'ID',
  CALLEE,
  'NUMBER',
  'STRING',
  BROKEN_STRING,
  ')',
  ']',
  '}',
  'True',
  'False',
  'None',
  MISSING,
]);

/** Whether an expression or stage can end with this token. */
export function endsOperand(tokens: readonly Token[], index: number): boolean {
  const token = tokens[index];
  if (token === undefined) return false;
  return OPERAND_ENDS.has(token.tokenType.name) || (isKeyword(token) && kindOf(tokens[index - 1]) === '.');
}

const CLOSERS: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** The bracket that closes this one; undefined for what opens none. */
export function closerOf(kind: string | undefined): string | undefined {
  return kind === undefined ? undefined : CLOSERS[kind];
}

/**
 * Brackets that are open, innermost last. What closes nothing is known by its count, so that a file full of unmatched
 * brackets isn't looked through for each of them.
 */
export class OpenBrackets {
  private readonly open: { readonly index: number; readonly closer: string }[] = [];
  private readonly counts = new Map<string, number>();

  get depth(): number {
    return this.open.length;
  }

  /** Token index of the innermost. */
  get innermost(): number | undefined {
    return this.open.at(-1)?.index;
  }

  push(index: number, closer: string): void {
    this.open.push({ index, closer });
    this.counts.set(closer, (this.counts.get(closer) ?? 0) + 1);
  }

  /** Closes the innermost bracket of this kind, and all inside of it; gives its index. */
  close(closer: string): number | undefined {
    if ((this.counts.get(closer) ?? 0) === 0) return undefined;
    for (;;) {
      const last = this.open.pop()!;
      this.counts.set(last.closer, this.counts.get(last.closer)! - 1);
      if (last.closer === closer) return last.index;
    }
  }

  clear(): void {
    this.open.length = 0;
    this.counts.clear();
  }
}

export function isCloser(kind: string | undefined): boolean {
  return kind === ')' || kind === ']' || kind === '}';
}

/** Index of the first token that stands at an offset or behind it; of a text's tokens, in their order. */
export function tokenFrom(tokens: readonly Token[], offset: number): number {
  return firstFrom(tokens, offset, ({ startOffset }) => startOffset);
}

export function startsLine(tokens: readonly Token[], index: number): boolean {
  const token = tokens[index];
  const previous = tokens[index - 1];
  return token !== undefined && (previous === undefined || lineOf(token) > endLineOf(previous));
}

// The lexer tracks full positions, so what chevrotain declares optional is always there.

export function lineOf(token: Token): number {
  return token.startLine!;
}

export function endLineOf(token: Token): number {
  return token.endLine!;
}

export function columnOf(token: Token): number {
  return token.startColumn!;
}

/** Exclusive. */
export function endOf(token: Token): number {
  return token.startOffset + token.image.length;
}
