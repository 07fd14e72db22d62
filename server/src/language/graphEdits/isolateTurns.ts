/** One turn of a repetition as a stage of its own: `A * 5` is `A * 2 -> A -> A * 2`, its keys stay. */
import type { Expression, ForStage, Range, Stage } from '../../core/definition.ts';
import { type FixEdit, insert, replace } from '../../core/fix.ts';
import { atomic, literal, substituted, substitutions, turnsOf } from '../refactor/repetition.ts';
import { type Spot, rangeOf } from '../refactor/spot.ts';
import { type StageElement, absolute, loopsAround } from './element.ts';
import { Refused } from './refused.ts';
import type { Step, Way, Work } from './work.ts';

/** Of the loops around the stage of a step, outermost first, so many are split around the turn that is told. */
export function isolateTurns(work: Work, way: Way, index: number, depth: number): void {
  const step = way.steps[index]!;
  let kept = 0;
  for (let done = 0; done < depth; done++) {
    const element = work.element(way, step);
    if (element.kind !== 'stage') return;
    const loops = loopsAround(element);
    const turn = step.turns[kept];
    if (kept >= loops.length || turn === undefined) return;
    const loop = withLoop(element, loops[kept]!);
    const spot = work.spot(loop, way.root);
    const edits = split(spot, loop, turn);
    if (edits === undefined) {
      kept += 1;
      continue;
    }
    const inIt = [
      step,
      ...work.beside(way, index).filter((each) => isInTurn(work, way, each, loops[kept]!, turn, kept)),
    ];
    work.edit(loop.written.uri, edits);
    for (const each of inIt) each.turns = each.turns.filter((_, i) => i !== kept);
  }
}

function isInTurn(work: Work, way: Way, step: Step, loop: Stage, turn: number, depth: number): boolean {
  const element = work.element(way, step);
  return element.kind === 'stage' && loopsAround(element)[depth] === loop && step.turns[depth] === turn;
}

/** The stage around an element, or itself, that is repeated. */
function withLoop(element: StageElement, loop: Stage): StageElement {
  if (element.stage === loop) return element;
  for (let at = element.chain.outer; at !== undefined; at = at.chain.outer) {
    const stage = at.chain.stages[at.index]!;
    if (stage === loop) return { ...element, chain: at.chain, index: at.index, stage };
  }
  throw new Error('A loop that is around a stage is not found around it.');
}

/** `undefined` where there is one turn alone. */
function split(spot: Spot, loop: StageElement, turn: number): readonly FixEdit<Range>[] | undefined {
  const { stage } = loop;
  if (stage.count !== undefined && stage.body.kind === 'for')
    throw new Refused('A loop that is repeated as a whole has no single turns: write the repetition out first.');
  return stage.count === undefined ? splitFor(spot, loop, turn) : splitCount(spot, loop, stage.count, turn);
}

/** The group around the turns, where they have one in PyTorch: with its name, so that keys stay. */
function groupAround(spot: Spot, { chain, stage }: StageElement): readonly [before: string, behind: string] {
  const plan = spot.facts.session.names(spot.definition).stages.get(stage);
  const isGroup = plan?.module === 'Sequential' || stage.label !== undefined || chain.around === 'layer';
  if (!isGroup) return ['', ''];
  const name = stage.label === undefined && typeof plan?.name === 'string' ? `${plan.name}: ` : '';
  return [`${name}(`, ')'];
}

function splitCount(
  spot: Spot,
  loop: StageElement,
  count: Expression,
  turn: number,
): readonly FixEdit<Range>[] | undefined {
  const { stage } = loop;
  const times = literal(count);
  if (times === 1) return undefined;
  const [before, behind] = groupAround(spot, loop);
  const body = absolute(loop, stage.body.range);
  const text = spot.written(stage.body.range);
  const first = turn === 0 ? '' : `${repeated(text, turn)} -> `;
  const left = times === undefined ? undefined : times - turn - 1;
  const rest =
    left === undefined
      ? ` -> ${text} * (${atomic(spot.written(count.range))} - ${String(turn + 1)})`
      : left > 0
        ? ` -> ${repeated(text, left)}`
        : '';
  return [
    insert(body.start, `${before}${first}`),
    replace({ start: body.end, end: absolute(loop, stage.range).end }, `${rest}${behind}`),
  ];
}

function repeated(text: string, times: number): string {
  return times === 1 ? text : `${text} * ${String(times)}`;
}

