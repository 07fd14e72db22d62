import { AstUtils, GrammarUtils, type AstNode, type CstNode } from 'langium';
import type { LocationLink } from 'vscode-languageserver';
import * as ast from '../generated/ast.ts';
import { definitionOf } from '../scope.ts';

/** What makes a value, in the text: a layer of the catalogue stands nowhere. */
export type Maker = ast.Definition | ast.Parameter | ast.SharedLayer;

/** What makes that which a name stands for: the block of the last stage, in each arm of an `if`. */
export function makersOf(node: AstNode | undefined): ReadonlySet<Maker> {
  const makers = new Makers();
  makers.named(node);
  return makers.found;
}

/** What makes an expression's value. */
export function makersOfValue(expression: ast.Expression | undefined): ReadonlySet<Maker> {
  const makers = new Makers();
  makers.value(expression);
  return makers.found;
}

class Makers {
  readonly found = new Set<Maker>();
  private readonly seen = new Set<AstNode>();

  named(node: AstNode | undefined): void {
    if (node === undefined || this.seen.has(node)) return;
    this.seen.add(node);
    const definition = definitionOf(node);
    if (definition !== undefined) this.found.add(definition);
    else if (ast.isBoundName(node) && ast.isBinding(node.$container)) this.value(node.$container.value);
    else if (ast.isOutput(node)) this.value(node.values[0]);
    else if (ast.isSharedLayer(node)) this.stage(node.stages.at(-1));
    else if (ast.isLabel(node) && ast.isStage(node.$container)) this.stage(node.$container);
    else if (ast.isParameter(node)) this.value(node.default);
  }

  value(node: ast.Expression | undefined): void {
    if (ast.isPipeline(node)) this.stage(node.stages.at(-1));
    else if (ast.isName(node)) this.named(node.target.ref);
    else if (ast.isCall(node)) this.callee(node.callee.ref);
    else if (ast.isParenthesis(node) && node.items.length === 1) this.value(node.items[0]);
    else if (ast.isConditional(node))
      for (const each of [...node.arms.map(({ value }) => value), node.otherwise]) this.value(each);
  }

  private stage(stage: ast.Stage | undefined): void {
    const body = stage?.body;
    if (ast.isCallStage(body)) this.callee(body.callee.ref);
    else if (ast.isGroupStage(body) || ast.isForStage(body)) this.stage(body.stages.at(-1));
    else if (ast.isParallelStage(body)) for (const { stages } of body.branches) this.stage(stages.at(-1));
    else if (ast.isIfStage(body)) {
      for (const { stages } of body.arms) this.stage(stages.at(-1));
      this.stage(body.otherwise.at(-1));
    }
  }

  /** A layer that is handed over or shared is what makes it, as far as this definition knows. */
  private callee(node: AstNode | undefined): void {
    if (ast.isParameter(node) || ast.isSharedLayer(node)) this.found.add(node);
    else this.named(node);
  }
}

/** A link from a word to where something is made. */
export function linkTo(source: CstNode, target: AstNode): LocationLink[] {
  const range = target.$cstNode?.range;
  const name = 'name' in target ? GrammarUtils.findNodeForProperty(target.$cstNode, 'name') : target.$cstNode;
  if (range === undefined || name === undefined) return [];
  return [
    {
      targetUri: AstUtils.getDocument(target).textDocument.uri,
      targetRange: range,
      targetSelectionRange: name.range,
      originSelectionRange: source.range,
    },
  ];
}
