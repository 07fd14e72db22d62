/**
 * What the layout takes and gives. All lengths are pixels at a zoom of 100 %, x grows to the right, y downwards, and data
 * flows from top to bottom.
 */

/** What is laid out: a tree of boxes in the order of the text, and edges between leaves, which may cross frames. */
export interface LayoutGraph {
  readonly boxes: readonly LayoutBox[];
  readonly edges: readonly LayoutEdge[];
}

export interface LayoutBox {
  /** Stable, and unique in the graph. */
  readonly id: string;
  /** Of a leaf; a frame's come from what is inside. */
  readonly width: number;
  readonly height: number;
  /** Inputs rank first and outputs last; a constant (a weight, a buffer) stands above its first use. */
  readonly role: 'input' | 'output' | 'constant' | 'node';
  /** Of a frame, which is an open block or group; may be empty. A box without it is a leaf. */
  readonly inside?: readonly LayoutBox[];
}

export interface LayoutEdge {
  /** The ids of two different leaves; data flows from the source to the target, and never in a circle. */
  readonly source: string;
  readonly target: string;
  /** Edges of one tensor come from one source, share trunks, and enter a frame once. */
  readonly tensor: string;
  /** What the target calls it (`q`); where equal edges merge, the labels are joined (`q, k, v`). */
  readonly label?: string;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** By id, frames too. */
  readonly boxes: ReadonlyMap<string, PlacedBox>;
  /** In the order they are to be drawn: skips lie under the others. */
  readonly lines: readonly Line[];
}

export interface PlacedBox {
  /** The top left corner, absolute. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** The x, absolute, of the line that goes through the box from top to bottom: a title keeps clear of it. */
  readonly axis: number;
}

/** One polyline: an edge, or what is left of it between two frames' borders. */
export interface Line {
  /** Which of the graph's edges it draws, as indices. */
  readonly edges: readonly number[];
  /** x0, y0, x1, y1 …: absolute, and each part horizontal or vertical. */
  readonly points: readonly number[];
  /** A skip runs beside the boxes that it passes: a residual, a dense connection, a U-Net's. */
  readonly kind: 'flow' | 'skip';
  /** Whether it ends at a leaf, hence in an arrowhead; at a frame's border it has none. */
  readonly arrow: boolean;
  /** x, y is where the text begins, vertically its middle. */
  readonly label?: { readonly x: number; readonly y: number; readonly text: string };
  /** x0, y0, x1, y1 …: where another line branches off this one, and a dot says so. */
  readonly dots: readonly number[];
}

export interface LayoutOptions {
  /** Whether nested skips fold the path into a U (default) or run down beside it. */
  readonly uShape?: boolean;
  /** Boxes that were on a main path before: where nothing else decides, they stay on it. */
  readonly preferred?: ReadonlySet<string>;
}
