import { assignLanes } from './lanes.ts';
import { CARD, GAP } from './metrics.ts';
import type { RowGroup } from './rowGroup.ts';
import type { Routes } from './routing.ts';

export interface Rows {
  /** By item: its top. */
  readonly y: Float64Array;
  readonly height: number;
  /** By gap, the one above the first row first: where its first lane is. */
  readonly firstLane: Float64Array;
  /** Where the last row begins, and the gap above it. */
  readonly lastRow: number;
  readonly lastGap: number;
  /** By strip: how much longer it is made, so that its outputs stand in the last row. */
  readonly stretch: Float64Array;
}

/** From the top of a gap to its first lane: the rest of it is the arrowhead's. */
const ABOVE_LANE = 9;

/** Which row is how high, and how high its gap: strips only push down what they flow into. */
export function placeRows({ level, ranks, items, mainPath, strips, columns }: RowGroup, { gaps }: Routes): Rows {
  const { last, rank } = ranks;
  const rowHeight = new Float64Array(last + 1);
  const isEmpty = new Uint8Array(last + 1).fill(1);
  const isOfPorts = new Uint8Array(last + 1).fill(1);
  const y = new Float64Array(items.length);
  const byRow: number[][] = Array.from({ length: last + 1 }, () => []);
  const stand = (item: number): void => {
    const r = rank[item]!;
    const { kind, height } = items[item]!;
    byRow[r]!.push(item);
    isEmpty[r] = 0;
    if (kind !== 'inPort' && kind !== 'outPort') isOfPorts[r] = 0;
    rowHeight[r] = Math.max(rowHeight[r]!, height);
  };
  for (const item of mainPath) stand(item);
  for (const column of columns) for (const item of column.items) stand(item);
  for (const { placed, item } of strips) if (placed === undefined) stand(item);
  if (items.some(({ kind }) => kind === 'inPort')) {
    isEmpty[0] = 0;
    rowHeight[0] = Math.max(rowHeight[0]!, level.titleAtEntry);
  }

  const lanes = gaps.map(assignLanes);
  const lanesHeight = (count: number): number => (count === 0 ? 0 : GAP.row + GAP.lane * (count - 1));
  /** What a gap takes where no line turns in it, by what it is between. */
  const plain = (above: number, below: number): number => {
    if (above < 0) return 0;
    if (isOfPorts[above] === 1) return level.gapBelowPorts;
    return below <= last && isOfPorts[below] === 1 ? level.gapAbovePorts : GAP.row;
  };

  const endingAt: number[][] = Array.from({ length: last + 2 }, () => []);
  strips.forEach(({ placed, below }, s) => {
    if (placed !== undefined) endingAt[below]!.push(s);
  });
  const top = new Float64Array(last + 2);
  const bottom = new Float64Array(last + 2);
  const gapHeight = new Float64Array(last + 2);
  const stripTop = (above: number): number => {
    if (above + 1 > last || isEmpty[above + 1] === 0 || lanes[above + 1]! > 0) return top[above + 1]!;
    return top[above + 1]! + plain(occupied(above), above + 1);
  };
  /** The last row that isn't empty, from this one upwards. */
  const occupied = (r: number): number => {
    while (r >= 0 && isEmpty[r] === 1) r -= 1;
    return r;
  };
  for (let r = 0; r <= last; r++) {
    const isBare = isEmpty[r] === 1;
    gapHeight[r] = Math.max(lanesHeight(lanes[r]!), isBare ? 0 : plain(occupied(r - 1), r));
    if (r === last && !isBare && isOfPorts[r] === 1) gapHeight[r]! += level.titleAtExit;
    let at = (r === 0 ? 0 : bottom[r - 1]!) + gapHeight[r]!;
    for (const s of endingAt[r]!) {
      const { above, placed } = strips[s]!;
      const room = gapHeight[r]! > 0 ? gapHeight[r]! : plain(occupied(r - 1), r);
      at = Math.max(at, stripTop(above) + placed!.height + room);
    }
    if (r === last) {
      for (const s of endingAt[last + 1]!) {
        const { above, placed, component } = strips[s]!;
        if (component.hasExit) at = Math.max(at, stripTop(above) + placed!.lastRow);
      }
    }
    top[r] = at;
    bottom[r] = at + rowHeight[r]!;
    for (const item of byRow[r]!) {
      const { kind, height } = items[item]!;
      if (kind === 'inPort') y[item] = at;
      else if (kind === 'outPort') y[item] = at + rowHeight[r]!;
      else y[item] = at + Math.max(0, (Math.min(rowHeight[r]!, CARD.height) - height) / 2);
    }
  }
  const below = lanesHeight(lanes[last + 1]!);
  gapHeight[last + 1] = below;
  let height = bottom[last]! + below;
  const stretch = new Float64Array(strips.length);
  strips.forEach(({ component, placed, above, below: end, item }, s) => {
    if (placed === undefined) return;
    const highest = stripTop(above);
    if (component.hasEntry) y[item] = top[0]!;
    else if (component.isFed || component.join < 0) y[item] = highest;
    else y[item] = top[end]! - (gapHeight[end]! > 0 ? gapHeight[end]! : plain(occupied(end - 1), end)) - placed.height;
    if (component.hasExit) stretch[s] = Math.max(0, top[last]! - (y[item] + placed.lastRow));
    if (end === last + 1) height = Math.max(height, y[item] + placed.height + stretch[s]!);
  });
  const firstLane = new Float64Array(last + 2);
  for (let r = 0; r <= last; r++) firstLane[r] = top[r]! - gapHeight[r]! + ABOVE_LANE;
  firstLane[last + 1] = bottom[last]! + ABOVE_LANE;
  return { y, height, firstLane, lastRow: top[last]!, lastGap: top[last]! - gapHeight[last]!, stretch };
}
