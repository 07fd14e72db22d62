/** Marks on a canvas element, as marks.tsx makes elements of them. */
import type { Mark } from '../../../server/src/core/drawing/mark.ts';
import { FRAME_OPACITY } from '../../../server/src/core/drawing/theme.ts';
import { fontScale } from './marks.tsx';
import type { Style } from './paints.ts';

const paths = new WeakMap<Mark, Path2D>();

export function paint(context: CanvasRenderingContext2D, marks: readonly Mark[], { paints, fontFamily }: Style): void {
  const alpha = context.globalAlpha;
  for (const mark of marks) {
    if (mark.kind === 'label') {
      context.font = `${mark.isBold === true ? '600 ' : ''}${String(mark.size * fontScale())}px ${fontFamily}`;
      context.textAlign = mark.anchor === 'middle' ? 'center' : mark.anchor;
      context.fillStyle = paints[mark.fill];
      context.fillText(mark.text, mark.x, mark.y);
      continue;
    }
    const path = pathOf(mark);
    const opacity = alpha * (mark.kind === 'rectangle' ? (mark.opacity ?? 1) : 1);
    if (mark.fill !== undefined) {
      const own = mark.fill === 'frame' ? FRAME_OPACITY : mark.kind === 'rectangle' ? (mark.fillOpacity ?? 1) : 1;
      context.globalAlpha = opacity * own;
      context.fillStyle = paints[mark.fill];
      context.fill(path);
    }
    if (mark.stroke !== undefined) {
      context.globalAlpha = opacity;
      context.strokeStyle = paints[mark.stroke];
      context.lineWidth = mark.strokeWidth ?? 1;
      context.setLineDash('dashed' in mark ? [4, 3] : []);
      context.stroke(path);
    }
    context.globalAlpha = alpha;
  }
}

function pathOf(mark: Exclude<Mark, { kind: 'label' }>): Path2D {
  let path = paths.get(mark);
  if (path === undefined) {
    path = new Path2D(mark.kind === 'path' ? mark.d : undefined);
    if (mark.kind === 'rectangle') path.roundRect(mark.x, mark.y, mark.width, mark.height, mark.radius);
    if (mark.kind === 'circle') path.arc(mark.x, mark.y, mark.radius, 0, 2 * Math.PI);
    paths.set(mark, path);
  }
  return path;
}
