import type { Layout, LayoutGraph, LayoutOptions, Line, PlacedBox } from './graph.ts';
import { layOutLevel } from './layOutLevel.ts';
import type { Item, LevelEdge, PlacedLevel } from './level.ts';
import { CARD, FRAME } from './metrics.ts';
import { findUShape, isOnWayUp, layOutU } from './uShape.ts';
import { cutEdges, ENTERS, LEAVES, type Tree } from './tree.ts';

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
    const indexOf = new Map(boxes.map((each, i) => [each, ins.size + i]));
    const firstOut = ins.size + boxes.length;
    const levelEdges = edges.map(({ source, target, tensor, labels }, e): LevelEdge => ({
      source: source === ENTERS ? ins.get(tensor)! : indexOf.get(source)!,
      target: target === LEAVES ? firstOut + outs.get(tensor)! : indexOf.get(target)!,
      tensor,
      label: labels.length === 0 ? undefined : labels.join(', '),
      ids: [e],
    }));
    const hasPorts = ins.size + outs.size > 0;
    const u = hasPorts || this.#options.uShape === false ? undefined : findUShape(boxes.length, levelEdges);
    const items = [
      ...Array.from(ins, () => port('inPort')),
      ...boxes.map((each, i) => this.#item(each, isMirrored !== (u !== undefined && isOnWayUp(u, i)))),
      ...Array.from(outs, () => port('outPort')),
    ];
    if (u !== undefined) return { placed: layOutU(items, levelEdges, u), items };
    const placed = layOutLevel({
      items,
      edges: levelEdges,
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
   * @param skipping tensors that a skip brings to the frame: beside its axis they are skips inside, too
   */
  #emit(box: number, placed: PlacedLevel, x: number, y: number, skipping: ReadonlySet<number>): void {
    const { boxes, ins, edges } = this.#tree.levels[box]!;
    const skippingInto = new Map<number, Set<number>>();
    for (const { ids, points, kind, arrow, label, dots } of placed.lines) {
      if (points.length === 4 && points[0] === points[2] && points[1] === points[3]) continue;
      const { source, tensor } = edges[ids[0]!]!;
      const isSkip = kind === 'skip' || (source === ENTERS && points[0] !== 0 && skipping.has(tensor));
      if (isSkip && !arrow) {
        for (const id of ids) {
          const { target } = edges[id]!;
          const into = skippingInto.get(target);
          if (into === undefined) skippingInto.set(target, new Set([tensor]));
          else into.add(tensor);
        }
      }
      (isSkip ? this.#skips : this.#flows).push({
        edges: ids.length === 1 ? edges[ids[0]!]!.members : ids.flatMap((id) => edges[id]!.members),
        points: moved(points, x, y),
        kind: isSkip ? 'skip' : 'flow',
        arrow,
        ...(label && { label: { ...label, x: label.x + x, y: label.y + y } }),
        dots: dots.length === 0 ? dots : moved(dots, x, y),
      });
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
      this.#emit(child, frame.placed, axis, top + frame.top, skippingInto.get(child) ?? NONE);
    });
  }
}

const NONE: ReadonlySet<number> = new Set();

/** Upside down. */
function mirrored(placed: PlacedLevel, items: readonly Item[]): PlacedLevel {
  const { height } = placed;
  const flipped = (points: readonly number[]): number[] =>
    points.map((value, i) => (i % 2 === 0 ? value : height - value));
  return {
    ...placed,
    y: placed.y.map((top, i) => height - top - items[i]!.height),
    lines: placed.lines.map(({ points, label, dots, ...rest }) => ({
      ...rest,
      points: flipped(points),
      label: label && { ...label, y: height - label.y },
      dots: flipped(dots),
    })),
  };
}

function port(kind: 'inPort' | 'outPort'): Item {
  return { kind, role: 'node', width: 0, height: 0, axis: 0, isPreferred: false };
}

function moved(points: readonly number[], x: number, y: number): number[] {
  const result = new Array<number>(points.length);
  for (let i = 0; i < points.length; i += 2) {
    result[i] = points[i]! + x;
    result[i + 1] = points[i + 1]! + y;
  }
  return result;
}
