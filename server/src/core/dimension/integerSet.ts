/**
 * Sets of integers as {@link solve} finds them, and what a person calls them: "H divisible by 16".
 *
 * Outside `[low, high)` a set is residues of one period, perhaps others on the left than on the right; inside, it is a
 * list of runs.
 */
import { and, compare, FALSE, or, TRUE } from './condition.ts';
import { modulo } from './divide.ts';
import type { Run, Solutions } from './solve.ts';
import { constant, floorRemainder, type Condition, type Dimension } from './terms.ts';

interface Residues {
  readonly period: bigint;
  readonly members: ReadonlySet<bigint>;
}

export interface IntegerSet {
  /** Nothing is below, where there is one: the least that the symbol can be. */
  readonly least: bigint | undefined;
  readonly low: bigint;
  readonly high: bigint;
  readonly middle: readonly Run[];
  /** Below `low`; meaningless where `low` is the least. */
  readonly left: Residues;
  /** From `high` on. */
  readonly right: Residues;
}

/** A condition and its text. */
export interface Described {
  readonly condition: Condition;
  readonly text: string;
}

/** The middle is listed number by number where it must be: so many, and no more. */
const MIDDLE_LIMIT = 20_000n;
const LIST_LIMIT = 8;

/** From the solutions from `least` up; or from 0 up and, mirrored, from -1 down. */
export function setOf(up: Solutions, down: Solutions | undefined): IntegerSet | undefined {
  const right = sideOf(up);
  if (right === undefined) return undefined;
  if (down === undefined) {
    return {
      least: up.origin,
      low: up.origin,
      left: NOTHING,
      high: right.stable,
      middle: right.runs,
      right: right.residues,
    };
  }
  const mirrored = sideOf(down);
  if (mirrored === undefined) return undefined;
  const members = new Set(
    [...mirrored.residues.members].map((residue) => floorRemainder(-1n - residue, mirrored.residues.period)),
  );
  return {
    least: undefined,
    low: -mirrored.stable,
    left: { period: mirrored.residues.period, members },
    high: right.stable,
    middle: mergeRuns([
      ...mirrored.runs.map(({ from, to }) => ({ from: -1n - (to ?? from), to: -1n - from })).reverse(),
      ...right.runs,
    ]),
    right: right.residues,
  };
}

const NOTHING: Residues = { period: 1n, members: new Set() };

interface Side {
  readonly residues: Residues;
  /** From here on, the residues are all there is to say. */
  readonly stable: bigint;
  /** Before. */
  readonly runs: readonly Run[];
}

function sideOf({ origin, period, classes }: Solutions): Side | undefined {
  let stable = origin;
  const members = new Set<bigint>();
  classes.forEach((runs, residue) => {
    const start = origin + BigInt(residue);
    const last = runs.at(-1);
    const infinite = last !== undefined && last.to === undefined;
    if (infinite) members.add(floorRemainder(start, period));
    // The last number of the class that its residue doesn't describe.
    const odd = infinite ? last.from - 1n : (last?.to ?? -1n);
    if (odd >= 0n && start + period * odd + 1n > stable) stable = start + period * odd + 1n;
  });
  const residues = simplest({ period, members });
  if (stable === origin) return { residues, stable, runs: [] };
  const [only] = classes;
  if (period === 1n && only !== undefined) {
    const runs = only.map(({ from, to }) => ({
      from: origin + from,
      to: to === undefined ? stable - 1n : origin + to,
    }));
    return { residues, stable, runs: mergeRuns(runs.filter(({ from, to }) => from <= to)) };
  }
  if (stable - origin > MIDDLE_LIMIT) return undefined;
  const runs: Run[] = [];
  for (let value = origin; value < stable; value++) {
    const offset = value - origin;
    const t = offset / period;
    const inside = classes[Number(offset % period)]?.some(({ from, to }) => from <= t && (to === undefined || t <= to));
    if (inside === true) runs.push({ from: value, to: value });
  }
  return { residues, stable, runs: mergeRuns(runs) };
}

function mergeRuns(runs: readonly Run[]): Run[] {
  const merged: Run[] = [];
  for (const run of runs) {
    const last = merged.at(-1);
    if (last?.to !== undefined && last.to + 1n === run.from)
      merged[merged.length - 1] = { from: last.from, to: run.to };
    else merged.push(run);
  }
  return merged;
}

/** The smallest period. */
function simplest({ period, members }: Residues): Residues {
  for (let smaller = 1n; smaller < period; smaller++) {
    if (period % smaller !== 0n) continue;
    const folded = new Set([...members].map((member) => member % smaller));
    if (BigInt(folded.size) * (period / smaller) === BigInt(members.size)) return { period: smaller, members: folded };
  }
  return { period, members };
}

