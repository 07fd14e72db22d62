/** A long picture in columns beside each other, as a paper prints it. */
import type { Layout, Line, PlacedBox } from './graph.ts';
import { GAP } from './metrics.ts';
import { firstFrom } from '../search.ts';

/** Between two columns; the line that goes on runs up in its middle. */
const GUTTER = 64;
/** So far below a column's last box, and above the next one's first, the line turns. */
const TURN = { below: 12, above: 6 } as const;
/** Width by height of what a page has room for. */
const PAGE = 0.75;
const MOST = 8;

/** Where a picture may be cut: below some boxes and above all others, and one line alone goes on. */
interface Cut {
  readonly y: number;
  /** The line's number; of the picture's end none. */
  readonly line: number;
}

/** @param count of columns, at most; as many as make it a page where it is `page` */
export function inColumns(layout: Layout, count: number | 'page'): Layout {
  const cuts = cutsOf(layout);
  if (count !== 'page') return fold(layout, chosen(cuts, layout.height, count));
  let best = layout;
  for (let columns = 2; columns <= MOST; columns++) {
    const folded = fold(layout, chosen(cuts, layout.height, columns));
    if (offPage(folded) < offPage(best)) best = folded;
  }
  return best;
}

function offPage({ width, height }: Layout): number {
  return Math.abs(Math.log(width / height / PAGE));
}

/** From top to bottom. */
function cutsOf({ boxes, lines }: Layout): readonly Cut[] {
  const gaps: { readonly top: number; readonly middle: number }[] = [];
  let end = -Infinity;
  for (const { y, height } of [...boxes.values()].sort((a, b) => a.y - b.y)) {
    if (y - end >= GAP.row - 1 && end > -Infinity) gaps.push({ top: end, middle: (end + y) / 2 });
    end = Math.max(end, y + height);
  }
  const found: (Cut | undefined)[] = gaps.map(() => undefined);
  const crossed = gaps.map(() => 0);
  for (const [line, { points }] of lines.entries()) {
    const [top, bottom] = extent(points, 1);
    let gap = firstBehind(gaps, top);
    for (; gap < gaps.length && gaps[gap]!.middle <= bottom; gap++) {
      crossed[gap]! += 1;
      found[gap] = { y: gaps[gap]!.top, line };
    }
  }
  return found.flatMap((cut, gap) =>
    cut !== undefined && crossed[gap] === 1 && isPlain(lines[cut.line]!, gaps[gap]!) ? [cut] : [],
  );
}

/** Whether the line does nothing in the gap but go down. */
function isPlain({ points, dots }: Line, { top, middle }: { readonly top: number; readonly middle: number }): boolean {
  const bottom = 2 * middle - top;
  for (let i = 0; i + 3 < points.length; i += 2) {
    const [x0, y0, x1, y1] = points.slice(i, i + 4) as [number, number, number, number];
    if (y0 === y1 && x0 !== x1 && y0 > top && y0 < bottom) return false;
    if (y1 < y0) return false;
  }
  return !dots.some((y, i) => i % 2 === 1 && y > top && y < bottom);
}

/** So few of the cuts that the highest of the columns between them is as low as can be. */
function chosen(cuts: readonly Cut[], height: number, count: number): readonly Cut[] {
  const ends = [...cuts, { y: height, line: -1 }];
  const within = (limit: number): readonly Cut[] | undefined => {
    const taken: Cut[] = [];
    let from = 0;
    let last: Cut | undefined;
    for (const cut of ends) {
      if (cut.y - from > limit) {
        if (last === undefined || cut.y - last.y > limit) return undefined;
        taken.push(last);
        from = last.y;
      }
      last = cut;
    }
    return taken.length < count ? taken : undefined;
  };
  let [low, high] = [0, height];
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (within(middle) === undefined) low = middle;
    else high = middle;
  }
  return within(high) ?? [];
}

interface Column {
  readonly top: number;
  readonly dx: number;
  readonly dy: number;
  /** Where the next column's line runs up. */
  readonly gutter: number;
}

