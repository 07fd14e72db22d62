/** Runs one catalogue entry: what it makes of these arguments and tensors, or why torch would refuse. */
import {
  type Condition,
  type Dimension,
  DimensionTooLarge,
  ONE,
  ZERO,
  agree,
  type Agreement,
  conditionSymbols,
  decided,
  constantValue,
  equal,
  explain,
  format,
  isDimension,
  multiply,
  product,
  sum,
} from '../dimension.ts';
import {
  type Shape,
  type Tensor,
  type DataType,
  formatShape,
  isHuge,
  isUnknown,
  sameShape,
  unknownSize,
} from '../tensor.ts';
import { type Value, formatFloat } from '../value.ts';
import {
  type Layer,
  type LayerCall,
  type LayerSetting,
  type Part,
  type PartFacts,
  type Refusal,
  type ShapedTensor,
  UNTOLD,
  type WeightShape,
} from './layer.ts';
import { type Parameter, UNDECIDED } from './parameters.ts';

/** What a layer says besides its result. */
export interface LayerReport {
  problem(problem: LayerProblem): void;
  /** Torch refuses the sizes for which this doesn't hold. */
  condition(condition: Condition, text: string): void;
  /**
   * Asked of every size that the constructor takes: whether it is known when the model is built. Where it isn't, the
   * asked one says so (`undecidable`) and the layer's outputs are unknown.
   */
  buildTime(size: Dimension, parameter: string): boolean;
  /**
   * What a value that depends on parameters is in the use at hand, for rules that can't go on without: whether there is
   * a second direction, which dimension is meant. The generic form holds what follows against every use.
   */
  example(value: Value): Value;
}

export interface LayerProblem {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** A whole sentence or two, with the layer's name in front. */
  readonly message: string;
  /** The argument at fault; where it wasn't written, or where it is absent, the layer's name is marked. */
  readonly argument?: string;
  /** See {@link Refusal}. */
  readonly instead?: readonly LayerSetting[];
}

export interface Applied {
  /** Absent where not even their number is known. */
  readonly outputs: readonly AppliedOutput[] | undefined;
  /** Every parameter by name, inferred and default ones included; those that can't be read are left out. */
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly parts: readonly PartFacts[];
  /** In the order of torch's `state_dict`; sizes may be unknown. */
  readonly weights: readonly WeightShape[];
  /** Over the whole batch. */
  readonly macs: Dimension;
  /** Values that the layers make that it is built of, over the whole batch; absent where it is built of none. */
  readonly valuesInside?: Dimension;
  /** Nothing was refused and nothing was missing; otherwise there are no weights and no MACs. */
  readonly complete: boolean;
}

export interface AppliedOutput {
  readonly shape: Shape | undefined;
  readonly type: DataType;
}

type Hint = () => string | undefined;

const NO_HINT: Hint = () => undefined;

/** A rule's refusal on its way out of the rule. */
class Refused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/** A part was refused, and that has been said; or nothing can be told of it. */
class PartRefused extends Error {}

const SILENT: Omit<LayerReport, 'example'> = {
  problem: () => undefined,
  condition: () => undefined,
  buildTime: () => true,
};

/**
 * @param values what was given, by parameter name, sizes and all evaluated
 * @param hint asked for what is put behind a message about what comes in: `it stands after Flatten`
 */
export function applyLayer(
  layer: Layer,
  values: ReadonlyMap<string, Value>,
  inputs: readonly Tensor[],
  report: LayerReport,
  hint = NO_HINT,
): Applied {
  const run = new Run(layer, values, report, hint);
  const fits = run.checkInputs(inputs);
  const given = run.readArguments();
  const shaped = inputs.map((input, i) => withShape(layer, input, i));
  if (fits && shaped.every((input) => input !== undefined)) {
    const result = run.apply(shaped, given);
    if (result !== undefined) return result;
  }
  return afterRefusal(layer, values, inputs, given, report, run.refusedArgument);
}

/** The numbers of dimensions that one of the inputs may have; any where absent. */
function ranksOf({ inputs: { names, rank, others } }: Layer, index: number): readonly number[] | undefined {
  return others?.[names[index] ?? '']?.rank ?? rank;
}

