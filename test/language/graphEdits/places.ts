/** The nodes of a file's models, as a view tells them. */
import { constantValue } from '../../../server/src/core/dimension.ts';
import type { FileFacts } from '../../../server/src/core/analysis/analyse.ts';
import type { Instance, Iteration, Node } from '../../../server/src/core/graph.ts';
import type { Origin, Place } from '../../../server/src/core/origin.ts';
import type { Site } from '../../../server/src/core/definition.ts';

export interface PlacedNode {
  readonly place: Place;
  /** An output has no node. */
  readonly node: Node | undefined;
  /** Of an output, which one of its definition. */
  readonly output?: number;
  readonly instance: Instance;
}

/** All nodes of a model, those of blocks and groups too, and the outputs. */
export function* placedNodes(instance: Instance, way: Place = []): Generator<PlacedNode> {
  yield* inNodes(instance, instance.nodes, way);
  for (const [output, { site }] of instance.outputs.entries())
    yield { place: [...way, origin(site, [])], node: undefined, output, instance };
}

function* inNodes(instance: Instance, nodes: readonly Node[], way: Place): Generator<PlacedNode> {
  for (const node of nodes) {
    const place = [...way, origin(node.site, node.iterations)];
    yield { place, node, instance };
    if (node.kind === 'group') yield* inNodes(instance, node.nodes, way);
    if (node.kind === 'block') yield* placedNodes(node.instance, place);
  }
}

function origin({ definition, part, range }: Site, iterations: readonly Iteration[]): Origin {
  return { definition, part, range, turns: iterations.map(({ index }) => Number(constantValue(index) ?? 0n)) };
}

/** The models of a file, with all their nodes. */
export function allPlaces({ models }: FileFacts): readonly PlacedNode[] {
  return models.flatMap((model) => [...placedNodes(model)]);
}
