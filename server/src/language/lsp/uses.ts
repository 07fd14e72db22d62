import type { AstNode, CstNode, LangiumDocument, Reference } from 'langium';
import { AstUtils, CstUtils, isReference } from 'langium';
import * as ast from '../generated/ast.ts';
import type { ScvServices } from '../module.ts';
import { definitionOf, isOtherWord } from '../scope.ts';

/** A name that refers to something, or may: what is the catalogue's has no target. */
export interface Use {
  readonly node: AstNode;
  readonly reference: Reference;
}

export function usesIn(document: LangiumDocument): readonly Use[] {
  return usesBelow(document.parseResult.value);
}

export function usesBelow(root: AstNode): readonly Use[] {
  return AstUtils.streamAst(root)
    .flatMap((node) => AstUtils.streamReferences(node))
    .flatMap(({ reference, container }) =>
      isReference(reference) && !isOtherWord(container) ? [{ node: container, reference }] : [],
    )
    .toArray();
}

/** The definition that a use means, by an import's alias too; not the import itself, nor an argument's name. */
export function usedDefinition({ node, reference }: Use): ast.Definition | undefined {
  return ast.isImportedName(node) ? undefined : definitionOf(reference.ref);
}

/** The word at a place, or just before it. */
export function nameLeafAt(services: ScvServices, document: LangiumDocument, offset: number): CstNode | undefined {
  const root = document.parseResult.value.$cstNode;
  return root && CstUtils.findDeclarationNodeAtOffset(root, offset, services.parser.GrammarConfig.nameRegexp);
}
