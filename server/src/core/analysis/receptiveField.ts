/**
 * What each tensor of a model sees of its input: receptive fields, worked out exactly from what the layers' entries say.
 *
 * Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks" (Distill, 2019) compute sizes by
 * a recurrence; here the places themselves go through the layers, so that branches that don't lie on each other and
 * enlarging layers (whose places take turns) are right too. As there, padding counts.
 */
import { type Dimension, ONE, constantValue, equal, exactDivide, multiply } from '../dimension.ts';
import type { Instance, Node } from '../graph.ts';
import { findLayer } from '../layers/catalogue.ts';
import { type Sight, type Steps, greatestDivisor, isOwn, isSteps, pointwise } from '../layers/sight.ts';
import type { ShapedTensor } from '../layers/layer.ts';
import type { Shape } from '../tensor.ts';
import { layerUse } from './walk.ts';
import { onceFor } from '../once.ts';

/** Of one tensor, for each dimension of the input behind its channels. */
export type ReceptiveField = readonly FieldSize[];

export interface FieldSize {
  /**
   * How many places one place sees from the first to the last, at most: `all`, or undefined where it isn't known or no
   * number (another one at each place).
   */
  readonly size: number | 'all' | undefined;
  /**
   * How many places of the input lie between what neighbours see, on average: the product of the strides, below 1 after
   * an enlarging layer. Also called effective stride. Absent where the tensor has no such neighbours.
   */
  readonly jump: Ratio | undefined;
}

export interface Ratio {
  readonly numerator: number;
  readonly denominator: number;
}

/** The input that receptive fields are told of: the first that has places, [N, channels, …]. */
export function seenInput(instance: Instance): number | undefined {
  const index = instance.inputs.findIndex(({ tensor }) => (tensor.shape?.length ?? 0) >= 3);
  return index < 0 ? undefined : index;
}

/** A tensor's view of the input; undefined where it sees nothing of it. */
export interface View {
  /** One for each dimension of the input behind its channels. */
  readonly fields: readonly Field[];
  /** What each of the tensor's dimensions is made of, the slowest part first; merged dimensions have several. */
  readonly dims: readonly (readonly Part[])[];
}

interface Part {
  readonly size: Dimension;
  /** The dimension of the input that it goes along. */
  readonly axis: number | undefined;
}

type Field = Windows | Sized | 'none' | 'all' | 'unknown';

/** Place `i` sees from `first[i]` to `last[i]`; `period` places further, it is `advance` further. NaN for nothing. */
interface Windows {
  readonly period: number;
  readonly advance: number;
  readonly first: readonly number[];
  readonly last: readonly number[];
}

/** Places in an order of their own, each of which sees so many. */
interface Sized {
  readonly size: number;
  readonly jump: Ratio | undefined;
  /** The same object for tensors whose places are in the same order. */
  readonly order: object;
}

/** More turns than anybody can use. */
const LONGEST_PERIOD = 4096;

/** The input itself. */
export function inputView(shape: Shape): View {
  return {
    fields: shape.slice(2).map(() => ({ period: 1, advance: 1, first: [0], last: [0] })),
    dims: shape.map((size, i) => [{ size, axis: i < 2 ? undefined : i - 2 }]),
  };
}

export function fieldOf(view: View | undefined): ReceptiveField | undefined {
  if (view === undefined || view.fields.every((field) => field === 'none')) return undefined;
  return view.fields.map((field): FieldSize => {
    if (field === 'all') return { size: 'all', jump: undefined };
    if (field === 'unknown') return { size: undefined, jump: undefined };
    if (field === 'none') return { size: 0, jump: undefined };
    return { size: sizeOf(field), jump: jumpOf(field) };
  });
}

function sizeOf(field: Windows | Sized): number {
  if ('size' in field) return field.size;
  return field.first.reduce(
    (most, first, i) => Math.max(most, Number.isNaN(first) ? 0 : field.last[i]! - first + 1),
    0,
  );
}

