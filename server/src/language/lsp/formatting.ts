import type { LangiumDocument } from 'langium';
import type { Formatter } from 'langium/lsp';
import type {
  DocumentFormattingParams,
  DocumentOnTypeFormattingOptions,
  DocumentOnTypeFormattingParams,
  DocumentRangeFormattingParams,
  TextEdit,
} from 'vscode-languageserver';
import { parsedOf } from '../documents.ts';
import type { Edit } from '../format/edits.ts';
import { format } from '../format/format.ts';
import type { ScvServices } from '../module.ts';
import { allParts, type FileParser } from '../text/parser.ts';

/** The canonical form of a file, of the statements in a range, or of the one that was just finished. */
export class ScvFormatter implements Formatter {
  private readonly parser: () => FileParser;

  constructor(services: ScvServices) {
    this.parser = () => services.scv.FileParser;
  }

  get formatOnTypeOptions(): DocumentOnTypeFormattingOptions {
    return { firstTriggerCharacter: '}', moreTriggerCharacter: [')', ']', '\n'] };
  }

  // The editor's tab size says nothing here: there is one form.
  formatDocument(document: LangiumDocument, _params: DocumentFormattingParams): TextEdit[] {
    return this.edits(document, () => true);
  }

  formatDocumentRange(document: LangiumDocument, { range }: DocumentRangeFormattingParams): TextEdit[] {
    const start = document.textDocument.offsetAt(range.start);
    const end = document.textDocument.offsetAt(range.end);
    const wide = this.wholeStatements(document, start, end);
    return this.edits(document, (edit) => edit.start >= wide.start && edit.end <= wide.end);
  }

  /** Nothing moves in front of the cursor, and what is being typed isn't touched. */
  formatDocumentOnType(document: LangiumDocument, { position, ch }: DocumentOnTypeFormattingParams): TextEdit[] {
    const cursor = document.textDocument.offsetAt(position);
    const text = document.textDocument.getText();
    const last = ch === '\n' ? text.slice(0, cursor).trimEnd().length : cursor;
    const wide = this.wholeStatements(document, last - 1, last);
    // A statement that goes on behind the cursor isn't finished.
    if (wide.end > last) return [];
    return this.edits(document, (edit) => edit.start >= wide.start && edit.end <= wide.end);
  }

  /** Comments may go from one side of an arrow to the other, so a statement is the least that is formatted. */
  private wholeStatements(document: LangiumDocument, start: number, end: number): { start: number; end: number } {
    const parsed = parsedOf(document);
    const wide = { start, end };
    if (parsed === undefined) return wide;
    for (const { anchor, length } of allParts(parsed.parts)) {
      const [from, to] = [anchor.offset, anchor.offset + length];
      if (to < start || from > end) continue;
      wide.start = Math.min(wide.start, from);
      wide.end = Math.max(wide.end, to);
    }
    return wide;
  }

  private edits({ textDocument }: LangiumDocument, isWanted: (edit: Edit) => boolean): TextEdit[] {
    const formatted = format(textDocument.getText(), this.parser());
    // What is wrong is told as a diagnostic.
    if ('problems' in formatted) return [];
    return formatted.edits.filter(isWanted).map(({ start, end, text }) => ({
      range: { start: textDocument.positionAt(start), end: textDocument.positionAt(end) },
      newText: text,
    }));
  }
}
