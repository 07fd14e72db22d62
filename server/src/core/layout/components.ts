import { type Level, isEntry, isExit } from './level.ts';
import type { Ranks } from './ranks.ts';

/** A connected part of what is left without the main path. */
export interface Component {
  /** Its items, in the order of the text. */
  readonly items: readonly number[];
  readonly isFed: boolean;
  readonly hasEntry: boolean;
  readonly hasExit: boolean;
  /** The one item of the main path that flows into it, and the one that it flows into; none is -1, several MANY. */
  readonly fork: number;
  readonly join: number;
  /** The rows between fork and join, both exclusive: -1 and the number of rows where there is none. */
  readonly above: number;
  readonly below: number;
  /** How many rows it has by its ranks. */
  readonly length: number;
}

export const MANY = -2;

export function findComponents(level: Level, ranks: Ranks, mainPath: Int32Array): Component[] {
  const { items, edges } = level;
  const { rank, incoming, outgoing, isBack, isFed, last } = ranks;
  const component = new Int32Array(items.length).fill(-1);
  const isMain = new Uint8Array(items.length);
  for (const item of mainPath) isMain[item] = 1;
  const found: Component[] = [];
  const stack: number[] = [];
  for (let first = 0; first < items.length; first++) {
    if (isMain[first] === 1 || component[first] !== -1) continue;
    const members: number[] = [];
    let fork = -1;
    let join = -1;
    let highest = rank[first]!;
    let lowest = highest;
    let hasFed = false;
    let hasEntry = false;
    let hasExit = false;
    const reach = (item: number): void => {
      if (component[item] !== -1) return;
      component[item] = found.length;
      stack.push(item);
    };
    reach(first);
    while (stack.length > 0) {
      const item = stack.pop()!;
      members.push(item);
      highest = Math.min(highest, rank[item]!);
      lowest = Math.max(lowest, rank[item]!);
      hasFed ||= isFed[item] === 1;
      hasEntry ||= isEntry(items[item]!);
      hasExit ||= isExit(items[item]!);
      for (let k = incoming.start[item]!; k < incoming.start[item + 1]!; k++) {
        const e = incoming.values[k]!;
        const { source } = edges[e]!;
        if (isMain[source] === 0) reach(source);
        else if (isBack[e] === 1) fork = MANY;
        else if (fork !== source) fork = fork === -1 ? source : MANY;
      }
      for (let k = outgoing.start[item]!; k < outgoing.start[item + 1]!; k++) {
        const e = outgoing.values[k]!;
        const { target } = edges[e]!;
        if (isBack[e] === 1) join = MANY;
        if (isMain[target] === 0) reach(target);
        else if (join !== target) join = join === -1 ? target : MANY;
      }
    }
    const length = lowest - highest + 1;
    const above = fork >= 0 ? rank[fork]! : hasFed && hasEntry ? -1 : highest - 1;
    const below = join >= 0 ? rank[join]! : hasExit ? last + 1 : Math.min(lowest, last) + 1;
    found.push({
      items: members.sort((a, b) => a - b),
      isFed: hasFed,
      hasEntry,
      hasExit,
      fork,
      join,
      above,
      below,
      length,
    });
  }
  return found;
}

/** Whether it can be laid out by itself, with rows of its own, and stand as one piece between its fork and its join. */
export function isStrip({ fork, join, hasEntry, hasExit, above, below, length }: Component): boolean {
  if (fork === MANY || join === MANY) return false;
  if ((hasEntry && fork >= 0) || (hasExit && join >= 0)) return false;
  return below - above > length;
}
