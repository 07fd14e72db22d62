import type { LangiumDocument } from 'langium';
import type { FoldingRangeProvider } from 'langium/lsp';
import { FoldingRangeKind, type FoldingRange } from 'vscode-languageserver';
import { parsedOf } from '../documents.ts';
import { closerOf, endLineOf, isCloser, lineOf, type Token } from '../text/tokens.ts';

/** `# region Stem` and `# endregion`, as in other languages. */
const REGION = /^#\s*region\b/;
const END_REGION = /^#\s*endregion\b/;
/** `# --- Stem ---`: a heading, until the next one or the end of what it stands in. */
const HEADING = /^#+\s*[-=]{3,}\s*[^\s=-]/;

type Parsed = NonNullable<ReturnType<typeof parsedOf>>;

/**
 * What is between brackets, chains over several lines, comments and imports in a row, regions, and what stands below a
 * heading.
 */
export class ScvFoldingRangeProvider implements FoldingRangeProvider {
  getFoldingRanges(document: LangiumDocument): FoldingRange[] {
    const parsed = parsedOf(document);
    if (parsed === undefined) return [];
    const imports = parsed.parts.imports.map(({ anchor, node }) => ({
      first: anchor.line,
      last: node?.$cstNode?.range.end.line ?? anchor.line,
    }));
    const comments = this.commentLines(parsed);
    const words = comments.filter(({ image }) => ![REGION, END_REGION, HEADING].some((mark) => mark.test(image)));
    const lines = words.map((token) => ({ first: lineOf(token) - 1, last: lineOf(token) - 1 }));
    return [
      ...this.brackets(parsed.tokens),
      ...this.statements(parsed),
      ...this.regions(comments),
      ...this.sections(parsed.tokens, comments),
      ...rows(lines).map((range) => ({ ...range, kind: FoldingRangeKind.Comment })),
      ...rows(imports).map((range) => ({ ...range, kind: FoldingRangeKind.Imports })),
    ];
  }

  /** Those that have their line to themselves. */
  private commentLines({ tokens, comments }: Parsed): readonly Token[] {
    const lines = new Set(tokens.flatMap((token) => [lineOf(token), endLineOf(token)]));
    return comments.filter((comment) => !lines.has(lineOf(comment)));
  }

  private regions(comments: readonly Token[]): FoldingRange[] {
    const open: number[] = [];
    return comments.flatMap((comment) => {
      const line = lineOf(comment) - 1;
      if (REGION.test(comment.image)) open.push(line);
      const startLine = END_REGION.test(comment.image) ? open.pop() : undefined;
      return startLine === undefined ? [] : [{ startLine, endLine: line, kind: FoldingRangeKind.Region }];
    });
  }

  private sections(tokens: readonly Token[], comments: readonly Token[]): FoldingRange[] {
    const ranges: FoldingRange[] = [];
    /** Of each open bracket, the heading that was last in it. */
    const headings: (number | undefined)[] = [undefined];
    let last = 0;
    const close = (): void => {
      const startLine = headings.at(-1);
      if (startLine !== undefined && last > startLine)
        ranges.push({ startLine, endLine: last, kind: FoldingRangeKind.Region });
      headings[headings.length - 1] = undefined;
    };
    for (const token of [...tokens, ...comments].sort((a, b) => a.startOffset - b.startOffset)) {
      const kind = token.tokenType.name;
      if (HEADING.test(token.image)) {
        close();
        headings[headings.length - 1] = lineOf(token) - 1;
      } else if (closerOf(kind) !== undefined) headings.push(undefined);
      else if (isCloser(kind) && headings.length > 1) {
        close();
        headings.pop();
      }
      last = endLineOf(token) - 1;
    }
    while (headings.length > 0) {
      close();
      headings.pop();
    }
    return ranges;
  }

  private brackets(tokens: readonly Token[]): FoldingRange[] {
    const open: number[] = [];
    const ranges: FoldingRange[] = [];
    for (const token of tokens) {
      const kind = token.tokenType.name;
      if (closerOf(kind) !== undefined) open.push(lineOf(token) - 1);
      if (!isCloser(kind)) continue;
      const startLine = open.pop();
      // The line of the closing bracket stays to be seen.
      const endLine = lineOf(token) - 2;
      if (startLine !== undefined && endLine > startLine) ranges.push({ startLine, endLine });
    }
    return ranges;
  }

  private statements(parsed: Parsed): FoldingRange[] {
    return parsed.parts.definitions.flatMap(({ statements }) =>
      statements.flatMap(({ node }) => {
        const range = node?.$cstNode?.range;
        if (range === undefined || range.end.line <= range.start.line) return [];
        return [{ startLine: range.start.line, endLine: range.end.line }];
      }),
    );
  }
}

/** Lines in a row, two at least. */
function rows(lines: readonly { readonly first: number; readonly last: number }[]): FoldingRange[] {
  const ranges: FoldingRange[] = [];
  let start: number | undefined;
  let end = -2;
  const close = (): void => {
    if (start !== undefined && end > start) ranges.push({ startLine: start, endLine: end });
  };
  for (const { first, last } of lines) {
    if (start === undefined || first > end + 1) {
      close();
      start = first;
    }
    end = last;
  }
  close();
  return ranges;
}
