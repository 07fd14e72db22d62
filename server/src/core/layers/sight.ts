/**
 * What a place of a layer's output sees of its input, dimension by dimension: what receptive fields are made of.
 *
 * As in evaluation, and as a gradient would tell it: a place is seen when its value can change what comes out. Places
 * outside the input are padding.
 */
import { type Dimension, ONE, constantValue, equal } from '../dimension.ts';
import type { Shape } from '../tensor.ts';
import type { LayerCall, PartFacts } from './layer.ts';
import type { Parameters } from './parameters.ts';

/** The part of a call that says what is seen. */
export interface SightCall<P extends Parameters = Parameters> extends Pick<
  LayerCall<P>,
  'arguments' | 'inputs' | 'input'
> {
  /** The layers that it is built of, in their order. */
  readonly parts: readonly PartFacts[];
}

/**
 * What is seen of each input, for one of the outputs.
 *
 * @param index which of the outputs it is
 */
export type Sees<P extends Parameters = Parameters> = (
  call: SightCall<P>,
  output: Shape,
  index: number,
) => readonly Sight[];

/** One for each dimension of an input; `reshaped`: the values in the same order, in another shape. */
export type Sight = readonly Seen[] | Regrouped | 'reshaped';

/** What is seen in other shapes of the same values: blocks that are numbered row by row. */
export interface Regrouped {
  /** The input's shape, where it is another. */
  readonly from?: Shape;
  /** One for each dimension of {@link from}. */
  readonly seen: readonly Seen[];
  /** The output's shape, where it is another. */
  readonly to?: Shape;
}

/** `all`: every place of the dimension, or any of them. `unknown`: nothing is said. */
export type Seen = Steps | Moved | 'all' | 'unknown';

/** Places are seen in steps that repeat: what a window does. */
export interface Steps {
  /** The dimension of the output that it goes along; absent where all of the output sees the same places. */
  readonly along: number | undefined;
  /** After so many places of the output… */
  readonly period: number;
  /** …so many places further of the input are seen. */
  readonly advance: number;
  /**
   * The first and the last place that this one sees, and how far apart those between them lie, if not side by side; the
   * first is behind the last where it sees none.
   */
  readonly range: (place: number) => readonly [first: number, last: number, apart?: number];
}

/** All of a range. */
export function placesIn([first, last, apart = 1]: ReturnType<Steps['range']>): readonly number[] {
  return Array.from({ length: Math.max(Math.floor((last - first) / apart) + 1, 0) }, (_, i) => first + i * apart);
}

/** Each place of the output is one of the input, but in no fixed step: `Roll`, parts put one after the other. */
export interface Moved {
  readonly along: number;
  readonly moved: true;
}

/** Each place sees the one with its own number. */
export function own(along: number): Steps {
  return { along, period: 1, advance: 1, range: (place) => [place, place] };
}

/** All of the output sees this one place: a dimension that is broadcast, or taken apart. */
export function fixed(place: number): Steps {
  return { along: undefined, period: 1, advance: 0, range: () => [place, place] };
}

/** Nothing of it: random numbers in its shape. */
export const NOTHING: Steps = { along: undefined, period: 1, advance: 0, range: () => [1, 0] };

export function moved(along: number): Moved {
  return { along, moved: true };
}

/** A kernel that slides: torch.nn.Conv2d, MaxPool2d. */
export function window(
  along: number,
  kernel: Dimension,
  stride: Dimension = ONE,
  padding: Dimension | number = 0,
  dilation: Dimension = ONE,
): Seen {
  const sizes = numbers([kernel, stride, padding, dilation]);
  if (sizes === undefined) return 'unknown';
  const [places, step, around, distance] = sizes as [number, number, number, number];
  return {
    along,
    period: 1,
    advance: step,
    range: (place) => [place * step - around, place * step - around + distance * (places - 1), distance],
  };
}

/** A kernel that is put down at each place of the input: torch.nn.ConvTranspose2d. */
export function spread(
  along: number,
  kernel: Dimension,
  stride: Dimension,
  padding: Dimension,
  dilation: Dimension,
): Seen {
  const sizes = numbers([kernel, stride, padding, dilation]);
  if (sizes === undefined) return 'unknown';
  const [places, step, cut, distance] = sizes as [number, number, number, number];
  const apart = distance / greatestDivisor(distance, step);
  return {
    along,
    period: step,
    advance: 1,
    range: (place) => {
      const seen = Array.from({ length: places }, (_, i) => place + cut - distance * i)
        .filter((at) => at % step === 0)
        .map((at) => at / step);
      return seen.length === 0 ? [1, 0] : [Math.min(...seen), Math.max(...seen), apart];
    },
  };
}

/** So many parts of about one size, of each the mean or the largest value: torch.nn.AdaptiveAvgPool2d. */
export function parts(along: number, from: Dimension, to: Dimension | undefined): Seen {
  if (to === undefined || equal(from, to)) return own(along);
  if (equal(to, ONE)) return 'all';
  const sizes = numbers([from, to]);
  if (sizes === undefined) return 'unknown';
  const [places, count] = sizes as [number, number];
  return {
    along,
    ...repeating(places, count),
    range: (place) => [Math.floor((place * places) / count), Math.ceil(((place + 1) * places) / count) - 1],
  };
}

/** Blocks of so many places that see blocks of so many: grouped channels, pixels that become channels. */
export function blocks(along: number, of: Dimension, see: Dimension): Seen {
  const sizes = numbers([of, see]);
  if (sizes === undefined) return 'unknown';
  const [size, seen] = sizes as [number, number];
  return {
    along,
    period: size,
    advance: seen,
    range: (place) => [Math.floor(place / size) * seen, (Math.floor(place / size) + 1) * seen - 1],
  };
}

