/**
 * How a layer's parameters are declared: `int('…', { min: 1 })` gives the type shown to people, the default, what
 * torch would refuse, and (to TypeScript) the type that the rules get.
 */
import { type Condition, type Dimension, FALSE, TRUE, constant, constantValue, decided } from '../dimension.ts';
import type { Value } from '../value.ts';
import { nearby } from '../nearest.ts';
import type { Layer, ShapedTensor } from './layer.ts';

export type Parameters = Readonly<Record<string, Parameter<unknown>>>;

export type ArgumentsOf<P extends Parameters> = {
  readonly [K in keyof P]: P[K] extends Parameter<infer T> ? T : never;
};

export interface Parameter<T> {
  /** As shown to people: `int`, `int or (int, int)`. */
  readonly type: string;
  readonly doc: string;
  /** The value as Python writes it, where it need not be given; for inferred ones absent. */
  readonly default?: string;
  /** What torch's own default is where ours differs: the generated code then always says it. */
  readonly torchDefault?: string;
  /**
   * Worked out from what comes in; may be given by name and is checked then: `given` is what was read. Undefined is
   * Python's None, where the parameter has that as its {@link default}.
   */
  readonly infer?: (inputs: readonly ShapedTensor[], given: unknown) => T | undefined;
  /** Takes any number of positional arguments: `Permute(0, 2, 3, 1)`. */
  readonly variadic?: boolean;
  /** May depend on sizes that are known only when the model runs. */
  readonly runtime?: boolean;
  /** Only by name. */
  readonly keywordOnly?: boolean;
  /** An argument of `forward`, which the constructor doesn't take: written, the layer becomes its functional call. */
  readonly ofCall?: boolean;
  /** Worked out, but a list in front of all other arguments is it: `LayerNorm([8, 8])`. */
  readonly listInFront?: boolean;
  /** Of a layer as an argument: how it is written in Python. */
  readonly layerForm?: LayerForm;
  /** The words it can be, for completion. */
  readonly choices?: readonly string[];
  /** Turns a value into what rules take; a string is why it can't be. `undefined` stands for "not given". */
  readonly read: (value: Value | undefined) => Read<T>;
}

export type Read<T> = { readonly value: T } | Unreadable | typeof UNDECIDED;

interface Unreadable {
  /** What is taken, behind "takes". */
  readonly error: string;
  readonly code?: string;
  /** What would be read, as it is written; most likely first. */
  readonly instead?: readonly string[];
}

/** The value isn't known (after an error, in an unused block): the layer's outputs are unknown, and nothing is said. */
export const UNDECIDED = Symbol('undecided');

interface Options {
  readonly torchDefault?: string;
  readonly keywordOnly?: boolean;
  readonly runtime?: boolean;
  readonly ofCall?: boolean;
}

/** Worked out from what comes in: `in_channels`. */
export function inferred(
  doc: string,
  infer: (inputs: readonly ShapedTensor[]) => Dimension | undefined,
  options: Pick<Options, 'torchDefault'> = {},
): Parameter<Dimension> {
  return { type: 'int', doc, infer, ...options, read: readInt(undefined) };
}

/** Worked out from what comes in, and None where torch works it out itself: `kdim`. */
export function inferredOrNone(
  doc: string,
  infer: (inputs: readonly ShapedTensor[], given: unknown) => Dimension | undefined,
): Parameter<Dimension | undefined> {
  return { type: 'int or None', doc, default: 'None', infer, read: orNone(readInt(1)) };
}

/** Worked out from what comes in: the last size, or as many of the last sizes as are given in a list. */
export function inferredLast(doc: string): Parameter<Dimension | readonly Dimension[]> {
  const list = readList(readInt(1));
  const one = readInt(1);
  return {
    type: 'int or list',
    doc,
    listInFront: true,
    infer: ([input], given) => (Array.isArray(given) ? input?.shape.slice(-given.length) : input?.shape.at(-1)),
    read: withDefault<Dimension | readonly Dimension[]>(undefined, (given) => {
      const value = decidedValue(given);
      if (value.kind !== 'list') return one(value);
      return value.items.length === 0 ? { error: 'one size or more', code: 'argument-value' } : list(value);
    }),
  };
}