/** An input as rules want it; where its shape isn't known, of the only rank that the layer takes. */
function withShape(layer: Layer, input: Tensor, index: number): ShapedTensor | undefined {
  if (input.shape !== undefined) return input as ShapedTensor;
  const [rank, second] = ranksOf(layer, index) ?? [];
  return rank === undefined || second !== undefined
    ? undefined
    : { ...input, shape: Array.from({ length: rank }, unknownSize) };
}
/** What is certain all the same: how many outputs there are, their ranks, sizes that only arguments decide. */
function afterRefusal(
  layer: Layer,
  values: ReadonlyMap<string, Value>,
  inputs: readonly Tensor[],
  given: Readonly<Record<string, unknown>>,
  report: LayerReport,
  culprit: string | undefined,
): Applied {
  const nothing = { arguments: given, parts: [], weights: [], macs: ZERO, complete: false };
  const type = inputs[0]?.type ?? 'float';
  const vague = inputs.map((input, i) => {
    const ranks = ranksOf(layer, i);
    const fits = input.shape !== undefined && (ranks === undefined || ranks.includes(input.shape.length));
    const rank = fits ? input.shape.length : ranks?.length === 1 ? ranks[0] : undefined;
    return rank === undefined ? undefined : { ...input, shape: Array.from({ length: rank }, unknownSize) };
  });
  if (vague.length > 0 && vague.every((input) => input !== undefined)) {
    // Without the argument at fault, where it has a default to go on with.
    const others = new Map(values);
    if (culprit !== undefined) others.delete(culprit);
    const retry = new Run(layer, others, { ...report, ...SILENT }, NO_HINT);
    const result =
      retry.checkCount(vague) && retry.checkRanks(vague) ? retry.apply(vague, retry.readArguments()) : undefined;
    if (result?.outputs !== undefined) {
      return {
        ...nothing,
        outputs: result.outputs.map((output) => ({ ...output, shape: output.shape?.map(plainUnknown) })),
      };
    }
  }
  const any = layer.shapeOfAny?.(given);
  if (any !== undefined) {
    return { ...nothing, outputs: any.map((output) => ('shape' in output ? output : { shape: output, type })) };
  }
  const count = outputCount(layer, given);
  return {
    ...nothing,
    outputs: count === undefined ? undefined : Array.from({ length: count }, () => ({ shape: undefined, type })),
  };
}

function plainUnknown(size: Dimension): Dimension {
  return isUnknown(size) ? unknownSize() : size;
}

/** How many outputs these arguments ask for; absent where that needs a shape, or an argument that can't be read. */
function outputCount(layer: Layer, given: Readonly<Record<string, unknown>>): number | undefined {
  if (layer.outputs === undefined) return 1;
  if (layer.outputs === 'tuple') return undefined;
  const { names, asked } = layer.outputs;
  if (asked === undefined) return names.length;
  return asked.argument in given ? asked.count(given[asked.argument]) : undefined;
}

class Run {
  /** The argument that the last refusal named. */
  refusedArgument: string | undefined;
  readonly #layer: Layer;
  /** What messages call it: what it is a part of, where the author didn't write it. */
  readonly #name: string;
  readonly #values: ReadonlyMap<string, Value>;
  readonly #report: LayerReport;
  readonly #hint: Hint;
  readonly #parts: AppliedPart[] = [];

  constructor(layer: Layer, values: ReadonlyMap<string, Value>, report: LayerReport, hint: Hint, name = layer.name) {
    this.#layer = layer;
    this.#name = name;
    this.#values = values;
    this.#report = report;
    this.#hint = hint;
  }

  // ---------------------------------------------------------------------------------------------- what comes in

  checkInputs(inputs: readonly Tensor[]): boolean {
    return this.checkCount(inputs) && this.checkRanks(inputs) && this.#checkTypes(inputs);
  }

  checkCount(inputs: readonly Tensor[]): boolean {
    const { names, optional = 0, variadic = false } = this.#layer.inputs;
    const most = variadic ? Infinity : names.length;
    const least = variadic ? 1 : names.length - optional;
    if (inputs.length >= least && inputs.length <= most) return true;
    const wanted =
      most === 1
        ? 'one tensor'
        : variadic
          ? 'at least one tensor'
          : `${least === most ? '' : `${String(least)} to `}${String(most)} tensors (${names.join(', ')})`;
    const advice =
      most === 1
        ? 'Join them first, with Concat or +, or take one of them.'
        : `Put them in parentheses: (${names.slice(0, Math.max(least, 2)).join(', ')}) -> ${this.#layer.name}.`;
    this.#error({ code: 'input-count', message: `takes ${wanted} but gets ${String(inputs.length)}. ${advice}` });
    return false;
  }

