import type { LayoutBox, LayoutGraph } from './graph.ts';

/** The tree of boxes as arrays, and the edges of each level, cut where they cross frames. Box 0 is around all. */
export interface Tree {
  readonly boxes: readonly LayoutBox[];
  readonly indexOf: ReadonlyMap<string, number>;
  /** By box: what is inside, absent for a leaf. */
  readonly levels: readonly (TreeLevel | undefined)[];
}

export interface TreeLevel {
  readonly boxes: readonly number[];
  /** The tensors that enter, in the order of the edges, and those that leave. */
  readonly ins: Map<number, number>;
  readonly outs: Map<number, number>;
  readonly edges: TreeEdge[];
}

/** An edge in one level. An end that is negative is a port: -1 where the tensor enters the frame, -2 where it leaves it. */
export interface TreeEdge {
  readonly source: number;
  readonly target: number;
  readonly tensor: number;
  readonly labels: string[];
  /** Which edges of the graph it stands for. */
  readonly members: number[];
}

export const ENTERS = -1;
export const LEAVES = -2;

/** @throws Error if an edge names a box that isn't there */
export function cutEdges(graph: LayoutGraph): Tree {
  const root: LayoutBox = { id: '', width: 0, height: 0, role: 'node', inside: graph.boxes };
  const boxes: LayoutBox[] = [root];
  const parent: number[] = [-1];
  const depth: number[] = [0];
  const indexOf = new Map<string, number>();
  const levels: (TreeLevel | undefined)[] = [];
  for (let i = 0; i < boxes.length; i++) {
    const { inside } = boxes[i]!;
    if (inside === undefined) {
      levels.push(undefined);
      continue;
    }
    const children: number[] = [];
    for (const box of inside) {
      children.push(boxes.length);
      indexOf.set(box.id, boxes.length);
      boxes.push(box);
      parent.push(i);
      depth.push(depth[i]! + 1);
    }
    levels.push({ boxes: children, ins: new Map(), outs: new Map(), edges: [] });
  }

  const tensors = new Map<string, number>();
  const same = levels.map(() => new Map<number, TreeEdge>());
  const add = (level: number, source: number, target: number, tensor: number, e: number, label?: string): void => {
    const key = tensor * (boxes.length + 2) + target + 2;
    let edge = same[level]!.get(key);
    if (edge === undefined) {
      edge = { source, target, tensor, labels: [], members: [] };
      same[level]!.set(key, edge);
      levels[level]!.edges.push(edge);
    }
    edge.members.push(e);
    if (label !== undefined) edge.labels.push(label);
  };
  const find = (id: string): number => {
    const index = indexOf.get(id);
    if (index === undefined) throw new Error(`An edge of the graph names '${id}', which is no box of it.`);
    return index;
  };
  graph.edges.forEach(({ source, target, tensor: name, label }, e) => {
    let tensor = tensors.get(name);
    if (tensor === undefined) tensors.set(name, (tensor = tensors.size));
    let from = find(source);
    let to = find(target);
    let entered = label;
    while (parent[from] !== parent[to]) {
      if (depth[from]! > depth[to]!) {
        const level = parent[from]!;
        const { outs } = levels[level]!;
        if (!outs.has(tensor)) outs.set(tensor, outs.size);
        add(level, from, LEAVES, tensor, e);
        from = level;
      } else {
        const level = parent[to]!;
        const { ins } = levels[level]!;
        if (!ins.has(tensor)) ins.set(tensor, ins.size);
        add(level, ENTERS, to, tensor, e, entered);
        entered = undefined;
        to = level;
      }
    }
    if (from !== to) add(parent[from]!, from, to, tensor, e, entered);
  });
  return { boxes, indexOf, levels };
}