function splitFor(spot: Spot, loop: StageElement, turn: number): readonly FixEdit<Range>[] | undefined {
  const { stage, chain } = loop;
  if (stage.body.kind !== 'for') return undefined;
  const { body } = stage;
  const pieces = piecesOf(spot, body, turn);
  const [before, behind] = groupAround(spot, loop);
  // A loop that is a whole branch makes several of them.
  const isBranch = chain.around === 'parallel' && chain.stages.length === 1 && stage.label === undefined;
  const joint = isBranch ? ', ' : ' -> ';
  const whole = absolute(loop, body.range);
  const inside = absolute(loop, rangeOf(body.stages));
  const first = pieces.before === undefined ? '' : `${pieces.before}${joint}`;
  const rest = pieces.behind === undefined ? '' : `${joint}${pieces.behind}`;
  const named = new Map(body.names.map(({ text }, i) => [text, pieces.values[i]!]));
  return [
    replace({ start: whole.start, end: inside.start }, `${before}${first}`),
    ...substitutions(spot, body.stages, named).map(({ text, ...range }) => replace(absolute(loop, range), text)),
    replace({ start: inside.end, end: absolute(loop, stage.range).end }, `${rest}${behind}`),
  ];
}

interface Pieces {
  /** What stands for the turns before it; none where absent. */
  readonly before?: string;
  /** What the loop's names are in it. */
  readonly values: readonly string[];
  readonly behind?: string;
}

function piecesOf(spot: Spot, body: ForStage, turn: number): Pieces {
  const { names, iterable } = body;
  const inside = spot.written(rangeOf(body.stages));
  const loopOver = (over: string): string => `for ${names.map(({ text }) => text).join(', ')} in ${over} { ${inside} }`;
  const turns = turnsOf(written(spot, body));
  const values = turns === undefined ? indexed(spot, body, turn) : turns[turn];
  if (values === undefined) throw new Refused('This loop has no such turn any more.');
  const over = (from: number, to: number | undefined): string | undefined => {
    if (to !== undefined && to <= from) return undefined;
    if (turns !== undefined && to === from + 1) {
      const named = new Map(names.map(({ text }, i) => [text, turns[from]![i]!]));
      return substituted(spot, rangeOf(body.stages), body.stages, named);
    }
    return loopOver(slice(spot, iterable, from, to));
  };
  const [before, behind] = [over(0, turn), over(turn + 1, turns?.length)];
  return { values, ...(before === undefined ? {} : { before }), ...(behind === undefined ? {} : { behind }) };
}

/** The loop over the list that a name is bound to, where one is written. */
function written(spot: Spot, body: ForStage): ForStage {
  const { iterable } = body;
  if (iterable.kind !== 'name') return body;
  const bound = spot.definition.statements.find(
    (each) => each.kind === 'binding' && each.names.length === 1 && each.names[0]!.text === iterable.name.text,
  );
  return bound?.kind === 'binding' && bound.value.kind === 'list' ? { ...body, iterable: bound.value } : body;
}

/** What the loop's names are in a turn of a list that is worked out. */
function indexed(spot: Spot, { names, iterable }: ForStage, turn: number): readonly string[] {
  if (iterable.kind === 'binary' && iterable.operator === '..') {
    const from = literal(iterable.left);
    return [
      from === undefined ? `${atomic(spot.written(iterable.left.range))} + ${String(turn)}` : String(from + turn),
    ];
  }
  const item = `${listText(spot, iterable)}[${String(turn)}]`;
  return names.length === 1 ? [item] : names.map((_, i) => `${item}[${String(i)}]`);
}

function listText(spot: Spot, iterable: Expression): string {
  const text = spot.written(iterable.range);
  return iterable.kind === 'call' || iterable.kind === 'list' ? text : atomic(text);
}

/** A part of what a loop goes over: to its end, where that isn't told. */
function slice(spot: Spot, iterable: Expression, from: number, to: number | undefined): string {
  if (iterable.kind === 'binary' && iterable.operator === '..') {
    const start = literal(iterable.left);
    const at = (offset: number): string => {
      if (start !== undefined) return String(start + offset);
      const left = atomic(spot.written(iterable.left.range));
      return offset === 0 ? left : `(${left} + ${String(offset)})`;
    };
    return `${at(from)}..${to === undefined ? spot.written(iterable.right.range) : at(to)}`;
  }
  if (iterable.kind === 'list' && to !== undefined)
    return `[${iterable.items
      .slice(from, to)
      .map(({ range }) => spot.written(range))
      .join(', ')}]`;
  return `${listText(spot, iterable)}[${from === 0 ? '' : String(from)}:${from === 0 && to !== undefined ? String(to) : ''}]`;
}
