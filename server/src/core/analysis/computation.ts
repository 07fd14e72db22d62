/** What a model computes, in a form in which two can be compared: whether a change of the text changed it. */
import type { Instance, Node } from '../graph.ts';
import { formatShape, type Tensor } from '../tensor.ts';
import { stateKeys } from './stateDict.ts';
import { joinPath, weightsOf } from './walk.ts';

export interface Computation {
  /**
   * The leaves in order of execution: what each is, what goes into it and the sizes that come out. Equal steps give equal
   * outputs from equal weights. Names of modules aren't part of them.
   */
  readonly steps: readonly string[];
  /** The same without arguments and sizes, which a sketch knows in part. */
  readonly outline: readonly string[];
  /** What each leaf with weights is, and its name, without an order: positions, which count what is built, are none. */
  readonly owners: readonly string[];
  /** The names in the `state_dict`, in PyTorch's order, and behind them those of each leaf with weights, in order of execution. */
  readonly keys: readonly string[];
}

/** More leaves than these aren't looked at: nobody would wait for it. */
const LARGEST = 50_000;

/** `undefined` where a model is too large. */
export function computationOf(instance: Instance): Computation | undefined {
  if (instance.size > LARGEST) return undefined;
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

/** Names of the tensors that run through one use of a definition. */
type Names = Map<Tensor, string>;

class Recorder {
  readonly steps: string[] = [];
  readonly outline: string[] = [];
  readonly owners: string[] = [];
  readonly paths: string[] = [];

  whole(instance: Instance): void {
    const names: Names = new Map(instance.inputs.map(({ tensor }, i) => [tensor, `input ${String(i)}`] as const));
    this.nodes(instance.nodes, names, '', false);
    for (const { text } of instance.conditions) this.steps.push(`where ${text}`);
    for (const { tensor } of instance.inputs) this.steps.push(`input ${sizes(tensor)}`);
    for (const { name, tensor } of instance.outputs)
      this.steps.push(`output ${name} ${nameOf(tensor, names)} ${sizes(tensor)}`);
  }

  private nodes(nodes: readonly Node[], names: Names, path: string, isFrozen: boolean): void {
    for (const node of nodes) this.node(node, names, joinPath(path, node.name), isFrozen || node.frozen);
  }

  private node(node: Node, names: Names, path: string, isFrozen: boolean): void {
    switch (node.kind) {
      case 'input':
        return;
      case 'group':
        this.nodes(node.nodes, names, path, isFrozen);
        return;
      case 'block': {
        const { instance } = node;
        const inside: Names = new Map(
          instance.inputs.map(({ tensor }, i) => [tensor, nameOf(node.inputs[i], names)] as const),
        );
        this.nodes(instance.nodes, inside, path, isFrozen);
        node.outputs.forEach((tensor, i) => names.set(tensor, nameOf(instance.outputs[i]?.tensor, inside)));
        return;
      }
      default:
        this.leaf(node, names, path, isFrozen);
    }
  }

  private leaf(
    node: Exclude<Node, { kind: 'input' | 'group' | 'block' }>,
    names: Names,
    path: string,
    isFrozen: boolean,
  ): void {
    const inputs = node.inputs.map((tensor) => nameOf(tensor, names));
    const weights = weightsOf(node);
    const outputs = node.outputs.map((tensor) => sizes(tensor));
    node.outputs.forEach((tensor, i) => names.set(tensor, `${String(this.steps.length)}.${String(i)}`));
    this.outline.push([node.kind === 'layer' ? node.layer.name : node.kind, ...inputs].join(' '));
    this.steps.push(
      [whatOf(node), isFrozen && weights.length > 0 ? 'frozen' : '', inputs.join(' '), outputs.join(' ')].join(' | '),
    );
    if (weights.length > 0) this.owners.push(`${path.replaceAll(/(?<=^|\.)\d+(?=\.|$)/gu, '#')} ${whatOf(node)}`);
    for (const { name } of weights) this.paths.push(joinPath(path, name === '' ? undefined : name));
  }
}

function whatOf(node: Exclude<Node, { kind: 'input' | 'group' | 'block' }>): string {
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
  return (tensor && names.get(tensor)) ?? '?';
}

function sizes({ shape, type }: Tensor): string {
  return `${type} ${formatShape(shape)}`;
}
