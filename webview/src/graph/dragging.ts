/** What is dragged over the canvas, and what it may fall on. */
import type { PalettePiece } from '../../../server/src/protocol/palette.ts';
import type { Layout, Line, PlacedBox } from '../../../server/src/core/layout/graph.ts';
import type { View, ViewBox, ViewEdge } from '../../../server/src/core/view/view.ts';
import { editedPlace, type Where, whereAt } from './edits.ts';
import type { GraphEdit } from '../../../server/src/protocol/graphEdit.ts';

export type Dragged =
  /** A layer or block of the palette, to be put in. */
  | { readonly kind: 'piece'; readonly piece: PalettePiece }
  /** A box of the picture, to be put elsewhere. */
  | { readonly kind: 'box'; readonly id: string }
  /** The beginning of an edge, to come from another box. */
  | { readonly kind: 'edge'; readonly edge: number };

/** What a piece becomes at a box: what stands behind it, or a way around it that joins behind it. */
export const ZONES = ['after', 'add', 'concat'] as const;
export type Zone = (typeof ZONES)[number];

export type DropTarget =
  { readonly kind: 'line'; readonly line: Line } | { readonly kind: 'box'; readonly id: string; readonly zone: Zone };

interface Point {
  readonly x: number;
  readonly y: number;
}

/** How near one has to come to a line, in pixels at a zoom of 100 %. */
const REACH = 14;

export function dropTarget(
  dragged: Dragged,
  { view, layout, lines }: { readonly view: View; readonly layout: Layout; readonly lines: readonly Line[] },
  at: Point,
): DropTarget | undefined {
  const box = boxAtPoint(view, layout, at);
  const isItself = dragged.kind === 'box' && box === dragged.id;
  if (box !== undefined && !isItself) {
    return { kind: 'box', id: box, zone: zoneAt(dragged, view.byId.get(box), layout.boxes.get(box), at) };
  }
  if (dragged.kind === 'edge') return undefined;
  const line = lineAt(lines, at, REACH);
  return line && { kind: 'line', line };
}

/** Half of a card is for what comes behind it, the rest for ways around it. */
export function hasZones(dragged: Dragged, box: ViewBox | undefined): boolean {
  return dragged.kind === 'piece' && box?.form === 'card' && box.inside === undefined;
}

function zoneAt(dragged: Dragged, box: ViewBox | undefined, place: PlacedBox | undefined, { x }: Point): Zone {
  if (!hasZones(dragged, box) || place === undefined) return 'after';
  const share = (x - place.x) / place.width;
  return share < 0.5 ? 'after' : share < 0.75 ? 'add' : 'concat';
}

/** The box without an inside that a point lies in. */
export function boxAtPoint(view: View, layout: Layout, { x, y }: Point): string | undefined {
  for (const [id, box] of layout.boxes) {
    if (x < box.x || x > box.x + box.width || y < box.y || y > box.y + box.height) continue;
    if (view.byId.get(id)?.inside === undefined) return id;
  }
  return undefined;
}

export function lineAt(lines: readonly Line[], { x, y }: Point, reach: number): Line | undefined {
  let best: Line | undefined;
  let least = reach;
  for (const line of lines) {
    const { points } = line;
    for (let i = 0; i + 3 < points.length; i += 2) {
      const [left, right] = ordered(points[i]!, points[i + 2]!);
      const [top, bottom] = ordered(points[i + 1]!, points[i + 3]!);
      const away = Math.max(left - x, x - right, top - y, y - bottom, 0);
      if (away < least) [best, least] = [line, away];
    }
  }
  return best;
}

function ordered(a: number, b: number): [number, number] {
  return a < b ? [a, b] : [b, a];
}

/** The edit that a drop is; undefined where it is none. */
export function dropEdit(view: View, dragged: Dragged, target: DropTarget): GraphEdit | undefined {
  if (dragged.kind === 'edge') {
    const edge = view.edges[dragged.edge];
    const from = target.kind === 'box' ? view.byId.get(target.id) : undefined;
    const to = edge && view.byId.get(edge.target);
    if (edge === undefined || from === undefined || to === undefined) return undefined;
    return {
      kind: 'rewire',
      to: { node: editedPlace(to), input: edge.input },
      from: { node: editedPlace(from), output: 0 },
    };
  }
  if (dragged.kind === 'piece' && target.kind === 'box') {
    const at = view.byId.get(target.id);
    return at && pieceEdit(dragged.piece, [at], target.zone);
  }
  const where = whereOf(view, target);
  if (where === undefined) return undefined;
  if (dragged.kind === 'piece') return { kind: 'insertLayer', piece: bare(dragged.piece), where };
  const box = view.byId.get(dragged.id);
  return box && { kind: 'move', node: editedPlace(box), where };
}

/** A piece behind the last of some boxes in a row, or on a way around all of them; undefined where there is none. */
export function pieceEdit(piece: PalettePiece, boxes: readonly ViewBox[], zone: Zone): GraphEdit | undefined {
  const [first, last] = [boxes[0], boxes.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  if (zone === 'after') return { kind: 'insertLayer', piece: bare(piece), where: whereAt(last) };
  return {
    kind: 'insertBranch',
    first: editedPlace(first),
    last: editedPlace(last),
    join: zone,
    piece: bare(piece),
  };
}

function bare({ name, file }: PalettePiece): { readonly name: string; readonly file?: string } {
  return { name, ...(file === undefined ? {} : { file }) };
}

/** Where a drop puts something: on an edge, behind a box, or before an output. */
export function whereOf(view: View, target: DropTarget): Where | undefined {
  if (target.kind === 'box') {
    const box = view.byId.get(target.id);
    return box && whereAt(box);
  }
  const edges = target.line.edges.flatMap((index) => view.edges[index] ?? []);
  const [first] = edges;
  const source = first && view.byId.get(first.source);
  const to = first && view.byId.get(first.target);
  if (first === undefined || source === undefined || to === undefined) return undefined;
  // A trunk is where all uses of a tensor still run together.
  if (edges.length > 1 && first.output === 0 && isWhole(view, edges))
    return { kind: 'after', node: editedPlace(source) };
  return {
    kind: 'edge',
    edge: {
      from: { node: editedPlace(source), output: first.output },
      to: { node: editedPlace(to), input: first.input },
    },
  };
}

function isWhole(view: View, edges: readonly ViewEdge[]): boolean {
  const [{ tensor } = { tensor: '' }] = edges;
  return view.edges.filter((edge) => edge.tensor === tensor).length === edges.length;
}