/** The least period of a ratio: after `period` places of the output, `advance` of the input. */
export function repeating(from: number, to: number): Pick<Steps, 'period' | 'advance'> {
  const divisor = greatestDivisor(from, to);
  return { period: to / divisor, advance: from / divisor };
}

/** For an entry's `isView`, whatever its arguments. */
export const alwaysView = (): boolean => true;

// ---------------------------------------------------------------------------------------------- whole sights

/** Value by value, with broadcasting: an activation, a sum. */
export function pointwise({ inputs }: SightCall, output: Shape): readonly Sight[] {
  return inputs.map(({ shape }) => broadcastSight(shape, output));
}

export function broadcastSight(shape: Shape, output: Shape): readonly Seen[] {
  const added = output.length - shape.length;
  return shape.map((size, i) => {
    const wanted = output[i + added];
    return wanted === undefined || (equal(size, ONE) && !equal(wanted, ONE)) ? fixed(0) : own(i + added);
  });
}

/** Value by value but for some dimensions, all of which each value sees: a softmax, a normalization. */
export function mixing(...dims: readonly number[]): Sees {
  return ({ inputs }, output) =>
    inputs.map(({ shape }) =>
      mixed(
        shape.length,
        dims.map((dim) => axisOf(dim, shape)),
        output,
      ),
    );
}

export function mixed(rank: number, dims: readonly number[], output: Shape): readonly Seen[] {
  return Array.from({ length: rank }, (_, i) => (dims.includes(i) ? 'all' : i < output.length ? own(i) : 'unknown'));
}

/** The first input in the same order, in another shape; of others nothing is seen. */
export const reshaped: Sees = () => ['reshaped'];

// ---------------------------------------------------------------------------------------------- layers of layers

/** Layers in a row, of which each takes what the one before it gives; all inputs go into the first. */
export function inSequence(parts: readonly PartFacts[]): readonly Sight[] {
  const [first, ...others] = parts.flatMap((part) =>
    Array.from({ length: part.count === undefined ? 1 : (numbers([part.count])?.[0] ?? 2) }, () => part),
  );
  if (first === undefined) return [];
  return others.reduce(
    (sights, part) => sights.map((sight, i) => followed(sight, sightsOfPart(part)[0]!, first.inputs[i]!.shape.length)),
    sightsOfPart(first),
  );
}

function sightsOfPart(part: PartFacts): readonly Sight[] {
  const sights = part.layer.sees?.({ ...part, input: part.inputs[0]! }, part.outputs[0]!, 0);
  return part.inputs.map(({ shape }, i) => sights?.[i] ?? shape.map(() => 'unknown'));
}

/**
 * What a layer sees through the one before it.
 *
 * @param rank of the input of the first
 */
export function followed(sight: Sight, by: Sight, rank: number): Sight {
  if (isDims(sight) && isDims(by)) return sight.map((seen) => seenThrough(seen, by));
  if (isPlain(by)) return sight;
  if (isPlain(sight)) return by;
  return Array.from({ length: rank }, () => 'unknown');
}

function seenThrough(seen: Seen, by: readonly Seen[]): Seen {
  if (typeof seen === 'string' || seen.along === undefined) return seen;
  const after = by[seen.along] ?? 'unknown';
  if (typeof after === 'string') return after;
  if (!isSteps(seen) || !isSteps(after)) {
    const isOwnAndMoved = [seen, after].every((each) => !isSteps(each) || isOwn(each));
    return isOwnAndMoved && after.along !== undefined ? moved(after.along) : 'unknown';
  }
  const { period, advance } = after;
  const turns = seen.period / greatestDivisor(advance, seen.period);
  return {
    along: after.along,
    period: period * turns,
    advance: ((advance * turns) / seen.period) * seen.advance,
    range(place) {
      const through = placesIn(after.range(place));
      const seenThere = [...new Set(through.flatMap((each) => placesIn(seen.range(each))))].sort((a, b) => a - b);
      if (seenThere.length === 0) return [1, 0];
      const [first, last] = [seenThere[0]!, seenThere.at(-1)!];
      return [first, last, seenThere.reduce((apart, each) => greatestDivisor(each - first, apart), 0) || 1];
    },
  };
}

function isDims(sight: Sight): sight is readonly Seen[] {
  return Array.isArray(sight);
}

/** Each place sees the one with its own number, in all dimensions. */
function isPlain(sight: Sight): boolean {
  return isDims(sight) && sight.every((seen, i) => isSteps(seen) && seen.along === i && isOwn(seen));
}

export function isSteps(seen: Seen): seen is Steps {
  return typeof seen === 'object' && 'range' in seen;
}

/** Each place sees the one with its own number. */
export function isOwn({ period, advance, range }: Steps): boolean {
  const [first, last] = range(0);
  return period === 1 && advance === 1 && first === 0 && last === 0;
}

/** A dimension's number from 0, of an argument that was found right. */
export function axisOf(dim: number, shape: Shape): number {
  return dim < 0 ? dim + Math.max(shape.length, 1) : dim;
}

export function numbers(sizes: readonly (Dimension | number)[]): readonly number[] | undefined {
  const found = sizes.map((size) => (typeof size === 'number' ? size : Number(constantValue(size) ?? NaN)));
  return found.every(Number.isSafeInteger) ? found : undefined;
}

export function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
