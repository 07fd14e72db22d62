import type { Layout, LayoutBox, LayoutGraph, LayoutOptions, Line, PlacedBox } from './graph.ts';
import { FRAME, GAP } from './metrics.ts';

/** Places boxes and lines: a pure function of the graph. */
export function layOut(graph: LayoutGraph, _options: LayoutOptions = {}): Layout {
  const boxes = new Map<string, PlacedBox>();
  const { width, height } = column(graph.boxes, 0, 0, boxes);
  const lines = graph.edges.map((edge, i): Line => {
    const source = boxes.get(edge.source)!;
    const target = boxes.get(edge.target)!;
    const x = width + GAP.rail * (i + 1);
    const from = source.y + source.height * 0.75;
    const to = target.y + target.height * 0.25;
    return {
      edges: [i],
      points: [source.x + source.width, from, x, from, x, to, target.x + target.width, to],
      kind: 'flow',
      arrow: true,
      dots: [],
    };
  });
  return { width: width + GAP.rail * (graph.edges.length + 1), height, boxes, lines };
}

function column(
  inside: readonly LayoutBox[],
  left: number,
  top: number,
  boxes: Map<string, PlacedBox>,
): { width: number; height: number } {
  let width = 0;
  let y = top;
  for (const box of inside) {
    if (y > top) y += GAP.row;
    let { width: boxWidth, height: boxHeight } = box;
    if (box.inside !== undefined) {
      const placed = column(box.inside, left + FRAME.padding, y + FRAME.title + FRAME.inset, boxes);
      boxWidth = Math.max(placed.width, 160) + 2 * FRAME.padding;
      boxHeight = placed.height + FRAME.title + 2 * FRAME.inset;
    }
    boxes.set(box.id, { x: left, y, width: boxWidth, height: boxHeight, axis: left + boxWidth / 2 });
    width = Math.max(width, boxWidth);
    y += boxHeight;
  }
  return { width, height: y - top };
}
