/**
 * What must be true of every layout, found out from the places alone. Nothing here is shared with the layout.
 */
import type { Layout, LayoutBox, LayoutGraph, Line, PlacedBox } from '../../../server/src/core/layout/graph.ts';

const SLACK = 0.01;

interface Rectangle {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** @returns what is wrong, a sentence each; at most 20 */
export function faultsOf(graph: LayoutGraph, layout: Layout): string[] {
  const faults: string[] = [];
  const parents = new Map<string, string | undefined>();
  const leaves: { id: string; place: Rectangle }[] = [];
  const frames: { id: string; place: Rectangle }[] = [];
  const all: Rectangle = { left: 0, right: layout.width, top: 0, bottom: layout.height };
  const visit = (boxes: readonly LayoutBox[], parent: string | undefined, around: Rectangle): void => {
    const siblings: { id: string; place: Rectangle }[] = [];
    for (const box of boxes) {
      parents.set(box.id, parent);
      const placed = layout.boxes.get(box.id);
      if (placed === undefined) {
        faults.push(`${box.id} has no place`);
        continue;
      }
      const place = rectangle(placed);
      if (Object.values(placed).some((value: number) => !Number.isFinite(value))) faults.push(`${box.id} is nowhere`);
      if (!isWithin(place, around)) faults.push(`${box.id} reaches out of ${parent ?? 'the picture'}`);
      if (placed.axis < place.left || placed.axis > place.right) faults.push(`${box.id} has its axis outside`);
      if (box.inside === undefined && (placed.width !== box.width || placed.height !== box.height)) {
        faults.push(`${box.id} has another size`);
      }
      siblings.push({ id: box.id, place });
      if (box.inside === undefined) leaves.push({ id: box.id, place });
      else {
        frames.push({ id: box.id, place });
        visit(box.inside, box.id, place);
      }
    }
    for (const [a, b] of overlaps(siblings)) faults.push(`${a} and ${b} overlap`);
  };
  visit(graph.boxes, undefined, all);
  if (layout.boxes.size !== parents.size)
    faults.push(`${String(layout.boxes.size)} places for ${String(parents.size)} boxes`);

  const grid = new Grid(leaves);
  const frameGrid = new Grid(frames);
  const ancestors = (id: string): Set<string> => {
    const found = new Set<string>();
    for (let at = parents.get(id); at !== undefined; at = parents.get(at)) found.add(at);
    return found;
  };
  layout.lines.forEach((line, l) => {
    const { points } = line;
    if (points.length < 4 || points.length % 2 !== 0)
      faults.push(`line ${String(l)} has ${String(points.length)} numbers`);
    if (points.some((value) => !Number.isFinite(value))) faults.push(`line ${String(l)} goes nowhere`);
    for (let i = 0; i + 3 < points.length; i += 2) {
      const [x0, y0, x1, y1] = points.slice(i, i + 4) as [number, number, number, number];
      const text = `line ${String(l)} (${x0} ${y0} → ${x1} ${y1})`;
      if (x0 !== x1 && y0 !== y1) faults.push(`${text} is diagonal`);
      const part = {
        left: Math.min(x0, x1),
        right: Math.max(x0, x1),
        top: Math.min(y0, y1),
        bottom: Math.max(y0, y1),
      };
      if (!isWithin(part, all)) faults.push(`${text} leaves the picture`);
      for (const id of grid.hits(part)) faults.push(`${text} runs through ${id}`);
      for (const id of frameGrid.hits(part)) {
        const edges = line.edges.map((e) => graph.edges[e]!);
        const isAtHome = edges.some(({ source, target }) => ancestors(source).has(id) || ancestors(target).has(id));
        if (!isAtHome) faults.push(`${text} runs through the frame ${id}`);
      }
    }
  });
  faults.push(...disconnected(graph, layout));
  return faults.slice(0, 20);
}

/** Edges that no lines lead from their source to their target. */
function disconnected(graph: LayoutGraph, layout: Layout): string[] {
  const faults: string[] = [];
  const linesOf: Line[][] = graph.edges.map(() => []);
  for (const line of layout.lines) for (const e of line.edges) linesOf[e]!.push(line);
  const ofTensor = new Map<string, Set<Line>>();
  graph.edges.forEach(({ tensor }, e) => {
    const lines = ofTensor.get(tensor) ?? new Set();
    for (const line of linesOf[e]!) lines.add(line);
    ofTensor.set(tensor, lines);
  });
  graph.edges.forEach(({ source, target, tensor }, e) => {
    const from = rectangle(layout.boxes.get(source)!);
    const to = rectangle(layout.boxes.get(target)!);
    // Back from the target: a line ends there, and each begins at the source, at the end of one, or on one of its tensor.
    const open = linesOf[e]!.filter(({ points, arrow }) => arrow && isOnBorder(points.at(-2)!, points.at(-1)!, to));
    const seen = new Set(open);
    let isJoined = false;
    while (open.length > 0 && !isJoined) {
      const { points } = open.pop()!;
      const x = points[0]!;
      const y = points[1]!;
      if (isOnBorder(x, y, from)) isJoined = true;
      for (const other of ofTensor.get(tensor)!) {
        if (seen.has(other) || !isOn(x, y, other)) continue;
        seen.add(other);
        open.push(other);
      }
    }
    if (!isJoined) faults.push(`no line leads from ${source} to ${target}`);
  });
  return faults;
}

function isOn(x: number, y: number, { points }: Line): boolean {
  for (let i = 0; i + 3 < points.length; i += 2) {
    const [x0, y0, x1, y1] = [points[i]!, points[i + 1]!, points[i + 2]!, points[i + 3]!];
    const isAcross = x >= Math.min(x0, x1) - SLACK && x <= Math.max(x0, x1) + SLACK;
    if (isAcross && y >= Math.min(y0, y1) - SLACK && y <= Math.max(y0, y1) + SLACK) return true;
  }
  return false;
}

function isOnBorder(x: number, y: number, { left, right, top, bottom }: Rectangle): boolean {
  if (x < left - SLACK || x > right + SLACK || y < top - SLACK || y > bottom + SLACK) return false;
  const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= SLACK;
  return isNear(x, left) || isNear(x, right) || isNear(y, top) || isNear(y, bottom);
}

function rectangle({ x, y, width, height }: PlacedBox): Rectangle {
  return { left: x, right: x + width, top: y, bottom: y + height };
}

function isWithin(a: Rectangle, b: Rectangle): boolean {
  return (
    a.left >= b.left - SLACK && a.right <= b.right + SLACK && a.top >= b.top - SLACK && a.bottom <= b.bottom + SLACK
  );
}

/** Pairs of which the insides meet, by a sweep from top to bottom. */
function overlaps(boxes: readonly { readonly id: string; readonly place: Rectangle }[]): [string, string][] {
  const found: [string, string][] = [];
  let open: { readonly id: string; readonly place: Rectangle }[] = [];
  for (const box of [...boxes].sort((a, b) => a.place.top - b.place.top)) {
    open = open.filter(({ place }) => place.bottom > box.place.top + SLACK);
    for (const { id, place } of open) {
      if (place.left < box.place.right - SLACK && place.right > box.place.left + SLACK) found.push([id, box.id]);
    }
    open.push(box);
  }
  return found;
}

/** Finds the boxes that a horizontal or vertical line runs through. */
class Grid {
  static readonly #CELL = 200;
  readonly #cells = new Map<string, { readonly id: string; readonly place: Rectangle }[]>();

  constructor(boxes: readonly { readonly id: string; readonly place: Rectangle }[]) {
    for (const box of boxes) {
      for (const key of Grid.#keys(box.place)) {
        const cell = this.#cells.get(key);
        if (cell === undefined) this.#cells.set(key, [box]);
        else cell.push(box);
      }
    }
  }

  hits(part: Rectangle): Set<string> {
    const hit = new Set<string>();
    for (const key of Grid.#keys(part)) {
      for (const { id, place } of this.#cells.get(key) ?? []) {
        const isAcross = part.left < place.right - SLACK && part.right > place.left + SLACK;
        if (isAcross && part.top < place.bottom - SLACK && part.bottom > place.top + SLACK) hit.add(id);
      }
    }
    return hit;
  }

  static *#keys({ left, right, top, bottom }: Rectangle): Generator<string> {
    const cell = (value: number): number => Math.floor(value / Grid.#CELL);
    for (let i = cell(left); i <= cell(right); i++) {
      for (let j = cell(top); j <= cell(bottom); j++) yield `${i} ${j}`;
    }
  }
}
