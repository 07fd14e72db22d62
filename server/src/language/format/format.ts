/** The canonical form of a file: what it says and its comments stay, its spaces and lines are ours. */
import type { SyntaxProblem } from '../problem.ts';
import { type DefinitionParts, type FileParser, type Part, type ScvParseResult, allParts } from '../text/parser.ts';
import { closerOf, endLineOf, isCloser, isName, kindOf, lineOf } from '../text/tokens.ts';
import { widthOf } from '../../core/columns.ts';
import { type Edit, editsBetween } from './edits.ts';
import { flatItems, ownLines, writeItems } from './layout.ts';
import { type Source, readItems, sourceOf } from './tree.ts';
import { INDENT, WIDTH, Writer } from './writer.ts';

export interface Formatted {
  readonly text: string;
  /** What is to be done to the old text. */
  readonly edits: readonly Edit[];
}

/** What keeps a text from being formatted. */
export interface Unformattable {
  readonly problems: readonly SyntaxProblem[];
}

/** Where brackets, or what stands at the top level, can't be read, nothing is changed. */
export function format(text: string, parser: FileParser): Formatted | Unformattable {
  const parsed = parser.parse(text);
  const source = parsed.problems.length > 0 ? undefined : sourceOf(parsed.tokens, parsed.comments);
  if (source === undefined) return { problems: problemsOf(parsed) };
  const lines = new Formatter(text, parsed, source).run();
  const ended = text.includes('\r\n') ? lines.replaceAll('\n', '\r\n') : lines;
  const formatted = text.startsWith('\ufeff') ? `\ufeff${ended}` : ended;
  // What was formatted says the same, or nothing is changed.
  const again = parser.parse(formatted);
  if (said(again) !== said(parsed)) {
    const problems = problemsOf(parsed);
    if (problems.length > 0) return { problems };
    throw new Error('Formatting would have changed what the file says.');
  }
  return { text: formatted, edits: editsBetween(text, parsed, formatted, again) };
}

function problemsOf({ problems, parts }: ScvParseResult): readonly SyntaxProblem[] {
  if (problems.length > 0) return problems;
  return [...allParts(parts)].flatMap(({ anchor, problems: own }) =>
    own.map((problem) => ({
      ...problem,
      range: { start: anchor.offset + problem.range.start, end: anchor.offset + problem.range.end },
    })),
  );
}

/** All words and comments; commas may come and go, and comments go around an arrow or a comma. */
function said({ tokens, comments }: ScvParseResult): string {
  const words = tokens.flatMap((token) => {
    const kind = kindOf(token);
    if (kind === ',') return [];
    return [kind === 'STRING' ? token.image.slice(1, -1) : token.image];
  });
  return JSON.stringify([words, comments.map(({ image }) => image.replaceAll(/\s/g, ''))]);
}

/** Token indices, the end excluded. */
interface Span {
  readonly start: number;
  readonly end: number;
}

class Formatter {
  private readonly text: string;
  private readonly parsed: ScvParseResult;
  private readonly source: Source;
  private readonly writer = new Writer();
  /** Index of each token by its offset. */
  private readonly indices: ReadonlyMap<number, number>;

  constructor(text: string, parsed: ScvParseResult, source: Source) {
    this.text = text;
    this.parsed = parsed;
    this.source = source;
    this.indices = new Map(source.tokens.map((token, index) => [token.startOffset, index]));
  }

  run(): string {
    const { imports, definitions } = this.parsed.parts;
    const pieces = [
      ...imports.map((part) => ({ ...this.span(part), flat: undefined, write: () => this.statement(part, '') })),
      ...definitions.map((definition) => {
        const flat = this.flatDefinition(definition);
        const write = (): void => (flat === undefined ? this.definition(definition) : this.writer.write(flat, ''));
        return { ...this.definitionSpan(definition), flat, write };
      }),
    ].sort((a, b) => a.start - b.start);
    const { tokens, comments } = this.source;
    pieces.forEach(({ start, flat, write }, i) => {
      const before = pieces[i - 1];
      // Imports, and definitions of one line each, may stand without a blank line between.
      const areShort =
        before?.flat !== undefined && flat !== undefined && !comments[start]!.some(({ ownLine }) => ownLine);
      const mayTouch = kindOf(tokens[start]) === 'import' || areShort;
      this.between((before?.end ?? 0) - 1, start, '', before === undefined ? 'none' : mayTouch ? 'kept' : 'one');
      write();
    });
    this.between((pieces.at(-1)?.end ?? 0) - 1, tokens.length, '', 'kept');
    const written = this.writer.toString().trimEnd();
    return written === '' ? '' : `${written}\n`;
  }

