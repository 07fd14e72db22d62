import type { CstNode, LangiumDocuments } from 'langium';
import { AstUtils } from 'langium';
import { DefaultDefinitionProvider, type GoToLink } from 'langium/lsp';
import { resolveImport } from '../documents.ts';
import * as ast from '../generated/ast.ts';
import type { ScvServices } from '../module.ts';
import { stringValue } from '../reading/literals.ts';
import { definitionOf } from '../scope.ts';

/** Goes through an import's alias to what it means, and from an import's path to the file. */
export class ScvDefinitionProvider extends DefaultDefinitionProvider {
  private readonly documents: LangiumDocuments;

  constructor(services: ScvServices) {
    super(services);
    this.documents = services.shared.workspace.LangiumDocuments;
  }

  protected override findLinks(source: CstNode): GoToLink[] {
    const node = source.astNode;
    if (ast.isImport(node)) return this.fileLinks(source, node);
    return super.findLinks(source).map((link) => {
      const definition = ast.isImportedName(link.target.astNode) ? definitionOf(link.target.astNode) : undefined;
      const target = definition && this.nameProvider.getNameNode(definition);
      return definition && target ? { ...link, target, targetDocument: AstUtils.getDocument(definition) } : link;
    });
  }

  private fileLinks(source: CstNode, node: ast.Import): GoToLink[] {
    if (!source.text.startsWith('"') && !source.text.startsWith("'")) return [];
    const uri = resolveImport(AstUtils.getDocument(node).uri, stringValue(node.path));
    const document = this.documents.getDocument(uri);
    const target = document?.parseResult.value.$cstNode;
    return document && target ? [{ source, target, targetDocument: document }] : [];
  }
}
