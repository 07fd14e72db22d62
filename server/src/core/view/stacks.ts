import type { ModuleData, NodeData } from './modelGraph.ts';

/** Finds equal nodes in a row: one takes what the one before it gives, and nobody else does. */
export class Stacks {
  readonly #module: ModuleData;
  /** How often each tensor is used. */
  readonly #uses: readonly number[];

  constructor(module: ModuleData) {
    this.#module = module;
    const uses = new Array<number>(module.shapes.length).fill(0);
    const use = (tensor: number): void => {
      uses[tensor] = (uses[tensor] ?? 0) + 1;
    };
    const visit = (nodes: readonly NodeData[]): void => {
      for (const node of nodes) {
        if (node.nodes === undefined) node.inputs.forEach(use);
        else visit(node.nodes);
      }
    };
    visit(module.nodes);
    module.outputs.forEach(({ tensor }) => {
      use(tensor);
    });
    this.#uses = uses;
  }

  /** Nodes beside each other, those of a stack together. */
  *runs(nodes: readonly NodeData[]): Generator<readonly NodeData[]> {
    for (let start = 0; start < nodes.length;) {
      let end = start + 1;
      while (end < nodes.length && this.#follows(nodes[end - 1]!, nodes[end]!)) end++;
      yield nodes.slice(start, end);
      start = end;
    }
  }

  #follows(before: NodeData, node: NodeData): boolean {
    const out = lastOf(before)?.outputs ?? [];
    const into = firstOf(node)?.inputs ?? [];
    return (
      before.kind !== 'operator' &&
      out.length === 1 &&
      into.length === 1 &&
      out[0] === into[0] &&
      this.#uses[out[0]!] === 1 &&
      isAlike(before, node) &&
      this.#shape(before) === this.#shape(node)
    );
  }

  #shape(node: NodeData): string {
    return `${this.#text(firstOf(node)?.inputs)} → ${this.#text(lastOf(node)?.outputs)}`;
  }

  #text(tensors: readonly number[] = []): string {
    return tensors.map((tensor) => this.#module.shapes[tensor]).join();
  }
}

/** Equal but for the places where they stand. */
function isAlike(a: NodeData, b: NodeData): boolean {
  return (
    a.kind === b.kind &&
    a.title === b.title &&
    a.details === b.details &&
    a.module === b.module &&
    a.counts.parameters === b.counts.parameters &&
    a.shared === undefined &&
    b.shared === undefined &&
    a.nodes?.length === b.nodes?.length &&
    (a.nodes?.every((node, i) => isAlike(node, b.nodes![i]!)) ?? true)
  );
}

function firstOf(node: NodeData): NodeData | undefined {
  return node.nodes === undefined ? node : node.nodes[0] && firstOf(node.nodes[0]);
}

function lastOf(node: NodeData): NodeData | undefined {
  const last = node.nodes?.at(-1);
  return node.nodes === undefined ? node : last && lastOf(last);
}
