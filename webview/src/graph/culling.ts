/** What of a picture is in sight: of a large one only that becomes elements of the page. */
import type { Layout, Line } from '../../../server/src/core/layout/graph.ts';

/** In the picture's coordinates. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A larger area around, so that not each step of a pan changes what is there. */
export function around({ left, top, right, bottom }: Area, share: number): Area {
  const [wide, high] = [(right - left) * share, (bottom - top) * share];
  return { left: left - wide, top: top - high, right: right + wide, bottom: bottom + high };
}

export function contains(outer: Area, inner: Area): boolean {
  return (
    outer.left <= inner.left && outer.top <= inner.top && outer.right >= inner.right && outer.bottom >= inner.bottom
  );
}

export function boxesIn({ boxes }: Layout, area: Area): string[] {
  const found: string[] = [];
  for (const [id, { x, y, width, height }] of boxes) {
    if (x <= area.right && x + width >= area.left && y <= area.bottom && y + height >= area.top) found.push(id);
  }
  return found;
}

/** The lines' extents, once for a layout. */
export class Lines {
  readonly #lines: readonly Line[];
  /** left, top, right, bottom of each. */
  readonly #extents: Float64Array;

  constructor(lines: readonly Line[]) {
    this.#lines = lines;
    this.#extents = new Float64Array(lines.length * 4);
    for (const [i, { points }] of lines.entries()) {
      let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
      for (let p = 0; p + 1 < points.length; p += 2) {
        left = Math.min(left, points[p]!);
        right = Math.max(right, points[p]!);
        top = Math.min(top, points[p + 1]!);
        bottom = Math.max(bottom, points[p + 1]!);
      }
      this.#extents.set([left, top, right, bottom], i * 4);
    }
  }

  in(area: Area): Line[] {
    const extents = this.#extents;
    return this.#lines.filter((_, i) => {
      const at = i * 4;
      return (
        extents[at]! <= area.right &&
        extents[at + 1]! <= area.bottom &&
        extents[at + 2]! >= area.left &&
        extents[at + 3]! >= area.top
      );
    });
  }
}