function sameResidues(a: Residues, b: Residues): boolean {
  return (
    a.period === b.period &&
    a.members.size === b.members.size &&
    [...a.members].every((member) => b.members.has(member))
  );
}

function isAll({ period, members }: Residues): boolean {
  return period === 1n && members.size === 1;
}

/** A condition true on exactly this set; none where no short one is found. */
export function describe(set: IntegerSet, symbol: Dimension, name: string): Described | undefined {
  const writer = new Writer(symbol, name, set.least);
  const { least, low, high, middle, left, right } = set;
  const bounded = least !== undefined;
  const plain = (side: Residues): boolean => isAll(side) || side.members.size === 0;
  if (plain(right) && (bounded || plain(left))) {
    const runs: { from: bigint | undefined; to: bigint | undefined }[] = [...middle];
    if (!bounded && isAll(left)) {
      const first = runs[0];
      if (first?.from === low) runs[0] = { from: undefined, to: first.to };
      else runs.unshift({ from: undefined, to: low - 1n });
    }
    if (isAll(right)) {
      const last = runs.at(-1);
      if (last?.to === high - 1n && (last.from === undefined || last.from <= high - 1n)) {
        runs[runs.length - 1] = { from: last.from, to: undefined };
      } else {
        runs.push({ from: high, to: undefined });
      }
    }
    return writer.runs(runs);
  }
  if (high - low > MIDDLE_LIMIT) return undefined;
  const inside = middle.flatMap(({ from, to }) => {
    const values: bigint[] = [];
    for (let value = from; value <= (to ?? from); value++) values.push(value);
    return values;
  });
  const members = new Set(inside);
  const range: bigint[] = [];
  for (let value = low; value < high; value++) range.push(value);
  const expects = ({ period, members: residues }: Residues, value: bigint): boolean =>
    residues.has(floorRemainder(value, period));

  if (bounded || sameResidues(left, right)) {
    const missing = range.filter((value) => expects(right, value) && !members.has(value));
    const extra = inside.filter((value) => !expects(right, value));
    const residues = writer.residues(right.period, right.members);
    if (residues === undefined) return undefined;
    if (missing.length === 0) return extra.length === 0 ? residues : writer.either([writer.values(extra), residues]);
    if (!bounded && missing.length <= LIST_LIMIT) {
      const without = writer.both([residues, ...missing.map((value) => writer.comparison('!=', value))]);
      return extra.length === 0 ? without : writer.either([writer.values(extra), without]);
    }
  }
  if (bounded || left.members.size === 0) {
    // Residues from a bound on.
    const start = range.findLast((value) => expects(right, value) && !members.has(value)) ?? low - 1n;
    let first = start + 1n;
    while (!expects(right, first)) first++;
    const before = inside.filter((value) => value < first);
    const beyond = inside.filter((value) => value >= first && !expects(right, value));
    return writer.fromBound(right, writer.comparison('>=', first), [...before, ...beyond]);
  }
  if (right.members.size === 0) {
    const end = range.find((value) => expects(left, value) && !members.has(value)) ?? high;
    let last = end - 1n;
    while (!expects(left, last)) last--;
    const extra = inside.filter((value) => value > last || !expects(left, value));
    return writer.fromBound(left, writer.comparison('<=', last), extra);
  }
  return undefined;
}

class Writer {
  readonly symbol: Dimension;
  readonly name: string;
  readonly least: bigint | undefined;

  constructor(symbol: Dimension, name: string, least: bigint | undefined) {
    this.symbol = symbol;
    this.name = name;
    this.least = least;
  }

  comparison(operator: '==' | '!=' | '<=' | '>=', value: bigint): Described {
    return {
      condition: compare(operator, this.symbol, constant(value)),
      text: `${this.name} ${operator} ${String(value)}`,
    };
  }

  either(parts: readonly (Described | undefined)[]): Described | undefined {
    const all = parts.filter((part) => part !== undefined);
    if (all.length !== parts.length) return undefined;
    return { condition: or(...all.map(({ condition }) => condition)), text: all.map(({ text }) => text).join(', or ') };
  }

  both(parts: readonly Described[]): Described {
    return {
      condition: and(...parts.map(({ condition }) => condition)),
      text: parts.map(({ text }) => text).join(' and '),
    };
  }

  values(values: readonly bigint[]): Described | undefined {
    return this.runs(mergeRuns(values.map((value) => ({ from: value, to: value }))));
  }

