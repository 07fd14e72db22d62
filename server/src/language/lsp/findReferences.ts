import { AstUtils, type AstNode, type CstNode, type LangiumDocument } from 'langium';
import type { ReferencesProvider } from 'langium/lsp';
import type { Location, ReferenceParams } from 'vscode-languageserver';
import { findFunction } from '../../core/elaborate/functions.ts';
import { findLayer } from '../../core/layers/catalogue.ts';
import * as ast from '../generated/ast.ts';
import type { ScvServices } from '../module.ts';
import { definitionOf, isOtherWord } from '../scope.ts';
import { nameLeafAt, usedDefinition, usesIn, type Use } from './uses.ts';

/** Who names what is under the cursor, in all files: a definition by its aliases too, a layer of the catalogue too. */
export class ScvReferencesProvider implements ReferencesProvider {
  private readonly services: ScvServices;

  constructor(services: ScvServices) {
    this.services = services;
  }

  findReferences(document: LangiumDocument, { position, context }: ReferenceParams): Location[] {
    const leaf = nameLeafAt(this.services, document, document.textDocument.offsetAt(position));
    if (leaf === undefined) return [];
    const { References } = this.services.references;
    const [target] = References.findDeclarations(leaf);
    if (target === undefined) {
      const documents = this.services.shared.workspace.LangiumDocuments.all.toArray();
      return foreignUses(leaf, documents).flatMap(locationOf);
    }
    const found = References.findReferences(target, { includeDeclaration: context.includeDeclaration })
      .map(({ sourceUri, segment }): Location => ({ uri: this.uriOf(sourceUri), range: segment.range }))
      .toArray();
    return ast.isDefinition(target) ? [...found, ...this.byAlias(target).flatMap(locationOf)] : found;
  }

  private byAlias(definition: ast.Definition): readonly Use[] {
    const home = AstUtils.getDocument(definition);
    return this.services.scv.Analysis.importersOf(home)
      .flatMap((document) => usesIn(document))
      .filter((use) => ast.isImportedName(use.reference.ref) && usedDefinition(use) === definition);
  }

  /** As the editor writes it. */
  private uriOf(uri: LangiumDocument['uri']): string {
    return this.services.shared.workspace.LangiumDocuments.getDocument(uri)?.textDocument.uri ?? uri.toString();
  }
}

/** The uses of a layer of the catalogue, or a function of expressions, that a word is one of. */
export function foreignUses(leaf: CstNode, documents: readonly LangiumDocument[]): readonly Use[] {
  const name = foreignName(leaf);
  if (name === undefined) return [];
  return documents
    .flatMap((document) => usesIn(document))
    .filter(
      ({ node, reference }) =>
        reference.$refText === name &&
        !ast.isArgument(node) &&
        !ast.isImportedName(node) &&
        reference.ref === undefined,
    );
}

/** The name of a layer of the catalogue, or of a function of expressions, that a word is. */
export function foreignName(leaf: CstNode): string | undefined {
  const { astNode } = leaf;
  const name = leaf.text.normalize('NFKC');
  if (calleeText(astNode) !== name || isOtherWord(astNode)) return undefined;
  return findLayer(name) !== undefined || findFunction(name) !== undefined ? name : undefined;
}

function calleeText(node: AstNode): string | undefined {
  const reference =
    ast.isCallStage(node) || ast.isCall(node) ? node.callee : ast.isName(node) ? node.target : undefined;
  return reference === undefined || definitionOf(reference.ref) !== undefined ? undefined : reference.$refText;
}

function locationOf({ node, reference }: Use): Location[] {
  const range = reference.$refNode?.range;
  return range === undefined ? [] : [{ uri: AstUtils.getDocument(node).textDocument.uri, range }];
}
