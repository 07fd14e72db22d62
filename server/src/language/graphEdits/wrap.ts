/** Nodes in a row as a block of their own: the refactoring, for what is selected in the graph. */
import type { GraphEdit } from '../../core/edits/edit.ts';
import { extractBlock } from '../refactor/extractBlock.ts';
import { Spot } from '../refactor/spot.ts';
import { type StageElement, absolute } from './element.ts';
import { checkFree } from './inputs.ts';
import { Refused } from './refused.ts';
import { checkSameUse } from './rewire.ts';
import { settle } from './scope.ts';
import { checkName } from './texts.ts';
import { depthAt, isTurn, stageOf } from './where.ts';
import type { Way, Work } from './work.ts';

export function wrap(work: Work, { nodes, name }: GraphEdit & { readonly kind: 'wrap' }): void {
  const ways = nodes.map((node) => work.way(node));
  const [first] = ways;
  if (first === undefined) throw new Refused('Select what the block shall be made of.');
  for (const way of ways) checkSameUse(work, first, way);
  const wanted = name === undefined ? undefined : checkName(name, work.parser);
  if (wanted !== undefined) checkFree(work, first, work.element(first).written, wanted);
  settle(work, first, depthAt(work.element(first), first.steps.at(-1)!.turns));
  const selection = selectionOf(work, first, ways);
  const { written, part } = work.element(first);
  const { uri, definition } = written;
  const spot = new Spot(work.draft.document(uri), work.draft.read(uri), work.facts(first), selection, definition, part);
  const [found] = wanted === undefined ? extractBlock(spot) : extractBlock(spot, wanted);
  if (found === undefined)
    throw new Refused(
      'These nodes can’t be a block: something in them is shared with what stays outside, or another tensor comes in on the way.',
      first.place,
    );
  work.edit(uri, found.edits);
}

/** From the first to the last of them, whatever order they are told in. */
function selectionOf(work: Work, first: Way, ways: readonly Way[]): { start: number; end: number } {
  const elements = ways.map((way) => stageOf(work, way));
  const chains = new Set(elements.map(({ chain }) => chain.stages));
  const [one] = elements as [StageElement];
  if (chains.size === 1) {
    const indices = elements.map(({ index }) => index).sort((a, b) => a - b);
    const isRow = indices.every((each, i) => i === 0 || each <= indices[i - 1]! + 1);
    if (!isRow)
      throw new Refused('There are others between them: select all nodes from the first to the last.', first.place);
    const [from, to] = [one.chain.stages[indices[0]!]!, one.chain.stages[indices.at(-1)!]!];
    if (elements.some((each, i) => isTurn(each, ways[i]!.steps.at(-1)!.turns)))
      throw new Refused('A block is made of the whole repetition: fold it, and select it.', first.place);
    return absolute(one, { start: from.range.start, end: to.range.end });
  }
  // Several statements: whole ones.
  const parts = elements.map(({ part }) => part);
  const [from, to] = [Math.min(...parts), Math.max(...parts)];
  const { written } = one;
  const { statements } = written.definition;
  return {
    start: absolute({ written, part: from }, statements[from]!.range).start,
    end: absolute({ written, part: to }, statements[to]!.range).end,
  };
}
