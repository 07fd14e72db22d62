import type { LangiumDocument } from 'langium';
import type { FoldingRangeProvider } from 'langium/lsp';
import { FoldingRangeKind, type FoldingRange } from 'vscode-languageserver';
import { parsedOf } from '../documents.ts';
import { closerOf, isCloser, lineOf, type Token } from '../text/tokens.ts';

/** What is between brackets, chains over several lines, comments and imports in a row. */
export class ScvFoldingRangeProvider implements FoldingRangeProvider {
  getFoldingRanges(document: LangiumDocument): FoldingRange[] {
    const parsed = parsedOf(document);
    if (parsed === undefined) return [];
    const imports = parsed.parts.imports.map(({ anchor }) => ({ first: anchor.line, last: anchor.line }));
    const comments = parsed.comments.map((token) => ({ first: lineOf(token) - 1, last: lineOf(token) - 1 }));
    return [
      ...this.brackets(parsed.tokens),
      ...this.statements(parsed),
      ...rows(comments).map((range) => ({ ...range, kind: FoldingRangeKind.Comment })),
      ...rows(imports).map((range) => ({ ...range, kind: FoldingRangeKind.Imports })),
    ];
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

  private statements(parsed: NonNullable<ReturnType<typeof parsedOf>>): FoldingRange[] {
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
    if (first !== end + 1) {
      close();
      start = first;
    }
    end = last;
  }
  close();
  return ranges;
}
