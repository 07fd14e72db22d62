import type { LangiumDocument } from 'langium';
import type { Position, SelectionRange } from 'vscode-languageserver';
import { parsedOf, readDocument } from '../documents.ts';
import { endOf } from '../text/tokens.ts';
import { chainAt, locate } from './locate.ts';

/** From the word under the cursor outwards: expression, stage, chain, statement, definition, file. */
export function selectionRange(document: LangiumDocument, position: Position): SelectionRange {
  const { textDocument } = document;
  const offset = textDocument.offsetAt(position);
  const ranges: (readonly [number, number])[] = [[0, textDocument.getText().length]];
  for (const { header, close } of parsedOf(document)?.parts.definitions ?? []) {
    const start = header.anchor.offset;
    const end = close === undefined ? start + header.length : endOf(close);
    if (start <= offset && offset <= end) ranges.push([start, end]);
  }
  const read = readDocument(document);
  const location = read && locate(read, offset);
  if (location !== undefined) {
    for (const { range } of chainAt(location.definition, location))
      ranges.push([location.partStart + range.start, location.partStart + range.end]);
  }
  let found: SelectionRange | undefined;
  let last: readonly [number, number] | undefined;
  for (const [start, end] of ranges) {
    // Each lies in the one before it, and is smaller.
    if (last !== undefined && (start < last[0] || end > last[1] || (start === last[0] && end === last[1]))) continue;
    last = [start, end];
    const range = { start: textDocument.positionAt(start), end: textDocument.positionAt(end) };
    found = { range, ...(found === undefined ? {} : { parent: found }) };
  }
  return found!;
}
