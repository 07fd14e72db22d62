/**
 * A layer's shapes and counts as formulas: its entry's own rules, run with names in the place of numbers. A name stays
 * only where the formula gives what the rules give for the numbers, so nothing here can say what they don't.
 */
import {
  type Dimension,
  FALSE,
  ONE,
  TRUE,
  ZERO,
  add,
  constant,
  constantValue,
  decided,
  evaluate,
  format,
  formatByHand,
  formatFactored,
  multiply,
  product,
  substitute,
  subtract,
  sum,
  symbol,
} from '../dimension.ts';
import { enumerated } from '../elaborate/words.ts';
import type { LayerNode } from '../graph.ts';
import { type Applied, type LayerProblem, applyLayer } from '../layers/apply.ts';
import type { LayerCall, WeightShape } from '../layers/layer.ts';
import type { LayerArgument, Parameter } from '../layers/parameters.ts';
import type { Shape, Tensor } from '../tensor.ts';
import type { LayerValue, Value } from '../value.ts';

export interface Formulas {
  readonly inputs: readonly Shape[];
  readonly outputs: readonly Shape[];
  readonly weights: readonly WeightShape[];
  /** For one sample, over `H_out` and such where a size of the output is a formula. */
  readonly macs: Dimension | undefined;
  /** What must hold, as far as it isn't told by the arguments alone. */
  readonly conditions: readonly string[];
  /** The arguments that it holds for, where they aren't names in it: `dim=1`. */
  readonly fixed: readonly string[];
}

type Values = ReadonlyMap<string, bigint>;
type Lookup = (name: string) => bigint;

interface Attempt {
  readonly applied: Applied;
  readonly conditions: readonly string[];
}

interface Named {
  readonly inputs: readonly Tensor[];
  readonly found: Attempt;
  /** The arguments that are names. */
  readonly named: ReadonlySet<string>;
  readonly values: Values;
  readonly meaning: ReadonlyMap<string, Dimension>;
}

/** The rules with as many names as they can be run with; of arguments at their defaults only where `all` are asked for. */
function withNames(node: LayerNode, all: boolean): Named | undefined {
  const { layer } = node;
  const values = new Map<string, bigint>();
  const meaning = new Map<string, Dimension>();
  if (node.inputs.some(({ shape }) => shape === undefined)) return undefined;
  const inputs = namedInputs(node, meaning);
  for (const [name, size] of meaning) values.set(name, evaluate(size, anyNumber)!);
  const given = givenValues(node);
  let best = attempt(node, given, inputs, values);
  if (best === undefined) return undefined;
  const named = new Set<string>();
  for (const [name, parameter] of Object.entries(layer.parameters)) {
    const number = wholeNumber(node.arguments[name]);
    if (parameter.infer !== undefined || !/^int\b/.test(parameter.type) || number === undefined) continue;
    if (!all && !given.has(name)) continue;
    const tried = new Map(given).set(name, { kind: 'int', value: symbol(name, leastOf(parameter)) });
    const numbers = new Map(values).set(name, number);
    const found = attempt(node, tried, inputs, numbers);
    if (found === undefined || !holdsForDefault(node, parameter, name, tried, inputs, found, numbers)) continue;
    best = found;
    given.set(name, tried.get(name)!);
    values.set(name, number);
    meaning.set(name, constant(number));
    named.add(name);
  }
  return { inputs, found: best, named, values, meaning };
}

/** Undefined where the rules need numbers: the example alone shows what such a layer does. */
export function formulasOf(node: LayerNode): Formulas | undefined {
  const { layer } = node;
  const run = withNames(node, true);
  if (run === undefined) return undefined;
  const { applied, conditions } = run.found;
  const used = Object.entries(layer.parameters).filter(
    ([name, parameter]) =>
      parameter.infer === undefined &&
      !run.named.has(name) &&
      textOf(node.arguments[name]) !== textOf(defaultOf(parameter)),
  );
  return {
    inputs: run.inputs.map(({ shape }) => shape!),
    outputs: applied.outputs!.map(({ shape }) => shape!),
    weights: applied.weights.filter(({ present }) => present === undefined || decided(present) !== false),
    macs: macsOf(node, applied, run.inputs, run.values),
    conditions: [...new Set(conditions)],
    fixed: used.flatMap(([name]) => {
      const text = textOf(node.arguments[name]);
      return text === undefined ? [] : [`${name}=${text}`];
    }),
  };
}

