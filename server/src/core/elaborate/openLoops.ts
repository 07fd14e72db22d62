/** A loop visited once: what stays, what grows by a fixed step, what a running variable carries. */
import type { Identifier, Stage } from '../definition.ts';
import {
  ONE,
  ZERO,
  add,
  constantValue,
  equal,
  multiply,
  substitute,
  subtract,
  symbol,
  symbolsOf,
  type Dimension,
} from '../dimension.ts';
import type { Shape } from '../tensor.ts';
import { UNKNOWN, type Value } from '../value.ts';
import { constantExample, firstItem, reshape, tensorsIn, type Flow } from './flow.ts';
import type { Frame } from './frame.ts';
import { runTurn } from './loops.ts';
import type { RunningSize } from './openness.ts';
import { intValue, listValue } from './values.ts';

/**
 * A loop visited once. Sizes that go round are found by looking at one turn: those that stay, those that grow by a
 * fixed step (64 + 32·i), and those that only a running variable can carry.
 */
export function runOpenLoop(
  frame: Frame,
  stage: Stage,
  names: readonly Identifier[],
  iterable: Value | undefined,
  count: Dimension | undefined,
  flow: Flow,
  turn: (flow: Flow) => Flow,
): Flow {
  const open = frame.open!;
  const { number, index, inside, value, variables } = openTurn(frame, stage, names, iterable, count);
  const form = open.loops.get(stage)!;
  // Loops are numbered as they are met: one inside has a later number.
  const isLocal = (name: string): boolean =>
    name === index ||
    Number(/^running (\d+)\./.exec(name)?.[1] ?? -1) >= number ||
    open.givens.get(name)?.loops.includes(stage) === true ||
    variables.some((variable) => variable.symbol === name);

  const start = tensorsIn(flow);
  const isPlain = start.length > 0 && start.every(({ shape }) => shape !== undefined);
  // A loop that never turns passes on what comes in.
  const isIdle = count !== undefined && constantValue(count) === 0n;
  if (!isPlain) {
    const out = runTurn(frame, stage, inside, value, flow, turn);
    return isIdle ? flow : out;
  }

  const sizes = start.map(({ shape }, tensor) =>
    shape!.map((initial, axis) => ({
      initial,
      name: `${open.isSketch ? '?' : ''}running ${String(number)}.${String(tensor)}.${String(axis)}`,
    })),
  );
  const first = open.isSketch ? ZERO : undefined;
  const passes = frame.iterations.length < DEEP ? PASSES + (first === undefined ? 0 : 1) : 0;
  // How much each size grows a turn (0 for one that stays); undefined where only a running variable can carry it.
  // In a sketch it is tried first whether they stay as they come in: a block that is fed numbers is the model's own.
  let steps: (Dimension | undefined)[][] = sizes.map((axes) => axes.map(() => (passes > 0 ? first : undefined)));
  const entering = (tensor: number, axis: number): Dimension => {
    const { initial, name } = sizes[tensor]![axis]!;
    const step = steps[tensor]![axis];
    if (step !== undefined) return add(initial, multiply(step, inside));
    const example = constantExample(initial, frame.examples);
    if (example !== undefined) open.examples.set(name, example);
    return symbol(name, 1n);
  };
  const enter = (): Flow => reshape(flow, (t) => sizes[t]!.map((_, axis) => entering(t, axis)));
  const leaving = (out: Flow): readonly Shape[] | undefined => {
    const shapes = tensorsIn(out).map(({ shape }) => shape);
    const fits = shapes.length === sizes.length && shapes.every((shape, t) => shape?.length === sizes[t]!.length);
    return fits ? (shapes as Shape[]) : undefined;
  };

  for (let pass = 0; pass < passes; pass++) {
    const shapes = leaving(frame.trial(() => runTurn(frame, stage, inside, value, enter(), turn)));
    if (shapes === undefined) break;
    const found = sizes.map((axes, t) =>
      axes.map(({ initial }, axis) => {
        const comes = entering(t, axis);
        const goes = shapes[t]![axis]!;
        const guess = steps[t]![axis];
        if (guess !== undefined) return equal(add(comes, guess), goes) ? guess : undefined;
        if (equal(goes, initial)) return ZERO;
        const step = subtract(goes, comes);
        return [...symbolsOf(step)].some((name) => isLocal(name) || name.startsWith('?')) ? undefined : step;
      }),
    );
    const isSteady = found.every((axes, t) =>
      axes.every((step, axis) => (step === undefined) === (steps[t]![axis] === undefined)),
    );
    steps = found;
    if (isSteady) break;
  }

  const out = runTurn(frame, stage, inside, value, enter(), turn);
  const shapes = leaving(out);
  if (shapes === undefined) return isIdle ? flow : out;
  const lastTurn = sizesOfLastTurn(index, variables, iterable, count);
  // Where another loop says how often this one turns, it may not turn at all.
  const isDoubtful = count !== undefined && [...symbolsOf(count)].some((name) => open.locals.has(name));
  const running: RunningSize[] = [];
  const after = reshape(out, (t) =>
    sizes[t]!.map(({ initial, name }, axis) => {
      const step = steps[t]![axis];
      // What these rules say of a loop's end isn't always so: one whose turns depend on another loop may have none.
      const isWrong = t === 0 && open.given.get(stage)?.has(axis) === true;
      if (step !== undefined && equal(step, ZERO) && !isWrong) return initial;
      if (step !== undefined && count !== undefined && !isWrong) return add(initial, multiply(step, count));
      const next = shapes[t]![axis]!;
      const final = `${name} final`;
      running.push({ symbol: name, final, tensor: t, axis, initial, next });
      const seen = open.witness(stage)?.[t]?.[axis];
      if (seen !== undefined && constantValue(seen) !== undefined) open.examples.set(final, intValue(seen));
      open.locals.add(name).add(final);
      const last = substitute(next, lastTurn);
      const isCarried = isWrong || isDoubtful || step !== undefined || [...symbolsOf(last)].some(isLocal);
      return isCarried ? symbol(final, 1n) : last;
    }),
  );
  open.loops.set(stage, { ...form, running });
  return isIdle ? flow : after;
}

