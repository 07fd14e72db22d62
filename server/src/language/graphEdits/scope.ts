/** A node that stands for many: whether all of them are meant, or one, which then becomes one of its own. */
import type { Instance } from '../../core/graph.ts';
import type { Stage } from '../../core/definition.ts';
import { type Element, loopsAround } from './element.ts';
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
  const chosen = own === undefined ? 1 : visits(own, work.element(way), depth, way.steps.at(-1)!.turns);
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

/** How often something inside of so many loops is built in one use of its definition, in these turns of the outer ones. */
function visits(instance: Instance, element: Element, depth: number, turns: readonly number[]): number {
  if (element.kind !== 'stage' || depth === 0) return 1;
  const loop = loopsAround(element)[depth - 1];
  const inside = loop && turnOf(loop);
  const facts = inside === undefined ? undefined : instance.facts.get(inside);
  const found = facts?.filter(({ iterations }) => areTurns(iterations, turns.slice(0, depth))).length;
  return Math.max(1, found ?? 1);
}

/** What is built once a turn. */
function turnOf(loop: Stage): Stage | Stage['body'] | undefined {
  if (loop.count !== undefined) return loop.body;
  return loop.body.kind === 'for' ? loop.body.stages[0] : undefined;
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
