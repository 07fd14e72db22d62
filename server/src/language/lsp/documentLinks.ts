import type { LangiumDocument, LangiumDocuments } from 'langium';
import { GrammarUtils } from 'langium';
import type { DocumentLinkProvider } from 'langium/lsp';
import type { DocumentLink } from 'vscode-languageserver';
import { fileOf, resolveImport } from '../documents.ts';
import type { ScvServices } from '../module.ts';
import { stringValue } from '../reading/literals.ts';

/** An import's path leads to the file, where there is one. */
export class ScvDocumentLinkProvider implements DocumentLinkProvider {
  private readonly documents: LangiumDocuments;

  constructor(services: ScvServices) {
    this.documents = services.shared.workspace.LangiumDocuments;
  }

  getDocumentLinks(document: LangiumDocument): DocumentLink[] {
    return (fileOf(document)?.imports ?? []).flatMap((node) => {
      const place = GrammarUtils.findNodeForProperty(node.$cstNode, 'path');
      if (place === undefined) return [];
      const target = resolveImport(document.uri, stringValue(node.path));
      if (!this.documents.hasDocument(target)) return [];
      const { start, end } = place.range;
      // Without its quotes.
      const range = {
        start: { ...start, character: start.character + 1 },
        end: { ...end, character: end.character - 1 },
      };
      return [{ range, target: target.toString() }];
    });
  }
}
