import { DocumentState, URI } from 'langium';
import { DefaultLanguageServer, type LangiumSharedServices } from 'langium/lsp';
import type { Connection, InitializeParams, InitializeResult } from 'vscode-languageserver';
import { CODE_ACTION_OPTIONS } from './codeAction.ts';
import type { ScvLanguage } from '../module.ts';
import { selectionRange } from './selectionRanges.ts';

/** What of LSP Langium has no services for. */
export class ScvLanguageServer extends DefaultLanguageServer {
  protected override buildInitializeResult(params: InitializeParams): InitializeResult {
    const result = super.buildInitializeResult(params);
    const { completionProvider } = result.capabilities;
    return {
      ...result,
      capabilities: {
        ...result.capabilities,
        selectionRangeProvider: true,
        codeActionProvider: CODE_ACTION_OPTIONS,
        completionProvider: { ...completionProvider, resolveProvider: true },
      },
    };
  }
}

/** An action's edit is made when the action is chosen. */
export function addCodeActionResolution(connection: Connection, { scv }: ScvLanguage): void {
  connection.onCodeActionResolve((action) => scv.lsp.CodeActionProvider.resolve(action));
}

export function addCompletionResolution(connection: Connection, { scv }: ScvLanguage): void {
  connection.onCompletionResolve((item) => scv.lsp.CompletionProvider.resolve(item));
}

export function addSelectionRanges(connection: Connection, { workspace }: LangiumSharedServices): void {
  connection.onSelectionRanges(async ({ textDocument, positions }, token) => {
    const uri = URI.parse(textDocument.uri);
    await workspace.DocumentBuilder.waitUntil(DocumentState.Parsed, uri, token);
    const document = workspace.LangiumDocuments.getDocument(uri);
    return document === undefined ? null : positions.map((position) => selectionRange(document, position));
  });
}
