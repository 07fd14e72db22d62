import type { Component } from './components.ts';
import type { Item, Level, LevelEdge, PlacedLevel } from './level.ts';
import type { Ranks } from './ranks.ts';

/**
 * What shares rows: the main path, the columns beside it, and each strip as one item, which has rows of its own inside.
 * Steps after this fill in x, then y.
 */
export interface RowGroup {
  readonly level: Level;
  readonly ranks: Ranks;
  /** The level's items, and after them the strips. */
  readonly items: readonly Item[];
  /** Edges between these. */
  readonly edges: readonly LevelEdge[];
  readonly mainPath: Int32Array;
  /** By rank: the item of the main path there, or -1. */
  readonly main: Int32Array;
  readonly strips: readonly Strip[];
  readonly rails: Rail[];
  readonly columns: readonly Column[];
  /** By item: its axis. */
  readonly x: Float64Array;
}

/** Right of the main path is 1, left of it -1. */
export type Side = 1 | -1;

/** A component that stands as one piece between the rows `above` and `below`, both exclusive. */
export interface Strip {
  readonly component: Component;
  readonly side: Side;
  readonly above: number;
  readonly below: number;
  /** Its item in the group: a new one, or the port that it consists of. */
  readonly item: number;
  /** Absent where it is only a port. */
  readonly placed: PlacedLevel | undefined;
  /** By item of its level, the item of the group's level; -1 for what only joins it to the group. */
  readonly members: Int32Array;
  /** Whether its line goes into the side of its join, not into its top. */
  entersSide: boolean;
  /** Of a port: it stands straight above or below an item, so far from its axis. */
  pin: { readonly to: number; readonly offset: number } | undefined;
}

/** A vertical beside the boxes that it passes; all edges of one tensor share it. */
export interface Rail {
  readonly source: number;
  /** Of the group. */
  readonly edges: number[];
  /** The rows of its source and of its farthest target. */
  readonly above: number;
  readonly below: number;
  x: number;
  leavesSide: boolean;
  /** By edge: whether it goes into the side of its target, not into its top. */
  readonly entersSide: boolean[];
}

/** A path of a component that shares the rows of the main path; its verticals to what is above and below are its own. */
export interface Column {
  readonly items: readonly number[];
  readonly side: Side;
  readonly above: number;
  readonly below: number;
}
