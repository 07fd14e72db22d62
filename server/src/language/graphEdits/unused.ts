/** What nothing uses any more after an edit goes with it. */
import type { Range, Statement } from '../../core/definition.ts';
import { boundNames, usesInStatement } from '../../core/elaborate/uses.ts';
import { type FixEdit, remove } from '../../core/fix.ts';
import type { Written } from './draft.ts';
import { absolute } from './element.ts';
import type { Work } from './work.ts';

const REMOVABLE: ReadonlySet<Statement['kind']> = new Set(['binding', 'weight', 'buffer', 'layer']);

/** The statements of which no name is used. */
function unusedIn(statements: readonly Statement[]): ReadonlySet<string> {
  const used = new Set(statements.flatMap((each) => usesInStatement(each).map(({ name }) => name.text)));
  const unused = new Set<string>();
  for (const statement of statements)
    if (REMOVABLE.has(statement.kind))
      for (const { text } of boundNames(statement)) if (!used.has(text)) unused.add(text);
  return unused;
}

/** @param before the definition as it was: what nothing used then stays */
export function removeUnused(work: Work, before: Written, root: string): void {
  const wasUnused = unusedIn(before.definition.statements);
  for (;;) {
    const written = work.draft.definition(before.definition.id, root);
    const { statements } = written.definition;
    const unused = unusedIn(statements);
    const edits = statements.flatMap((statement, part): FixEdit<Range>[] => {
      const names = boundNames(statement);
      const isGone =
        REMOVABLE.has(statement.kind) &&
        names.length > 0 &&
        names.every(({ text }) => unused.has(text)) &&
        names.some(({ text }) => !wasUnused.has(text));
      return isGone ? [remove(absolute({ written, part }, statement.range))] : [];
    });
    if (edits.length === 0) return;
    work.edit(written.uri, edits);
  }
}
