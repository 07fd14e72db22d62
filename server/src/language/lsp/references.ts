import type { AstNode, CstNode, FindReferencesOptions, LangiumDocument, ReferenceDescription, Stream } from 'langium';
import { AstUtils, CstUtils, DefaultReferences, UriUtils, stream } from 'langium';
import type { Label } from '../../core/definition.ts';
import type { Analysis } from '../analysis.ts';
import { readDocument } from '../documents.ts';
import * as ast from '../generated/ast.ts';
import type { ScvServices } from '../module.ts';
import { chainAt, isLabel, locate } from './locate.ts';
import { usesBelow, type Use } from './uses.ts';

/**
 * Who names what. A symbol's first use is its declaration and a reference to itself: it counts once. A label is named
 * nowhere, but the arms of an `if` may share one: they are the same attribute.
 */
export class ScvReferences extends DefaultReferences {
  private readonly analysis: () => Analysis;

  constructor(services: ScvServices) {
    super(services);
    this.analysis = () => services.scv.Analysis;
  }

  override findDeclarations(source: CstNode): AstNode[] {
    const label = labelAt(source);
    const found = label === undefined ? super.findDeclarations(source) : [label];
    // What the parser dropped after an error belongs to no document.
    return found.filter((node) => AstUtils.findRootNode(node).$document !== undefined);
  }

  override findReferences(target: AstNode, options: FindReferencesOptions): Stream<ReferenceDescription> {
    if (ast.isLabel(target)) return stream(this.namesakes(target)).flatMap((label) => this.getSelfReferences(label));
    const own = options.includeDeclaration === true ? this.getSelfReferences(target) : [];
    const used = this.usesOf(target, options.documentUri).flatMap((use) => this.describe(use, target));
    return stream([...own, ...used]).distinct(
      ({ sourceUri, segment }) => `${sourceUri.toString()}#${String(segment.offset)}`,
    );
  }

  /**
   * What refers to a declaration, in all files or in one. Only what may name it is looked through, and of that only
   * what has its name is looked up: an editor asks at each move of the cursor.
   */
  usesOf(target: AstNode, within?: LangiumDocument['uri']): readonly Use[] {
    const name = this.nameProvider.getName(target);
    const home = AstUtils.getDocument(target);
    const definition = AstUtils.getContainerOfType(target, ast.isDefinition);
    const isShown = ast.isDefinition(target) || ast.isParameter(target);
    const roots = isShown
      ? [home, ...this.analysis().importersOf(home)].map((document) => document.parseResult.value)
      : [definition ?? home.parseResult.value];
    return roots
      .filter((root) => within === undefined || UriUtils.equals(AstUtils.getDocument(root).uri, within))
      .flatMap((root) => usesBelow(root))
      .filter(({ reference }) => reference.$refText === name && reference.ref === target);
  }

  /** All labels of the attribute that this one is a label of, itself among them. */
  namesakes(label: ast.Label): readonly ast.Label[] {
    const document = AstUtils.getDocument(label);
    const read = readDocument(document);
    const location = read && locate(read, label.$cstNode?.offset ?? -1);
    if (location === undefined || location.definition.kind === 'extern') return [label];
    const { definition, partStart } = location;
    const found = chainAt(definition, location).findLast(isLabel);
    const same = found && this.analysis().factsOf(document)?.session.names(definition).namesakes.get(found);
    return same?.flatMap(({ range }) => labelFrom(document, partStart + range.start) ?? []) ?? [label];
  }

  private describe({ node, reference }: Use, target: AstNode): ReferenceDescription[] {
    if (reference.$refNode === undefined) return [];
    const sourceUri = AstUtils.getDocument(node).uri;
    const targetUri = AstUtils.getDocument(target).uri;
    return [
      {
        sourceUri,
        sourcePath: this.nodeLocator.getAstNodePath(node),
        targetUri,
        targetPath: this.nodeLocator.getAstNodePath(target),
        segment: CstUtils.toDocumentSegment(reference.$refNode),
        local: UriUtils.equals(sourceUri, targetUri),
      },
    ];
  }
}

/** The label that a piece of text belongs to, the numbers in it aside. */
function labelAt(source: CstNode): ast.Label | undefined {
  const { astNode } = source;
  if (ast.isLabel(astNode)) return astNode;
  return ast.isLabelPart(astNode) && source.text !== '{' && source.text !== '}' ? astNode.$container : undefined;
}

function labelFrom(document: LangiumDocument, offset: Label['range']['start']): ast.Label | undefined {
  const root = document.parseResult.value.$cstNode;
  const leaf = root && CstUtils.findLeafNodeAtOffset(root, offset);
  return leaf && labelAt(leaf);
}