/** A size that a layer works out: `height and width`, `⌊(224 + 2·3 − 7) / 2⌋ + 1 = 112`. */
export interface SizeByHand {
  readonly of: string;
  readonly text: string;
}

/** How the sizes of a layer's first output come about, with its numbers; what it only passes on is left out. */
export function sizesByHand(node: LayerNode): readonly SizeByHand[] {
  const run = withNames(node, false);
  const sizes = node.outputs[0]?.shape;
  if (run === undefined || sizes === undefined) return [];
  const names = axesOf(node, sizes.length);
  const texts = run.found.applied.outputs![0]!.shape!.map((size, i) => {
    const text = formatByHand(size, (name) => run.meaning.get(name));
    const result = format(sizes[i]!);
    return /[^\p{L}\d_]/u.test(text) && text !== result ? `${text} = ${result}` : undefined;
  });
  return [...new Set(texts)].flatMap((text) =>
    text === undefined ? [] : [{ of: enumerated(names.filter((_, i) => texts[i] === text)), text }],
  );
}

const AXES: Readonly<Partial<Record<number, readonly string[]>>> = {
  2: ['batch', 'features'],
  4: ['batch', 'channels', 'height', 'width'],
  5: ['batch', 'channels', 'depth', 'height', 'width'],
};

/** What the sizes of an output with so many of them are called. */
function axesOf({ layer, inputs }: LayerNode, rank: number): readonly string[] {
  const words = inputs[0]?.shape?.length === rank ? wordsOf(layer.inputs.layout, rank) : undefined;
  const usual = AXES[rank];
  return Array.from({ length: rank }, (_, i) => {
    const word = words?.[i];
    return word !== undefined && /^[a-z]{2,}$/.test(word) ? word : (usual?.[i] ?? `dimension ${String(i)}`);
  });
}

/** A number for a size that is free, which many numbers divide; how much it is tells nothing. */
function anyNumber(): bigint {
  return 960n;
}

/** The rules with names, if they give what they give with numbers. */
function attempt(
  node: LayerNode,
  given: ReadonlyMap<string, Value>,
  inputs: readonly Tensor[],
  values: Values,
): Attempt | undefined {
  const conditions: string[] = [];
  const problems: LayerProblem[] = [];
  const applied = applyLayer(node.layer, given, inputs, {
    problem: (problem) => problems.push(problem),
    condition: (_, text) => conditions.push(text),
    buildTime: () => true,
    example: (value) => value,
  });
  if (problems.length > 0 || !applied.complete || applied.outputs === undefined) return undefined;
  const shapes = node.outputs.map(({ shape }) => shape);
  const same =
    applied.outputs.length === shapes.length &&
    applied.outputs.every(({ shape }, i) => agrees(shape, shapes[i], values)) &&
    String(weightSizes(applied.weights, inNumbers(values))) === String(weightSizes(node.weights, anyNumber));
  return same ? { applied, conditions } : undefined;
}

/** With the default put in for the name, the formula must be what the rules give for the default. */
function holdsForDefault(
  node: LayerNode,
  parameter: Parameter<unknown>,
  name: string,
  tried: ReadonlyMap<string, Value>,
  inputs: readonly Tensor[],
  found: Attempt,
  numbers: Values,
): boolean {
  const number = wholeNumber(defaultOf(parameter));
  if (number === undefined) return true;
  const without = new Map(tried);
  without.delete(name);
  const applied = applyLayer(node.layer, without, inputs, {
    problem: () => undefined,
    condition: () => undefined,
    buildTime: () => true,
    example: (value) => value,
  });
  const lookup = inNumbers(new Map(numbers).set(name, number));
  const sizes = ({ outputs, weights }: Applied): readonly unknown[] => [
    ...(outputs ?? []).flatMap(({ shape }) => (shape ?? []).map((size) => evaluate(size, lookup))),
    ...weightSizes(weights, lookup),
  ];
  return applied.complete && String(sizes(applied)) === String(sizes(found.applied));
}

/** The sizes of each weight, sorted: those that stand for several have another order. */
function weightSizes(weights: readonly WeightShape[], lookup: Lookup): readonly string[] {
  return weights
    .flatMap(({ kind, shape, count = ONE }) =>
      Array.from(
        { length: Number(evaluate(count, lookup) ?? NaN) },
        () => `${kind} ${shape.map((size) => evaluate(size, lookup)).join(' ')}`,
      ),
    )
    .sort();
}