  checkRanks(inputs: readonly Tensor[]): boolean {
    const { minimumRank = 0, names, variadic, others } = this.#layer.inputs;
    for (const [i, { shape }] of inputs.entries()) {
      if (shape === undefined) continue;
      const rank = ranksOf(this.#layer, i);
      const layout = others?.[names[i] ?? '']?.layout ?? this.#layer.inputs.layout;
      if (rank === undefined ? shape.length >= minimumRank : rank.includes(shape.length)) continue;
      const form =
        layout ??
        (rank === undefined
          ? `a tensor of at least ${dimensionCount(minimumRank)}`
          : `a tensor of ${rank.map(String).join(' or ')} dimension${rank.at(-1) === 1 ? '' : 's'}`);
      const which = inputs.length > 1 && variadic !== true ? ` as ${names[i] ?? ''}` : '';
      const hint = this.#hint();
      const why = hint === undefined ? '.' : `: ${hint}.`;
      this.#error({ code: 'rank-mismatch', message: `needs ${form}${which} but got ${formatShape(shape)}${why}` });
      return false;
    }
    return true;
  }

  #checkTypes(inputs: readonly Tensor[]): boolean {
    const { type = 'float', types, names, variadic } = this.#layer.inputs;
    for (const [i, input] of inputs.entries()) {
      const wanted = types?.[Math.min(i, types.length - 1)] ?? type;
      if (wanted === 'any' || (typeof wanted === 'string' ? wanted === input.type : wanted.includes(input.type)))
        continue;
      const which = inputs.length > 1 && variadic !== true ? ` as ${names[i] ?? ''}` : '';
      this.#error({
        code: 'input-type',
        message: `needs ${(typeof wanted === 'string' ? [wanted] : wanted).map((each) => TYPES[each]).join(' or ')}${which} but gets ${TYPES[input.type]}.`,
      });
      return false;
    }
    return true;
  }

  // ---------------------------------------------------------------------------------------------- arguments

  /** Those that can be read; says what is wrong with the others. */
  readArguments(): Record<string, unknown> {
    const given: Record<string, unknown> = {};
    for (const [name, parameter] of Object.entries(this.#layer.parameters)) {
      const value = this.#values.get(name);
      if (value === undefined && parameter.infer !== undefined) continue;
      let read = parameter.read(value);
      if (read === UNDECIDED && value !== undefined) read = parameter.read(this.#report.example(value));
      if (read === UNDECIDED) continue;
      if ('error' in read) {
        this.#error({
          code: read.code ?? 'argument-type',
          message: `takes ${read.error} for ${name}${value === undefined ? '' : `, not ${describe(value)}`}.${read.code === 'division-inexact' ? ' Write // for a whole quotient.' : ''}`,
          argument: name,
          ...(read.instead === undefined
            ? {}
            : { instead: read.instead.map((each) => ({ argument: name, value: each })) }),
        });
      } else if (parameter.runtime === true || this.#isBuildTime(read.value, name)) given[name] = read.value;
    }
    return given;
  }

  /** Fills in what is worked out from the inputs and checks what was given of it. Undefined where that fails. */
  #infer(
    inputs: readonly ShapedTensor[],
    given: Readonly<Record<string, unknown>>,
  ): Record<string, unknown> | undefined {
    const complete: Record<string, unknown> = {};
    for (const [name, parameter] of Object.entries(this.#layer.parameters)) {
      if (parameter.infer === undefined) {
        if (!(name in given)) return undefined;
        complete[name] = given[name];
        continue;
      }
      if (!this.#values.has(name)) {
        const found = parameter.infer(inputs, undefined);
        if (!this.#isBuildTime(found, name)) return undefined;
        complete[name] = found;
        continue;
      }
      if (!(name in given)) return undefined;
      this.#checkInferred(name, parameter, given[name], inputs);
      complete[name] = given[name];
    }
    return complete;
  }

  #checkInferred(name: string, parameter: Parameter<unknown>, given: unknown, inputs: readonly ShapedTensor[]): void {
    const found = parameter.infer?.(inputs, given);
    const a = sizesIn(given);
    const b = sizesIn(found);
    const refusal = (): Refusal => ({
      code: 'inferred-mismatch',
      message: `is given ${name}=${formatSizes(given)} but gets ${inputs.map((input) => formatShape(input.shape)).join(' and ')}, which makes it ${formatSizes(found)}. It need not be given: it is worked out.`,
      argument: name,
    });
    if (a.length !== b.length) throw new Refused(refusal());
    a.forEach((size, i) => this.#agree(size, b[i]!, refusal));
  }

  #isBuildTime(value: unknown, name: string): boolean {
    return sizesIn(value).every((size) => isUnknown(size) || this.#report.buildTime(size, name));
  }

  // ---------------------------------------------------------------------------------------------- the rules

  apply(inputs: readonly ShapedTensor[], given: Readonly<Record<string, unknown>>): Applied | undefined {
    try {
      this.#parts.length = 0;
      const complete = this.#infer(inputs, given);
      if (complete === undefined) return undefined;
      const call = this.#call(inputs, complete);
      const type = inputs[0]?.type ?? 'float';
      const found = this.#layer.shape(call);
      if (found === UNTOLD) return undefined;
      const outputs = found.map((output) => ('shape' in output ? output : { shape: output, type }));
      const shapes = outputs.map(({ shape }) => shape);
      const weights = [...(this.#layer.weights?.(call) ?? []), ...this.#parts.flatMap(weightsInPart)];
      const huge = [...shapes, ...weights.map(({ shape }) => shape)].flat().find(isHuge);
      // That was told where it began.
      if (huge !== undefined && isUnknown(huge)) return undefined;
      if (huge !== undefined) throw new DimensionTooLarge('A size that no tensor has.');
      return {
        outputs,
        arguments: complete,
        parts: this.#parts.map(factsOfPart),
        weights,
        macs: sum([
          this.#layer.macs?.(call, shapes) ?? ZERO,
          ...this.#parts.map(({ part, applied }) => multiply(part.count ?? ONE, applied.macs)),
        ]),
        ...(this.#parts.length === 0 ? {} : { valuesInside: this.#valuesInside(shapes) }),
        complete: true,
      };
    } catch (error) {
      if (error instanceof PartRefused) return undefined;
      if (error instanceof Refused) this.#error(error.refusal);
      else if (error instanceof DimensionTooLarge) {
        this.#error({ code: 'too-large', message: 'has sizes that are too large to be worked out.' });
      } else throw error;
      return undefined;
    }
  }

  /** What its parts make, and its own output where that isn't the last part's: `SqueezeExcitation` multiplies. */
  #valuesInside(outputs: readonly Shape[]): Dimension {
    const last = this.#parts.at(-1)?.applied.outputs?.[0]?.shape;
    const own = sameShape(last, outputs[0]) ? [] : outputs.map((shape) => product(shape));
    return sum([...this.#parts.map(valuesOfPart), ...own]);
  }

  #call(inputs: readonly ShapedTensor[], complete: Readonly<Record<string, unknown>>): LayerCall {
    const [input] = inputs;
    const layer = this.#layer;
    return {
      arguments: complete,
      inputs,
      input: input!,
      isGiven: (argument) => (this.#values.get(argument)?.kind ?? 'none') !== 'none',
      refuse: (refusal) => {
        throw new Refused(refusal);
      },
      warn: (refusal) => this.#say('warning', refusal),
      agree: (a, b, refusal) => this.#agree(a, b, refusal),
      require: (condition, refusal) => this.#require(condition, refusal),
      part: (part) => this.#part(part),
      axis(dim, rank = input!.shape.length, argument = 'dim' in layer.parameters ? 'dim' : undefined) {
        // To torch a single value has one dimension here.
        const count = Math.max(rank, 1);
        if (dim >= -count && dim < count) return dim < 0 ? dim + count : dim;
        const range =
          rank === 0
            ? ''
            : rank === 1
              ? ': that is 0, or -1'
              : `: they are numbered 0 to ${rank - 1}, or ${-rank} to -1 from the end`;
        throw new Refused({
          code: 'dimension-range',
          message: `asks for dimension ${String(dim)} of a tensor of ${dimensionCount(rank)}${range}.`,
          ...(argument === undefined ? {} : { argument, instead: [{ argument, value: '-1' }] }),
        });
      },
    };
  }

  /** Runs a layer inside this one. */
  #part(part: Part): readonly ShapedTensor[] {
    const { layer, given } = part.layer;
    const { argument } = part;
    // What is wrong with a layer that the author didn't write is wrong with the one around it, which passes it on.
    const marked = (own: string | undefined): string | undefined =>
      argument ?? (own !== undefined && own in this.#layer.parameters ? own : undefined);
    const report: LayerReport = {
      ...this.#report,
      problem: ({ argument: own, instead: _, ...problem }) => {
        const at = marked(own);
        this.#report.problem(at === undefined ? problem : { ...problem, argument: at });
      },
    };
    const inner = new Run(layer, given, report, NO_HINT, argument === undefined ? this.#name : layer.name);
    const applied = inner.checkInputs(part.inputs) ? inner.apply(part.inputs, inner.readArguments()) : undefined;
    if (applied?.outputs === undefined) {
      this.refusedArgument ??= marked(inner.refusedArgument);
      throw new PartRefused();
    }
    this.#parts.push({ part, applied });
    return applied.outputs.map(({ shape, type }) => ({ ...part.inputs[0]!, shape: shape!, type }));
  }

  #agree(a: Dimension, b: Dimension, refusal: () => Refusal): void {
    if (equal(a, b) || isUnknown(a) || isUnknown(b)) return;
    this.#note(agree(a, b), refusal);
  }

  #require(condition: Condition, refusal: () => Refusal): void {
    if (decided(condition) === true) return;
    for (const name of conditionSymbols(condition)) if (name.startsWith('?')) return;
    this.#note(explain(condition), refusal);
  }

  #note(agreement: Agreement, refusal: () => Refusal): void {
    if (agreement.kind === 'never') throw new Refused(refusal());
    if (agreement.kind === 'when') this.#report.condition(agreement.condition, agreement.text);
  }

  #error(refusal: Refusal): void {
    this.refusedArgument ??= refusal.argument;
    this.#say('error', refusal);
  }

  #say(severity: LayerProblem['severity'], { code, message, argument, instead }: Refusal): void {
    this.#report.problem({
      code,
      severity,
      message: `${this.#name} ${message}`,
      ...(argument === undefined ? {} : { argument }),
      ...(instead === undefined ? {} : { instead }),
    });
  }
}