/** Sizes that depend on one another settle in two passes; where they don't, running variables are right too. */
const PASSES = 3;
/** Loops in so many loops aren't tried: each level would be visited as often again. Running variables carry theirs. */
const DEEP = 4;

/** What the index and the names of a loop are in its last turn, where that can be said. */
export function sizesOfLastTurn(
  index: string,
  variables: readonly { readonly symbol: string }[],
  iterable: Value | undefined,
  count: Dimension | undefined,
): (name: string) => Dimension | undefined {
  const sizes = new Map<string, Dimension>();
  if (count !== undefined) sizes.set(index, subtract(count, ONE));
  const item = iterable?.kind === 'list' ? iterable.items.at(-1) : undefined;
  const values = variables.length === 1 ? [item] : item?.kind === 'list' ? item.items : [];
  variables.forEach((variable, i) => {
    const value = values[i];
    if (value?.kind === 'int') sizes.set(variable.symbol, value.value);
  });
  return (name) => sizes.get(name);
}

/** A turn that stands for all turns. */
interface OpenTurn {
  /** Makes the loop's symbols its own. */
  readonly number: number;
  readonly index: string;
  readonly inside: Dimension;
  readonly value: Value | undefined;
  readonly variables: readonly { readonly name: string; readonly symbol: string }[];
}

/** The names and values of a turn that stands for all turns. */
export function openTurn(
  frame: Frame,
  stage: Stage,
  names: readonly Identifier[],
  iterable: Value | undefined,
  count: Dimension | undefined,
): OpenTurn {
  const open = frame.open!;
  // A shared layer's loop is one loop, however often it is used.
  const known = open.loops.get(stage);
  const number = known?.number ?? open.counter.next++;
  const index = `index ${String(number)}`;
  const first = firstItem(iterable, frame.examples);
  const variables = names.map((name, i) => ({
    name: name.text,
    symbol: `${name.text} ${String(number)}`,
    example: names.length === 1 ? first : first.kind === 'list' ? (first.items[i] ?? UNKNOWN) : UNKNOWN,
  }));
  open.examples.set(index, intValue(0));
  for (const name of [index, ...variables.map((variable) => variable.symbol)]) open.locals.add(name);
  const parts = variables.map(({ symbol: name, example }) => frame.session.symbolFor(name, example, open.examples));
  const value = iterable === undefined ? undefined : names.length === 1 ? parts[0]! : listValue(parts, true);
  open.loops.set(stage, {
    number,
    index,
    variables: variables.map(({ name, symbol: text }) => ({ name, symbol: text })),
    count,
    running: [],
  });
  return { number, index, inside: symbol(index, 0n), value, variables };
}