  // -------------------------------------------------------------------------------------------- definitions

  private definition(definition: DefinitionParts): void {
    const { header } = definition;
    const span = this.span(header);
    // An extern is all header.
    if (kindOf(this.source.tokens[span.start]) === 'extern') {
      this.statement(header, '');
      return;
    }
    if (header.problems.length > 0) this.writer.verbatim(this.textOf(header));
    else writeItems(this.writer, readItems(this.source, span.start, span.end - 1), '', ' {');
    const open = span.end - 1;
    let last = open;
    for (const part of definition.statements) {
      const { start, end } = this.span(part);
      this.between(last, start, INDENT, last === open ? 'none' : 'kept');
      this.statement(part, INDENT);
      last = end - 1;
    }
    this.between(last, this.definitionSpan(definition).end - 1, INDENT, 'none', '');
    this.writer.write('}', '');
  }

  /** `block Down(channels: int) { input x  output x -> … }`, where the author wrote it so. */
  private flatDefinition(definition: DefinitionParts): string | undefined {
    const { tokens, comments } = this.source;
    const { header, statements } = definition;
    const { start, end } = this.definitionSpan(definition);
    if (lineOf(tokens[start]!) !== lineOf(tokens[end - 1]!)) return undefined;
    if (comments.slice(start + 1, end).some((each) => each.length > 0)) return undefined;
    if ([header, ...statements].some(({ problems }) => problems.length > 0)) return undefined;
    const open = this.span(header).end - 1;
    const flat =
      kindOf(tokens[start]) === 'extern'
        ? this.flatStatement({ start, end })
        : inBraces(
            flatItems(readItems(this.source, start, open)),
            statements.map((part) => this.flatStatement(this.span(part))),
          );
    return flat === undefined || widthOf(flat) > WIDTH ? undefined : flat;
  }

  private flatStatement(span: Span): string | undefined {
    const open = this.properties(span);
    if (open === undefined) return flatItems(readItems(this.source, span.start, span.end));
    return this.flatBraced(span, open);
  }

  // -------------------------------------------------------------------------------------------- statements

  private statement(part: Part, indent: string): void {
    const span = this.span(part);
    const open = this.properties(span);
    if (part.problems.length > 0) this.writer.verbatim(this.textOf(part));
    else if (open !== undefined) this.braced(span, open, indent);
    else writeItems(this.writer, readItems(this.source, span.start, span.end), indent);
  }

  /** Where the `{` of `train` or an extern is. */
  private properties({ start, end }: Span): number | undefined {
    const { tokens } = this.source;
    const first = kindOf(tokens[start]);
    if (first === 'train' && kindOf(tokens[start + 1]) === '{') return start + 1;
    if (first !== 'extern') return undefined;
    for (let index = start; index < end; index++) if (kindOf(tokens[index]) === '{') return index;
    return undefined;
  }

  /** `train { … }`, or an extern: a line for each thing in the braces, unless the author has one for all. */
  private braced(span: Span, open: number, indent: string): void {
    const flat = this.flatBraced(span, open);
    if (flat !== undefined && indent.length + widthOf(flat) <= WIDTH) {
      this.writer.write(flat, indent);
      return;
    }
    const inner = indent + INDENT;
    writeItems(this.writer, readItems(this.source, span.start, open), indent, ' {');
    let last = open;
    for (const each of this.entries(open, span.end - 1)) {
      this.between(last, each.start, inner, last === open ? 'none' : 'kept');
      writeItems(this.writer, readItems(this.source, each.start, each.end), inner);
      last = each.end - 1;
    }
    this.between(last, span.end - 1, inner, 'none', indent);
    this.writer.write('}', indent);
  }

