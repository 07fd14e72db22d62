import { CompositeCstNodeImpl, CstNodeBuilder, LeafCstNodeImpl, RootCstNodeImpl } from 'langium';
import type { CompositeCstNode, CstNode, GrammarAST, RootCstNode } from 'langium';
import type { Token } from './tokens.ts';

/** Where a part begins, lines and columns from 0. All positions in its syntax tree hang on this one. */
export interface Anchor {
  offset: number;
  line: number;
  column: number;
}

type NodeRange = CstNode['range'];

/** Remembers its range, as Langium's do, until the part has moved. */
class MovableComposite extends CompositeCstNodeImpl {
  private readonly anchor: Anchor;
  private line = -1;
  private column = -1;

  constructor(anchor: Anchor) {
    super();
    this.anchor = anchor;
  }

  override get range(): NodeRange {
    const { line, column } = this.anchor;
    if (line !== this.line || column !== this.column) {
      Object.assign(this, { line, column, _rangeCache: undefined });
    }
    return super.range;
  }
}

class MovableLeaf extends LeafCstNodeImpl {
  private readonly anchor: Anchor;

  constructor(token: Token, anchor: Anchor, hidden: boolean) {
    const startLine = token.startLine! - 1 - anchor.line;
    const endLine = token.endLine! - 1 - anchor.line;
    super(
      token.startOffset - anchor.offset,
      token.image.length,
      startLine,
      token.startColumn! - 1 - (startLine === 0 ? anchor.column : 0),
      endLine,
      token.endColumn! - (endLine === 0 ? anchor.column : 0),
      token.tokenType,
      hidden,
    );
    this.anchor = anchor;
  }

  override get offset(): number {
    return super.offset + this.anchor.offset;
  }

  override get end(): number {
    return this.offset + this.length;
  }

  override get range(): NodeRange {
    const { start, end } = super.range;
    return { start: this.place(start), end: this.place(end) };
  }

  private place({ line, character }: NodeRange['start']): NodeRange['start'] {
    return { line: line + this.anchor.line, character: line === 0 ? character + this.anchor.column : character };
  }
}

/** Builds the concrete syntax tree of one part. */
export class PartNodeBuilder extends CstNodeBuilder {
  anchor: Anchor = { offset: 0, line: 0, column: 0 };

  /** Parts have no hidden tokens; Langium looks for their place all the same, through all that a long list has. */
  override addHiddenNodes(tokens: Token[]): void {
    if (tokens.length > 0) super.addHiddenNodes(tokens);
  }

  override buildCompositeNode(feature: GrammarAST.AbstractElement): CompositeCstNode {
    const node = new MovableComposite(this.anchor) as CompositeCstNode;
    Object.assign(node, { grammarSource: feature });
    this.appendChild(this.current as CompositeCstNode, node);
    // Langium has no other way to bring one's own.
    (this as unknown as { nodeStack: CompositeCstNode[] }).nodeStack.push(node);
    return node;
  }

  protected override createLeafNode(token: Token, hidden: boolean): LeafCstNodeImpl {
    return new MovableLeaf(token, this.anchor, hidden);
  }
}

/** Takes what the parser made its root as a node of a larger tree. */
export function adopt(root: CompositeCstNode, anchor: Anchor): CompositeCstNode {
  const node = new MovableComposite(anchor) as CompositeCstNode;
  fill(node, root.content);
  return node;
}

export function rootOf(text: string, children: readonly CstNode[]): RootCstNode {
  const root = new RootCstNodeImpl(text) as RootCstNode;
  fill(root, children);
  return root;
}

/** Makes these nodes all that the node holds. */
export function fill(node: CompositeCstNode, content: readonly CstNode[]): void {
  for (const child of content) Object.assign(child, { container: node });
  Object.assign(node, { content, _rangeCache: undefined });
}

/** A leaf of no part. */
export function leafOf(token: Token, feature: GrammarAST.AbstractElement | undefined): CstNode {
  const leaf = new MovableLeaf(token, { offset: 0, line: 0, column: 0 }, false);
  leaf.grammarSource = feature;
  return leaf as CstNode;
}