/** One whole number. */
export function int(doc: string, options: Options & { min?: number; default?: number } = {}): Parameter<Dimension> {
  const { min, default: standard, ...rest } = options;
  const fallback = standard === undefined ? undefined : constant(standard);
  return { type: 'int', doc, ...rest, ...defaultText(standard), read: withDefault(fallback, readInt(min)) };
}

/** One whole number, or None. */
export function optionalInt(doc: string, options: Options & { min?: number } = {}): Parameter<Dimension | undefined> {
  const { min, ...rest } = options;
  return { type: 'int or None', doc, ...rest, default: 'None', read: orNone(readInt(min)) };
}

/** A number for each of the last dimensions: one for all, or a tuple. */
export function sizes(
  count: number,
  doc: string,
  options: Options & { min?: number; default?: number } = {},
): Parameter<readonly Dimension[]> {
  const { min, default: standard, ...rest } = options;
  const fallback = standard === undefined ? undefined : Array.from({ length: count }, () => constant(standard));
  return {
    type: sizesType(count),
    doc,
    ...rest,
    ...defaultText(standard),
    read: withDefault(fallback, readSizes(count, min)),
  };
}

/** A list of so many sizes; one number isn't enough. */
export function sizeList(
  count: number,
  doc: string,
  options: Options & { min?: number } = {},
): Parameter<readonly Dimension[]> {
  const { min, ...rest } = options;
  const list = readList(readInt(min));
  const type = `(${Array.from({ length: count }, () => 'int').join(', ')})`;
  return {
    type,
    doc,
    ...rest,
    read: withDefault<readonly Dimension[]>(undefined, (value) => {
      const known = decidedValue(value);
      const isFit = known.kind === 'list' && known.items.length === count;
      return isFit ? list(known) : { error: `a list of ${String(count)} whole numbers` };
    }),
  };
}

/** A list of at least one whole number. */
export function intList(doc: string, options: Options & { min?: number } = {}): Parameter<readonly Dimension[]> {
  const { min, ...rest } = options;
  const list = readList(readInt(min));
  return {
    type: 'ints',
    doc,
    ...rest,
    read: withDefault<readonly Dimension[]>(undefined, (value) => {
      const known = decidedValue(value);
      return known.kind === 'list' && known.items.length > 0 ? list(known) : { error: 'a list of at least one' };
    }),
  };
}

/** {@link sizes}, or None. */
export function optionalSizes(
  count: number,
  doc: string,
  options: Options & { min?: number } = {},
): Parameter<readonly Dimension[] | undefined> {
  const { min, ...rest } = options;
  return { type: `${sizesType(count)} or None`, doc, ...rest, default: 'None', read: orNone(readSizes(count, min)) };
}

/** {@link sizes}, or one of some words: `padding="same"`. */
export function sizesOr<const W extends string>(
  count: number,
  words: readonly W[],
  doc: string,
  options: Options & { min?: number; default?: number } = {},
): Parameter<readonly Dimension[] | W> {
  const { min, default: standard, ...rest } = options;
  const fallback = standard === undefined ? undefined : Array.from({ length: count }, () => constant(standard));
  const size = readSizes(count, min);
  const word = readChoice(words);
  return {
    type: `${sizesType(count)} or ${words.map((w) => `"${w}"`).join(' or ')}`,
    doc,
    ...rest,
    ...defaultText(standard),
    choices: words,
    read: withDefault<readonly Dimension[] | W>(fallback, (value) =>
      decidedValue(value).kind === 'string' ? word(value) : size(value),
    ),
  };
}

/** {@link sizesOr}, or None. */
export function optionalSizesOr<const W extends string>(
  count: number,
  words: readonly W[],
  doc: string,
  options: { min?: number } = {},
): Parameter<readonly Dimension[] | W | undefined> {
  const required = sizesOr(count, words, doc, options);
  return { ...required, type: `${required.type} or None`, default: 'None', read: orNone(required.read) };
}

