import { type Item, type LevelEdge, type LevelLine, NO_DOTS, type PlacedLevel } from './level.ts';
import { GAP } from './metrics.ts';

/** A path that is folded: down on the left, the middle below, up on the right, and skips across. */
export interface UShape {
  /** The ends of the skips, as places on the path, outermost first; the innermost has the middle between its ends. */
  readonly skips: readonly { readonly from: number; readonly to: number }[];
}

const FEWEST_SKIPS = 3;
/** Between the columns, and from the middle to the column beside it. */
const BETWEEN = 110;
const BESIDE_MIDDLE = 56;
/** From a card to the vertical of a skip that passes below it. */
const BESIDE_CARD = 18;
/** A row below which a skip runs, and where it runs there. */
const SKIP_GAP = 26;
const SKIP_LANE = 13;

/**
 * Whether what stands in a level, in this order, is one path with at least three skips, properly nested, each with ends
 * of its own. Edges are given by the places of their ends.
 */
export function findUShape(
  count: number,
  edges: readonly { readonly source: number; readonly target: number }[],
): UShape | undefined {
  const skips: { from: number; to: number }[] = [];
  const isJoined = new Uint8Array(count);
  for (const { source, target } of edges) {
    if (source < 0 || target < 0 || target <= source) return undefined;
    if (target > source + 1) {
      skips.push({ from: source, to: target });
      // Each has two ends of its own.
      if (2 * skips.length > count) return undefined;
    } else if (isJoined[source] === 1) return undefined;
    else isJoined[source] = 1;
  }
  if (skips.length < FEWEST_SKIPS) return undefined;
  for (let i = 0; i + 1 < count; i++) if (isJoined[i] === 0) return undefined;
  skips.sort((a, b) => a.from - b.from);
  for (let i = 1; i < skips.length; i++) {
    if (skips[i]!.from === skips[i - 1]!.from || skips[i]!.to >= skips[i - 1]!.to) return undefined;
  }
  return { skips };
}

/** Whether data flows upwards there. */
export function isOnWayUp({ skips }: UShape, place: number): boolean {
  return place >= skips.at(-1)!.to;
}

