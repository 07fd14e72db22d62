/** A model in numbers: a row per layer, and totals. */
import type { Model } from '../definition.ts';
import {
  type Dimension,
  ONE,
  ZERO,
  constant,
  constantValue,
  exactDivide,
  multiply,
  product,
  substitute,
  sum,
  symbol,
  symbolsOf,
} from '../dimension.ts';
import type { Session } from '../elaborate/session.ts';
import type { Instance, Node } from '../graph.ts';
import { type DataType, type Shape, type Tensor, isUnknown } from '../tensor.ts';
import { dataSetOf } from './checks/datasets.ts';
import { shortCount, shortMacs } from './numbers.ts';
import { type ReceptiveField, type View, fieldOf, inputView, seenInput, viewsThrough } from './receptiveField.ts';
import {
  type Around,
  OUTSIDE,
  type Visit,
  buffersOf,
  layerUse,
  macsOf,
  ownNodes,
  parametersOf,
  weightsOf,
} from './walk.ts';
import { onceFor } from '../once.ts';

export interface Row extends Visit, Counts {
  /** `Conv2d`, `+`, a block's name for an extern, `weight`, `buffer`. */
  readonly kind: string;
  /** What comes out first. */
  readonly output: Shape | undefined;
  /** What it sees of the model's input; absent where that is nothing. */
  readonly receptiveField: ReceptiveField | undefined;
}

/** Of a layer, a block or a model. What is shared counts at its first use. */
export interface Counts {
  readonly parameters: Dimension;
  /** Without what is frozen. */
  readonly trainable: Dimension;
  readonly buffers: Dimension;
  /** Bytes of parameters and buffers. */
  readonly stateBytes: Dimension;
  /** Multiply-adds, for one sample; each is two FLOPs. */
  readonly macs: Dimension;
  /**
   * Values that come out, for one sample: all outputs of a layer, function or operator, but not of those whose output
   * shares its values with an input (views as Flatten, what works in place). What a layer makes inside isn't seen.
   */
  readonly activations: Dimension;
  readonly activationBytes: Dimension;
}

/** The layers of a model one by one, in the order of execution. */
export function* rowsOf(instance: Instance): Generator<Row> {
  const seen = seenInput(instance);
  const views = instance.inputs.map(({ tensor }, i) => (i === seen ? inputView(tensor.shape!) : undefined));
  yield* rowsIn(instance, OUTSIDE, views, sampleOf(instance));
}

/** @returns what the outputs see */
function* rowsIn(
  instance: Instance,
  around: Around,
  inputs: readonly (View | undefined)[],
  perSample: (value: Dimension) => Dimension,
): Generator<Row, readonly (View | undefined)[]> {
  const views = new Map<Tensor, View | undefined>();
  instance.inputs.forEach(({ tensor }, i) => views.set(tensor, inputs[i]));
  for (const visit of ownNodes(instance, around)) {
    const { node } = visit;
    if (node.kind === 'input') continue;
    // Of what nothing is known, nothing is told: two sizes that aren't known may be one.
    const from = node.inputs.map((tensor) => (tensor.shape?.some(isUnknown) === true ? undefined : views.get(tensor)));
    const found =
      node.kind === 'block'
        ? yield* rowsIn(node.instance, { ...visit, depth: visit.depth + 1 }, from, perSample)
        : viewsThrough(node, from);
    node.outputs.forEach((tensor, i) => views.set(tensor, found[i]));
    const kind = kindOf(node);
    if (node.kind === 'block' || kind === undefined) continue;
    yield {
      ...visit,
      kind,
      output: node.outputs[0]?.shape,
      receptiveField: fieldOf(found[0]),
      ...countsOfRow(visit, perSample),
    };
  }
  return instance.outputs.map(({ tensor }) => views.get(tensor));
}

