import { useStore } from '@xyflow/react';
import { type ReactNode, useEffect, useRef } from 'react';
import { readPaints } from './paints.ts';
import type { Picture } from './picture.ts';

interface OverviewProps {
  readonly picture: Picture;
  readonly selection: ReadonlySet<string>;
}

/** A picture of more boxes than the page could have elements for: their rectangles and lines, on one canvas. */
export function Overview({ picture, selection }: OverviewProps): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const transform = useStore((state) => state.transform);
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (canvas.current === null || context === null || context === undefined) return;
    const ratio = window.devicePixelRatio;
    canvas.current.width = width * ratio;
    canvas.current.height = height * ratio;
    const [x, y, zoom] = transform;
    context.setTransform(ratio * zoom, 0, 0, ratio * zoom, ratio * x, ratio * y);
    const area = { left: -x / zoom, top: -y / zoom, right: (width - x) / zoom, bottom: (height - y) / zoom };
    draw(context, picture, selection, area);
  }, [picture, selection, transform, width, height]);
  return <canvas ref={canvas} className="overview" role="img" aria-label="Overview of the graph" />;
}

function draw(
  context: CanvasRenderingContext2D,
  { view, layout, lines }: Picture,
  selection: ReadonlySet<string>,
  area: { left: number; top: number; right: number; bottom: number },
): void {
  const paints = readPaints(context.canvas);
  context.lineWidth = 2;
  for (const { points, kind } of lines.in(area)) {
    context.strokeStyle = kind === 'skip' ? paints.accent : paints.edge;
    context.beginPath();
    for (let i = 0; i + 1 < points.length; i += 2) context.lineTo(points[i]!, points[i + 1]!);
    context.stroke();
  }
  for (const [id, { x, y, width, height }] of layout.boxes) {
    if (x > area.right || x + width < area.left || y > area.bottom || y + height < area.top) continue;
    const box = view.byId.get(id);
    if (box === undefined) continue;
    context.fillStyle = box.form === 'frame' ? 'transparent' : paints[box.node?.family ?? 'pill'];
    context.strokeStyle = selection.has(id)
      ? paints.focus
      : ((box.problem && paints[box.problem.severity]) ?? paints.frameBorder);
    if (box.form !== 'frame') context.fillRect(x, y, width, height);
    if (box.form === 'frame' || box.problem !== undefined || selection.has(id)) context.strokeRect(x, y, width, height);
  }
}
