/** A loop visited once: what stays, what grows by a fixed step, what a running variable carries. */
import type { Identifier, Stage } from '../definition.ts';
import { ONE, add, equal, multiply, substitute, subtract, symbol, symbolsOf, type Dimension } from '../dimension.ts';
import { type Shape, unknownSize } from '../tensor.ts';
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
  const isLocal = (name: string): boolean =>
    name === index ||
    name.startsWith(`running ${String(number)}.`) ||
    variables.some((variable) => variable.symbol === name);

  const start = tensorsIn(flow);
  const isPlain = start.length > 0 && start.every(({ shape }) => shape !== undefined);
  if (!isPlain) return runTurn(frame, stage, inside, value, flow, turn);

  const running = (tensor: number, axis: number): string =>
    `running ${String(number)}.${String(tensor)}.${String(axis)}`;
  type Guess = 'same' | 'step' | 'running';
  let guesses: Guess[][] = start.map(({ shape }) => shape!.map(() => 'running'));
  let steps: (Dimension | undefined)[][] = start.map(({ shape }) => shape!.map(() => undefined));
  const entering = (tensor: number, axis: number): Dimension => {
    const initial = start[tensor]!.shape![axis]!;
    const guess = guesses[tensor]![axis]!;
    if (guess === 'same') return initial;
    if (guess === 'step') return add(initial, multiply(steps[tensor]![axis]!, inside));
    const name = running(tensor, axis);
    const example = constantExample(initial, frame.examples);
    if (example !== undefined) open.examples.set(name, example);
    return symbol(name, 1n);
  };
  const enter = (): Flow => reshape(flow, (t) => start[t]!.shape!.map((_, axis) => entering(t, axis)));
  const leaves = (out: Flow): readonly (Shape | undefined)[] | undefined => {
    const shapes = tensorsIn(out).map(({ shape }) => shape);
    return shapes.length === start.length && shapes.every((shape, t) => shape?.length === start[t]!.shape!.length)
      ? shapes
      : undefined;
  };

  for (let pass = 0; pass < 3; pass++) {
    const out = frame.trial(() => runTurn(frame, stage, inside, value, enter(), turn));
    const shapes = leaves(out);
    if (shapes === undefined) break;
    let changed = false;
    const nextSteps: (Dimension | undefined)[][] = [];
    const nextGuesses = guesses.map((axes, t) => {
      nextSteps.push([]);
      return axes.map((guess, axis): Guess => {
        const comes = entering(t, axis);
        const goes = shapes[t]![axis]!;
        nextSteps[t]!.push(steps[t]![axis]);
        if (guess === 'running') {
          if (equal(comes, goes) || equal(goes, start[t]!.shape![axis]!)) {
            changed = true;
            return 'same';
          }
          const step = subtract(goes, comes);
          if (![...symbolsOf(step)].some((name) => isLocal(name) || name.startsWith('?'))) {
            changed = true;
            nextSteps[t]![axis] = step;
            return 'step';
          }
          return 'running';
        }
        const expected = guess === 'same' ? comes : add(comes, steps[t]![axis]!);
        if (equal(expected, goes)) return guess;
        changed = true;
        return 'running';
      });
    });
    if (!changed) break;
    guesses = nextGuesses;
    steps = nextSteps;
  }

  const out = runTurn(frame, stage, inside, value, enter(), turn);
  const shapes = leaves(out);
  if (shapes === undefined) return out;
  const lastTurn = sizesOfLastTurn(index, variables, iterable, count);
  const carried: RunningSize[] = [];
  const after = reshape(out, (t) =>
    start[t]!.shape!.map((initial, axis) => {
      const guess = guesses[t]![axis]!;
      if (guess === 'same') return initial;
      if (guess === 'step')
        return count === undefined ? unknownSize() : add(initial, multiply(steps[t]![axis]!, count));
      const next = shapes[t]![axis]!;
      const name = running(t, axis);
      carried.push({ symbol: name, final: `${name} final`, tensor: t, axis, initial, next });
      open.locals.add(name).add(`${name} final`);
      const last = substitute(next, lastTurn);
      return [...symbolsOf(last)].some(isLocal) ? symbol(`${name} final`, 1n) : last;
    }),
  );
  open.loops.set(stage, { ...form, running: carried });
  return after;
}

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

/** The names and values of a turn that stands for all turns. */
export function openTurn(
  frame: Frame,
  stage: Stage,
  names: readonly Identifier[],
  iterable: Value | undefined,
  count: Dimension | undefined,
) {
  const open = frame.open!;
  const number = open.counter.next++;
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
    index,
    variables: variables.map(({ name, symbol: text }) => ({ name, symbol: text })),
    count,
    running: [],
  });
  return { number, index, inside: symbol(index, 0n), value, variables };
}
