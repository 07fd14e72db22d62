/** Quick fixes and refactorings, asked for and applied as an editor does it. */
import { TextDocument, URI, type LangiumDocument } from 'langium';
import type { CodeAction, Diagnostic, Range, TextDocumentEdit, TextEdit } from 'vscode-languageserver';
import type { ScvCodeActionProvider } from '../../server/src/language/lsp/codeAction.ts';
import type { ScvLanguage } from '../../server/src/language/module.ts';

/** The actions offered at a range, quick fixes where no kind is told: for these diagnostics (for all there, where none are told). */
export function fixesAt(
  { scv }: ScvLanguage,
  document: LangiumDocument,
  range: Range,
  diagnostics: readonly Diagnostic[] = [],
  only: string[] = ['quickfix'],
): CodeAction[] {
  const provider: ScvCodeActionProvider = scv.lsp.CodeActionProvider;
  return provider.getCodeActions(document, {
    textDocument: { uri: document.uri.toString() },
    range,
    context: { diagnostics: [...diagnostics], only },
  });
}

/** The texts that an action makes, by uri. */
export function textsAfter({ shared }: ScvLanguage, { edit }: CodeAction): ReadonlyMap<string, string> {
  const changes = Object.entries(edit?.changes ?? {});
  for (const { textDocument, edits } of (edit?.documentChanges ?? []) as TextDocumentEdit[])
    changes.push([textDocument.uri, edits as TextEdit[]]);
  return new Map(
    changes.map(([uri, edits]) => {
      const document = shared.workspace.LangiumDocuments.getDocument(URI.parse(uri));
      if (document === undefined) throw new Error(`An edit of ${uri}, which nobody knows.`);
      return [uri, TextDocument.applyEdits(document.textDocument, edits)];
    }),
  );
}
