/** A model in numbers: a row per layer, and totals. */
import type { Model } from '../definition.ts';
import {
  type Dimension,
  ONE,
  ZERO,
  constant,
  constantValue,
  exactDivide,
  product,
  substitute,
  sum,
  symbol,
  symbolsOf,
} from '../dimension.ts';
import type { Session } from '../elaborate/session.ts';
import type { Instance, Node } from '../graph.ts';
import { type Shape, isUnknown } from '../tensor.ts';
import { dataSetOf } from './checks/datasets.ts';
import { type Visit, buffersOf, macsOf, ownNodes, parametersOf, walk } from './walk.ts';

export interface Row extends Visit {
  /** `Conv2d`, `+`, a block's name for an extern, `weight`, `buffer`. */
  readonly kind: string;
  /** What comes out first. */
  readonly output: Shape | undefined;
  /** Shared ones at their first use only. */
  readonly parameters: Dimension;
  /** For one sample. */
  readonly macs: Dimension;
}

export interface Totals {
  /** Shared layers once. */
  readonly parameters: Dimension;
  /** Without what is frozen. */
  readonly trainable: Dimension;
  readonly buffers: Dimension;
  /** For one sample. */
  readonly macs: Dimension;
  /** Values that layers make for one sample, as training keeps them for the way back; what only looks at others aside. */
  readonly activations: Dimension;
}

/** The layers of a model one by one, in the order of execution. */
export function* rowsOf(instance: Instance): Generator<Row> {
  const perSample = sampleOf(instance);
  for (const visit of walk(instance)) {
    const kind = kindOf(visit.node);
    if (kind === undefined) continue;
    yield {
      ...visit,
      kind,
      output: visit.node.outputs[0]?.shape,
      parameters: visit.isAgain ? ZERO : parametersOf(visit.node),
      macs: perSample(macsOf(visit.node)),
    };
  }
}

/** Inputs and numbers are no layers. */
export function kindOf(node: Node): string | undefined {
  switch (node.kind) {
    case 'layer':
      return node.layer.name;
    case 'operator':
      return node.operator;
    case 'extern':
      return node.instance.definition.name.text;
    case 'weight':
    case 'buffer':
      return node.kind;
    case 'block':
      return node.instance.definition.name.text;
    case 'group':
      return node.form;
    case 'input':
    case 'number':
      return undefined;
  }
}

export function totalsOf(instance: Instance): Totals {
  const { parameters, trainable, buffers, macs, activations } = batchTotalsOf(instance);
  const perSample = sampleOf(instance);
  return { parameters, trainable, buffers, macs: perSample(macs), activations: perSample(activations) };
}

/** Instances are shared, so each is counted once, however often it is used. */
const known = new WeakMap<Instance, Totals>();

/** {@link Totals} over the whole batch. */
function batchTotalsOf(instance: Instance): Totals {
  const before = known.get(instance);
  if (before !== undefined) return before;
  const parameters = new Sum();
  const trainable = new Sum();
  const buffers = new Sum();
  const macs = new Sum();
  const activations = new Sum();
  for (const { node, frozen, isAgain } of ownNodes(instance)) {
    const all = node.kind === 'block' ? batchTotalsOf(node.instance) : totalsOfLeaf(node);
    macs.add(all.macs);
    activations.add(all.activations);
    if (isAgain) continue;
    parameters.add(all.parameters);
    buffers.add(all.buffers);
    if (!frozen) trainable.add(all.trainable);
  }
  const totals: Totals = {
    parameters: parameters.total,
    trainable: trainable.total,
    buffers: buffers.total,
    macs: macs.total,
    activations: activations.total,
  };
  known.set(instance, totals);
  return totals;
}

function totalsOfLeaf(node: Node): Totals {
  const activations = new Sum();
  if (isComputed(node)) for (const { shape } of node.outputs) if (shape !== undefined) activations.add(product(shape));
  const parameters = parametersOf(node);
  return {
    parameters,
    trainable: parameters,
    buffers: buffersOf(node),
    macs: macsOf(node),
    activations: activations.total,
  };
}

/** Adds numbers as numbers: what is symbolic is put together once, at the end. */
class Sum {
  #known = 0n;
  readonly #symbolic: Dimension[] = [];

  add(value: Dimension): void {
    const known = constantValue(value);
    if (known !== undefined) this.#known += known;
    else if (!isUnknown(value)) this.#symbolic.push(value);
  }

  get total(): Dimension {
    return sum([constant(this.#known), ...this.#symbolic]);
  }
}

/** Whether a node makes values of its own: reshaping looks at what is there. */
function isComputed(node: Node): boolean {
  if (node.kind === 'operator' || node.kind === 'extern') return true;
  return node.kind === 'layer' && !(node.layer.kind === 'function' && node.layer.family === 'shape');
}

/** Takes a number over the whole batch to one sample. */
export function sampleOf(instance: Instance): (value: Dimension) => Dimension {
  const batch = instance.inputs[0]?.tensor.shape?.[0];
  if (batch === undefined) return (value) => value;
  const known = constantValue(batch);
  if (known !== undefined) return (value) => (known === 1n ? value : (exactDivide(value, batch) ?? value));
  const name = [...symbolsOf(batch)][0];
  return (value) => substitute(value, (each) => (each === name ? ONE : undefined));
}

// ---------------------------------------------------------------------------------------------- sizes for people

/** A model at sizes that somebody gave, or that are usual for its data set. */
export interface Sized {
  readonly instance: Instance;
  /** The height and width that were put in for free ones. */
  readonly at: readonly [height: number, width: number] | undefined;
}

/**
 * The model at the image size of its data set, where it says one and leaves the size of its first input free: what
 * people are shown, and told so.
 */
export function atUsualSize(session: Session, instance: Instance): Sized {
  const { definition } = instance;
  const [first] = instance.inputs;
  const shape = first?.tensor.shape;
  const dataset = definition.kind === 'model' ? dataSetOf(definition) : undefined;
  const size = dataset?.size ?? dataset?.usualSize;
  if (size === undefined || shape?.length !== 4 || !shape.slice(2).some(isFree)) return { instance, at: undefined };
  const values = new Map<string, Dimension>();
  const wanted = shape.slice(2).map((each) => {
    const known = constantValue(each);
    if (known !== undefined) return Number(known);
    const symbols = [...symbolsOf(each)];
    const [only] = symbols;
    const factor = exactDivide(each, symbol(only ?? '', 1n));
    const value = factor === undefined ? undefined : exactDivide(constant(size), factor);
    if (only !== undefined && symbols.length === 1 && value !== undefined) values.set(only, value);
    return size;
  });
  const given = instance.inputs.map(({ tensor }) =>
    tensor.shape?.map((each) => substitute(each, (name) => values.get(name))),
  );
  const sized = given.every((each) => each !== undefined) ? atShapes(session, definition as Model, given) : undefined;
  return sized === undefined ? { instance, at: undefined } : { instance: sized, at: [wanted[0]!, wanted[1]!] };
}

function isFree(size: Dimension): boolean {
  return constantValue(size) === undefined;
}

/** A model fed with tensors of these shapes, as `--input` says; problems are in the instance. */
export function atShapes(session: Session, definition: Model, shapes: readonly Shape[]): Instance | undefined {
  const inputs = shapes.map((shape, i) => ({ shape, type: session.inputTypes(definition)[i] ?? ('float' as const) }));
  return session.instantiate({ definition, arguments: new Map(), inputs, open: undefined }, () => undefined);
}
