/**
 * A model as a plain graph, blocks and groups opened: what each node is, and what goes into it. On it an edit is a few
 * lines, which is what the planner's texts are held against.
 */
import { constantValue, format, isDimension } from '../../../server/src/core/dimension.ts';
import type { Instance, Node } from '../../../server/src/core/graph.ts';
import type { Origin, Place } from '../../../server/src/core/origin.ts';
import { stagesIn } from '../../../server/src/core/elaborate/callStages.ts';
import { formatShape, type Tensor } from '../../../server/src/core/tensor.ts';

export interface PlainNode {
  readonly id: number;
  /** Kind and written arguments; '' passes its input on: an Identity, where a block's inputs come in, its outputs go out. */
  what: string;
  label: string;
  /** Whether its stage is written with `* n`: its label is that of all turns together. */
  readonly isCounted: boolean;
  inputs: Source[];
  readonly place: Place;
  /** The loops around it in its definition. */
  readonly loops: readonly object[];
  /** A catalogue layer's name. */
  readonly layer?: string;
  /** A use of a shared layer, or in one. */
  readonly isShared: boolean;
  readonly kind: Node['kind'] | 'output';
  /** Of an output, which one of its definition: several may be at one place. */
  readonly slot?: number;
  /** How many tensors it gives. */
  readonly outputs: number;
  /** Of each input and output. */
  readonly shapes: { readonly inputs: readonly string[]; readonly outputs: readonly string[] };
}

export interface Source {
  node: number;
  output: number;
}

/** A use of a block. */
export interface PlainBlock {
  readonly place: Place;
  readonly inputs: readonly Source[];
  /** The nodes that its outputs go out by. */
  readonly outputs: readonly number[];
  readonly loops: readonly object[];
  readonly isShared: boolean;
}

export interface PlainGraph {
  readonly nodes: Map<number, PlainNode>;
  /** The outputs of all models, in order. */
  readonly outputs: number[];
  readonly blocks: readonly PlainBlock[];
}

export function plainGraph(models: readonly Instance[]): PlainGraph {
  const nodes = new Map<number, PlainNode>();
  const outputs: number[] = [];
  const blocks: PlainBlock[] = [];
  const add = (node: Omit<PlainNode, 'id'>): number => {
    nodes.set(nodes.size, { id: nodes.size, ...node });
    return nodes.size - 1;
  };
  const visit = (instance: Instance, way: Place, fed: readonly Source[] | undefined, isShared: boolean): number[] => {
    const made = new Map<Node, Source[]>();
    const sourceOf = ({ node, output }: Tensor): Source => made.get(node)?.[output] ?? { node: -1, output: 0 };
    let input = 0;
    const inNodes = (all: readonly Node[], shared: boolean): void => {
      for (const node of all) {
        const place = [...way, originOf(node)];
        const own = shared || 'shared' in node;
        const base = { place, loops: node.iterations.map(({ loop }) => loop), isShared: own };
        if (node.kind === 'group') {
          inNodes(node.nodes, own);
          continue;
        }
        const inputs = node.inputs.map(sourceOf);
        if (node.kind === 'block') {
          const out = visit(node.instance, place, inputs, own);
          blocks.push({ ...base, inputs, outputs: out });
          made.set(
            node,
            out.map((id) => ({ node: id, output: 0 })),
          );
          continue;
        }
        const isPassed = node.kind === 'input' && fed !== undefined;
        const id = add({
          ...base,
          kind: node.kind,
          what: isPassed ? '' : whatOf(node, input),
          label: labelOf(instance, node),
          isCounted: isCounted(instance, node),
          inputs: isPassed ? [fed[input] ?? { node: -1, output: 0 }] : inputs,
          outputs: node.outputs.length,
          shapes: {
            inputs: node.inputs.map(({ shape }) => formatShape(shape)),
            outputs: node.outputs.map(({ shape }) => formatShape(shape)),
          },
          ...(node.kind === 'layer' ? { layer: node.layer.name } : {}),
        });
        if (node.kind === 'input') input += 1;
        made.set(
          node,
          node.outputs.map((_, output) => ({ node: id, output })),
        );
      }
    };
    inNodes(instance.nodes, isShared);
    return instance.outputs.map(({ site, tensor }, slot) =>
      add({
        slot,
        place: [...way, { ...site, turns: [] }],
        loops: [],
        isShared,
        kind: 'output',
        what: '',
        label: '',
        isCounted: false,
        inputs: [sourceOf(tensor)],
        outputs: 1,
        shapes: { inputs: [formatShape(tensor.shape)], outputs: [formatShape(tensor.shape)] },
      }),
    );
  };
  for (const model of models) outputs.push(...visit(model, [], undefined, false));
  return { nodes, outputs, blocks };
}

