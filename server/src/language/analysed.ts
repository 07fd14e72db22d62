import { DocumentState, UriUtils, type LangiumDocument, type URI } from 'langium';
import { LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { isCurrent } from './documents.ts';
import type { ScvLanguage } from './module.ts';

/** The document when what is known of it belongs to what the editor shows, and to this version at least. */
export async function analysed({ shared }: ScvLanguage, uri: URI, version = 0): Promise<LangiumDocument> {
  const { LangiumDocuments, DocumentBuilder, WorkspaceManager } = shared.workspace;
  await WorkspaceManager.ready;
  const end = Date.now() + 30_000;
  for (;;) {
    const document = LangiumDocuments.getDocument(uri);
    if (
      document !== undefined &&
      document.state >= DocumentState.Validated &&
      isCurrent(document) &&
      document.textDocument.version >= version
    )
      return document;
    if (Date.now() > end)
      throw new ResponseError(LSPErrorCodes.ServerCancelled, `${UriUtils.basename(uri)} isn't analysed yet.`);
    await new Promise<void>((resolve) => {
      const listener = DocumentBuilder.onDocumentPhase(DocumentState.Validated, () => {
        done();
      });
      const timer = setTimeout(() => {
        done();
      }, 500);
      const done = (): void => {
        listener.dispose();
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