interface AppliedPart {
  readonly part: Part;
  readonly applied: Applied;
}

function factsOfPart({ part, applied }: AppliedPart): PartFacts {
  return {
    ...part,
    layer: part.layer.layer,
    arguments: applied.arguments,
    parts: applied.parts,
    outputs: (applied.outputs ?? []).map(({ shape }) => shape ?? []),
  };
}

/** The values that a part makes. */
function valuesOfPart({ part: { count = ONE }, applied: { outputs = [], valuesInside } }: AppliedPart): Dimension {
  return multiply(count, valuesInside ?? sum(outputs.map(({ shape = [] }) => product(shape))));
}

/** A part's weights under its name; those of a list of parts one by one where its length is known. */
function weightsInPart({ part: { name, count }, applied: { weights } }: AppliedPart): WeightShape[] {
  const below = (prefix: string): WeightShape[] =>
    weights.map((weight) => ({ ...weight, name: `${prefix}.${weight.name}` }));
  if (count === undefined) return below(name);
  const known = constantValue(count);
  if (known !== undefined) return Array.from({ length: Number(known) }, (_, i) => below(`${name}.${i}`)).flat();
  return below(`${name}.{i}`).map((weight) => ({ ...weight, count: multiply(count, weight.count ?? ONE) }));
}

