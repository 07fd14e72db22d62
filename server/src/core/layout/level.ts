/**
 * One level of the tree: what lies directly inside one frame, and the edges between, each cut where it crosses a border.
 * The steps of the layout work on this alone.
 *
 * Lengths are pixels. Across, 0 is the axis, the line that the main path runs along; downwards, 0 is the level's top.
 */
import type { Line } from './graph.ts';

/** What stands in a row of a level. A port has no size: there a tensor enters or leaves the frame. */
export interface Item {
  readonly kind: 'leaf' | 'frame' | 'inPort' | 'outPort' | 'strip';
  readonly role: 'input' | 'output' | 'constant' | 'node';
  readonly width: number;
  readonly height: number;
  /** Where its own axis is, from its left side. */
  readonly axis: number;
  /** Of a frame or strip: where a tensor enters and leaves it, from its axis. */
  readonly inX?: ReadonlyMap<number, number>;
  readonly outX?: ReadonlyMap<number, number>;
  /** Whether it was on a main path before. */
  readonly isPreferred: boolean;
}

export interface LevelEdge {
  /** Indices of items. */
  readonly source: number;
  readonly target: number;
  /** Edges with one number carry one tensor, hence have one source. */
  readonly tensor: number;
  readonly label: string | undefined;
  /** The edges of the graph that it stands for. */
  readonly ids: readonly number[];
}

export interface Level {
  /** In the order of the text; ports that enter first, ports that leave last. */
  readonly items: readonly Item[];
  readonly edges: readonly LevelEdge[];
  /** Below the ports that enter, or above those that leave: the frame's title, which lines cross straight. */
  readonly titleAtEntry: number;
  readonly titleAtExit: number;
  /** Below that, and above the ports that leave, where no line turns there. */
  readonly gapBelowPorts: number;
  readonly gapAbovePorts: number;
  /** Strips in strips, so deep that it must end. */
  readonly depth: number;
}

/** A line of the layout before it has its final place, which it is moved to without a copy. */
export interface LevelLine extends Line {
  edges: readonly number[];
  points: number[];
  kind: 'flow' | 'skip';
  arrow: boolean;
  label?: { x: number; y: number; readonly text: string };
  dots: number[];
}

export interface PlacedLevel {
  /** How far it reaches to both sides of the axis; the left one is negative. */
  readonly left: number;
  readonly right: number;
  readonly height: number;
  /** By item: its axis, and its top. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly lines: readonly LevelLine[];
  /** Where its last row begins, and the gap above it: the place to make it longer, so that outputs stand lower. */
  readonly lastRow: number;
  readonly lastGap: number;
}

/** Of most lines. */
export const NO_DOTS: number[] = [];

export function isEntry({ kind, role }: Item): boolean {
  return kind === 'inPort' || role === 'input';
}

export function isExit({ kind, role }: Item): boolean {
  return kind === 'outPort' || role === 'output';
}

/** Lists of numbers, one list for each of `count` keys, in two arrays. */
export interface Lists {
  /** Where the list of a key begins; it ends where the next one begins. */
  readonly start: Int32Array;
  readonly values: Int32Array;
}

/** The edges by one of their ends, in the order of the edges. */
export function edgesBy(end: 'source' | 'target', count: number, edges: readonly LevelEdge[]): Lists {
  const start = new Int32Array(count + 1);
  for (const edge of edges) start[edge[end] + 1]! += 1;
  for (let i = 0; i < count; i++) start[i + 1]! += start[i]!;
  const next = start.slice();
  const values = new Int32Array(edges.length);
  for (let e = 0; e < edges.length; e++) values[next[edges[e]![end]]!++] = e;
  return { start, values };
}