/** A float (an int will do). The rule gets `undefined` where it depends on a parameter without a value. */
export function float(
  doc: string,
  options: Options & { min?: number; max?: number; default?: number } = {},
): Parameter<number | undefined> {
  const { min, max, default: standard, ...rest } = options;
  const text = standard === undefined ? undefined : pythonFloat(standard);
  return {
    type: 'float',
    doc,
    ...rest,
    ...(text === undefined ? {} : { default: text }),
    read: withDefault(standard, readFloat(min, max)),
  };
}

/** A number, and whether it is a whole one: whole tensors stay whole with it. */
export interface ExactNumber {
  /** Absent where it depends on a parameter without a value. */
  readonly value: number | undefined;
  readonly whole: boolean;
}

/** An int or a float, told apart. */
export function number(doc: string, options: Options = {}): Parameter<ExactNumber> {
  return { type: 'int or float', doc, ...options, read: withDefault(undefined, readExactNumber) };
}

/** {@link number}, or None. */
export function optionalNumber(doc: string, options: Options = {}): Parameter<ExactNumber | undefined> {
  return { type: 'int, float or None', doc, ...options, default: 'None', read: orNone(readExactNumber) };
}

/** A float or None. */
export function optionalFloat(
  doc: string,
  options: Options & { min?: number; max?: number; default?: number } = {},
): Parameter<number | undefined> {
  const { min, max, default: standard, ...rest } = options;
  const read = orNone(readFloat(min, max));
  return {
    type: 'float or None',
    doc,
    ...rest,
    default: standard === undefined ? 'None' : pythonFloat(standard),
    read: (value) => (value === undefined ? { value: standard } : read(value)),
  };
}

/** True or False that decides how the rule goes: `ceil_mode`. */
export function flag(doc: string, standard: boolean, options: Options = {}): Parameter<boolean> {
  return { type: 'bool', doc, ...options, default: standard ? 'True' : 'False', read: withDefault(standard, readFlag) };
}

/** True or False that decides whether a weight is there: `bias`. It may depend on parameters. */
export function presence(doc: string, standard: boolean, options: Options = {}): Parameter<Condition> {
  return {
    type: 'bool',
    doc,
    ...options,
    default: standard ? 'True' : 'False',
    read: withDefault(standard ? TRUE : FALSE, (value) => {
      if (value.kind === 'bool') return { value: value.value };
      const read = readFlag(value);
      return typeof read === 'object' && 'value' in read ? { value: read.value ? TRUE : FALSE } : read;
    }),
  };
}

/** {@link presence}, or None. */
export function optionalPresence(doc: string): Parameter<Condition | undefined> {
  return { type: 'bool or None', doc, default: 'None', read: orNone(presence(doc, true).read) };
}

/** One of some words. */
export function choice<const W extends string>(
  doc: string,
  words: readonly W[],
  standard?: W,
  options: Options = {},
): Parameter<W> {
  return {
    type: words.map((w) => `"${w}"`).join(' or '),
    doc,
    ...options,
    ...(standard === undefined ? {} : { default: `"${standard}"` }),
    choices: words,
    read: withDefault(standard, readChoice(words)),
  };
}

/** Any text. */
export function text(doc: string, options: Options = {}): Parameter<string> {
  return {
    type: 'str',
    doc,
    ...options,
    read: withDefault<string>(undefined, (given) => {
      const value = decidedValue(given);
      if (value.kind === 'unknown') return UNDECIDED;
      return value.kind === 'string' ? { value: value.value } : { error: 'a text in quotes' };
    }),
  };
}

/** The number of a dimension, negative from the end. The rule passes it through `call.axis`. */
export function dim(doc: string, options: Options & { default?: number } = {}): Parameter<number> {
  const { default: standard, ...rest } = options;
  return { type: 'int', doc, ...rest, ...defaultText(standard), read: withDefault(standard, readNumber) };
}