  fromBound(side: Residues, bound: Described, others: readonly bigint[]): Described | undefined {
    const residues = this.residues(side.period, side.members);
    if (residues === undefined) return undefined;
    const main = this.both([residues, bound]);
    return others.length === 0 ? main : this.either([this.values(others), main]);
  }

  runs(runs: readonly { readonly from: bigint | undefined; readonly to: bigint | undefined }[]): Described | undefined {
    if (runs.length === 0) return { condition: FALSE, text: 'never' };
    const holes = this.holes(runs);
    if (holes !== undefined) return holes;
    const single: bigint[] = [];
    const parts: Described[] = [];
    for (const run of runs) {
      const from = run.from === this.least ? undefined : run.from;
      if (run.from !== undefined && run.to !== undefined && run.to - run.from < 2n) {
        for (let value = run.from; value <= run.to; value++) single.push(value);
      } else if (from === undefined) {
        parts.push(run.to === undefined ? { condition: TRUE, text: 'always' } : this.comparison('<=', run.to));
      } else if (run.to === undefined) {
        parts.push(this.comparison('>=', from));
      } else {
        parts.push({
          condition: and(compare('>=', this.symbol, constant(from)), compare('<=', this.symbol, constant(run.to))),
          text: `${String(from)} <= ${this.name} <= ${String(run.to)}`,
        });
      }
    }
    if (single.length + parts.length > LIST_LIMIT) return undefined;
    const [only] = single;
    if (single.length === 1 && only !== undefined) parts.unshift(this.comparison('==', only));
    if (single.length > 1) {
      parts.unshift({
        condition: or(...single.map((value) => compare('==', this.symbol, constant(value)))),
        text: `${this.name} in {${single.join(', ')}}`,
      });
    }
    return this.either(parts);
  }

  /** `H != 3`: everything but one or two numbers. */
  private holes(
    runs: readonly { readonly from: bigint | undefined; readonly to: bigint | undefined }[],
  ): Described | undefined {
    const first = runs[0];
    if (first === undefined || runs.length === 1 || runs.at(-1)?.to !== undefined) return undefined;
    if (first.from !== this.least) return undefined;
    const missing: bigint[] = [];
    for (const [index, { to }] of runs.entries()) {
      const next = runs[index + 1]?.from;
      if (to === undefined || next === undefined) continue;
      if (next - to > 3n) return undefined;
      for (let value = to + 1n; value < next; value++) missing.push(value);
    }
    return missing.length > 2 ? undefined : this.both(missing.map((value) => this.comparison('!=', value)));
  }

  residues(period: bigint, members: ReadonlySet<bigint>): Described | undefined {
    const name = this.name;
    const rest = modulo(this.symbol, constant(period));
    const is = (operator: '==' | '!=' | '<' | '>=', value: bigint, text?: string): Described => ({
      condition: compare(operator, rest, constant(value)),
      text: text ?? `${name} % ${String(period)} ${operator} ${String(value)}`,
    });
    if (period === 1n) {
      return members.size === 1 ? { condition: TRUE, text: 'always' } : { condition: FALSE, text: 'never' };
    }
    const sorted = [...members].sort((a, b) => (a < b ? -1 : 1));
    const others: bigint[] = [];
    for (let residue = 0n; residue < period && others.length <= LIST_LIMIT; residue++) {
      if (!members.has(residue)) others.push(residue);
    }
    const [first] = sorted;
    const [other] = others;
    const last = sorted.at(-1);
    if (first === undefined || last === undefined) return { condition: FALSE, text: 'never' };
    if (sorted.length === 1) {
      if (period === 2n) return is('==', first, `${name} ${first === 0n ? 'even' : 'odd'}`);
      return first === 0n ? is('==', 0n, `${name} divisible by ${String(period)}`) : is('==', first);
    }
    if (others.length === 1 && other !== undefined) {
      return other === 0n ? is('!=', 0n, `${name} not divisible by ${String(period)}`) : is('!=', other);
    }
    if (last - first + 1n === BigInt(sorted.length)) {
      if (first === 0n) return is('<', last + 1n);
      if (last === period - 1n) return is('>=', first);
    }
    if (sorted.length <= LIST_LIMIT) {
      return {
        condition: or(...sorted.map((residue) => compare('==', rest, constant(residue)))),
        text: `${name} % ${String(period)} in {${sorted.join(', ')}}`,
      };
    }
    if (others.length <= LIST_LIMIT) {
      return {
        condition: and(...others.map((residue) => compare('!=', rest, constant(residue)))),
        text: `${name} % ${String(period)} not in {${others.join(', ')}}`,
      };
    }
    return undefined;
  }
}
