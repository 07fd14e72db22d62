/** A node that stands for many: whether all of them are meant, or one, which then becomes one of its own. */
import { allNodes } from '../../core/analysis/walk.ts';
import { format } from '../../core/dimension.ts';
import type { Instance } from '../../core/graph.ts';
import { type Element, type StageElement, loopsAround, siteOf } from './element.ts';
import { copyBlock } from './copyBlock.ts';
import { Undecided } from './refused.ts';
import { isolateTurns } from './isolateTurns.ts';
import { type Way, type Work, areTurns, timesOf } from './work.ts';

/**
 * Before something is written inside of so many loops: where that would change more than what is meant, all are meant,
 * or the way is made to lead to a use of its own.
 */
export function settle(work: Work, way: Way, depth: number): void {
  const { total, chosen, files } = usesOf(work, way, depth);
  if (total <= chosen) return;
  if (work.scope === 'all') return;
  if (work.scope === undefined) throw new Undecided(total, files, nameOf(work, way, depth));
  for (const index of way.steps.keys()) {
    const isLast = index === way.steps.length - 1;
    isolateTurns(work, way, index, isLast ? depth : Infinity);
    if (!isLast && isUsedElsewhere(work, way, index + 1)) copyBlock(work, way, index);
  }
}

function nameOf(work: Work, way: Way, depth: number): string {
  const element = work.element(way);
  const loop = element.kind === 'stage' && way.steps.length === 1 ? loopsAround(element)[depth - 1] : undefined;
  if (loop === undefined) return element.written.definition.name.text;
  return loop.body.kind === 'call' ? loop.body.callee.text : loop.body.kind === 'for' ? 'for' : 'group';
}

interface Uses {
  /** In all models. */
  readonly total: number;
  /** What the way leads to: several where turns aren't told. */
  readonly chosen: number;
  readonly files: number;
}

function usesOf(work: Work, way: Way, depth: number): Uses {
  const { definition, uri } = work.element(way).written;
  const own = work.instance(way);
  const chosen = own === undefined ? 1 : Math.max(1, visits(own, work.element(way), depth, way.steps.at(-1)!.turns));
  // What is looked at by itself is the definition: it needs no asking that it changes.
  if (way.steps.length === 1)
    return { total: own === undefined ? 1 : visits(own, work.element(way), depth, []), chosen, files: 1 };
  let total = 0;
  let files = 0;
  for (const root of work.draft.rootsOf(uri)) {
    // Each file has objects of its own for what a definition says.
    const element = work.element({ ...way, root });
    let inFile = 0;
    for (const model of work.draft.facts(root).models) {
      for (const [instance, times] of timesOf(model))
        if (instance.definition.id === definition.id) inFile += times * visits(instance, element, depth, []);
    }
    total += inFile;
    if (inFile > 0) files += 1;
  }
  return { total, chosen, files };
}

/** How often a node is built in one use of its definition, in these turns of the outer loops: not where an `if` leaves it out. */
function visits(instance: Instance, element: Element, depth: number, turns: readonly number[]): number {
  if (element.kind !== 'stage' && element.kind !== 'operator') return 1;
  const told = turns.slice(0, depth);
  const at =
    element.kind === 'operator'
      ? siteOf(element.expression)
      : element.stage.body.kind === 'call'
        ? element.stage.body.callee.range
        : element.stage.range;
  const found = [...allNodes(instance.nodes)].filter(
    ({ site, iterations }) =>
      site.part === element.part &&
      site.range.start === at.start &&
      site.range.end === at.end &&
      areTurns(iterations, told),
  );
  const isNode = element.kind === 'operator' || isCallOfItsOwn(element);
  // What makes no node is known by its facts: a loop, an `if`, branches, the use of a shared layer.
  const all = isNode || found.length > 0 ? found : (instance.facts.get(element.stage) ?? []);
  const places = all.filter(({ iterations }) => areTurns(iterations, told));
  // A repetition as a whole is there once in so many turns.
  return new Set(
    places.map(({ iterations }) =>
      iterations
        .slice(0, depth)
        .map(({ index }) => format(index))
        .join(),
    ),
  ).size;
}

function isCallOfItsOwn({ written: { definition }, stage: { body } }: StageElement): boolean {
  if (body.kind !== 'call') return false;
  const name = body.callee.text;
  return !definition.statements.some((each) => each.kind === 'layer' && each.name.text === name);
}

/** Whether a definition on the way is used in another place of any model too. */
function isUsedElsewhere(work: Work, way: Way, index: number): boolean {
  const { written } = work.element(way, way.steps[index]);
  let total = 0;
  for (const root of work.draft.rootsOf(written.uri))
    for (const model of work.draft.facts(root).models)
      for (const [instance, times] of timesOf(model))
        if (instance.definition.id === written.definition.id) total += times;
  return total > 1;
}
