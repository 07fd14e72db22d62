import type { LangiumDocument, LangiumDocuments } from 'langium';
import type { DocumentLinkProvider } from 'langium/lsp';
import type { DocumentLink } from 'vscode-languageserver';
import { parsedOf, resolveImport } from '../documents.ts';
import type { ScvServices } from '../module.ts';
import { stringValue } from '../reading/literals.ts';

/** An import's path leads to the file, where there is one. */
export class ScvDocumentLinkProvider implements DocumentLinkProvider {
  private readonly documents: LangiumDocuments;

  constructor(services: ScvServices) {
    this.documents = services.shared.workspace.LangiumDocuments;
  }

  getDocumentLinks(document: LangiumDocument): DocumentLink[] {
    return (parsedOf(document)?.parts.imports ?? []).flatMap(({ node, anchor }) => {
      const path = node?.path;
      const written = path === undefined ? -1 : (node?.$cstNode?.text.lastIndexOf(path) ?? -1);
      if (path === undefined || written < 0) return [];
      const target = resolveImport(document.uri, stringValue(path));
      if (!this.documents.hasDocument(target)) return [];
      const start = anchor.offset + written;
      return [
        {
          // Without its quotes.
          range: {
            start: document.textDocument.positionAt(start + 1),
            end: document.textDocument.positionAt(start + path.length - 1),
          },
          target: target.toString(),
        },
      ];
    });
  }
}
