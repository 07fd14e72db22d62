import { commands, DiagnosticSeverity, languages, Range, Uri, window, workspace, WorkspaceEdit } from 'vscode';
import type { Diagnostic, Hover, MarkdownString, Position, TextDocument } from 'vscode';

/** What tests do with VS Code, in words of the test rather than of its API. */

export async function open(name: string): Promise<TextDocument> {
  const document = await workspace.openTextDocument(Uri.joinPath(workspace.workspaceFolders![0]!.uri, name));
  await window.showTextDocument(document);
  return document;
}

/** Replaces the first occurrence, as somebody would by typing. */
export async function replace(document: TextDocument, before: string, after: string): Promise<void> {
  const edit = new WorkspaceEdit();
  const start = positionOf(document, before);
  edit.replace(document.uri, new Range(start, start.translate(0, before.length)), after);
  await workspace.applyEdit(edit);
}

/** Throws away what a test has changed, and closes everything. */
export async function closeAll(): Promise<void> {
  // Only ours: VS Code edits its own settings now and then.
  for (const document of workspace.textDocuments.filter(({ isDirty, languageId }) => isDirty && languageId === 'scv')) {
    await window.showTextDocument(document);
    await commands.executeCommand('workbench.action.files.revert');
  }
  await commands.executeCommand('workbench.action.closeAllEditors');
}

export async function errors(document: TextDocument, wanted: (found: Diagnostic[]) => boolean): Promise<Diagnostic[]> {
  return until('diagnostics', () => {
    const found = languages
      .getDiagnostics(document.uri)
      .filter(({ severity }) => severity === DiagnosticSeverity.Error);
    return wanted(found) ? found : undefined;
  });
}

export async function hover(document: TextDocument, text: string): Promise<string> {
  return until(`a hover on ${text}`, async () => {
    const place = positionOf(document, text);
    const hovers = await commands.executeCommand<Hover[]>('vscode.executeHoverProvider', document.uri, place);
    const told = hovers
      .flatMap(({ contents }) => contents.map((content) => (content as MarkdownString).value))
      .join('\n');
    return told === '' ? undefined : told;
  });
}

/** The Python document that is open, once its text is as wanted. */
export async function python(wanted: RegExp): Promise<TextDocument> {
  return until(`Python that has ${String(wanted)}`, () =>
    workspace.textDocuments.find(
      (document) => document.uri.scheme === 'scv-pytorch' && wanted.test(document.getText()),
    ),
  );
}

/** Waits for what comes some time after a change. */
export async function until<T>(what: string, probe: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    const found = await probe();
    if (found !== undefined) return found;
    await new Promise((settle) => setTimeout(settle, 50));
  }
  throw new Error(`${what} didn't come; open are ${workspace.textDocuments.map(describe).join('\n')}`);
}

function describe(document: TextDocument): string {
  return `${document.uri.toString()}: ${document.getText().slice(0, 500)}`;
}

function positionOf(document: TextDocument, text: string): Position {
  const offset = document.getText().indexOf(text);
  if (offset < 0) throw new Error(`${document.uri.path} has no '${text}'`);
  return document.positionAt(offset);
}
