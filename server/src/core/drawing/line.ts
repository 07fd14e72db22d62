import { CORNER } from '../layout/metrics.ts';
import type { Line } from '../layout/graph.ts';
import type { Mark } from './mark.ts';

const ARROW = 7;

/** The marks of a line, in the layout's coordinates. */
export function drawLine({ points, kind, arrow, label, dots }: Line): readonly Mark[] {
  const stroke = kind === 'skip' ? 'accent' : 'edge';
  const marks: Mark[] = [{ kind: 'path', d: pathOf(points, arrow ? ARROW - 1 : 0), stroke, strokeWidth: 1.4 }];
  if (arrow) marks.push({ kind: 'path', d: arrowhead(points), fill: stroke });
  for (let i = 0; i + 1 < dots.length; i += 2) {
    marks.push({ kind: 'circle', x: dots[i]!, y: dots[i + 1]!, radius: 2.6, fill: stroke });
  }
  if (label !== undefined) {
    marks.push({
      kind: 'label',
      x: label.x,
      y: label.y + 3.5,
      text: label.text,
      fill: 'faint',
      size: 10,
      anchor: 'start',
      fromZoom: 0.6,
    });
  }
  return marks;
}

/** An orthogonal way with round corners, which ends so many pixels early. */
export function pathOf(points: readonly number[], early = 0): string {
  const count = points.length / 2;
  if (count < 2) return '';
  const x = (i: number): number => points[2 * i]!;
  const y = (i: number): number => points[2 * i + 1]!;
  const parts = [`M${at(x(0), y(0))}`];
  for (let i = 1; i < count - 1; i++) {
    const before = distance(x(i - 1), y(i - 1), x(i), y(i));
    const after = distance(x(i), y(i), x(i + 1), y(i + 1));
    const radius = Math.min(CORNER, before / 2, after / 2);
    if (radius === 0) continue;
    const [inX, inY] = towards(x(i), y(i), x(i - 1), y(i - 1), radius);
    const [outX, outY] = towards(x(i), y(i), x(i + 1), y(i + 1), radius);
    parts.push(`L${at(inX, inY)}Q${at(x(i), y(i))} ${at(outX, outY)}`);
  }
  const last = count - 1;
  const [endX, endY] = towards(x(last), y(last), x(last - 1), y(last - 1), early);
  parts.push(`L${at(endX, endY)}`);
  return parts.join('');
}

function arrowhead(points: readonly number[]): string {
  const [fromX, fromY, x, y] = points.slice(-4) as [number, number, number, number];
  const length = distance(fromX, fromY, x, y) || 1;
  const [alongX, alongY] = [(x - fromX) / length, (y - fromY) / length];
  const [backX, backY] = [x - alongX * ARROW, y - alongY * ARROW];
  const half = 3.2;
  return `M${at(x, y)}L${at(backX - alongY * half, backY + alongX * half)}L${at(backX + alongY * half, backY - alongX * half)}z`;
}

function towards(x: number, y: number, toX: number, toY: number, by: number): [number, number] {
  const length = distance(x, y, toX, toY) || 1;
  return [x + ((toX - x) / length) * by, y + ((toY - y) / length) * by];
}

function distance(x: number, y: number, toX: number, toY: number): number {
  return Math.abs(toX - x) + Math.abs(toY - y);
}

function at(x: number, y: number): string {
  return `${round(x)} ${round(y)}`;
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}