function agrees(shape: Shape | undefined, wanted: Shape | undefined, values: Values): boolean {
  if (shape?.length !== wanted?.length) return false;
  const lookup = inNumbers(values);
  return shape!.every((size, i) => evaluate(size, lookup) === evaluate(wanted![i]!, anyNumber));
}

function inNumbers(values: Values): Lookup {
  return (name) => values.get(name) ?? anyNumber();
}

// ---------------------------------------------------------------------------------------------- names

const LETTERS: Readonly<Partial<Record<string, string>>> = {
  channels: 'C',
  depth: 'D',
  height: 'H',
  width: 'W',
  length: 'L',
  features: 'F',
};
const BY_RANK: Readonly<Partial<Record<number, string>>> = {
  1: 'N',
  2: 'N F',
  3: 'N L F',
  4: 'N C H W',
  5: 'N C D H W',
};

/** The inputs with a name for each size; sizes at the same place that are equal in the example have one name. */
function namedInputs({ layer, inputs }: LayerNode, meaning: Map<string, Dimension>): readonly Tensor[] {
  const [first] = inputs;
  const rank = first?.shape?.length ?? 0;
  const words = wordsOf(layer.inputs.layout, rank);
  const letters =
    words?.map((word) => LETTERS[word] ?? (/^\w+$/.test(word) ? word : 'K')) ?? BY_RANK[rank]?.split(' ') ?? [];
  return inputs.map((tensor, index) => ({
    ...tensor,
    shape: tensor.shape!.map((size, i) => {
      const known = constantValue(size);
      const { layout } = layer.inputs.others?.[layer.inputs.names[index]!] ?? {};
      if (layout !== undefined) {
        const word = wordsOf(layout, tensor.shape!.length)?.[i];
        if (word === undefined || /^\d/.test(word)) return size;
        meaning.set(word, size);
        return symbol(word, 1n);
      }
      const fromEnd = tensor.shape!.length - i;
      const at = rank - fromEnd;
      const letter = letters[at] ?? 'K';
      const isSame = index === 0 || (at >= 0 && format(first!.shape![at]!) === format(size));
      // Sizes that mean something (1, to be taken out) stay.
      if (known !== undefined && known < 4n && words === undefined) return size;
      const name = isSame ? letter : `${letter}${String(index + 1)}`;
      meaning.set(name, size);
      return symbol(name, 1n);
    }),
  }));
}

/** What the sizes are called in the layout of that many dimensions. */
function wordsOf(layout: string | undefined, rank: number): readonly string[] | undefined {
  const layouts = (layout ?? '').match(/\[[^\]]*\]/g) ?? [];
  return layouts.map((each) => each.slice(1, -1).split(', ')).find((each) => each.length === rank);
}

function leastOf(parameter: Parameter<unknown>): bigint {
  const read = parameter.read({ kind: 'int', value: constant(0) });
  return typeof read === 'object' && 'value' in read ? 0n : 1n;
}

/** A number, or a list of one number. */
function wholeNumber(value: unknown): bigint | undefined {
  if (Array.isArray(value)) {
    const numbers = value.map(wholeNumber);
    return numbers.every((number) => number !== undefined && number === numbers[0]) ? numbers[0] : undefined;
  }
  return isDimension(value) ? constantValue(value) : undefined;
}

function isDimension(value: unknown): value is Dimension {
  return typeof value === 'object' && value !== null && 'terms' in value;
}

// ---------------------------------------------------------------------------------------------- arguments

