/** What a model computes, in a form in which two can be compared: whether a change of the text changed it. */
import type { Statement } from '../definition.ts';
import type { Instance, Node } from '../graph.ts';
import { formatShape, type Tensor } from '../tensor.ts';
import { MOST_COMPARED, stateKeys } from './stateDict.ts';
import { joinPath, weightsOf } from './walk.ts';

export interface Computation {
  /**
   * The leaves in order of execution: what each is, whose weights it shares, what goes into it and the sizes that come
   * out; a weight where it is first used. Equal steps give equal outputs from equal weights. Names of modules aren't part
   * of them.
   */
  readonly steps: readonly string[];
  /** The same without arguments and sizes, which a sketch knows in part. */
  readonly outline: readonly string[];
  /** What each leaf with weights is, and its name, without an order: positions, which count what is built, are none. */
  readonly owners: readonly string[];
  /** The names in the `state_dict`, in PyTorch's order, and behind them those of each leaf with weights, in order of execution. */
  readonly keys: readonly string[];
}

/** `undefined` where a model is too large. */
export function computationOf(instance: Instance): Computation | undefined {
  if (instance.size > MOST_COMPARED) return undefined;
  const recorder = new Recorder();
  recorder.whole(instance);
  const { steps, outline, owners, paths } = recorder;
  return {
    steps,
    outline,
    owners: owners.sort(),
    keys: [...[...stateKeys(instance)].map(({ name }) => name), ...paths],
  };
}

/** Names of the tensors that run through one use of a definition; a weight gets its own when it is asked for. */
type Names = Map<Tensor, () => string>;

/** Where a node stands. */
interface Place {
  /** Its name in the `state_dict`. */
  readonly path: string;
  readonly isFrozen: boolean;
  /** What all uses of a shared layer have in common; absent outside of those. */
  readonly shared?: { readonly by: Statement; readonly key: string };
}

type Leaf = Exclude<Node, { kind: 'input' | 'group' | 'block' }>;

class Recorder {
  readonly steps: string[] = [];
  readonly outline: string[] = [];
  readonly owners: string[] = [];
  readonly paths: string[] = [];
  /** Weights that nothing has used yet. */
  readonly #waiting: (() => string)[] = [];
  /** The first step of each shared layer's parts. */
  readonly #first = new Map<string, number>();

  whole(instance: Instance): void {
    const names: Names = new Map(instance.inputs.map(({ tensor }, i) => [tensor, () => `input ${String(i)}`] as const));
    this.nodes(instance.nodes, names, { path: '', isFrozen: false });
    for (const { tensor } of instance.outputs) nameOf(tensor, names);
    for (const record of this.#waiting) record();
    for (const { text } of instance.conditions) this.steps.push(`where ${text}`);
    for (const { tensor } of instance.inputs) this.steps.push(`input ${sizes(tensor)}`);
    for (const { name, tensor } of instance.outputs)
      this.steps.push(`output ${name} ${nameOf(tensor, names)} ${sizes(tensor)}`);
  }

  /** @param around the use of a definition that they are of */
  private nodes(nodes: readonly Node[], names: Names, place: Place, around = place): void {
    for (const node of nodes) this.node(node, names, placeOf(node, place, around), around);
  }

  private node(node: Node, names: Names, place: Place, around: Place): void {
    switch (node.kind) {
      case 'input':
        return;
      case 'group':
        this.nodes(node.nodes, names, place, around);
        return;
      case 'block': {
        const { instance } = node;
        const inside: Names = new Map(
          instance.inputs.map(({ tensor }, i) => [tensor, namedBy(node.inputs[i], names)] as const),
        );
        this.nodes(instance.nodes, inside, place);
        node.outputs.forEach((tensor, i) => names.set(tensor, namedBy(instance.outputs[i]?.tensor, inside)));
        return;
      }
      case 'weight':
      case 'buffer': {
        let step: string | undefined;
        const record = (): string => (step ??= `${String(this.leaf(node, names, place))}.0`);
        for (const tensor of node.outputs) names.set(tensor, record);
        this.#waiting.push(record);
        return;
      }
      default: {
        const step = this.leaf(node, names, place);
        node.outputs.forEach((tensor, i) => names.set(tensor, () => `${String(step)}.${String(i)}`));
      }
    }
  }

  /** @returns which step it is */
  private leaf(node: Leaf, names: Names, { path, isFrozen, shared }: Place): number {
    const inputs = node.inputs.map((tensor) => nameOf(tensor, names));
    const weights = weightsOf(node);
    const outputs = node.outputs.map((tensor) => sizes(tensor));
    const step = this.steps.length;
    const first = (shared && this.#first.get(shared.key)) ?? step;
    if (shared !== undefined) this.#first.set(shared.key, first);
    const same = first === step || weights.length === 0 ? [] : [`with the weights of ${String(first)}`];
    const frozen = isFrozen && weights.length > 0 ? 'frozen' : '';
    this.outline.push([node.kind === 'layer' ? node.layer.name : node.kind, ...same, ...inputs].join(' '));
    this.steps.push([whatOf(node), frozen, ...same, inputs.join(' '), outputs.join(' ')].join(' | '));
    if (weights.length > 0) this.owners.push(`${path.replaceAll(/(?<=^|\.)\d+(?=\.|$)/gu, '#')} ${whatOf(node)}`);
    for (const { name } of weights) this.paths.push(joinPath(path, name === '' ? undefined : name));
    return step;
  }
}

/** Uses of a shared layer stand in several places and are one thing of the definition around them. */
function placeOf(node: Node, inside: Place, around: Place): Place {
  const place = { path: joinPath(inside.path, node.name), isFrozen: inside.isFrozen || node.frozen };
  const by = 'shared' in node ? node.shared : undefined;
  if (by?.kind === 'layer' && by !== inside.shared?.by)
    return { ...place, shared: { by, key: `${around.shared?.key ?? around.path} layer ${by.name.text}` } };
  if (inside.shared === undefined) return place;
  return { ...place, shared: { ...inside.shared, key: joinPath(inside.shared.key, node.name) } };
}

function whatOf(node: Leaf): string {
  switch (node.kind) {
    case 'layer':
      return `${node.layer.name} ${JSON.stringify(node.arguments, plain)}`;
    case 'extern':
      return `${node.instance.definition.id} ${JSON.stringify([...node.instance.arguments], plain)}`;
    case 'operator':
      return node.operator;
    default:
      return node.kind;
  }
}

/** What arguments are made of, as JSON: sizes have integers of any size in them, and unknown ones a number of their own. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(/\?\d+/gu, '?');
  return typeof value === 'bigint'
    ? String(value)
    : value instanceof Map
      ? [...(value as Map<unknown, unknown>)]
      : value;
}

function nameOf(tensor: Tensor | undefined, names: Names): string {
  return namedBy(tensor, names)();
}

function namedBy(tensor: Tensor | undefined, names: Names): () => string {
  return (tensor && names.get(tensor)) ?? ((): string => '?');
}

function sizes({ shape, type }: Tensor): string {
  return `${type} ${formatShape(shape)}`;
}
