import { AstUtils, GrammarUtils, type AstNode, type CstNode, type LangiumDocument } from 'langium';
import type { DocumentHighlightProvider } from 'langium/lsp';
import { DocumentHighlightKind, type DocumentHighlight, type DocumentHighlightParams } from 'vscode-languageserver';
import * as ast from '../generated/ast.ts';
import type { ScvServices } from '../module.ts';
import { foreignUses } from './findReferences.ts';
import { nameLeafAt } from './uses.ts';

/**
 * Where the word under the cursor is made (written) and used (read); of a layer of the catalogue all its uses, and of
 * the words `input` and `output` all that goes into the definition or out.
 */
export class ScvDocumentHighlightProvider implements DocumentHighlightProvider {
  private readonly services: ScvServices;

  constructor(services: ScvServices) {
    this.services = services;
  }

  getDocumentHighlight(
    document: LangiumDocument,
    { position }: DocumentHighlightParams,
  ): DocumentHighlight[] | undefined {
    const leaf = nameLeafAt(this.services, document, document.textDocument.offsetAt(position));
    if (leaf === undefined) return undefined;
    const { References, NameProvider } = this.services.references;
    const [target] = References.findDeclarations(leaf);
    if (target === undefined) {
      const found = endsOf(leaf) ?? foreignUses(leaf, [document]).map(({ reference }) => reference.$refNode);
      return found.flatMap((node) =>
        node === undefined ? [] : { range: node.range, kind: DocumentHighlightKind.Text },
      );
    }
    const declared = ast.isLabel(target) ? undefined : NameProvider.getNameNode(target)?.offset;
    const isHere = AstUtils.getDocument(target) === document;
    return References.findReferences(target, { documentUri: document.uri, includeDeclaration: isHere })
      .map(({ segment, sourcePath }) => {
        const isWritten =
          ast.isLabel(target) || (isHere ? segment.offset === declared : IMPORTED_NAME.test(sourcePath));
        return { range: segment.range, kind: isWritten ? DocumentHighlightKind.Write : DocumentHighlightKind.Read };
      })
      .toArray();
  }
}

/** The path of an import's name in the syntax tree. */
const IMPORTED_NAME = /^\/imports@\d+\/names@\d+$/;

/** Of the word `input` or `output`, all of its kind in the definition. */
function endsOf({ astNode, text }: CstNode): CstNode[] | undefined {
  const isEnd = (node: AstNode): boolean =>
    text === 'output' ? ast.isOutput(node) || ast.isExternOutput(node) : ast.isInput(node);
  if ((text !== 'input' && text !== 'output') || !isEnd(astNode)) return undefined;
  const definition = AstUtils.getContainerOfType(astNode, ast.isDefinition);
  if (definition === undefined) return undefined;
  const parts = ast.isExtern(definition) ? definition.items : definition.statements;
  return parts.filter(isEnd).flatMap((node) => GrammarUtils.findNodeForKeyword(node.$cstNode, text) ?? []);
}