const TYPES: Readonly<Record<DataType, string>> = {
  float: 'floats',
  int64: 'whole numbers (int64)',
  bool: 'a bool tensor',
};

export function dimensionCount(rank: number): string {
  return rank === 1 ? '1 dimension' : `${String(rank)} dimensions`;
}

/** The sizes in an argument's value. */
function sizesIn(value: unknown): readonly Dimension[] {
  if (Array.isArray(value)) return value.flatMap((item) => sizesIn(item));
  return isDimension(value) ? [value] : [];
}

function formatSizes(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => formatSizes(item)).join(', ')}]`;
  return isDimension(value) ? format(value) : value === undefined ? 'None' : 'unknown';
}

/** A value as a message shows it. */
function describe(value: Value): string {
  switch (value.kind) {
    case 'int':
      return format(value.value);
    case 'ratio':
      return `${format(value.numerator)} / ${format(value.denominator)}, which isn't whole`;
    case 'float':
      return formatFloat(value.value);
    case 'bool': {
      const known = decided(value.value);
      return known === undefined ? 'a condition' : known ? 'True' : 'False';
    }
    case 'string':
      return `"${value.value}"`;
    case 'none':
      return 'None';
    case 'list': {
      const items = value.items.map(describe).join(', ');
      return value.isTuple ? `(${items}${value.items.length === 1 ? ',' : ''})` : `[${items}]`;
    }
    case 'layer':
      return 'family' in value.layer.callee ? value.layer.callee.name : value.layer.callee.name.text;
    case 'tensor':
      return 'a tensor';
    case 'symbolic':
      return describe(value.example);
    case 'unknown':
      return 'an unknown value';
  }
}
