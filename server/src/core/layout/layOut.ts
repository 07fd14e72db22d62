import type { Layout, LayoutGraph, LayoutOptions, Line, PlacedBox } from './graph.ts';
import { layOutLevel } from './layOutLevel.ts';
import type { Item, Level, PlacedLevel } from './level.ts';
import { CARD, FRAME } from './metrics.ts';
import { cutEdges, ENTERS, LEAVES, type Tree } from './tree.ts';

/** Places boxes and lines: a pure function of the graph and of what was on main paths before. */
export function layOut(graph: LayoutGraph, options: LayoutOptions = {}): Layout {
  return new TreeLayout(cutEdges(graph), options).layOut();
}

interface PlacedFrame {
  readonly item: Item;
  readonly placed: PlacedLevel;
  /** Where its level's 0, 0 is, from its top left corner. */
  readonly left: number;
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
    const root = this.#frame(0);
    this.#emit(0, -root.placed.left, 0);
    const { left, right, height } = root.placed;
    return { width: right - left, height, boxes: this.#boxes, lines: [...this.#skips, ...this.#flows] };
  }

  #frame(box: number): PlacedFrame {
    const known = this.#frames.get(box);
    if (known !== undefined) return known;
    const placed = layOutLevel(this.#level(box));
    const { ins, outs } = this.#tree.levels[box]!;
    const half = CARD.width / 2;
    const left = Math.max(-placed.left, half) + FRAME.padding;
    const right = Math.max(placed.right, half) + FRAME.padding;
    const top = ins.size === 0 ? FRAME.title + FRAME.inset : 0;
    const height = top + placed.height + (outs.size === 0 ? FRAME.bottom : 0);
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
      placed,
      left,
      top,
    };
    this.#frames.set(box, frame);
    return frame;
  }

  #level(box: number): Level {
    const { boxes, ins, outs, edges } = this.#tree.levels[box]!;
    const indexOf = new Map(boxes.map((each, i) => [each, ins.size + i]));
    const firstOut = ins.size + boxes.length;
    const items = [
      ...Array.from(ins, () => port('inPort')),
      ...boxes.map((each) => this.#item(each)),
      ...Array.from(outs, () => port('outPort')),
    ];
    return {
      items,
      edges: edges.map(({ source, target, tensor, labels }, e) => ({
        source: source === ENTERS ? ins.get(tensor)! : indexOf.get(source)!,
        target: target === LEAVES ? firstOut + outs.get(tensor)! : indexOf.get(target)!,
        tensor,
        label: labels.length === 0 ? undefined : labels.join(', '),
        ids: [e],
      })),
      title: FRAME.title,
      gapBelowPorts: FRAME.inset,
      gapAbovePorts: FRAME.bottom,
      depth: 0,
    };
  }

  #item(box: number): Item {
    const { id, width, height, role } = this.#tree.boxes[box]!;
    const isPreferred = this.#options.preferred?.has(id) ?? false;
    if (this.#tree.levels[box] !== undefined) return { ...this.#frame(box).item, isPreferred };
    return { kind: 'leaf', role, width, height, axis: width / 2, isPreferred };
  }

  /** Makes a level's places absolute; its 0, 0 is at x, y. */
  #emit(box: number, x: number, y: number): void {
    const { boxes, ins, edges } = this.#tree.levels[box]!;
    const { placed } = this.#frame(box);
    boxes.forEach((child, i) => {
      const { id, width, height } = this.#tree.boxes[child]!;
      const axis = x + placed.x[ins.size + i]!;
      const top = y + placed.y[ins.size + i]!;
      if (this.#tree.levels[child] === undefined) {
        this.#boxes.set(id, { x: axis - width / 2, y: top, width, height, axis });
        return;
      }
      const frame = this.#frame(child);
      const { item } = frame;
      this.#boxes.set(id, { x: axis - item.axis, y: top, width: item.width, height: item.height, axis });
      this.#emit(child, axis, top + frame.top);
    });
    for (const { ids, points, kind, arrow, label, dots } of placed.lines) {
      if (points.length === 4 && points[0] === points[2] && points[1] === points[3]) continue;
      const members = ids.length === 1 ? edges[ids[0]!]!.members : ids.flatMap((id) => edges[id]!.members);
      (kind === 'skip' ? this.#skips : this.#flows).push({
        edges: members,
        points: moved(points, x, y),
        kind,
        arrow,
        ...(label && { label: { ...label, x: label.x + x, y: label.y + y } }),
        dots: dots.length === 0 ? dots : moved(dots, x, y),
      });
    }
  }
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
