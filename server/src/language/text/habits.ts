import type { LexerResult } from 'langium';
import { fix, replace } from '../../core/fix.ts';
import type { SyntaxProblem } from '../problem.ts';
import { closerOf, endOf, endsOperand, isCloser, isKeyword, kindOf, lineOf, startsLine, type Token } from './tokens.ts';

export interface Tidied extends LexerResult {
  readonly problems: readonly SyntaxProblem[];
}

/**
 * What other languages write, as the tokens that it means: `// …` is a comment, which is left out; `=>` and `|` between
 * stages are arrows, whose image tells repair.ts.
 */
export function tidy(
  lexed: LexerResult,
  text: string,
  vocabulary: Readonly<Record<string, Token['tokenType']>>,
): Tidied {
  const hasHabits = text.includes('//') || text.includes('=>') || text.includes('|');
  return hasHabits ? new Tidier(lexed, text, vocabulary['->']!).run() : { ...lexed, problems: [] };
}

class Tidier {
  private readonly kept: Token[] = [];
  private readonly opens: number[] = [];
  /** Where the bracket begins that a kept token closes. */
  private readonly openers = new Map<number, number>();
  private readonly problems: SyntaxProblem[] = [];
  private readonly dropped: { readonly start: number; readonly end: number }[] = [];
  private readonly lexed: LexerResult;
  private readonly text: string;
  private readonly arrow: Token['tokenType'];

  constructor(lexed: LexerResult, text: string, arrow: Token['tokenType']) {
    this.lexed = lexed;
    this.text = text;
    this.arrow = arrow;
  }

  run(): Tidied {
    const { tokens, errors } = this.lexed;
    const bars = errors.filter(({ offset, length }) => length === 1 && this.text[offset] === '|');
    const taken = new Set<number>();
    let bar = 0;
    for (let index = 0; index < tokens.length; index++) {
      const token = tokens[index]!;
      while (bar < bars.length && bars[bar]!.offset < token.startOffset) {
        const { offset } = bars[bar++]!;
        if (!/^\p{Lu}/u.test(token.image) || this.kept.length === 0) continue;
        taken.add(offset);
        this.kept.push(this.arrowAt(offset, '|', token));
      }
      if (kindOf(token) === '//' && this.isComment(index)) {
        const line = lineOf(token);
        while (index + 1 < tokens.length && lineOf(tokens[index + 1]!) === line) index++;
        this.drop(token);
        continue;
      }
      const next = tokens[index + 1];
      if (kindOf(token) === '=' && kindOf(next) === '>' && next?.startOffset === endOf(token)) {
        this.kept.push(this.arrowAt(token.startOffset, '=>', token));
        index++;
        continue;
      }
      this.keep(token);
    }
    const { dropped } = this;
    let at = 0;
    const left = errors.filter(({ offset }) => {
      while (at < dropped.length && dropped[at]!.end <= offset) at++;
      const isDropped = at < dropped.length && dropped[at]!.start <= offset;
      return !taken.has(offset) && !isDropped;
    });
    return { ...this.lexed, tokens: this.kept, errors: left, problems: this.problems };
  }

  private keep(token: Token): void {
    const kind = kindOf(token);
    if (closerOf(kind) !== undefined) this.opens.push(this.kept.length);
    else if (isCloser(kind)) {
      const opener = this.opens.pop();
      if (opener !== undefined) this.openers.set(this.kept.length, opener);
    }
    this.kept.push(token);
  }

  private drop(token: Token): void {
    const start = token.startOffset;
    const newLine = /[\r\n]/g;
    newLine.lastIndex = start;
    this.dropped.push({ start, end: newLine.exec(this.text)?.index ?? this.text.length });
    this.problems.push({
      code: 'syntax',
      severity: 'error',
      message: 'Comments begin with "#": write it instead of "//", which divides and rounds down.',
      range: { start, end: endOf(token) },
      fixes: [fix('Write #', [replace({ start, end: endOf(token) }, '#')], 'preferred')],
    });
  }

  private arrowAt(offset: number, image: string, near: Token): Token {
    const lines = this.text.slice(offset, near.startOffset).split('\n').length - 1;
    const line = near.startLine! - lines;
    const column = offset - this.text.lastIndexOf('\n', offset - 1);
    return {
      ...near,
      image,
      startOffset: offset,
      endOffset: offset + image.length - 1,
      startLine: line,
      endLine: line,
      startColumn: column,
      endColumn: column + image.length - 1,
      tokenType: this.arrow,
      tokenTypeIdx: this.arrow.tokenTypeIdx!,
    };
  }

  /** Whether this `//` can't be meant to divide. */
  private isComment(index: number): boolean {
    const { tokens } = this.lexed;
    const { kept } = this;
    const last = kept.length - 1;
    if (this.opens.length === 0 || !endsOperand(kept, last)) return true;
    const opener = this.openers.get(last);
    const kind = kindOf(kept[last]);
    if (kind === '}' && startsLine(tokens, index)) return true;
    if (kind === ']' && opener !== undefined && !endsOperand(kept, opener - 1)) return true; // a list
    let first = opener ?? last;
    if (opener !== undefined && kind === ')' && kindOf(kept[opener - 1]) === 'ID') first = opener - 1;
    if (kindOf(kept[first - 1]) === '->') return true;
    if (kindOf(kept[first - 1]) === ':' && kindOf(kept[first - 3]) === '->') return true;
    // `// half of it`: words side by side that begin no statement.
    const [one, two, three] = [tokens[index + 1], tokens[index + 2], tokens[index + 3]];
    if (one === undefined || two === undefined || lineOf(two) !== lineOf(tokens[index]!)) return false;
    return (
      kindOf(one) === 'ID' &&
      kindOf(two) === 'ID' &&
      !isKeyword(two) &&
      !['=', ',', ':', '('].includes(kindOf(three) ?? '') &&
      three !== undefined
    );
  }
}