function jumpOf(field: Windows | Sized): Ratio | undefined {
  if ('size' in field) return field.jump;
  const divisor = greatestDivisor(field.advance, field.period);
  return field.advance === 0 ? undefined : { numerator: field.advance / divisor, denominator: field.period / divisor };
}

// ---------------------------------------------------------------------------------------------- through a node

/** What each output of a leaf sees, by what its inputs see. */
export function viewsThrough(node: Node, views: readonly (View | undefined)[]): readonly (View | undefined)[] {
  // Places that are put into an order here are in the same one, whichever input they come from.
  const order = {};
  return node.outputs.map(({ shape }, index) => {
    const some = views.find((view) => view !== undefined);
    if (some === undefined) return undefined;
    const sights = sightsThrough(node)[index];
    if (sights === undefined || shape === undefined) return unknownView(some, shape);
    return views.reduce<View | undefined>((sum, view, i) => {
      const sight = sights[i];
      const found = view && sight && through(view, sight, shape, order);
      return sum === undefined ? found : found === undefined ? sum : union(sum, found);
    }, undefined);
  });
}

const knownSights = new WeakMap<object, readonly (readonly Sight[] | undefined)[]>();

function sightsThrough(node: Node): readonly (readonly Sight[] | undefined)[] {
  return onceFor(knownSights, layerUse(node), () =>
    node.outputs.map(({ shape }, index) => (shape === undefined ? undefined : sightsOf(node, shape, index))),
  );
}

function sightsOf(node: Node, output: Shape, index: number): readonly Sight[] | undefined {
  const inputs = node.inputs.filter((tensor): tensor is ShapedTensor => tensor.shape !== undefined);
  if (inputs.length < node.inputs.length || inputs.length === 0) return undefined;
  const { arguments: given, parts } = node.kind === 'layer' ? node : { arguments: {}, parts: [] };
  const call = { inputs, input: inputs[0]!, arguments: given, parts };
  if (node.kind === 'layer') {
    const sights = node.complete ? node.layer.sees?.(call, output, index) : undefined;
    return sights?.every((sight) => fits(sight, output)) === true ? sights : undefined;
  }
  if (node.kind !== 'operator') return undefined;
  return node.operator === '@' ? findLayer('MatMul')?.sees?.(call, output, index) : pointwise(call, output);
}

function fits(sight: Sight, output: Shape): boolean {
  if (sight === 'reshaped') return true;
  const [dims, shape] = 'seen' in sight ? [sight.seen, sight.to ?? output] : [sight, output];
  return dims.every((seen) => typeof seen === 'string' || seen.along === undefined || seen.along in shape);
}

function unknownView({ fields }: View, shape: Shape | undefined): View {
  return { fields: fields.map(() => 'unknown'), dims: plain(shape ?? []) };
}

function plain(shape: Shape): Part[][] {
  return shape.map((size) => [{ size, axis: undefined }]);
}

function through(view: View, sight: Sight, output: Shape, order: object): View | undefined {
  if (sight === 'reshaped') return regrouped(view, output);
  if ('seen' in sight) {
    const { from, seen, to } = sight;
    const found = through(from === undefined ? view : regrouped(view, from), seen, to ?? output, order);
    return to === undefined ? found : found && regrouped(found, output);
  }
  // What sees nothing of any dimension (random numbers) sees nothing.
  if (sight.length > 0 && sight.every((seen) => isSteps(seen) && isEmpty(seen))) return undefined;
  const dims = plain(output);
  const fields = view.fields.map((field, axis): Field => {
    const from = view.dims.findIndex((parts) => parts.some((part) => part.axis === axis));
    const seen = sight[from];
    if (typeof field === 'string' || seen === undefined) return field;
    const parts = view.dims[from]!;
    const isAlone = parts.length === 1;
    if (seen === 'unknown') return 'unknown';
    // Of one place, all is that one.
    if (seen === 'all') return isAlone && equal(parts[0]!.size, ONE) ? at(field, 0) : 'all';
    if (!isSteps(seen)) {
      dims[seen.along] = [...parts];
      return { size: sizeOf(field), jump: jumpOf(field), order };
    }
    if (seen.along === undefined) return isAlone && !('size' in field) ? composed(field, seen) : alone(field);
    if (isOwn(seen)) {
      dims[seen.along] = [...parts];
      return field;
    }
    if (isAlone && !('size' in field)) {
      dims[seen.along] = [{ size: output[seen.along]!, axis }];
      return composed(field, seen);
    }
    if (!isSingle(seen)) return 'unknown';
    dims[seen.along] = [...parts];
    return { size: sizeOf(field), jump: jumpOf(field), order };
  });
  // Who sees no row sees no column.
  return { fields: fields.includes('none') ? fields.map(() => 'none') : fields, dims };
}

