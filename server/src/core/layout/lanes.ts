/**
 * Which line turns on which height in the gap between two rows: channel routing by the constrained left-edge algorithm.
 * Hashimoto and Stevens, "Wire routing by optimizing channel assignment within large apertures" (1971).
 */

/** Lines that share one horizontal: all that a fork sends out, or all that a join takes in. */
export interface Net {
  readonly isJoin: boolean;
  /** How far the horizontal reaches. */
  left: number;
  right: number;
  /** Where verticals come to it from above, and where they go on below. */
  readonly tops: number[];
  readonly bottoms: number[];
  /** Its lane, 0 at the top. */
  lane: number;
}

export function newNet(isJoin: boolean): Net {
  return { isJoin, left: Infinity, right: -Infinity, tops: [], bottoms: [], lane: 0 };
}

/** Between the ends of two horizontals in one lane. */
const APART = 8;

/** Gives every net its lane: where two share a column, the one that comes from above turns first. @returns how many lanes */
export function assignLanes(nets: readonly Net[]): number {
  if (nets.length <= 1) {
    if (nets.length === 1) nets[0]!.lane = 0;
    return nets.length;
  }
  const waitsFor = new Int32Array(nets.length);
  const below: number[][] = nets.map(() => []);
  const byTop = new Map<number, number[]>();
  nets.forEach(({ tops }, n) => {
    for (const x of tops) {
      const at = byTop.get(x);
      if (at === undefined) byTop.set(x, [n]);
      else if (at.at(-1) !== n) at.push(n);
    }
  });
  nets.forEach(({ bottoms }, n) => {
    for (const x of bottoms) {
      for (const upper of byTop.get(x) ?? []) {
        if (upper === n) continue;
        below[upper]!.push(n);
        waitsFor[n]! += 1;
      }
    }
  });
  // Forks before joins, from left to right.
  const order = nets.map((_, n) => n);
  order.sort((a, b) => Number(nets[a]!.isJoin) - Number(nets[b]!.isJoin) || nets[a]!.left - nets[b]!.left || a - b);
  let waiting = order;
  let lane = 0;
  while (waiting.length > 0) {
    const isRound = waiting.some((n) => waitsFor[n] === 0);
    const rest: number[] = [];
    const placed: number[] = [];
    let end = -Infinity;
    let family: boolean | undefined;
    for (const n of waiting) {
      const net = nets[n]!;
      // In a circle of columns the first one goes first: two lines lie on each other for some pixels.
      const isFree = isRound ? waitsFor[n] === 0 : placed.length === 0;
      if (isFree && (family === undefined || family === net.isJoin) && net.left >= end + APART) {
        net.lane = lane;
        end = net.right;
        family = net.isJoin;
        placed.push(n);
      } else rest.push(n);
    }
    for (const n of placed) for (const lower of below[n]!) waitsFor[lower]! -= 1;
    waiting = rest;
    lane += 1;
  }
  return lane;
}
