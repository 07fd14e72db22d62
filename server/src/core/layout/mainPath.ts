import { type Level, isExit } from './level.ts';
import type { Ranks } from './ranks.ts';

/**
 * The longest way through the level, from first to last: from the output that is furthest from the inputs back, always to
 * the predecessor of highest rank. Where two have it, what was on a main path before stays on it; else the first operand.
 */
export function findMainPath({ items, edges }: Level, { incoming, rank, isFed, isBack }: Ranks): Int32Array {
  /** How far the flow comes to an item; outputs are all in the last row. */
  const predecessor = (item: number): number => {
    let best = -1;
    for (let k = incoming.start[item]!; k < incoming.start[item + 1]!; k++) {
      const e = incoming.values[k]!;
      const { source } = edges[e]!;
      if (isBack[e] === 1 || isFed[source] === 0) continue;
      if (best < 0 || isBefore(rank[source]!, source, rank[best]!, best)) best = source;
    }
    return best;
  };
  const isBefore = (depth: number, item: number, bestDepth: number, best: number): boolean =>
    depth > bestDepth || (depth === bestDepth && items[item]!.isPreferred && !items[best]!.isPreferred);

  let end = -1;
  let endDepth = -1;
  let hasExit = false;
  for (let i = 0; i < items.length; i++) {
    const isOut = isExit(items[i]!);
    if (isFed[i] === 0 || (hasExit && !isOut)) continue;
    const before = isOut ? predecessor(i) : -1;
    const depth = isOut ? (before < 0 ? 0 : rank[before]! + 1) : rank[i]!;
    if (end < 0 || (isOut && !hasExit) || isBefore(depth, i, endDepth, end)) {
      end = i;
      endDepth = depth;
    }
    hasExit ||= isOut;
  }
  const path: number[] = [];
  for (let item = end; item >= 0; item = predecessor(item)) path.push(item);
  return Int32Array.from(path.reverse());
}