/** @param items in the order of the path; those on the way up are mirrored: their entries are at the bottom */
export function layOutU(items: readonly Item[], edges: readonly LevelEdge[], { skips }: UShape): PlacedLevel {
  const { from: lastDown, to: firstUp } = skips.at(-1)!;
  const count = items.length;
  const x = new Float64Array(count);
  const y = new Float64Array(count);
  const bottom = (i: number): number => y[i]! + items[i]!.height;
  const reach = (from: number, to: number): { left: number; right: number } => {
    let left = 0;
    let right = 0;
    for (let i = from; i <= to; i++) {
      left = Math.max(left, items[i]!.axis);
      right = Math.max(right, items[i]!.width - items[i]!.axis);
    }
    return { left, right };
  };
  const down = reach(0, lastDown);
  const middle = reach(lastDown + 1, firstUp - 1);
  const up = reach(firstUp, count - 1);
  const upX = Math.max(down.right + BETWEEN + up.left, middle.left + middle.right + 2 * BESIDE_MIDDLE);
  const middleX = (upX + middle.left - middle.right) / 2;
  for (let i = 0; i < count; i++) x[i] = i <= lastDown ? 0 : i < firstUp ? middleX : upX;

  // From skip to skip downwards: both ends stand on one line, what is between them right above the lower one.
  const isLeaf = (i: number): boolean => items[i]!.kind === 'leaf';
  const stackAbove = (lower: number, places: readonly number[]): void => {
    let above = lower;
    for (const i of places) {
      y[i] = y[above]! - GAP.row - items[i]!.height;
      above = i;
    }
  };
  const between = (from: number, to: number): number[] => Array.from({ length: to - from - 1 }, (_, k) => from + 1 + k);
  let base = 0;
  skips.forEach(({ from, to }, s) => {
    const before = skips[s - 1];
    const onLeft = between(before?.from ?? -1, from).reverse();
    const onRight = between(to, before?.to ?? count);
    if (before !== undefined) {
      const gap = isLeaf(before.from) && isLeaf(before.to) ? GAP.row : SKIP_GAP;
      const height = (places: readonly number[], end: number): number =>
        places.reduce((sum, i) => sum + items[i]!.height + GAP.row, items[end]!.height);
      base += gap + Math.max(height(onLeft, from), height(onRight, to));
    }
    y[from] = base - items[from]!.height;
    y[to] = base - items[to]!.height;
    stackAbove(from, onLeft);
    stackAbove(to, onRight);
  });
  base += isLeaf(lastDown) && isLeaf(firstUp) ? GAP.row : SKIP_GAP + GAP.row;
  for (let i = lastDown + 1; i < firstUp; i++) {
    y[i] = base;
    base = bottom(i) + GAP.row;
  }
  const top = y.reduce((min, each) => Math.min(min, each), 0);
  for (let i = 0; i < count; i++) y[i]! -= top;

  const right = (i: number): number => x[i]! - items[i]!.axis + items[i]!.width;
  const left = (i: number): number => x[i]! - items[i]!.axis;
  const centre = (i: number): number => y[i]! + items[i]!.height / 2;
  const outX = (i: number, tensor: number): number => x[i]! + (items[i]!.outX?.get(tensor) ?? 0);
  const inX = (i: number, tensor: number): number => x[i]! + (items[i]!.inX?.get(tensor) ?? 0);

  const flow = ({ source, target, tensor }: LevelEdge): number[] => {
    const sourceX = outX(source, tensor);
    const targetX = inX(target, tensor);
    if (target <= lastDown || (source > lastDown && target < firstUp)) {
      return bent(sourceX, bottom(source), targetX, y[target]!, y[target]! - SKIP_LANE);
    }
    if (source >= firstUp) return bent(sourceX, y[source]!, targetX, bottom(target), bottom(target) + SKIP_LANE);
    const points: number[] = [];
    if (source <= lastDown) {
      points.push(sourceX, bottom(source));
      if (target >= firstUp) points.push(sourceX, base - GAP.row + SKIP_LANE, targetX, base - GAP.row + SKIP_LANE);
      else if (isLeaf(target)) points.push(sourceX, centre(target), left(target), centre(target));
      else points.push(sourceX, y[target]! - SKIP_LANE, targetX, y[target]! - SKIP_LANE, targetX, y[target]!);
      if (target < firstUp) return points;
    } else if (isLeaf(source)) points.push(right(source), centre(source), targetX, centre(source));
    else points.push(sourceX, bottom(source), sourceX, bottom(source) + SKIP_LANE, targetX, bottom(source) + SKIP_LANE);
    points.push(targetX, bottom(target));
    return points;
  };
  const skip = ({ source, target, tensor }: LevelEdge): number[] => {
    if (isLeaf(source) && isLeaf(target)) {
      const at = bottom(source) - Math.min(items[source]!.height, items[target]!.height) / 2;
      return [right(source), at, left(target), at];
    }
    const lane = bottom(source) + SKIP_LANE;
    const points = isLeaf(source)
      ? [right(source), centre(source), right(source) + BESIDE_CARD, centre(source), right(source) + BESIDE_CARD, lane]
      : [outX(source, tensor), bottom(source), outX(source, tensor), lane];
    if (isLeaf(target)) {
      const turn = left(target) - BESIDE_CARD;
      points.push(turn, lane, turn, centre(target), left(target), centre(target));
    } else points.push(inX(target, tensor), lane, inX(target, tensor), bottom(target));
    return points;
  };

  const lines = edges.map((edge): LevelLine => {
    const isSkip = edge.target > edge.source + 1;
    const points = isSkip ? skip(edge) : flow(edge);
    const endX = points.at(-2)!;
    const endY = points.at(-1)!;
    const isUp = edge.target >= firstUp;
    const label =
      edge.label === undefined || !isLeaf(edge.target)
        ? undefined
        : {
            text: edge.label,
            x: isSkip ? endX - BESIDE_CARD : endX + 6,
            y: isSkip ? endY - 8 : endY + (isUp ? 11 : -11),
          };
    return {
      edges: edge.ids,
      points,
      kind: isSkip ? 'skip' : 'flow',
      arrow: isLeaf(edge.target),
      ...(label && { label }),
      dots: NO_DOTS,
    };
  });
  let farLeft = 0;
  let farRight = 0;
  let height = 0;
  for (let i = 0; i < count; i++) {
    farLeft = Math.min(farLeft, left(i));
    farRight = Math.max(farRight, right(i));
    height = Math.max(height, bottom(i));
  }
  for (const { points } of lines) {
    for (let i = 0; i < points.length; i += 2) {
      farLeft = Math.min(farLeft, points[i]!);
      farRight = Math.max(farRight, points[i]!);
      height = Math.max(height, points[i + 1]!);
    }
  }
  return { left: farLeft, right: farRight, height, x, y, lines, lastRow: height, lastGap: height };
}

/** Straight where both ends are in one column, else with one turn on each side of the lane. */
function bent(x0: number, y0: number, x1: number, y1: number, lane: number): number[] {
  return x0 === x1 ? [x0, y0, x1, y1] : [x0, y0, x0, lane, x1, lane, x1, y1];
}
