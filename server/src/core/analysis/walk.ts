/** Walking a model graph: instances are shared, so paths are made on the way down. */
import type { Statement } from '../definition.ts';
import { type Dimension, ZERO, decided, product, sum } from '../dimension.ts';
import type { Instance, Node } from '../graph.ts';
import type { WeightShape } from '../layers/layer.ts';

/** One layer, function, operator or weight, at one place of the model. */
export interface Visit {
  readonly node: Node;
  /** As in the `state_dict`, without the weight: `layer1.0.conv1`; of what has no name, the module around it. */
  readonly path: string;
  /** How many modules are around it. */
  readonly depth: number;
  /** It, or something around it, is frozen. */
  readonly frozen: boolean;
  /** A use of a shared layer after the first: its weights are counted there. */
  readonly isAgain: boolean;
}

export type Around = Omit<Visit, 'node'>;

export const OUTSIDE: Around = { path: '', depth: 0, frozen: false, isAgain: false };

/** All leaves of a model, in the order of execution, lazily: a model can have a million. */
export function* walk(instance: Instance, around = OUTSIDE): Generator<Visit> {
  for (const visit of ownNodes(instance, around)) {
    if (visit.node.kind === 'block') yield* walk(visit.node.instance, { ...visit, depth: visit.depth + 1 });
    else yield visit;
  }
}

/** An instance's leaves and the blocks that it uses, in the order of execution; groups are opened, blocks aren't. */
export function ownNodes(instance: Instance, around = OUTSIDE): Generator<Visit> {
  return openGroups(instance.nodes, around, new Set(), undefined);
}

/**
 * @param seen the shared layers of this instance that have been used
 * @param inside the shared layer whose own modules these are
 */
function* openGroups(
  nodes: readonly Node[],
  around: Around,
  seen: Set<Statement>,
  inside: Statement | undefined,
): Generator<Visit> {
  for (const node of nodes) {
    const shared = 'shared' in node ? node.shared : undefined;
    const isUse = shared !== undefined && shared !== inside;
    const visit: Visit = {
      node,
      path: joinPath(around.path, node.name),
      depth: around.depth,
      frozen: around.frozen || node.frozen,
      isAgain: around.isAgain || (isUse && seen.has(shared)),
    };
    if (isUse) seen.add(shared);
    if (node.kind === 'group') yield* openGroups(node.nodes, { ...visit, depth: visit.depth + 1 }, seen, shared);
    else yield visit;
  }
}

/** The nodes of one instance, those inside its groups too. */
export function* allNodes(nodes: readonly Node[]): Generator<Node> {
  for (const node of nodes) {
    yield node;
    if (node.kind === 'group') yield* allNodes(node.nodes);
  }
}

/**
 * What to keep by what hangs on a leaf and the sizes of its inputs alone: a layer with the same arguments and sizes is
 * applied once, so its uses have one arguments object.
 */
export function layerUse(node: Node): object {
  return node.kind === 'layer' ? node.arguments : node;
}

export function joinPath(path: string, name: string | undefined): string {
  if (name === undefined) return path;
  return path === '' ? name : `${path}.${name}`;
}

/** The weights and buffers of one leaf: those that are there. */
export function weightsOf(node: Node): readonly WeightShape[] {
  if (node.kind === 'layer') {
    return node.weights.filter(({ present }) => present === undefined || decided(present) !== false);
  }
  if (node.kind !== 'weight' && node.kind !== 'buffer') return [];
  const shape = node.outputs[0]?.shape;
  const kind = node.kind === 'weight' ? 'parameter' : 'buffer';
  return shape === undefined ? [] : [{ name: '', shape, kind }];
}

/** How many parameters one leaf has; buffers aside. */
export function parametersOf(node: Node): Dimension {
  if (node.kind === 'extern') return node.parameters;
  return sizeOf(node, 'parameter');
}

export function buffersOf(node: Node): Dimension {
  return sizeOf(node, 'buffer');
}

function sizeOf(node: Node, wanted: WeightShape['kind']): Dimension {
  const sizes = weightsOf(node).filter(({ kind }) => kind === wanted);
  return sum(sizes.map(({ shape, count }) => product(count === undefined ? shape : [count, ...shape])));
}

/** Multiply-adds over the whole batch. */
export function macsOf(node: Node): Dimension {
  return node.kind === 'layer' || node.kind === 'extern' || node.kind === 'operator' ? node.macs : ZERO;
}
