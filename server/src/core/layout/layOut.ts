import type { Layout, LayoutGraph, LayoutOptions, Line, PlacedBox } from './graph.ts';
import { layOutLevel } from './layOutLevel.ts';
import type { Item, PlacedLevel } from './level.ts';
import { CARD, FRAME } from './metrics.ts';
import { findUShape, isOnWayUp, layOutU } from './uShape.ts';
import { cutEdges, type Tree } from './tree.ts';

/** Places boxes and lines: a pure function of the graph and of what was on main paths before. */
export function layOut(graph: LayoutGraph, options: LayoutOptions = {}): Layout {
  return new TreeLayout(cutEdges(graph), options).layOut();
}

interface PlacedFrame {
  readonly item: Item;
  readonly placed: PlacedLevel;
  /** Where its level begins, from its top. */
  readonly top: number;
}

class TreeLayout {
  readonly #tree: Tree;
  readonly #options: LayoutOptions;
  readonly #frames = new Map<number, PlacedFrame>();
  readonly #boxes = new Map<string, PlacedBox>();
  readonly #skips: Line[] = [];
  readonly #flows: Line[] = [];

  constructor(tree: Tree, options: LayoutOptions) {
    this.#tree = tree;
    this.#options = options;
  }

  layOut(): Layout {
    const { placed } = this.#place(0, false);
    this.#emit(0, placed, -placed.left, 0, NONE);
    const { left, right, height } = placed;
    return { width: right - left, height, boxes: this.#boxes, lines: [...this.#skips, ...this.#flows] };
  }

  /** @param isMirrored whether data flows upwards in it */
  #frame(box: number, isMirrored: boolean): PlacedFrame {
    const known = this.#frames.get(box);
    if (known !== undefined) return known;
    const { ins, outs } = this.#tree.levels[box]!;
    const { placed, items } = this.#place(box, isMirrored);
    const half = CARD.width / 2;
    const left = Math.max(-placed.left, half) + FRAME.padding;
    const right = Math.max(placed.right, half) + FRAME.padding;
    const [above, below] = isMirrored ? [outs, ins] : [ins, outs];
    const top = above.size === 0 ? FRAME.title + FRAME.inset : 0;
    const height = top + placed.height + (below.size === 0 ? FRAME.bottom : 0);
    const ports = (tensors: ReadonlyMap<number, number>, first: number): ReadonlyMap<number, number> =>
      new Map([...tensors].map(([tensor, i]) => [tensor, placed.x[first + i]!]));
    const frame: PlacedFrame = {
      item: {
        kind: 'frame',
        role: 'node',
        width: left + right,
        height,
        axis: left,
        inX: ports(ins, 0),
        outX: ports(outs, placed.x.length - outs.size),
        isPreferred: false,
      },
      placed: isMirrored ? mirrored(placed, items) : placed,
      top,
    };
    this.#frames.set(box, frame);
    return frame;
  }

  /** What is in a frame, laid out downwards even if it is mirrored then. */
  #place(box: number, isMirrored: boolean): { placed: PlacedLevel; items: readonly Item[] } {
    const { boxes, ins, outs, edges } = this.#tree.levels[box]!;
    const hasPorts = ins.size + outs.size > 0;
    const u = hasPorts || this.#options.uShape === false ? undefined : findUShape(boxes.length, edges);
    const items = [
      ...Array.from(ins, () => port('inPort')),
      ...boxes.map((each, i) => this.#item(each, isMirrored !== (u !== undefined && isOnWayUp(u, i)))),
      ...Array.from(outs, () => port('outPort')),
    ];
    if (u !== undefined) return { placed: layOutU(items, edges, u), items };
    const placed = layOutLevel({
      items,
      edges,
      titleAtEntry: isMirrored ? 0 : FRAME.title,
      titleAtExit: isMirrored ? FRAME.title : 0,
      gapBelowPorts: isMirrored ? FRAME.bottom : FRAME.inset,
      gapAbovePorts: isMirrored ? FRAME.inset : FRAME.bottom,
      depth: 0,
    });
    return { placed, items };
  }

  #item(box: number, isMirrored: boolean): Item {
    const { id, width, height, role } = this.#tree.boxes[box]!;
    const isPreferred = this.#options.preferred?.has(id) ?? false;
    if (this.#tree.levels[box] !== undefined) return { ...this.#frame(box, isMirrored).item, isPreferred };
    return { kind: 'leaf', role, width, height, axis: width / 2, isPreferred };
  }

  /**
   * Makes a level's places absolute; its 0, 0 is at x, y.
   *
   * @param skipEnds where skips enter the frame: what goes on there beside the axis is a skip, too
   */
  #emit(box: number, placed: PlacedLevel, x: number, y: number, skipEnds: ReadonlySet<string>): void {
    const { boxes, ins } = this.#tree.levels[box]!;
    const ends = new Set<string>();
    for (const line of placed.lines) {
      const { points, label, dots } = line;
      if (points.length === 4 && points[0] === points[2] && points[1] === points[3]) continue;
      const isOnAxis = points[0] === 0;
      move(points, x, y);
      move(dots, x, y);
      if (label !== undefined) {
        label.x += x;
        label.y += y;
      }
      if (!isOnAxis && skipEnds.size > 0 && skipEnds.has(pointText(points, 0))) line.kind = 'skip';
      if (line.kind === 'skip' && !line.arrow) ends.add(pointText(points, points.length - 2));
      (line.kind === 'skip' ? this.#skips : this.#flows).push(line);
    }
    boxes.forEach((child, i) => {
      const { id, width, height } = this.#tree.boxes[child]!;
      const axis = x + placed.x[ins.size + i]!;
      const top = y + placed.y[ins.size + i]!;
      const frame = this.#frames.get(child);
      if (frame === undefined) {
        this.#boxes.set(id, { x: axis - width / 2, y: top, width, height, axis });
        return;
      }
      const { item } = frame;
      this.#boxes.set(id, { x: axis - item.axis, y: top, width: item.width, height: item.height, axis });
      this.#emit(child, frame.placed, axis, top + frame.top, ends);
    });
  }
}

const NONE: ReadonlySet<string> = new Set();

/** Upside down. */
function mirrored(placed: PlacedLevel, items: readonly Item[]): PlacedLevel {
  const { height } = placed;
  const flipped = (points: readonly number[]): number[] =>
    points.map((value, i) => (i % 2 === 0 ? value : height - value));
  return {
    ...placed,
    y: placed.y.map((top, i) => height - top - items[i]!.height),
    lines: placed.lines.map((line) => ({
      ...line,
      points: flipped(line.points),
      ...(line.label && { label: { ...line.label, y: height - line.label.y } }),
      dots: flipped(line.dots),
    })),
  };
}

function port(kind: 'inPort' | 'outPort'): Item {
  return { kind, role: 'node', width: 0, height: 0, axis: 0, isPreferred: false };
}

function move(points: number[], x: number, y: number): void {
  for (let i = 0; i < points.length; i += 2) {
    points[i]! += x;
    points[i + 1]! += y;
  }
}

function pointText(points: readonly number[], i: number): string {
  return `${String(points[i])} ${String(points[i + 1])}`;
}
