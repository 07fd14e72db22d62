import { type Level, type Lists, edgesBy, isEntry, isExit } from './level.ts';

/** What stands above what: an item's rank is the number of its row. */
export interface Ranks {
  readonly incoming: Lists;
  readonly outgoing: Lists;
  readonly rank: Int32Array;
  /** 1 where an item is reached from an input; else it comes of constants alone, and stands above its first use. */
  readonly isFed: Uint8Array;
  /** By edge: 1 where it runs against the flow, which only a frame that others flow around can cause. */
  readonly isBack: Uint8Array;
  /** The last row. */
  readonly last: number;
}

/** Rank is the longest path in edges from the inputs; outputs are in the last row. */
export function rankItems(level: Level): Ranks {
  const { items, edges } = level;
  const count = items.length;
  const incoming = edgesBy('target', count, edges);
  const outgoing = edgesBy('source', count, edges);
  const order = topologicalOrder(count, level, incoming, outgoing);
  const position = new Int32Array(count);
  order.forEach((item, i) => (position[item] = i));
  const isBack = new Uint8Array(edges.length);
  edges.forEach(({ source, target }, e) => (isBack[e] = position[source]! >= position[target]! ? 1 : 0));

  const isFed = fedItems(level, order, incoming, isBack);
  const rank = new Int32Array(count);
  const first = items.some(({ kind }) => kind === 'inPort') ? 1 : 0;
  let last = -1;
  for (const item of order) {
    if (isFed[item] === 0 || isExit(items[item]!)) continue;
    let highest = isEntry(items[item]!) ? 0 : first;
    for (let k = incoming.start[item]!; k < incoming.start[item + 1]!; k++) {
      const e = incoming.values[k]!;
      const { source } = edges[e]!;
      if (isBack[e] === 0 && isFed[source] === 1) highest = Math.max(highest, rank[source]! + 1);
    }
    rank[item] = highest;
    last = Math.max(last, highest);
  }
  if (items.some(isExit)) last += 1;
  last = Math.max(last, 0);
  for (let i = 0; i < count; i++) if (isExit(items[i]!)) rank[i] = last;
  // What comes of constants stands as low as it can; where there is no room for it above its use, all else makes some.
  let highest = first;
  for (let i = count - 1; i >= 0; i--) {
    const item = order[i]!;
    if (isFed[item] === 1 || isExit(items[item]!)) continue;
    let lowest = last + 1;
    for (let k = outgoing.start[item]!; k < outgoing.start[item + 1]!; k++) {
      const e = outgoing.values[k]!;
      if (isBack[e] === 0) lowest = Math.min(lowest, rank[edges[e]!.target]!);
    }
    rank[item] = lowest > last ? first : lowest - 1;
    highest = Math.min(highest, rank[item]);
  }
  if (highest < first) {
    for (let i = 0; i < count; i++) if (!isEntry(items[i]!)) rank[i]! += first - highest;
    last += first - highest;
  }
  return { incoming, outgoing, rank, isFed, isBack, last };
}

/** The order of the text, where edges keep to it; else one that breaks as few edges as a depth-first walk has to. */
function topologicalOrder(count: number, { edges }: Level, incoming: Lists, outgoing: Lists): Int32Array {
  const order = new Int32Array(count);
  if (edges.every(({ source, target }) => source < target)) {
    for (let i = 0; i < count; i++) order[i] = i;
    return order;
  }
  const state = new Uint8Array(count);
  const next = outgoing.start.slice(0, count);
  let free = count;
  const visit = (root: number): void => {
    if (state[root] !== 0) return;
    const stack = [root];
    state[root] = 1;
    while (stack.length > 0) {
      const item = stack.at(-1)!;
      if (next[item]! < outgoing.start[item + 1]!) {
        const { target } = edges[outgoing.values[next[item]!++]!]!;
        if (state[target] === 0) {
          state[target] = 1;
          stack.push(target);
        }
      } else {
        order[--free] = item;
        stack.pop();
      }
    }
  };
  // Walked from the last, so that what isn't ordered by edges keeps the order of the text.
  for (let i = count - 1; i >= 0; i--) if (incoming.start[i] === incoming.start[i + 1]) visit(i);
  for (let i = count - 1; i >= 0; i--) visit(i);
  return order;
}

function fedItems({ items, edges }: Level, order: Int32Array, incoming: Lists, isBack: Uint8Array): Uint8Array {
  const isFed = new Uint8Array(items.length);
  let fed = 0;
  for (const item of order) {
    const { kind, role } = items[item]!;
    let isOne = kind === 'inPort' || role === 'input';
    let hasSource = false;
    for (let k = incoming.start[item]!; k < incoming.start[item + 1]!; k++) {
      const e = incoming.values[k]!;
      if (isBack[e] === 1) continue;
      hasSource = true;
      isOne ||= isFed[edges[e]!.source] === 1;
    }
    isOne ||= !hasSource && role !== 'constant';
    isFed[item] = isOne ? 1 : 0;
    if (isOne && !isExit(items[item]!)) fed += 1;
  }
  // A level of constants alone is read as any other.
  return fed === 0 ? isFed.fill(1) : isFed;
}