/** Numbers of dimensions, as a list or one by one: `Permute(0, 2, 3, 1)`. */
export function dims(doc: string, options: Options = {}): Parameter<readonly number[]> {
  return { type: 'ints', doc, ...options, variadic: true, read: withDefault(undefined, readList(readNumber)) };
}

/**
 * Sizes of a new shape, as a list or (unless it must be a `list`) one by one; they may be read from tensors when the
 * model runs.
 */
export function shapeSizes(doc: string, options: Options & { list?: boolean } = {}): Parameter<readonly Dimension[]> {
  const { list = false, ...rest } = options;
  const read = withDefault(undefined, readList(readInt(undefined)));
  return { type: 'ints', doc, runtime: true, ...rest, ...(list ? {} : { variadic: true }), read };
}

/** One whole number, or a list of them: `Split(64)`, `Split([64, 32])`. */
export function intOrInts(
  doc: string,
  options: Options & { min?: number } = {},
): Parameter<Dimension | readonly Dimension[]> {
  const { min, ...rest } = options;
  const one = readInt(min);
  const list = readList(one);
  return {
    type: 'int or ints',
    doc,
    ...rest,
    read: withDefault<Dimension | readonly Dimension[]>(undefined, (value) =>
      decidedValue(value).kind === 'list' ? list(value) : one(value),
    ),
  };
}

/** One number for all of the last dimensions, or each its own, None where a size stays: `AdaptiveAvgPool2d((1, None))`. */
export function sizesOrKeep(
  count: number,
  doc: string,
  options: Options & { min?: number } = {},
): Parameter<readonly (Dimension | undefined)[]> {
  const { min, ...rest } = options;
  const all = readSizes(count, min);
  const some = readEach(count, orNone(readInt(min)));
  return {
    type: count === 1 ? 'int' : sizesType(count).replaceAll('int,', 'int or None,').replace('int)', 'int or None)'),
    doc,
    ...rest,
    // Torch knows no None for the only dimension, nor one for all.
    read: withDefault<readonly (Dimension | undefined)[]>(undefined, (value) =>
      count > 1 && decidedValue(value).kind === 'list' ? some(value) : all(value),
    ),
  };
}

/** Factors for the last dimensions, one for all or a list, or None: `scale_factor=2`. */
export function optionalFactors(doc: string, options: Options = {}): Parameter<Factors | undefined> {
  const one = readFloat(undefined, undefined);
  const list = readList(one);
  return {
    type: 'float, floats or None',
    doc,
    ...options,
    default: 'None',
    read: orNone<Factors>((given) => (decidedValue(given).kind === 'list' ? list(decidedValue(given)) : one(given))),
  };
}

/** A factor is `undefined` where it depends on a parameter without a value. */
export type Factors = number | undefined | readonly (number | undefined)[];

/** {@link optionalFactors} for so many dimensions: one for all, or a tuple of as many. */
export function optionalRatios(count: number, doc: string, options: Options = {}): Parameter<Factors | undefined> {
  return {
    ...optionalFactors(doc, options),
    type: `float, (${Array.from({ length: count }, () => 'float').join(', ')}) or None`,
    read: orNone<Factors>(readEach(count, readFloat(undefined, undefined), 'number')),
  };
}

/** Sizes in a list, or None: `output_size=[28, 28]`. */
export function optionalShape(doc: string, options: Options = {}): Parameter<readonly Dimension[] | undefined> {
  return { type: 'ints or None', doc, ...options, default: 'None', read: orNone(readList(readInt(undefined))) };
}

/** Sizes of the last dimensions, one for all or a list, or None: `size=(14, 14)`. */
export function optionalSizeList(
  doc: string,
  options: Options & { min?: number } = {},
): Parameter<Dimension | readonly Dimension[] | undefined> {
  const required = intOrInts(doc, options);
  return { ...required, type: 'int, ints or None', default: 'None', read: orNone(required.read) };
}

/** The number of a dimension, or None. */
export function optionalDim(doc: string, options: Options = {}): Parameter<number | undefined> {
  return { type: 'int or None', doc, ...options, default: 'None', read: orNone(readNumber) };
}