function countsOfRow({ node, frozen, isAgain }: Visit, perSample: (value: Dimension) => Dimension): Counts {
  const { parameters, buffers, stateBytes, macs, activations, activationBytes } = countsOfLeaf(node);
  return {
    parameters: isAgain ? ZERO : parameters,
    trainable: isAgain || frozen ? ZERO : parameters,
    buffers: isAgain ? ZERO : buffers,
    stateBytes: isAgain ? ZERO : stateBytes,
    macs: perSample(macs),
    activations: perSample(activations),
    activationBytes: perSample(activationBytes),
  };
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

/** A whole model's {@link Counts}. */
export function totalsOf(instance: Instance): Counts {
  const totals = batchTotalsOf(instance);
  const perSample = sampleOf(instance);
  return {
    ...totals,
    macs: perSample(totals.macs),
    activations: perSample(totals.activations),
    activationBytes: perSample(totals.activationBytes),
  };
}

/** Instances are shared, so each is counted once, however often it is used. */
const known = new WeakMap<Instance, Counts>();

/** {@link Counts} over the whole batch. */
export function batchTotalsOf(instance: Instance): Counts {
  const before = known.get(instance);
  if (before !== undefined) return before;
  const sums = {
    parameters: new Sum(),
    trainable: new Sum(),
    buffers: new Sum(),
    stateBytes: new Sum(),
    macs: new Sum(),
    activations: new Sum(),
    activationBytes: new Sum(),
  };
  for (const { node, frozen, isAgain } of ownNodes(instance)) {
    const all = node.kind === 'block' ? batchTotalsOf(node.instance) : countsOfLeaf(node);
    sums.macs.add(all.macs);
    sums.activations.add(all.activations);
    sums.activationBytes.add(all.activationBytes);
    if (isAgain) continue;
    sums.parameters.add(all.parameters);
    sums.buffers.add(all.buffers);
    sums.stateBytes.add(all.stateBytes);
    if (!frozen) sums.trainable.add(all.trainable);
  }
  const totals: Counts = {
    parameters: sums.parameters.total,
    trainable: sums.trainable.total,
    buffers: sums.buffers.total,
    stateBytes: sums.stateBytes.total,
    macs: sums.macs.total,
    activations: sums.activations.total,
    activationBytes: sums.activationBytes.total,
  };
  known.set(instance, totals);
  return totals;
}

const knownLeaves = new WeakMap<object, Counts>();

/** Over the whole batch, wherever it stands. */
export function countsOfLeaf(node: Node): Counts {
  return onceFor(knownLeaves, layerUse(node), () => countLeaf(node));
}

function countLeaf(node: Node): Counts {
  const activations = new Sum();
  const activationBytes = new Sum();
  if (node.kind === 'layer' && node.valuesInside !== undefined) {
    activations.add(node.valuesInside);
    activationBytes.add(multiply(constant(BYTES.float), node.valuesInside));
  } else if (isComputed(node)) {
    for (const { shape, type } of node.outputs) {
      if (shape === undefined) continue;
      const values = product(shape);
      activations.add(values);
      activationBytes.add(multiply(constant(BYTES[type]), values));
    }
  }
  const state = weightsOf(node).map(({ shape, type = 'float' }) => product([constant(BYTES[type]), ...shape]));
  const parameters = parametersOf(node);
  return {
    parameters,
    trainable: parameters,
    buffers: buffersOf(node),
    stateBytes: sum(node.kind === 'extern' ? [multiply(constant(BYTES.float), parameters)] : state),
    macs: macsOf(node),
    activations: activations.total,
    activationBytes: activationBytes.total,
  };
}

/** Of a value, in 32 bits a float as torch has it unless told otherwise. */
export const BYTES: Readonly<Record<DataType, number>> = { float: 4, int64: 8, bool: 1 };

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

/** Whether a node makes values of its own: a view looks at what is there. */
function isComputed(node: Node): boolean {
  if (node.kind === 'operator' || node.kind === 'extern') return true;
  return node.kind === 'layer' && !(node.complete && node.layer.isView?.(node.arguments) === true);
}

/** Takes a number over the whole batch to one sample. */
export function sampleOf(instance: Instance): (value: Dimension) => Dimension {
  const batch = instance.inputs[0]?.tensor.shape?.[0];
  if (batch === undefined || isUnknown(batch)) return (value) => value;
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

/** `25.6 M parameters` and `4.09 GMACs at 224×224`, as far as they are numbers; of a model with mistakes nothing. */
export function inShort(
  session: Session,
  instance: Instance,
): { readonly parameters?: string; readonly macs?: string } {
  const parameters = constantValue(totalsOf(instance).parameters);
  if (parameters === undefined || instance.problems.some(({ severity }) => severity === 'error')) return {};
  const { instance: sized, at } = atUsualSize(session, instance);
  const macs = constantValue(totalsOf(sized).macs);
  return {
    parameters: `${shortCount(parameters)} parameters`,
    ...(macs === undefined ? {} : { macs: `${shortMacs(macs)}${at === undefined ? '' : ` at ${at.join('×')}`}` }),
  };
}

function isFree(size: Dimension): boolean {
  return constantValue(size) === undefined;
}

/** A model fed with tensors of these shapes, as `--input` says; problems are in the instance. */
export function atShapes(session: Session, definition: Model, shapes: readonly Shape[]): Instance | undefined {
  const inputs = shapes.map((shape, i) => ({ shape, type: session.inputTypes(definition)[i] ?? ('float' as const) }));
  return session.instantiate({ definition, arguments: new Map(), inputs, open: undefined }, () => undefined);
}
