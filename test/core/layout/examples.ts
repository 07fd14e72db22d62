/** The examples' models as graphs to lay out, with all blocks and groups open. */
import { Analyser } from '../../../server/src/core/analysis/analyse.ts';
import { DiskProgram, uriOfPath } from '../../../server/src/cli/files.ts';
import type { Instance, Node } from '../../../server/src/core/graph.ts';
import type { LayoutBox, LayoutEdge, LayoutGraph } from '../../../server/src/core/layout/graph.ts';
import { CARD, OPERATOR, PILL, PORT, VALUE } from '../../../server/src/core/layout/metrics.ts';
import type { Tensor } from '../../../server/src/core/tensor.ts';

/** Where a tensor comes from: a leaf, and which of its outputs it is. */
interface End {
  readonly source: string;
  readonly tensor: string;
}

/** The models of a file, each with all that it holds. */
export function modelsOf(file: string): { readonly name: string; readonly instance: Instance }[] {
  const { models } = new Analyser().analyse(new DiskProgram(), uriOfPath(file));
  return models.map((instance) => ({ name: instance.definition.name.text, instance }));
}

export function graphOf(model: Instance, isOpen: (path: string, depth: number) => boolean = () => true): LayoutGraph {
  const edges: LayoutEdge[] = [];
  const connect = (inputs: readonly Tensor[], id: string, ends: Map<Tensor, End>): void => {
    for (const input of inputs) {
      const end = ends.get(input);
      if (end !== undefined && end.source !== id) edges.push({ ...end, target: id });
    }
  };
  const give = (node: Node, id: string, ends: Map<Tensor, End>): void => {
    node.outputs.forEach((tensor, i) => ends.set(tensor, { source: id, tensor: `${id}:${String(i)}` }));
  };
  const nodesOf = (nodes: readonly Node[], path: string, depth: number, ends: Map<Tensor, End>): LayoutBox[] =>
    nodes.flatMap((node, i): LayoutBox[] => {
      const id = `${path}/${String(i)} ${node.kind === 'layer' ? node.layer.name : (node.name ?? node.kind)}`;
      if (node.kind === 'input') return [];
      if (node.kind === 'group' && isOpen(id, depth)) {
        return [{ id, width: 0, height: 0, role: 'node', inside: nodesOf(node.nodes, id, depth + 1, ends) }];
      }
      if (node.kind === 'block' && isOpen(id, depth)) {
        const inner = new Map<Tensor, End>();
        node.instance.inputs.forEach(({ tensor }, k) => {
          const end = ends.get(node.inputs[k]!);
          if (end !== undefined) inner.set(tensor, end);
        });
        const inside = nodesOf(node.instance.nodes, id, depth + 1, inner);
        node.instance.outputs.forEach(({ tensor }, k) => {
          const end = inner.get(tensor);
          if (end !== undefined) ends.set(node.outputs[k]!, end);
        });
        return [{ id, width: 0, height: 0, role: 'node', inside }];
      }
      if (node.kind === 'group') {
        // A closed group: what comes in from outside, and all that is made inside.
        const all: Node[] = [];
        const collect = (each: Node): void => {
          if (each.kind === 'group') each.nodes.forEach(collect);
          else all.push(each);
        };
        collect(node);
        const made = new Set(all.flatMap(({ outputs }) => outputs));
        connect(
          [...new Set(all.flatMap(({ inputs }) => inputs))].filter((each) => !made.has(each)),
          id,
          ends,
        );
        [...made].forEach((tensor, k) => ends.set(tensor, { source: id, tensor: `${id}:${String(k)}` }));
        return [{ id, ...CARD, role: 'node' }];
      }
      connect(node.inputs, id, ends);
      give(node, id, ends);
      const isConstant = node.kind === 'weight' || node.kind === 'buffer' || node.kind === 'number';
      const size = isConstant ? VALUE : node.kind === 'operator' ? OPERATOR : isConcat(node) ? PILL : CARD;
      return [{ id, width: size.width, height: size.height, role: isConstant ? 'constant' : 'node' }];
    });
  const ends = new Map<Tensor, End>();
  const inputs = model.inputs.map(({ name, tensor }): LayoutBox => {
    ends.set(tensor, { source: `in ${name}`, tensor: `in ${name}` });
    return { id: `in ${name}`, ...PORT, role: 'input' };
  });
  const inside = nodesOf(model.nodes, '', 0, ends);
  const outputs = model.outputs.map(({ name, tensor }, i): LayoutBox => {
    const id = `out ${String(i)} ${name}`;
    connect([tensor], id, ends);
    return { id, ...PORT, role: 'output' };
  });
  return { boxes: [...inputs, ...inside, ...outputs], edges };
}

function isConcat(node: Node): boolean {
  return node.kind === 'layer' && /^con?cat$/i.test(node.layer.name);
}