/** Numbers of dimensions: one, a list, or None for all. */
export function optionalDims(doc: string, options: Options = {}): Parameter<readonly number[] | undefined> {
  const list = readList(readNumber);
  return {
    type: 'int, ints or None',
    doc,
    ...options,
    default: 'None',
    read: orNone<readonly number[]>((value) => {
      if (decidedValue(value).kind === 'list') return list(value);
      const read = readNumber(value);
      return typeof read === 'object' && 'value' in read ? { value: [read.value] } : read;
    }),
  };
}

/** True, False or None. */
export function optionalFlag(
  doc: string,
  options: Options & { default?: boolean } = {},
): Parameter<boolean | undefined> {
  const { default: standard, ...rest } = options;
  const read = orNone(readFlag);
  return {
    type: 'bool or None',
    doc,
    ...rest,
    default: standard === undefined ? 'None' : standard ? 'True' : 'False',
    read: (value) => (value === undefined ? { value: standard } : read(value)),
  };
}

/** A layer without arguments, or with these. */
export function withArguments(layer: Layer, given: Readonly<Record<string, Value>> = {}): LayerArgument {
  return { layer, given: new Map(Object.entries(given)) };
}

/** A layer as an argument, as rules take it: of the catalogue, with the arguments that it was given. */
export interface LayerArgument {
  readonly layer: Layer;
  readonly given: ReadonlyMap<string, Value>;
}

/**
 * How a layer that is an argument is written in Python: `instance`, the module itself, or `factory`, something that is
 * called for it: with the channels (or features) that it works on, or with nothing.
 */
export type LayerForm = 'instance' | 'factory' | 'factory of channels' | 'factory of features';

interface LayerOptions extends Options {
  /** The only layers that can be given. */
  readonly only?: readonly string[];
}

/** A layer as an argument: `encoder_layer=TransformerEncoderLayer(8)`. */
export function layerValue(
  doc: string,
  form: LayerForm,
  options: LayerOptions & { default?: Layer } = {},
): Parameter<LayerArgument> {
  const { only, default: standard, ...rest } = options;
  return {
    type: 'layer',
    doc,
    ...rest,
    layerForm: form,
    ...(standard === undefined ? {} : { default: standard.name }),
    read: withDefault(standard === undefined ? undefined : withArguments(standard), readLayer(only)),
  };
}

/** {@link layerValue}, or None, which is its default where there is no other. */
export function optionalLayer(
  doc: string,
  form: LayerForm,
  options: LayerOptions & { default?: Layer } = {},
): Parameter<LayerArgument | undefined> {
  const { only, default: standard, ...rest } = options;
  const read = orNone(readLayer(only));
  const fallback = standard === undefined ? undefined : withArguments(standard);
  return {
    type: 'layer or None',
    doc,
    ...rest,
    layerForm: form,
    default: standard?.name ?? 'None',
    read: (value) => (value === undefined ? { value: fallback } : read(value)),
  };
}

function readLayer(only: readonly string[] | undefined): Reader<LayerArgument> {
  const wanted =
    only === undefined ? 'a layer of the catalogue with one input and one output' : `a ${only.join(' or a ')}`;
  return (value) => {
    const known = decidedValue(value);
    if (known.kind === 'unknown') return UNDECIDED;
    if (known.kind !== 'layer' || !('family' in known.layer.callee)) return { error: wanted };
    const { callee, arguments: given } = known.layer;
    const fits = only === undefined ? isPlain(callee) : only.includes(callee.name);
    return fits ? { value: { layer: callee, given } } : { error: wanted };
  };
}

/** Whether it is called with one tensor and gives one. */
function isPlain({ inputs, outputs, python }: Layer): boolean {
  const isOne = inputs.variadic !== true && inputs.names.length - (inputs.optional ?? 0) === 1;
  return isOne && outputs === undefined && python.kind === 'module' && python.forward === undefined;
}