/** The example's arguments as they went in; those that have their default are left out. */
function givenValues({ layer, arguments: given }: LayerNode): Map<string, Value> {
  return new Map(
    Object.entries(layer.parameters).flatMap(([name, parameter]): [string, Value][] => {
      const isGiven = parameter.infer === undefined && textOf(given[name]) !== textOf(defaultOf(parameter));
      const value = isGiven ? valueOf(given[name]) : undefined;
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function defaultOf(parameter: Parameter<unknown>): unknown {
  const read = parameter.default === undefined ? undefined : parameter.read(undefined);
  // What must be given is never its default.
  return typeof read === 'object' && 'value' in read ? read.value : Symbol('none');
}

function valueOf(value: unknown): Value | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value)) {
    const items = value.map((each) => valueOf(each) ?? { kind: 'none' as const });
    return { kind: 'list', items, isTuple: false };
  }
  if (isDimension(value)) return { kind: 'int', value };
  // Where it was written is of use to generated code alone.
  if (isLayer(value)) {
    return { kind: 'layer', layer: { callee: value.layer, arguments: value.given } as unknown as LayerValue };
  }
  if (isExactNumber(value)) return value.whole ? valueOf(value.value) : { kind: 'float', value: value.value };
  if (typeof value === 'string') return { kind: 'string', value };
  if (typeof value === 'boolean') return { kind: 'bool', value: value ? TRUE : FALSE };
  if (typeof value === 'number') {
    return Number.isInteger(value) ? { kind: 'int', value: constant(value) } : { kind: 'float', value };
  }
  return undefined;
}

function textOf(value: unknown): string | undefined {
  if (value === undefined) return 'None';
  if (Array.isArray(value)) {
    const texts = value.map(textOf);
    return new Set(texts).size === 1 ? texts[0] : `[${texts.join(', ')}]`;
  }
  if (isDimension(value)) return format(value);
  if (isLayer(value)) return layerText(value);
  if (isExactNumber(value)) return String(value.value);
  if (typeof value === 'string') return `"${value}"`;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  return undefined;
}

function isLayer(value: unknown): value is LayerArgument {
  return typeof value === 'object' && value !== null && 'given' in value;
}

function layerText({ layer, given }: LayerArgument): string {
  const read = Array.from(given, ([name, value]) => [name, layer.parameters[name]!.read(value)] as const);
  const texts = read.map(([name, found]) =>
    typeof found === 'object' && 'value' in found ? `${name}=${textOf(found.value) ?? '…'}` : name,
  );
  return texts.length === 0 ? layer.name : `${layer.name}(${texts.join(', ')})`;
}

function isExactNumber(value: unknown): value is { value: number; whole: boolean } {
  return typeof value === 'object' && value !== null && 'whole' in value;
}

// ---------------------------------------------------------------------------------------------- multiply-adds

function macsOf(node: LayerNode, applied: Applied, inputs: readonly Tensor[], values: Values): Dimension | undefined {
  if (node.layer.macs === undefined && constantValue(node.macs) === 0n) return undefined;
  const sizes = new Map(values);
  const outputs = applied.outputs!.map(({ shape }) =>
    shape!.map((size, i) => {
      const plain = constantValue(size) !== undefined || /^\w+$/.test(format(size));
      if (plain) return size;
      const letter = format(inputs[0]!.shape![i] ?? size);
      const name = /^\w+$/.test(letter) ? `${letter}_out` : `size_${i}`;
      sizes.set(name, evaluate(size, inNumbers(values)) ?? 0n);
      return symbol(name, 1n);
    }),
  );
  const call = { arguments: applied.arguments, inputs, input: inputs[0] } as unknown as LayerCall;
  const own = (shapes: readonly Shape[]): Dimension => node.layer.macs?.(call, shapes) ?? ZERO;
  // Those of the layers that it is built of have no sizes of the output in them.
  const parts = subtract(applied.macs, own(applied.outputs!.map(({ shape }) => shape!)));
  const all = add(own(outputs), parts);
  const real = evaluate(node.macs, anyNumber);
  const batch = inputs[0]!.shape!.map((size) => format(size)).find((name) => name === 'N');
  if (evaluate(all, inNumbers(sizes)) !== real)
    throw new Error(`${node.layer.name}: the formula of its multiply-adds is wrong.`);
  return batch === undefined ? all : substitute(all, (name) => (name === 'N' ? constant(1) : undefined));
}

/** Of more weights than that, or of a number that isn't known, only the sum is told. */
const MOST_TERMS = 8;

/** `out_channels * (C // groups) * kernel_size ** 2 + out_channels` */
export function parametersFormula({ weights }: Formulas): string {
  const parameters = weights.filter(({ kind }) => kind === 'parameter');
  const counts = parameters.map(({ shape, count = ONE }) => multiply(count, product(shape)));
  if (counts.length === 0) return '0';
  const isLong = counts.length > MOST_TERMS || parameters.some(({ count }) => count !== undefined);
  return isLong ? formatFactored(sum(counts)) : counts.map((count) => format(count)).join(' + ');
}
