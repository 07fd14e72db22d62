/** A stage in another place, and a stage once more. */
import type { Range } from '../../core/definition.ts';
import type { GraphEdit } from '../../core/edits/edit.ts';
import { freeName } from '../../core/fix.ts';
import { takeOut } from './deleteNode.ts';
import { type Element, type StageElement, absolute, loopsAround } from './element.ts';
import { putInTurn, putStage } from './put.ts';
import { Refused } from './refused.ts';
import { checkSameUse } from './rewire.ts';
import { settle } from './scope.ts';
import { removeUnused } from './unused.ts';
import { depthAt, isTurn, nameOf, slotBefore, slotBehind, stageOf } from './where.ts';
import { type Way, type Work, areSame } from './work.ts';

export function moveNode(work: Work, { node, where }: GraphEdit & { readonly kind: 'move' }): void {
  const way = work.way(node);
  const element = stageOf(work, way);
  if (isTurn(element, way.steps.at(-1)!.turns))
    throw new Refused('This is one turn of a repetition: move the whole repetition, or write it out first.', node);
  const places =
    where.kind === 'edge' ? [work.way(where.edge.to.node), work.way(where.edge.from.node)] : [work.way(where.node)];
  const [to, from] = places as [Way, Way | undefined];
  checkSameUse(work, to, way);
  for (const each of places) {
    const other = work.element(each);
    if (isSame(each, way)) throw new Refused(`${nameOf(element)} stands there already.`, node);
    const { start, end } = element.stage.range;
    const own = other.kind === 'stage' ? other.stage.body.range : undefined;
    if (own !== undefined && other.part === element.part && start <= own.start && own.end <= end)
      throw new Refused('A group can not be moved into itself.', node);
  }
  settle(work, way, depthAt(element, way.steps.at(-1)!.turns));
  const before = stageOf(work, way);
  // All turns together would be one then, or one would be many.
  if (work.scope === 'all' && !areInSameLoops(before, work.element(to)))
    throw new Refused(`${nameOf(before)} and its new place are not in the same repetition: move this one only.`, node);
  const text = stageText(work, before);
  takeOut(work, way, false);
  const slot =
    where.kind === 'edge'
      ? slotBefore(work, to, where.edge.to.input, from)
      : where.kind === 'after'
        ? slotBehind(work, to)
        : slotBefore(work, to, 0);
  work.edit(before.written.uri, slot.edits(text));
  removeUnused(work, before.written, way.root);
}

function areInSameLoops(a: StageElement, b: Element): boolean {
  const [x, y] = [a, b].map((each) => (each.kind === 'stage' ? loopsAround(each) : []));
  return x!.length === y!.length && x!.every((loop, i) => loop === y![i]);
}

function isSame(a: Way, b: Way): boolean {
  return a.steps.length === b.steps.length && a.steps.every((step, i) => areSame(step, b.steps[i]));
}

function stageText(work: Work, element: StageElement): string {
  const { start, end } = absolute(element, element.stage.range);
  return work.draft.text(element.written.uri).slice(start, end);
}

export function duplicate(work: Work, { node }: GraphEdit & { readonly kind: 'duplicate' }): void {
  const way = work.way(node);
  const { turns } = way.steps.at(-1)!;
  settle(work, way, depthAt(stageOf(work, way), turns));
  const element = stageOf(work, way);
  const { uri } = element.written;
  if (isTurn(element, turns)) {
    const { start, end } = absolute(element, element.stage.body.range);
    work.edit(uri, putInTurn(element, 'behind', work.draft.text(uri).slice(start, end)));
    return;
  }
  work.edit(uri, putStage(work.draft, element, element.index + 1, withFreeLabel(work, way, element)));
}

/** A label is the name of one thing: the copy gets the next one. */
function withFreeLabel(work: Work, way: Way, element: StageElement): string {
  const text = stageText(work, element);
  const { label, range } = element.stage;
  if (label === undefined) return text;
  const plan = work.facts(way).session.names(element.written.definition);
  const taken = new Set([...plan.stages.values()].map(({ name }) => name));
  const at: Range = { start: label.range.start - range.start, end: label.range.end - range.start };
  const old = text.slice(at.start, at.end);
  const isTaken = (name: string): boolean => taken.has(name);
  return `${text.slice(0, at.start)}${freeName(old, isTaken)}${text.slice(at.end)}`;
}
