/** A picture that is laid out anew keeps one box in its place, so that nothing jumps under the pointer. */
import type { Layout, PlacedBox } from '../../../server/src/core/layout/graph.ts';
import type { Area } from './culling.ts';

export interface Offset {
  readonly x: number;
  readonly y: number;
}

/**
 * What to move the new layout by: the first candidate that is in both keeps its upper end and its axis, else what is
 * nearest to the middle of what is seen.
 *
 * @param before the layout as it was, and what it was moved by
 */
export function anchored(
  before: { readonly layout: Layout; readonly offset: Offset },
  layout: Layout,
  candidates: readonly string[],
  seen: Area | undefined,
): Offset {
  const old = before.layout.boxes;
  const anchor = candidates.find((id) => old.has(id) && layout.boxes.has(id)) ?? nearestToMiddle(old, layout, seen);
  if (anchor === undefined) return before.offset;
  const [from, to] = [old.get(anchor)!, layout.boxes.get(anchor)!];
  return { x: before.offset.x + from.axis - to.axis, y: before.offset.y + from.y - to.y };
}

function nearestToMiddle(
  boxes: ReadonlyMap<string, PlacedBox>,
  layout: Layout,
  seen: Area | undefined,
): string | undefined {
  if (seen === undefined) return undefined;
  const [x, y] = [(seen.left + seen.right) / 2, (seen.top + seen.bottom) / 2];
  let best: string | undefined;
  let least = Infinity;
  for (const [id, box] of boxes) {
    if (!layout.boxes.has(id)) continue;
    const distance = Math.hypot(box.axis - x, box.y + box.height / 2 - y);
    if (distance < least) [best, least] = [id, distance];
  }
  return best;
}

/** The layout at another place. */
export function moved({ x, y }: Offset, layout: Layout): Layout {
  if (x === 0 && y === 0) return layout;
  const along = (points: readonly number[]): number[] => points.map((value, i) => value + (i % 2 === 0 ? x : y));
  return {
    ...layout,
    boxes: new Map(
      [...layout.boxes].map(([id, box]) => [id, { ...box, x: box.x + x, y: box.y + y, axis: box.axis + x }]),
    ),
    lines: layout.lines.map((line) => ({
      ...line,
      points: along(line.points),
      dots: along(line.dots),
      ...(line.label === undefined ? {} : { label: { ...line.label, x: line.label.x + x, y: line.label.y + y } }),
    })),
  };
}