/** What rules work with, as the argument of a part. */
export const asValue = {
  int: (value: Dimension): Value => ({ kind: 'int', value }),
  ints: (values: readonly Dimension[]): Value => ({ kind: 'list', items: values.map(asValue.int), isTuple: true }),
  bool: (value: Condition | boolean): Value => ({
    kind: 'bool',
    value: typeof value === 'boolean' ? (value ? TRUE : FALSE) : value,
  }),
  string: (value: string): Value => ({ kind: 'string', value }),
};

// ---------------------------------------------------------------------------------------------- reading

type Reader<T> = (value: Value) => Read<T>;

function withDefault<T>(fallback: T | undefined, read: Reader<T>): (value: Value | undefined) => Read<T> {
  return (value) => {
    if (value === undefined) return fallback === undefined ? UNDECIDED : { value: fallback };
    return value.kind === 'unknown' ? UNDECIDED : read(value);
  };
}

function orNone<T>(read: Reader<T>): (value: Value | undefined) => Read<T | undefined> {
  return (value) => {
    if (value === undefined || value.kind === 'none') return { value: undefined };
    return value.kind === 'unknown' ? UNDECIDED : read(value);
  };
}

/** What a value is in the use at hand, where it depends on parameters. */
function decidedValue(value: Value): Value {
  return value.kind === 'symbolic' ? value.example : value;
}

function readInt(min: number | undefined): (value: Value | undefined) => Read<Dimension> {
  const wanted =
    min === undefined
      ? 'a whole number'
      : min === 0
        ? 'a whole number, 0 or more'
        : `a whole number of at least ${String(min)}`;
  return (given) => {
    if (given === undefined) return UNDECIDED;
    const value = decidedValue(given);
    if (value.kind === 'unknown') return UNDECIDED;
    if (value.kind === 'ratio') return { error: wanted, code: 'division-inexact' };
    if (value.kind !== 'int') return { error: wanted, ...instead(wholeNumber(value)) };
    const known = constantValue(value.value);
    if (min !== undefined && known !== undefined && known < BigInt(min))
      return { error: wanted, code: 'argument-value', ...instead(String(min)) };
    return { value: value.value };
  };
}

function readSizes(count: number, min: number | undefined): Reader<readonly Dimension[]> {
  return readEach(count, readInt(min));
}

/** One for all of so many, or a list of as many. */
function readEach<T>(count: number, one: (value: Value) => Read<T>, what = 'whole number'): Reader<readonly T[]> {
  return (given) => {
    const value = decidedValue(given);
    if (value.kind !== 'list') {
      const read = one(value);
      return typeof read === 'object' && 'value' in read
        ? { value: Array.from({ length: count }, () => read.value) }
        : read;
    }
    if (value.items.length !== count) {
      const tuple = count === 1 ? '' : ` or a tuple of ${String(count)}`;
      return { error: `one ${what}${tuple}`, code: 'argument-value' };
    }
    return readList(one)(value);
  };
}

function readList<T>(item: Reader<T>): Reader<readonly T[]> {
  return (given) => {
    const value = decidedValue(given);
    if (value.kind === 'unknown') return UNDECIDED;
    if (value.kind !== 'list') return { error: 'a list' };
    const items: T[] = [];
    for (const each of value.items) {
      const read = item(each);
      if (typeof read !== 'object' || !('value' in read)) return read;
      items.push(read.value);
    }
    return { value: items };
  };
}

const readNumber: Reader<number> = (given) => {
  const read = readInt(undefined)(given);
  if (typeof read !== 'object' || !('value' in read)) return read;
  const known = constantValue(read.value);
  return known === undefined ? UNDECIDED : { value: Number(known) };
};

function readFloat(min: number | undefined, max: number | undefined): Reader<number | undefined> {
  return (value) => {
    if (value.kind === 'symbolic') return { value: undefined };
    const known =
      value.kind === 'float'
        ? value.value
        : value.kind === 'int'
          ? constantValue(value.value)
          : value.kind === 'ratio'
            ? ratioValue(value.numerator, value.denominator)
            : null;
    if (known === null)
      return { error: 'a number', ...instead(value.kind === 'string' ? numberIn(value.value) : undefined) };
    if (known === undefined) return { value: undefined };
    const number = Number(known);
    if ((min !== undefined && number < min) || (max !== undefined && number > max)) {
      const range =
        max === undefined
          ? `at least ${String(min)}`
          : min === undefined
            ? `at most ${String(max)}`
            : `from ${String(min)} to ${String(max)}`;
      return { error: `a number ${range}`, code: 'argument-value', ...instead(inRange(number, min, max)) };
    }
    return { value: number };
  };
}