function originOf({ site, iterations }: Node): Origin {
  return { ...site, turns: iterations.map(({ index }) => Number(constantValue(index) ?? 0n)) };
}

/** Inferred arguments follow from what comes in. */
function whatOf(node: Exclude<Node, { kind: 'group' | 'block' }>, input: number): string {
  switch (node.kind) {
    case 'layer': {
      // It passes on what comes in, and is what stays of a branch of which nothing is left.
      if (node.layer.name === 'Identity') return '';
      const own = Object.entries(node.arguments).filter(
        ([name, value]) => node.layer.parameters[name]?.infer === undefined && value !== undefined,
      );
      return `${node.layer.name} ${JSON.stringify(own, plain)}`;
    }
    case 'extern':
      return node.instance.definition.name.text;
    case 'operator':
      return node.operator;
    case 'input':
      return `input ${String(input)}`;
    default:
      return node.kind;
  }
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Map) return [...(value as Map<unknown, unknown>)];
  if (isDimension(value)) return format(value);
  if (typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'constant' && 'value' in value)
    return value.value;
  // A layer as an argument has its place in the text with it.
  if (typeof value === 'object' && value !== null && 'source' in value)
    return { ...value, source: undefined, writtenIn: undefined };
  return typeof value === 'string' ? value.replaceAll(/\?\d+/gu, '?') : value;
}

/** As it is written, where no number is in it. */
/** Whether a stage is written with `* n`. */
function isCounted({ definition }: Instance, { site }: Node): boolean {
  const statement = definition.kind === 'extern' ? undefined : definition.statements[site.part];
  return (
    statement !== undefined &&
    [...stagesIn(statement)].some(
      ({ body, count }) => count !== undefined && body.kind === 'call' && body.callee.range.start === site.range.start,
    )
  );
}

function labelOf({ definition }: Instance, { site }: Node): string {
  if (definition.kind === 'extern') return '';
  const statement = definition.statements[site.part];
  if (statement === undefined) return '';
  for (const { label, body, count } of stagesIn(statement)) {
    if (body.kind !== 'call' || body.callee.range.start !== site.range.start) continue;
    const [only, second] = label?.parts ?? [];
    // A label before `* n` is that of all turns together; one with a number in it is written out with its loop.
    return typeof only === 'string' && second === undefined && count === undefined && !/_\d+(?:_|$)/u.test(only)
      ? only
      : '';
  }
  return '';
}

export function copyOf({ nodes, outputs, blocks }: PlainGraph): PlainGraph {
  const copied = [...nodes].map(
    ([id, node]) => [id, { ...node, inputs: node.inputs.map((each) => ({ ...each })) }] as const,
  );
  return { nodes: new Map(copied), outputs: [...outputs], blocks };
}

/** Equal for graphs that compute the same from what is built: what each node is, and all that it hangs on. */
export function formOf(
  { nodes, outputs }: PlainGraph,
  { hasLabels, hasArguments }: { readonly hasLabels: boolean; readonly hasArguments: boolean },
): readonly string[] {
  const forms = new Map<number, string>();
  const numbers = new Map<string, number>();
  const counted: string[] = [];
  const passed = ({ node, output }: Source): Source => {
    const own = nodes.get(node);
    return own?.what === '' && own.inputs[0] !== undefined ? passed(own.inputs[0]) : { node, output };
  };
  const form = (source: Source): string => {
    const { node, output } = passed(source);
    const own = nodes.get(node);
    if (own === undefined) return '?';
    let found = forms.get(node);
    if (found === undefined) {
      const what = hasArguments ? own.what : own.what.replace(/ .*$/su, '');
      const text = `${what} ${hasLabels ? own.label : ''} <- ${own.inputs.map(form).join(', ')}`;
      let number = numbers.get(text);
      if (number === undefined) numbers.set(text, (number = numbers.size));
      found = String(number);
      forms.set(node, found);
      counted.push(text);
    }
    return `${found}.${String(output)}`;
  };
  const ends = outputs.map((id) => form({ node: id, output: 0 }));
  // Numbers are given in the order of a walk from the outputs, which is the same for equal graphs.
  return [...counted.sort(), `outputs ${ends.join(' ')}`];
}
