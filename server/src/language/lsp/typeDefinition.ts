import type { LangiumDocument } from 'langium';
import type { TypeDefinitionProvider } from 'langium/lsp';
import type { LocationLink, TypeDefinitionParams } from 'vscode-languageserver';
import type { ScvServices } from '../module.ts';
import { linkTo, makersOf } from './makers.ts';
import { nameLeafAt } from './uses.ts';

/** From a binding, an output, a label or a layer to the block, extern, parameter or shared layer that makes it. */
export class ScvTypeDefinitionProvider implements TypeDefinitionProvider {
  private readonly services: ScvServices;

  constructor(services: ScvServices) {
    this.services = services;
  }

  getTypeDefinition(document: LangiumDocument, { position }: TypeDefinitionParams): LocationLink[] | undefined {
    const leaf = nameLeafAt(this.services, document, document.textDocument.offsetAt(position));
    if (leaf === undefined) return undefined;
    const [node] = this.services.references.References.findDeclarations(leaf);
    return [...makersOf(node)].flatMap((maker) => linkTo(leaf, maker));
  }
}