const readExactNumber: Reader<ExactNumber> = (value) => {
  const read = readFloat(undefined, undefined)(value);
  if (typeof read !== 'object' || !('value' in read)) return read;
  return { value: { value: read.value, whole: decidedValue(value).kind === 'int' } };
};

function ratioValue(numerator: Dimension, denominator: Dimension): number | undefined {
  const a = constantValue(numerator);
  const b = constantValue(denominator);
  return a === undefined || b === undefined ? undefined : Number(a) / Number(b);
}

const readFlag: Reader<boolean> = (given) => {
  const value = decidedValue(given);
  if (value.kind === 'unknown') return UNDECIDED;
  if (value.kind !== 'bool') return { error: 'True or False', ...instead(truthOf(value)) };
  const known = decided(value.value);
  return known === undefined ? UNDECIDED : { value: known };
};

function readChoice<W extends string>(words: readonly W[]): Reader<W> {
  const wanted = `one of ${words.map((w) => `"${w}"`).join(', ')}`;
  return (given) => {
    const value = decidedValue(given);
    if (value.kind === 'unknown') return UNDECIDED;
    if (value.kind !== 'string') return { error: wanted };
    const word = words.find((w) => w === value.value);
    if (word !== undefined) return { value: word };
    const near = nearby(value.value, words);
    return { error: wanted, code: 'argument-value', ...instead(...(near.length > 0 ? near : words).map(quoted)) };
  };
}

function instead(...texts: readonly (string | undefined)[]): Pick<Unreadable, 'instead'> {
  const known = texts.filter((text) => text !== undefined);
  return known.length === 0 ? {} : { instead: known };
}

function quoted(text: string): string {
  return `"${text}"`;
}

/** What is meant by `"8"` and `8.0`. */
export function wholeNumber(value: Value): string | undefined {
  const number = value.kind === 'string' ? numberIn(value.value) : undefined;
  if (number !== undefined && /^\d+$/.test(number)) return number;
  return value.kind === 'float' && Number.isSafeInteger(value.value) ? String(value.value) : undefined;
}

/** What is meant by `"0.5"`. */
export function numberIn(text: string): string | undefined {
  return /^\d+(\.\d+)?$/.test(text.trim()) ? text.trim() : undefined;
}

/** What is meant by `1` and `"true"`. */
export function truthOf(value: Value): string | undefined {
  const number = value.kind === 'int' ? constantValue(value.value) : undefined;
  if (number !== undefined) return number === 0n ? 'False' : number === 1n ? 'True' : undefined;
  if (value.kind !== 'string') return undefined;
  const word = value.value.toLowerCase();
  return word === 'true' ? 'True' : word === 'false' ? 'False' : undefined;
}

/** A percentage, or the nearest bound. */
function inRange(number: number, min: number | undefined, max: number | undefined): string | undefined {
  if (min !== undefined && number < min) return String(min);
  if (max !== 1 || min !== 0) return max === undefined ? undefined : String(max);
  return String(Number((number / 10 ** String(Math.trunc(number)).length).toPrecision(3)));
}

function sizesType(count: number): string {
  return count === 1 ? 'int' : `int or (${Array.from({ length: count }, () => 'int').join(', ')})`;
}

function defaultText(standard: number | undefined): { default?: string } {
  return standard === undefined ? {} : { default: String(standard) };
}

/** As Python's repr has it: `0.5`, `1.0`, `1e-05`. */
function pythonFloat(value: number): string {
  if (value !== 0 && Math.abs(value) < 1e-4) return value.toExponential().replace(/-(\d)$/, '-0$1');
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