function fold(layout: Layout, cuts: readonly Cut[]): Layout {
  if (cuts.length === 0) return layout;
  const tops = [0, ...cuts.map(({ y }) => y)];
  const columnAt = (y: number): number => {
    let index = tops.length - 1;
    while (index > 0 && tops[index]! > y) index--;
    return index;
  };
  // Extents across, of what is wholly in each; a line that goes on is where its ends are.
  const extents = tops.map((): [number, number] => [Infinity, -Infinity]);
  const widen = (column: number, left: number, right: number): void => {
    const own = extents[column]!;
    own[0] = Math.min(own[0], left);
    own[1] = Math.max(own[1], right);
  };
  for (const { x, y, width } of layout.boxes.values()) widen(columnAt(y + 0.5), x, x + width);
  const goOn = new Set(cuts.map(({ line }) => line));
  for (const [index, { points }] of layout.lines.entries()) {
    if (goOn.has(index))
      for (let i = 0; i + 1 < points.length; i += 2) widen(columnAt(points[i + 1]!), points[i]!, points[i]!);
    else widen(columnAt(points[1]!), ...extent(points, 0));
  }
  let x = 0;
  const columns = extents.map(([left, right], index): Column => {
    const column = { top: tops[index]!, dx: x - left, dy: -tops[index]!, gutter: x + right - left + GUTTER / 2 };
    x += right - left + GUTTER;
    return column;
  });
  const ends = [...cuts.map(({ y }) => y), layout.height];
  const height = Math.max(...ends.map((end, i) => end - tops[i]! + (i < cuts.length ? TURN.below : 0)));
  const moved = (at: number, column = columns[columnAt(at)]!): Column => column;
  const boxes = new Map<string, PlacedBox>();
  for (const [id, box] of layout.boxes) {
    const { dx, dy } = moved(box.y + 0.5);
    boxes.set(id, { ...box, x: box.x + dx, y: box.y + dy, axis: box.axis + dx });
  }
  const cutsOfLine = new Map<number, number[]>();
  cuts.forEach(({ line }, i) => cutsOfLine.set(line, [...(cutsOfLine.get(line) ?? []), i]));
  const lines = layout.lines.map((line, index): Line => {
    const { points, dots, label } = line;
    const at = moved(points[1]!);
    const own = cutsOfLine.get(index);
    return {
      ...line,
      points: own === undefined ? shifted(points, () => at) : ledOn(points, own, cuts, columns),
      dots: shifted(dots, (y) => (own === undefined ? at : moved(y))),
      ...(label === undefined
        ? {}
        : { label: { ...label, x: label.x + moved(label.y).dx, y: label.y + moved(label.y).dy } }),
    };
  });
  return { width: x - GUTTER, height, boxes, lines };
}

function shifted(points: readonly number[], columnOf: (y: number) => Column): number[] {
  return points.map((value, i) => (i % 2 === 0 ? value + columnOf(points[i + 1]!).dx : value + columnOf(value).dy));
}

/** A line that goes on in the next columns: down, up between the columns, and down again. */
function ledOn(
  points: readonly number[],
  own: readonly number[],
  cuts: readonly Cut[],
  columns: readonly Column[],
): number[] {
  const led: number[] = [];
  let next = 0;
  const column = (): Column => columns[next < own.length ? own[next]! : own.at(-1)! + 1]!;
  for (let i = 0; i + 1 < points.length; i += 2) {
    const [x, y] = [points[i]!, points[i + 1]!];
    while (next < own.length && y > cuts[own[next]!]!.y) {
      const { dx, dy, gutter } = column();
      const end = cuts[own[next]!]!.y + dy + TURN.below;
      next += 1;
      const into = column();
      led.push(x + dx, end, gutter, end, gutter, TURN.above, x + into.dx, TURN.above);
    }
    led.push(x + column().dx, y + column().dy);
  }
  return led;
}

/** The first gap whose middle isn't above. */
function firstBehind(gaps: readonly { readonly middle: number }[], y: number): number {
  return firstFrom(gaps, y, ({ middle }) => middle);
}

/** The least and the greatest of every other number. */
function extent(points: readonly number[], from: 0 | 1): [number, number] {
  let [least, greatest] = [Infinity, -Infinity];
  for (let i = from; i < points.length; i += 2) {
    least = Math.min(least, points[i]!);
    greatest = Math.max(greatest, points[i]!);
  }
  return [least, greatest];
}
