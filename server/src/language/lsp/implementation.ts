import { AstUtils, type AstNode, type CstNode, type LangiumDocument } from 'langium';
import type { ImplementationProvider } from 'langium/lsp';
import type { ImplementationParams, LocationLink } from 'vscode-languageserver';
import * as ast from '../generated/ast.ts';
import type { ScvServices } from '../module.ts';
import { linkTo, makersOfValue } from './makers.ts';
import { nameLeafAt, usedDefinition, usesIn } from './uses.ts';

/** From a parameter that takes a layer to the layers that it is given, in all files; its default among them. */
export class ScvImplementationProvider implements ImplementationProvider {
  private readonly services: ScvServices;

  constructor(services: ScvServices) {
    this.services = services;
  }

  getImplementation(document: LangiumDocument, { position }: ImplementationParams): LocationLink[] | undefined {
    const leaf = nameLeafAt(this.services, document, document.textDocument.offsetAt(position));
    if (leaf === undefined) return undefined;
    const [parameter] = this.services.references.References.findDeclarations(leaf);
    if (!ast.isParameter(parameter)) return undefined;
    const values = [parameter.default, ...this.given(parameter)].filter((value) => value !== undefined);
    const targets = new Set<AstNode>();
    for (const value of values) {
      const makers = [...makersOfValue(value)];
      // A layer of the catalogue stands nowhere but here.
      if (makers.length > 0) for (const maker of makers) targets.add(maker);
      else if (ast.isName(value) || ast.isCall(value)) targets.add(value);
    }
    return this.links(leaf, targets);
  }

  private links(leaf: CstNode, targets: ReadonlySet<AstNode>): LocationLink[] {
    return [...targets].flatMap((target) => linkTo(leaf, target));
  }

  /** What uses give for a parameter, by name or by position. */
  private given(parameter: ast.Parameter): ast.Expression[] {
    const definition = parameter.$container;
    const home = AstUtils.getDocument(definition);
    const users = [home, ...this.services.scv.Analysis.importersOf(home)];
    return users
      .flatMap((user) => usesIn(user))
      .flatMap((use) => {
        const { node } = use;
        if (usedDefinition(use) !== definition || !(ast.isCallStage(node) || ast.isCall(node))) return [];
        const index = definition.parameters.indexOf(parameter);
        const named = node.arguments.find((each) => each.parameter?.$refText === parameter.name);
        const byPlace = node.arguments[index];
        return (named ?? (byPlace?.parameter === undefined ? byPlace : undefined))?.value ?? [];
      });
  }
}
