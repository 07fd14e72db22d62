import type { AstNode, LangiumDocument } from 'langium';
import { GrammarUtils } from 'langium';
import type { DocumentSymbolProvider } from 'langium/lsp';
import { SymbolKind, type DocumentSymbol } from 'vscode-languageserver';
import { fileOf } from '../documents.ts';
import type { Definition, Expression, Stage, Statement } from '../generated/ast.ts';
import * as ast from '../generated/ast.ts';

/** The outline: definitions, what they bind, and the labelled stages in it. */
export class ScvDocumentSymbolProvider implements DocumentSymbolProvider {
  getSymbols(document: LangiumDocument): DocumentSymbol[] {
    return (fileOf(document)?.definitions ?? []).flatMap((definition) => this.definition(definition));
  }

  private definition(node: Definition): DocumentSymbol[] {
    const children = node.parameters.flatMap((parameter) =>
      symbol(parameter, 'name', SymbolKind.TypeParameter, 'parameter'),
    );
    if (node.$type !== 'Extern')
      for (const statement of node.statements) for (const child of this.statement(statement)) children.push(child);
    return symbol(
      node,
      'name',
      node.$type === 'Model' ? SymbolKind.Class : SymbolKind.Function,
      node.$type.toLowerCase(),
      children,
    );
  }

  private statement(node: Statement): DocumentSymbol[] {
    switch (node.$type) {
      case 'Input':
        return node.ports.flatMap((port) =>
          symbol(port, 'name', SymbolKind.Interface, `input ${port.shape?.$cstNode?.text ?? ''}`.trim()),
        );
      case 'Output': {
        const children = node.values.flatMap((value) => this.expression(value));
        return symbol(
          node,
          node.name === undefined ? 'output' : 'name',
          SymbolKind.Event,
          node.shape?.$cstNode?.text ?? 'output',
          children,
        );
      }
      case 'Binding': {
        const children = this.expression(node.value);
        return node.names.flatMap((name, index) =>
          symbol(name, 'name', SymbolKind.Variable, '', index === 0 ? children : []),
        );
      }
      case 'Weight':
        return symbol(node, 'name', SymbolKind.Field, node.kind);
      case 'SharedLayer':
        return symbol(node, 'name', SymbolKind.Constant, 'layer', this.stages(node.stages));
      default:
        return [];
    }
  }

  private expression(node: Expression | undefined): DocumentSymbol[] {
    if (ast.isPipeline(node)) return this.stages(node.stages);
    if (ast.isConditional(node))
      return [...node.arms.map(({ value }) => value), node.otherwise].flatMap((each) => this.expression(each));
    return [];
  }

  private stages(nodes: readonly Stage[]): DocumentSymbol[] {
    return nodes.flatMap((node) => {
      const children = this.inside(node);
      if (node.label === undefined) return children;
      return symbol(node.label, undefined, SymbolKind.Property, calleeOf(node), children, node);
    });
  }

  private inside({ body }: Stage): DocumentSymbol[] {
    if (ast.isGroupStage(body) || ast.isForStage(body)) return this.stages(body.stages);
    if (ast.isParallelStage(body)) return body.branches.flatMap(({ stages }) => this.stages(stages));
    if (ast.isIfStage(body))
      return [...body.arms.flatMap(({ stages }) => this.stages(stages)), ...this.stages(body.otherwise)];
    return [];
  }
}

function calleeOf({ body }: Stage): string {
  return ast.isCallStage(body) ? body.callee.$refText : '';
}

/** None where what it is named by could not be read. `output` names itself by its keyword. */
function symbol(
  node: AstNode,
  property: string | undefined,
  kind: SymbolKind,
  detail: string,
  children: DocumentSymbol[] = [],
  around: AstNode = node,
): DocumentSymbol[] {
  const name =
    property === undefined
      ? node.$cstNode
      : property === 'output'
        ? GrammarUtils.findNodeForKeyword(node.$cstNode, 'output')
        : GrammarUtils.findNodeForProperty(node.$cstNode, property);
  const range = around.$cstNode?.range;
  if (name === undefined || range === undefined || name.text.trim() === '') return children;
  return [{ name: name.text, detail, kind, range, selectionRange: name.range, children }];
}
