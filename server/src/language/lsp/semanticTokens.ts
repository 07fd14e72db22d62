import type { AstNode } from 'langium';
import { AstUtils } from 'langium';
import { AbstractSemanticTokenProvider, type SemanticTokenAcceptor } from 'langium/lsp';
import { SemanticTokenModifiers as Modifier, SemanticTokenTypes as Type } from 'vscode-languageserver';
import { findFunction } from '../../core/elaborate/functions.ts';
import { findLayer } from '../../core/layers/catalogue.ts';
import * as ast from '../generated/ast.ts';
import type { ScvServices } from '../module.ts';
import { definitionOf, type ScvScopeProvider } from '../scope.ts';

/** What a name means, where its text doesn't tell: a layer of torch's, a block, a parameter, a tensor or number. */
export class ScvSemanticTokenProvider extends AbstractSemanticTokenProvider {
  private readonly scopes: ScvScopeProvider;

  constructor(services: ScvServices) {
    super(services);
    this.scopes = services.references.ScopeProvider;
  }

  protected override highlightElement(node: AstNode, acceptor: SemanticTokenAcceptor): void {
    if (ast.isModel(node)) acceptor({ node, property: 'name', type: Type.class, modifier: Modifier.declaration });
    else if (ast.isBlock(node) || ast.isExtern(node))
      acceptor({ node, property: 'name', type: Type.function, modifier: Modifier.declaration });
    else if (ast.isParameter(node)) {
      acceptor({ node, property: 'name', type: Type.parameter, modifier: Modifier.declaration });
      if (node.type !== undefined) acceptor({ node, property: 'type', type: Type.type });
    } else if (
      ast.isPort(node) ||
      ast.isBoundName(node) ||
      ast.isWeight(node) ||
      ast.isSharedLayer(node) ||
      ast.isOutput(node)
    ) {
      if (node.name !== undefined)
        acceptor({ node, property: 'name', type: Type.variable, modifier: Modifier.declaration });
    } else if (ast.isProperty(node)) acceptor({ node, property: 'key', type: Type.property });
    else if (ast.isLabel(node))
      acceptor({ node, property: 'head', type: Type.property, modifier: Modifier.declaration });
    else if (ast.isMember(node)) acceptor({ node, property: 'member', type: Type.property });
    else if (ast.isArgument(node)) {
      if (node.parameter !== undefined) acceptor({ node, property: 'parameter', type: Type.parameter });
    } else if (ast.isCallStage(node) || ast.isCall(node)) {
      const meaning = this.meaning(node, node.callee.$refText);
      if (meaning !== undefined) acceptor({ node, property: 'callee', ...meaning });
    } else if (ast.isName(node)) {
      const meaning = this.meaning(node, node.target.$refText);
      if (meaning !== undefined) acceptor({ node, property: 'target', ...meaning });
    } else if (ast.isImportedName(node)) {
      const meaning = kindOf(definitionOf(node));
      if (meaning !== undefined) acceptor({ node, property: 'target', ...meaning });
      if (meaning !== undefined && node.name !== undefined) acceptor({ node, property: 'name', ...meaning });
    }
  }

  private meaning(node: AstNode, name: string): Meaning | undefined {
    // In metadata and in training stand torch's names.
    if (AstUtils.getContainerOfType(node, ast.isProperty) !== undefined) return { type: Type.enumMember };
    const target = this.scopes.meant(node, name);
    if (target !== undefined) return kindOf(definitionOf(target) ?? target);
    const layer = findLayer(name);
    if (layer !== undefined)
      return { type: layer.kind === 'module' ? Type.class : Type.function, modifier: Modifier.defaultLibrary };
    return findFunction(name) === undefined ? undefined : { type: Type.function, modifier: Modifier.defaultLibrary };
  }
}

interface Meaning {
  readonly type: string;
  readonly modifier?: string;
}

function kindOf(node: AstNode | undefined): Meaning | undefined {
  if (node === undefined) return undefined;
  if (ast.isModel(node)) return { type: Type.class };
  if (ast.isBlock(node) || ast.isExtern(node)) return { type: Type.function };
  if (ast.isParameter(node)) return { type: Type.parameter };
  // A symbol in an input's shape.
  return { type: ast.isName(node) ? Type.typeParameter : Type.variable };
}
