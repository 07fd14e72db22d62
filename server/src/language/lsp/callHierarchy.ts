import { AstUtils, GrammarUtils, URI, UriUtils, type LangiumDocument } from 'langium';
import type { CallHierarchyProvider } from 'langium/lsp';
import {
  SymbolKind,
  type CallHierarchyIncomingCall,
  type CallHierarchyIncomingCallsParams,
  type CallHierarchyItem,
  type CallHierarchyOutgoingCall,
  type CallHierarchyOutgoingCallsParams,
  type CallHierarchyPrepareParams,
  type Range,
} from 'vscode-languageserver';
import { fileOf } from '../documents.ts';
import * as ast from '../generated/ast.ts';
import type { ScvServices } from '../module.ts';
import { definitionOf } from '../scope.ts';
import { nameLeafAt, usedDefinition, usesBelow, usesIn } from './uses.ts';

/** Who builds a block or model, and what it is built of: layers of the catalogue aside, which stand nowhere. */
export class ScvCallHierarchyProvider implements CallHierarchyProvider {
  private readonly services: ScvServices;

  constructor(services: ScvServices) {
    this.services = services;
  }

  prepareCallHierarchy(
    document: LangiumDocument,
    { position }: CallHierarchyPrepareParams,
  ): CallHierarchyItem[] | undefined {
    const leaf = nameLeafAt(this.services, document, document.textDocument.offsetAt(position));
    const [node] = leaf === undefined ? [] : this.services.references.References.findDeclarations(leaf);
    const definition = definitionOf(node);
    return definition && itemsOf(definition);
  }

  incomingCalls({ item }: CallHierarchyIncomingCallsParams): CallHierarchyIncomingCall[] | undefined {
    const definition = this.find(item);
    if (definition === undefined) return undefined;
    const home = AstUtils.getDocument(definition);
    const users = [home, ...this.services.scv.Analysis.importersOf(home)];
    const ranges = new Map<ast.Definition, Range[]>();
    for (const use of users.flatMap((document) => usesIn(document))) {
      if (usedDefinition(use) !== definition) continue;
      const user = AstUtils.getContainerOfType(use.node, ast.isDefinition);
      if (user !== undefined) add(ranges, user, use.reference.$refNode?.range);
    }
    return [...ranges].flatMap(([user, fromRanges]) => itemsOf(user).map((from) => ({ from, fromRanges })));
  }

  outgoingCalls({ item }: CallHierarchyOutgoingCallsParams): CallHierarchyOutgoingCall[] | undefined {
    const definition = this.find(item);
    if (definition === undefined) return undefined;
    const ranges = new Map<ast.Definition, Range[]>();
    for (const use of usesBelow(definition)) {
      const used = usedDefinition(use);
      if (used !== undefined) add(ranges, used, use.reference.$refNode?.range);
    }
    return [...ranges].flatMap(([used, fromRanges]) => itemsOf(used).map((to) => ({ to, fromRanges })));
  }

  /** The item's definition now: at its place, or of its name where the text was changed since. */
  private find({ uri, name, selectionRange }: CallHierarchyItem): ast.Definition | undefined {
    const document = this.services.shared.workspace.LangiumDocuments.getDocument(URI.parse(uri));
    const definitions = ((document && fileOf(document))?.definitions ?? []).filter((each) => each.name === name);
    return definitions.find((each) => this.nameRange(each)?.start.line === selectionRange.start.line) ?? definitions[0];
  }

  private nameRange(definition: ast.Definition): Range | undefined {
    return this.services.references.NameProvider.getNameNode(definition)?.range;
  }
}

function add(ranges: Map<ast.Definition, Range[]>, definition: ast.Definition, range: Range | undefined): void {
  if (range === undefined) return;
  const known = ranges.get(definition);
  if (known === undefined) ranges.set(definition, [range]);
  else known.push(range);
}

function itemsOf(definition: ast.Definition): CallHierarchyItem[] {
  const document = AstUtils.getDocument(definition);
  const name = GrammarUtils.findNodeForProperty(definition.$cstNode, 'name');
  if (definition.$cstNode === undefined || name === undefined) return [];
  return [
    {
      name: definition.name,
      kind: ast.isModel(definition) ? SymbolKind.Class : SymbolKind.Function,
      detail: UriUtils.basename(document.uri),
      uri: document.textDocument.uri,
      range: definition.$cstNode.range,
      selectionRange: name.range,
    },
  ];
}
