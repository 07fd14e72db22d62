import { CstNodeBuilder, LeafCstNodeImpl } from 'langium';
import type { CompositeCstNode, CstNode, GrammarAST, RootCstNode } from 'langium';
import type { Token } from './tokens.ts';
/** Where a part begins, lines and columns from 0. All positions in its syntax tree hang on this one: {@link move}. */
export interface Anchor {
    offset: number;
    line: number;
    column: number;
}
/** Builds the concrete syntax tree of one part. */
export declare class PartNodeBuilder extends CstNodeBuilder {
    anchor: Anchor;
    protected createLeafNode(token: Token, hidden: boolean): LeafCstNodeImpl;
}
/** Moves the part whose tree this is to where the same text stands now. */
export declare function move(node: CstNode, anchor: Anchor, to: Anchor): void;
/** Takes what the parser made its root as a node of a larger tree. */
export declare function adopt(root: CompositeCstNode): CompositeCstNode;
export declare function rootOf(text: string, children: readonly CstNode[]): RootCstNode;
/** Makes these nodes all that the node holds. */
export declare function fill(node: CompositeCstNode, content: readonly CstNode[]): void;
/** A leaf of no part. */
export declare function leafOf(token: Token, feature: GrammarAST.AbstractElement | undefined): CstNode;