function isEmpty({ range }: Steps): boolean {
  const [first, last] = range(0);
  return first > last;
}

/** Each place sees one, and not always the same. */
function isSingle({ period, advance, range }: Steps): boolean {
  return (
    advance > 0 && Array.from({ length: period }, (_, place) => range(place)).every(([first, last]) => first === last)
  );
}

/** One place of a field, seen by all that comes after. */
function at(field: Windows | Sized, place: number): Field {
  if ('size' in field) return alone(field);
  return composed(field, { along: undefined, period: 1, advance: 0, range: () => [place, place] });
}

function alone(field: Windows | Sized): Sized {
  return { size: sizeOf(field), jump: undefined, order: {} };
}

/** The places of the input, where a layer's output sees places of its input that see these. */
function composed(field: Windows, { period, advance, range }: Steps): Field {
  const turns = field.period / greatestDivisor(advance, field.period);
  const count = period * turns;
  if (count > LONGEST_PERIOD) return 'unknown';
  const bounds = Array.from({ length: count }, (_, place) => {
    const [from, to, apart = 1] = range(place);
    let first = NaN;
    let last = NaN;
    for (let each = from; each <= to; each += apart) {
      const turn = Math.floor(each / field.period);
      const inTurn = each - turn * field.period;
      const low = field.first[inTurn]! + turn * field.advance;
      if (Number.isNaN(low)) continue;
      first = Number.isNaN(first) ? low : Math.min(first, low);
      const high = field.last[inTurn]! + turn * field.advance;
      last = Number.isNaN(last) ? high : Math.max(last, high);
    }
    return { first, last };
  });
  if (bounds.every(({ first }) => Number.isNaN(first))) return 'none';
  return shortest({
    period: count,
    advance: ((advance * turns) / field.period) * field.advance,
    first: bounds.map(({ first }) => first),
    last: bounds.map(({ last }) => last),
  });
}

/** The same windows with the shortest period. */
function shortest(field: Windows): Windows {
  const { period, advance, first, last } = field;
  for (let turns = period; turns > 1; turns--) {
    if (period % turns !== 0 || advance % turns !== 0) continue;
    const [length, step] = [period / turns, advance / turns];
    const repeats = (bounds: readonly number[]): boolean =>
      bounds.every((bound, i) => Object.is(bound, bounds[i % length]! + Math.floor(i / length) * step));
    if (repeats(first) && repeats(last)) {
      return { period: length, advance: step, first: first.slice(0, length), last: last.slice(0, length) };
    }
  }
  return field;
}

// ---------------------------------------------------------------------------------------------- new shapes

