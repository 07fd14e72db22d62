import { AstUtils, GrammarUtils, isReference, type AstNode, type CstNode, type LangiumDocument } from 'langium';
import type { Range } from 'vscode-languageserver';
import { findLayer } from '../../../core/layers/catalogue.ts';
import * as ast from '../../generated/ast.ts';
import type { ScvServices } from '../../module.ts';
import { foreignName } from '../findReferences.ts';
import { nameLeafAt } from '../uses.ts';
import { refuse } from './refusal.ts';

/** What is to have another name. */
export interface Subject {
  readonly node: Declaration;
  readonly name: string;
  /** Under the cursor. */
  readonly range: Range;
  readonly places: readonly Place[];
  /** It is a piece of a label behind a number: `_conv` of `unit{i}_conv`. */
  readonly isTail: boolean;
}

export type Declaration =
  | ast.Definition
  | ast.ImportedName
  | ast.Parameter
  | ast.Port
  | ast.BoundName
  | ast.Output
  | ast.Weight
  | ast.SharedLayer
  | ast.Label
  | ast.Name;

interface Place {
  readonly document: LangiumDocument;
  readonly range: Range;
}

/** What the cursor stands on; refuses names that aren't the user's. */
export function subjectAt(services: ScvServices, document: LangiumDocument, offset: number): Subject | undefined {
  const leaf = nameLeafAt(services, document, offset);
  if (leaf === undefined) return undefined;
  const { References, NameProvider } = services.references;
  const [node] = References.findDeclarations(leaf);
  if (node === undefined) {
    refuseForeign(leaf);
    return undefined;
  }
  if (ast.isLabel(node)) return labelAt(services, document, node, leaf);
  const isNamed = isDeclaration(node) && (isInside(leaf, NameProvider.getNameNode(node)) || isReferenceLeaf(leaf));
  const name = isNamed ? NameProvider.getName(node) : undefined;
  if (!isNamed || name === undefined) return undefined;
  const places = References.findReferences(node, { includeDeclaration: true }).flatMap(({ sourceUri, segment }) => {
    const there = services.shared.workspace.LangiumDocuments.getDocument(sourceUri);
    return there === undefined ? [] : [{ document: there, range: segment.range }];
  });
  return { node, name, range: leaf.range, places: places.toArray(), isTail: false };
}

/** The piece under the cursor, in all labels of the attribute. */
function labelAt(services: ScvServices, document: LangiumDocument, label: ast.Label, leaf: CstNode): Subject {
  const pieces = (each: ast.Label): CstNode[] =>
    [each, ...each.parts].flatMap((part) => GrammarUtils.findNodeForProperty(part.$cstNode, pieceOf(part)) ?? []);
  const index = pieces(label).findIndex(({ offset, end }) => offset <= leaf.offset && leaf.end <= end);
  const at = Math.max(index, 0);
  const places = services.references.References.namesakes(label).flatMap((each) => {
    const piece = pieces(each)[at];
    return piece === undefined ? [] : [{ document, range: piece.range }];
  });
  const own = pieces(label)[at]!;
  return { node: label, name: own.text.normalize('NFKC'), range: own.range, places, isTail: at > 0 };
}

/** Names that aren't the user's to change. */
function refuseForeign(leaf: CstNode): void {
  const name = foreignName(leaf);
  if (name === undefined) return;
  if (findLayer(name) !== undefined) refuse(`${name} is a layer of the catalogue: its name is torch's.`);
  refuse(`${name} is a function of the language's.`);
}

function isDeclaration(node: AstNode): node is Declaration {
  return (
    ast.isDefinition(node) ||
    ast.isImportedName(node) ||
    ast.isParameter(node) ||
    ast.isPort(node) ||
    ast.isBoundName(node) ||
    ast.isOutput(node) ||
    ast.isWeight(node) ||
    ast.isSharedLayer(node) ||
    ast.isLabel(node) ||
    ast.isName(node)
  );
}

function pieceOf(node: AstNode): string {
  return ast.isLabel(node) ? 'head' : 'tail';
}

function isReferenceLeaf(leaf: CstNode): boolean {
  return AstUtils.streamReferences(leaf.astNode).some(
    ({ reference }) => isReference(reference) && isInside(leaf, reference.$refNode),
  );
}

function isInside(leaf: CstNode, node: CstNode | undefined): boolean {
  return node !== undefined && node.offset <= leaf.offset && leaf.end <= node.end;
}
