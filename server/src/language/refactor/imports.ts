/** Imports of one file together, or one for each name. */
import type { LangiumDocument } from 'langium';
import type { Range } from '../../core/definition.ts';
import { replace } from '../../core/fix.ts';
import { parsedOf, readDocument } from '../documents.ts';
import type { Refactoring } from './spot.ts';

/** At an import. */
export function* arrangeImports(document: LangiumDocument, selection: Range): Generator<Refactoring> {
  const read = readDocument(document);
  if (read === undefined || (parsedOf(document)?.problems.length ?? 1) > 0) return;
  const { file, placement } = read;
  const text = document.textDocument.getText();
  const all = file.imports.map((statement, i) => {
    const start = placement.imports[i]! + statement.range.start;
    const end = placement.imports[i]! + statement.range.end;
    const names = statement.names.map(
      ({ target, alias }) => `${target.text}${alias === undefined ? '' : ` as ${alias.text}`}`,
    );
    return { range: { start, end }, path: statement.path, names, source: text.slice(start, end) };
  });
  const own = all.find(({ range }) => range.start <= selection.end && selection.start <= range.end);
  if (own === undefined) return;
  const from = /(["']).*\1$/su.exec(own.source)?.[0];
  if (from === undefined) return;
  const same = all.filter(({ path }) => path.value === own.path.value);
  if (same.length > 1) {
    const [first, ...others] = same;
    const names = [...new Set(same.flatMap((each) => each.names))];
    yield {
      kind: 'refactor.rewrite',
      title: `Merge ${String(same.length)} imports of ${own.path.value}`,
      edits: [
        replace(first!.range, `import { ${names.join(', ')} } from ${from}`),
        ...others.map(({ range }) => ({ kind: 'remove' as const, at: range })),
      ],
    };
  }
  if (own.names.length > 1) {
    yield {
      kind: 'refactor.rewrite',
      title: `Split into ${String(own.names.length)} imports`,
      edits: [replace(own.range, own.names.map((name) => `import { ${name} } from ${from}`).join('\n'))],
    };
  }
}
