/** The colours of the page's theme, for what is drawn on a canvas element. */
import { PAINTS, type Paint } from '../../../server/src/core/drawing/mark.ts';

export function readPaints(element: Element): Readonly<Record<Paint, string>> {
  const style = getComputedStyle(element);
  return Object.fromEntries(PAINTS.map((paint) => [paint, style.getPropertyValue(`--scv-${paint}`)])) as Record<
    Paint,
    string
  >;
}
