import type { LayoutBox, LayoutGraph } from './graph.ts';
import type { LevelEdge } from './level.ts';

/** The tree of boxes as arrays, and the edges of each level, cut where they cross frames. Box 0 is around all. */
export interface Tree {
  readonly boxes: readonly LayoutBox[];
  readonly indexOf: ReadonlyMap<string, number>;
  /** By box: what is inside, absent for a leaf. */
  readonly levels: readonly (TreeLevel | undefined)[];
}

export interface TreeLevel {
  readonly boxes: readonly number[];
  /** The tensors that enter, in the order of the edges, and those that leave, each with the number of its port. */
  readonly ins: Map<number, number>;
  readonly outs: Map<number, number>;
  /** Their ends are places in the level: the ports that enter, the boxes, the ports that leave. */
  readonly edges: readonly LevelEdge[];
}

interface CutEdge extends LevelEdge {
  source: number;
  target: number;
  label: string | undefined;
  readonly ids: number[];
}

/** Ends while the ports are still being counted. */
const ENTERS = -1;
const LEAVES = -2;

interface Cut extends TreeLevel {
  readonly edges: CutEdge[];
}

/** @throws Error if an edge names a box that isn't there */
export function cutEdges(graph: LayoutGraph): Tree {
  const root: LayoutBox = { id: '', width: 0, height: 0, role: 'node', inside: graph.boxes };
  const boxes: LayoutBox[] = [root];
  const parent: number[] = [-1];
  const depth: number[] = [0];
  const indexOf = new Map<string, number>();
  const place: number[] = [0];
  const levels: (Cut | undefined)[] = [];
  for (let i = 0; i < boxes.length; i++) {
    const { inside } = boxes[i]!;
    if (inside === undefined) {
      levels.push(undefined);
      continue;
    }
    const children: number[] = [];
    for (const box of inside) {
      place.push(children.length);
      children.push(boxes.length);
      indexOf.set(box.id, boxes.length);
      boxes.push(box);
      parent.push(i);
      depth.push(depth[i]! + 1);
    }
    levels.push({ boxes: children, ins: new Map(), outs: new Map(), edges: [] });
  }

  const tensors = new Map<string, number>();
  const same = levels.map((level) => (level === undefined ? undefined : new Map<number, CutEdge>()));
  const add = (level: number, source: number, target: number, tensor: number, e: number, label?: string): void => {
    const key = tensor * (boxes.length + 2) + target + 2;
    const edge = same[level]!.get(key);
    if (edge === undefined) {
      const cut = { source, target, tensor, label, ids: [e] };
      same[level]!.set(key, cut);
      levels[level]!.edges.push(cut);
      return;
    }
    edge.ids.push(e);
    if (label !== undefined) edge.label = edge.label === undefined ? label : `${edge.label}, ${label}`;
  };
  const find = (id: string): number => {
    const index = indexOf.get(id);
    if (index === undefined) throw new Error(`An edge of the graph names '${id}', which is no box of it.`);
    return index;
  };
  let lastTarget: string | undefined;
  let lastFound = -1;
  graph.edges.forEach(({ source, target, tensor: name, label }, e) => {
    let tensor = tensors.get(name);
    if (tensor === undefined) tensors.set(name, (tensor = tensors.size));
    let from = find(source);
    // The edges of one target mostly stand together.
    if (target !== lastTarget) {
      lastTarget = target;
      lastFound = find(target);
    }
    let to = lastFound;
    let entered = label;
    while (parent[from] !== parent[to]) {
      if (depth[from]! > depth[to]!) {
        const level = parent[from]!;
        const { outs } = levels[level]!;
        if (!outs.has(tensor)) outs.set(tensor, outs.size);
        add(level, place[from]!, LEAVES, tensor, e);
        from = level;
      } else {
        const level = parent[to]!;
        const { ins } = levels[level]!;
        if (!ins.has(tensor)) ins.set(tensor, ins.size);
        add(level, ENTERS, place[to]!, tensor, e, entered);
        entered = undefined;
        to = level;
      }
    }
    if (from !== to) add(parent[from]!, place[from]!, place[to]!, tensor, e, entered);
  });
  for (const level of levels) {
    if (level === undefined) continue;
    const { ins, outs, boxes: children } = level;
    const firstOut = ins.size + children.length;
    for (const edge of level.edges) {
      edge.source = edge.source === ENTERS ? ins.get(edge.tensor)! : ins.size + edge.source;
      edge.target = edge.target === LEAVES ? firstOut + outs.get(edge.tensor)! : ins.size + edge.target;
    }
  }
  return { boxes, indexOf, levels };
}
