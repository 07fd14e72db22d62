/** The `state_dict` of the generated module, from the graph alone. */
import type { Statement } from '../definition.ts';
import type { Instance, Node } from '../graph.ts';
import type { Shape } from '../tensor.ts';
import { joinPath, weightsOf } from './walk.ts';

/** More leaves than these aren't compared: nobody would wait for it. */
export const MOST_COMPARED = 50_000;

export interface StateKey {
  /** Of an extern, whose keys are its class's own, all that begin with its name: `project.*`. */
  readonly name: string;
  /** Absent for an extern. */
  readonly shape: Shape | undefined;
}

/** The keys in PyTorch's order: a module's own weights, its buffers, then its children in the order of the text. */
export function* stateKeys(instance: Instance, path = ''): Generator<StateKey> {
  yield* keysOf(withShared(instance), path);
}

function* keysOf(nodes: readonly Node[], path: string): Generator<StateKey> {
  for (const kind of ['weight', 'buffer']) {
    for (const node of nodes) if (node.kind === kind) yield* ownKeys(node, joinPath(path, node.name));
  }
  const seen = new Set<string>();
  for (const node of nodes) {
    // A shared layer that is used twice is one child.
    if (node.name === undefined || node.kind === 'weight' || node.kind === 'buffer' || seen.has(node.name)) continue;
    seen.add(node.name);
    const below = joinPath(path, node.name);
    if (node.kind === 'block') yield* stateKeys(node.instance, below);
    else if (node.kind === 'group') yield* keysOf(node.nodes, below);
    else if (node.kind === 'extern') yield { name: joinPath(below, '*'), shape: undefined };
    else yield* ownKeys(node, below);
  }
}

function* ownKeys(node: Node, path: string): Generator<StateKey> {
  for (const { name, shape } of weightsOf(node)) yield { name: name === '' ? path : joinPath(path, name), shape };
}

/** A module's children, shared layers where they are declared; those that only groups use have a place here too. */
function withShared({ definition, nodes }: Instance): readonly Node[] {
  if (definition.kind === 'extern' || !definition.statements.some(({ kind }) => kind === 'layer')) return nodes;
  const shared = new Map<Statement, Node>();
  collectShared(nodes, undefined, shared);
  const own = nodes.filter((node) => !('shared' in node));
  const placed = [...own, ...shared.values()];
  return placed
    .map((node, i) => ({ node, i }))
    .sort((a, b) => a.node.site.part - b.node.site.part || a.i - b.i)
    .map(({ node }) => node);
}

function collectShared(nodes: readonly Node[], inside: Statement | undefined, into: Map<Statement, Node>): void {
  for (const node of nodes) {
    const shared = 'shared' in node ? node.shared : undefined;
    if (shared?.kind === 'layer' && shared !== inside && !into.has(shared))
      into.set(shared, { ...node, name: shared.name.text });
    if (node.kind === 'group') collectShared(node.nodes, shared, into);
  }
}
