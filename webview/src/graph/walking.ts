/** Where the arrow keys lead: along the edges, and between what stands side by side. */
import type { Layout } from '../../../server/src/core/layout/graph.ts';
import type { View, ViewBox } from '../../../server/src/core/view/view.ts';

export type Direction = 'up' | 'down' | 'left' | 'right' | 'out' | 'in';

export function neighbour(view: View, layout: Layout, from: string, direction: Direction): string | undefined {
  switch (direction) {
    case 'up':
    case 'down':
      return along(view, layout, from, direction);
    case 'left':
    case 'right':
      return beside(view, layout, from, direction);
    case 'out': {
      const around = frameAround(view, from);
      return around?.id;
    }
    case 'in':
      return view.byId.get(from)?.inside?.[0]?.id;
  }
}

/** The frame that a box stands in. */
export function frameAround(view: View, id: string): ViewBox | undefined {
  for (const box of view.byId.values()) if (box.inside?.some((each) => each.id === id) === true) return box;
  return undefined;
}

/** Over the edges of a box, or of all in a frame; of several the one that lies straightest ahead. */
function along(view: View, layout: Layout, from: string, direction: 'up' | 'down'): string | undefined {
  const own = new Set(leavesOf(view.byId.get(from)));
  const ends = view.edges.flatMap(({ source, target }) => {
    const [near, far] = direction === 'down' ? [source, target] : [target, source];
    return own.has(near) && !own.has(far) ? [far] : [];
  });
  const start = layout.boxes.get(from);
  return nearest(ends, (id) => {
    const end = layout.boxes.get(id);
    return end === undefined || start === undefined
      ? Infinity
      : Math.abs(end.axis - start.axis) + Math.abs(end.y - start.y) / 4;
  });
}

function beside(view: View, layout: Layout, from: string, direction: 'left' | 'right'): string | undefined {
  const start = layout.boxes.get(from);
  if (start === undefined) return undefined;
  const middle = start.y + start.height / 2;
  const others = [...view.byId.values()].filter(({ inside }) => inside === undefined).map(({ id }) => id);
  return nearest(others, (id) => {
    const end = layout.boxes.get(id);
    if (end === undefined || id === from) return Infinity;
    const across = direction === 'right' ? end.x - (start.x + start.width) : start.x - (end.x + end.width);
    const off = Math.abs(end.y + end.height / 2 - middle);
    // Side by side is what the other is hardly above or below.
    return across < 0 || off > 120 ? Infinity : across + 3 * off;
  });
}

function nearest(ids: readonly string[], distance: (id: string) => number): string | undefined {
  let best: string | undefined;
  let least = Infinity;
  for (const id of ids) {
    const away = distance(id);
    if (away < least) [best, least] = [id, away];
  }
  return best;
}

function leavesOf(box: ViewBox | undefined): string[] {
  if (box === undefined) return [];
  return box.inside === undefined ? [box.id] : box.inside.flatMap(leavesOf);
}

/** What is beside a box at its edges: those stay in sight when one points at it. */
export function touching(
  view: View,
  id: string,
): { readonly boxes: ReadonlySet<string>; readonly edges: ReadonlySet<number> } {
  const own = new Set([id, ...leavesOf(view.byId.get(id))]);
  const boxes = new Set(own);
  const edges = new Set<number>();
  for (const [index, { source, target }] of view.edges.entries()) {
    // What runs inside a frame is no edge of it.
    if (own.has(source) === own.has(target)) continue;
    edges.add(index);
    boxes.add(source);
    boxes.add(target);
  }
  return { boxes, edges };
}
