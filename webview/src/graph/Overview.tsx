import { useStore } from '@xyflow/react';
import { type ReactNode, useLayoutEffect, useMemo, useRef } from 'react';
import { type BoxOptions, drawBox } from '../../../server/src/core/drawing/box.ts';
import { drawLine } from '../../../server/src/core/drawing/line.ts';
import type { Mark } from '../../../server/src/core/drawing/mark.ts';
import type { Line } from '../../../server/src/core/layout/graph.ts';
import type { ViewBox } from '../../../server/src/core/view/view.ts';
import { type Detail, isDrawn } from './BoxNode.tsx';
import type { Area } from './culling.ts';
import { paint } from './painting.ts';
import { type Style, useStyle } from './paints.ts';
import type { Picture } from './picture.ts';

interface OverviewProps {
  readonly picture: Picture;
  readonly options: BoxOptions;
  readonly detail: Detail;
  readonly selection: ReadonlySet<string>;
  /** What of the picture stays while the rest steps back. */
  readonly near: { readonly boxes: ReadonlySet<string>; readonly edges: ReadonlySet<number> } | undefined;
  /** What a drop would fall on. */
  readonly target: Line | string | undefined;
}

/** Smaller than this no letter can be read, and no edge of a card be told from another: its colour fills it. */
export const LEAST_FOR_CARDS = 0.2;
const AWAY = 0.55;

/** The picture on one canvas: where it has so many boxes in sight that elements for all of them would be slow. */
export function Overview(props: OverviewProps): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const transform = useStore((state) => state.transform);
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const style = useStyle();
  const { picture, options, detail, selection, near, target } = props;
  const marks = useMemo(() => new Marks(picture, options, detail), [picture, options, detail]);
  // In the same frame as what is around it.
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (canvas.current === null || context === null || context === undefined) return;
    const ratio = window.devicePixelRatio;
    canvas.current.width = width * ratio;
    canvas.current.height = height * ratio;
    const [x, y, zoom] = transform;
    context.setTransform(ratio * zoom, 0, 0, ratio * zoom, ratio * x, ratio * y);
    const area = { left: -x / zoom, top: -y / zoom, right: (width - x) / zoom, bottom: (height - y) / zoom };
    draw(context, { picture, selection, near, target }, { marks, style, area, zoom });
    // Only for what changes the picture: each drawing is rasterised as a whole.
  }, [picture, selection, near, target, marks, style, transform, width, height]);
  const count = picture.view.byId.size.toLocaleString('en');
  return <canvas ref={canvas} className="overview" role="img" aria-label={`Overview of ${count} boxes`} />;
}

/** What has been drawn once needn't be thought of again while the picture is the same. */
class Marks {
  readonly #picture: Picture;
  readonly #options: BoxOptions;
  readonly #detail: Detail;
  readonly #boxes = new Map<string, readonly Mark[]>();
  readonly #lines = new Map<Line, readonly Mark[]>();

  constructor(picture: Picture, options: BoxOptions, detail: Detail) {
    this.#picture = picture;
    this.#options = options;
    this.#detail = detail;
  }

  ofBox(box: ViewBox): readonly Mark[] {
    let marks = this.#boxes.get(box.id);
    if (marks === undefined) {
      const { x, width, height, axis } = this.#picture.layout.boxes.get(box.id)!;
      marks = drawBox(box, { width, height, axis: axis - x }, this.#options).filter((mark) =>
        isDrawn(mark, this.#detail),
      );
      this.#boxes.set(box.id, marks);
    }
    return marks;
  }

  ofLine(line: Line): readonly Mark[] {
    let marks = this.#lines.get(line);
    if (marks === undefined) {
      marks = drawLine(line).filter((mark) => isDrawn(mark, this.#detail));
      this.#lines.set(line, marks);
    }
    return marks;
  }
}

interface Drawing {
  readonly marks: Marks;
  readonly style: Style;
  /** What of the picture is in sight. */
  readonly area: Area;
  readonly zoom: number;
}

function draw(
  context: CanvasRenderingContext2D,
  { picture: { view, layout, lines }, selection, near, target }: Omit<OverviewProps, 'options' | 'detail'>,
  { marks, style, area, zoom }: Drawing,
): void {
  const { paints } = style;
  const isFar = zoom < LEAST_FOR_CARDS;
  const boxes: ViewBox[] = [];
  const frames: ViewBox[] = [];
  for (const [id, { x, y, width, height }] of layout.boxes) {
    if (x > area.right || x + width < area.left || y > area.bottom || y + height < area.top) continue;
    const box = view.byId.get(id);
    if (box !== undefined) (box.form === 'frame' ? frames : boxes).push(box);
  }
  // Outer frames come first in the layout.
  for (const frame of frames) at(frame);
  for (const line of lines.in(area)) {
    const isNear = near === undefined || line.edges.some((edge) => near.edges.has(edge));
    context.globalAlpha = isNear ? 1 : AWAY;
    if (isFar) trace(line);
    else paint(context, marks.ofLine(line), style);
    if (line !== target) continue;
    context.strokeStyle = paints.accent;
    context.lineWidth = 4;
    stroke(line);
  }
  for (const box of boxes) at(box);
  context.globalAlpha = 1;

  function at(box: ViewBox): void {
    const { x, y, width, height } = layout.boxes.get(box.id)!;
    context.globalAlpha = near === undefined || box.form === 'frame' || near.boxes.has(box.id) ? 1 : AWAY;
    if (isFar && box.form !== 'frame') {
      context.fillStyle = paints[box.problem?.severity ?? box.node?.family ?? 'pill'];
      context.fillRect(x, y, width, height);
    } else {
      context.translate(x, y);
      paint(context, marks.ofBox(box), style);
      context.translate(-x, -y);
    }
    if (!selection.has(box.id) && target !== box.id) return;
    context.strokeStyle = selection.has(box.id) ? paints.focus : paints.accent;
    // As wide as at any zoom.
    context.lineWidth = 2 / zoom;
    context.setLineDash([]);
    context.strokeRect(x, y, width, height);
  }

  function trace(line: Line): void {
    context.strokeStyle = line.kind === 'skip' ? paints.accent : paints.edge;
    context.lineWidth = 2;
    context.setLineDash([]);
    stroke(line);
  }

  function stroke({ points }: Line): void {
    context.beginPath();
    for (let i = 0; i + 1 < points.length; i += 2) context.lineTo(points[i]!, points[i + 1]!);
    context.stroke();
  }
}