  private flatBraced({ start, end }: Span, open: number): string | undefined {
    const { tokens, comments } = this.source;
    if (lineOf(tokens[open]!) !== lineOf(tokens[end - 1]!)) return undefined;
    if (comments.slice(start + 1, end).some((each) => each.length > 0)) return undefined;
    return inBraces(
      flatItems(readItems(this.source, start, open)),
      this.entries(open, end - 1).map((each) => flatItems(readItems(this.source, each.start, each.end))),
    );
  }

  /** `key: value`, and an extern's `input` and `output`, without the commas that may stand between. */
  private entries(open: number, close: number): readonly Span[] {
    const { tokens } = this.source;
    const isTrain = kindOf(tokens[open - 1]) === 'train';
    const starts: number[] = [];
    let depth = 0;
    for (let index = open + 1; index < close; index++) {
      const kind = kindOf(tokens[index]);
      if (closerOf(kind) !== undefined) depth++;
      else if (isCloser(kind)) depth--;
      if (depth > 0 || !isName(tokens[index])) continue;
      const isKeyed = kindOf(tokens[index + 1]) === ':';
      const isPort = kindOf(tokens[starts.at(-1) ?? open]) === 'input' && kindOf(tokens[index - 1]) === ',';
      const isStatement = kind === 'input' || kind === 'output';
      if (isTrain ? isKeyed : isKeyed ? !isPort : isStatement) starts.push(index);
    }
    return starts.map((start, i) => {
      const end = starts[i + 1] ?? close;
      return { start, end: kindOf(tokens[end - 1]) === ',' ? end - 1 : end };
    });
  }

  // -------------------------------------------------------------------------------------------- between

  /**
   * From one thing's last token to the next one's first: the comments there, and blank lines: one at the most, where the
   * author left some (`kept`), always or never. The next thing's line is begun, indented so or otherwise.
   */
  private between(
    last: number,
    next: number,
    indent: string,
    blank: 'kept' | 'one' | 'none',
    indentOfNext = indent,
  ): void {
    const { tokens, comments } = this.source;
    const between = comments.slice(last + 1, next + 1).flat();
    const own = between.filter(({ ownLine }) => ownLine);
    this.writer.comments(
      between.filter(({ ownLine }) => !ownLine),
      indent,
    );
    let line = last < 0 ? undefined : endLineOf(tokens[last]!);
    own.forEach((comment, i) => {
      if (i === 0 ? this.isApart(blank, line, comment.line) : comment.line - line! > 1) this.writer.blank();
      ownLines(this.writer, [comment], indent);
      line = comment.line;
    });
    const first = tokens[next];
    if (first === undefined) return;
    const isEnd = indentOfNext !== indent;
    const isApart = own.length === 0 ? this.isApart(blank, line, lineOf(first)) : !isEnd && lineOf(first) - line! > 1;
    if (isApart) this.writer.blank();
    this.writer.line(indentOfNext);
  }

  private isApart(blank: 'kept' | 'one' | 'none', line: number | undefined, next: number): boolean {
    if (blank !== 'kept') return blank === 'one';
    return line !== undefined && next - line > 1;
  }

  private span({ anchor, length }: Part): Span {
    const start = this.indices.get(anchor.offset)!;
    const { tokens } = this.source;
    let end = start;
    while (end < tokens.length && tokens[end]!.startOffset < anchor.offset + length) end++;
    return { start, end };
  }

  private definitionSpan({ header, close }: DefinitionParts): Span {
    const { start, end } = this.span(header);
    return close === undefined ? { start, end } : { start, end: this.indices.get(close.startOffset)! + 1 };
  }

  private textOf({ anchor, length }: Part): string {
    return this.text.slice(anchor.offset, anchor.offset + length);
  }
}

/** `head { a  b }`; undefined where one of them needs lines. */
function inBraces(head: string | undefined, parts: readonly (string | undefined)[]): string | undefined {
  if (head === undefined || parts.some((part) => part === undefined)) return undefined;
  return `${head} {${parts.length === 0 ? '' : ` ${parts.join('  ')} `}}`;
}