/** The same values in the same order under other sizes: dimensions of places are merged and found again, not cut. */
function regrouped(view: View, output: Shape): View {
  const fields = [...view.fields];
  // A single place is no dimension.
  const left = view.dims.flat().flatMap((part) => {
    if (!equal(part.size, ONE)) return [part];
    const field = part.axis === undefined ? undefined : fields[part.axis];
    if (field !== undefined && typeof field !== 'string') fields[part.axis!] = at(field, 0);
    return [];
  });
  const dims: Part[][] = [];
  for (const wanted of output) {
    const dim: Part[] = [];
    let held = ONE;
    while (!equal(held, wanted)) {
      const part = left.shift();
      if (part === undefined) return lost(fields, output);
      const missing = exactDivide(wanted, held);
      const rest = missing && part.axis === undefined ? exactDivide(part.size, missing) : undefined;
      if (missing !== undefined && rest !== undefined && !equal(rest, ONE)) {
        dim.push({ size: missing, axis: undefined });
        left.unshift({ size: rest, axis: undefined });
        break;
      }
      held = multiply(held, part.size);
      dim.push(part);
      if ((constantValue(held) ?? 0n) > (constantValue(wanted) ?? constantValue(held) ?? 0n))
        return lost(fields, output);
    }
    dims.push(dim.length === 0 ? [{ size: wanted, axis: undefined }] : dim);
  }
  return left.length === 0 ? { fields, dims } : lost(fields, output);
}

function lost(fields: readonly Field[], output: Shape): View {
  return { fields: fields.map((field) => (typeof field === 'string' ? field : 'unknown')), dims: plain(output) };
}

// ---------------------------------------------------------------------------------------------- several inputs

function union(a: View, b: View): View {
  const dims = a.dims.map((parts, i) => (hasAxis(parts) ? parts : (b.dims[i] ?? parts)));
  const fields = a.fields.map((field, axis) => {
    const other = b.fields[axis]!;
    if (field === 'none') return other;
    if (other === 'none') return field;
    if (field === 'all' || other === 'all') return 'all';
    if (field === 'unknown' || other === 'unknown') return 'unknown';
    if (placesOf(a, axis) !== placesOf(b, axis)) return 'unknown';
    return joined(field, other);
  });
  return { fields, dims };
}

function hasAxis(parts: readonly Part[]): boolean {
  return parts.some(({ axis }) => axis !== undefined);
}

/** Which dimension an axis is in, with which others. */
function placesOf({ dims }: View, axis: number): string {
  const at = dims.findIndex((parts) => parts.some((part) => part.axis === axis));
  return `${String(at)}:${dims[at]?.map((part) => part.axis ?? '').join() ?? ''}`;
}

function joined(a: Windows | Sized, b: Windows | Sized): Field {
  if ('size' in a || 'size' in b) {
    if (!('size' in a && 'size' in b) || a.order !== b.order) return 'unknown';
    return { size: Math.max(a.size, b.size), jump: sameRatio(a.jump, b.jump) ? a.jump : undefined, order: a.order };
  }
  // In steps of another length they drift apart, the further the more.
  if (a.advance * b.period !== b.advance * a.period) return 'unknown';
  const period = (a.period * b.period) / greatestDivisor(a.period, b.period);
  if (period > LONGEST_PERIOD) return 'unknown';
  const bounds = Array.from({ length: period }, (_, place) => {
    const [one, other] = [boundsAt(a, place), boundsAt(b, place)];
    if (Number.isNaN(one.first)) return other;
    if (Number.isNaN(other.first)) return one;
    return { first: Math.min(one.first, other.first), last: Math.max(one.last, other.last) };
  });
  return shortest({
    period,
    advance: (period / a.period) * a.advance,
    first: bounds.map(({ first }) => first),
    last: bounds.map(({ last }) => last),
  });
}

function boundsAt({ period, advance, first, last }: Windows, place: number): { first: number; last: number } {
  const turn = Math.floor(place / period);
  const inTurn = place - turn * period;
  return { first: first[inTurn]! + turn * advance, last: last[inTurn]! + turn * advance };
}

function sameRatio(a: Ratio | undefined, b: Ratio | undefined): boolean {
  return a?.numerator === b?.numerator && a?.denominator === b?.denominator;
}
