import type { AstNode, LangiumDocument } from 'langium';
import { GrammarUtils } from 'langium';
import type { DocumentSymbolProvider } from 'langium/lsp';
import { SymbolKind, type DocumentSymbol } from 'vscode-languageserver';
import { fileOf } from '../documents.ts';
import type { Definition, Expression, Stage, Statement } from '../generated/ast.ts';
import * as ast from '../generated/ast.ts';
import type { ScvServices } from '../module.ts';
import { type Details, detailsOf } from './symbolDetails.ts';

/** The outline: definitions, what they bind, and the labelled stages in it; with shapes and counts. */
export class ScvDocumentSymbolProvider implements DocumentSymbolProvider {
  private readonly services: ScvServices;

  constructor(services: ScvServices) {
    this.services = services;
  }

  getSymbols(document: LangiumDocument): DocumentSymbol[] {
    return symbolsOf(document, detailsOf(this.services.scv.Analysis, document));
  }
}

/** What a file names. @param details what is told of them beside it; nothing, where absent */
export function symbolsOf(document: LangiumDocument, details?: Details): DocumentSymbol[] {
  const outline = new Outline(details);
  return (fileOf(document)?.definitions ?? []).flatMap((definition) => outline.definition(definition));
}

class Outline {
  private readonly details: Details | undefined;

  constructor(details: Details | undefined) {
    this.details = details;
  }

  definition(node: Definition): DocumentSymbol[] {
    const children = node.parameters.flatMap((parameter) =>
      symbol(parameter, 'name', SymbolKind.TypeParameter, parameter.type ?? 'parameter'),
    );
    if (node.$type !== 'Extern')
      for (const statement of node.statements) for (const child of this.statement(statement)) children.push(child);
    const kind = node.$type === 'Model' ? SymbolKind.Class : SymbolKind.Function;
    return symbol(node, 'name', kind, this.detail(node.$type.toLowerCase(), node), children);
  }

  private statement(node: Statement): DocumentSymbol[] {
    switch (node.$type) {
      case 'Input':
        return node.ports.flatMap((port) =>
          symbol(port, 'name', SymbolKind.Interface, this.detail('input', port, port.shape)),
        );
      case 'Output': {
        const children = node.values.flatMap((value) => this.expression(value));
        const name = node.name === undefined ? 'output' : 'name';
        return symbol(node, name, SymbolKind.Event, this.detail('output', node, node.shape), children);
      }
      case 'Binding': {
        const children = this.expression(node.value);
        return node.names.flatMap((name, index) =>
          symbol(name, 'name', SymbolKind.Variable, this.detail('', name), index === 0 ? children : []),
        );
      }
      case 'Weight':
        return symbol(node, 'name', SymbolKind.Field, this.detail(node.kind, node, node.shape));
      case 'SharedLayer':
        return symbol(node, 'name', SymbolKind.Constant, this.detail('layer', node), this.stages(node.stages));
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
      return symbol(node.label, undefined, SymbolKind.Property, this.detail(calleeOf(node), node), children, node);
    });
  }

  private inside({ body }: Stage): DocumentSymbol[] {
    if (ast.isGroupStage(body) || ast.isForStage(body)) return this.stages(body.stages);
    if (ast.isParallelStage(body)) return body.branches.flatMap(({ stages }) => this.stages(stages));
    if (ast.isIfStage(body))
      return [...body.arms.flatMap(({ stages }) => this.stages(stages)), ...this.stages(body.otherwise)];
    return [];
  }

  /** What it is, its shape (as written, where it is) and how many parameters it has. */
  private detail(what: string, node: AstNode, written?: Expression): string {
    const found = this.details?.(node);
    const shape = written?.$cstNode?.text ?? found?.shape;
    return [[what, shape].filter(Boolean).join(' '), found?.parameters].filter(Boolean).join(' · ');
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
