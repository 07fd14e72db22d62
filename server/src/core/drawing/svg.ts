/** A picture as a file: every colour resolved, since many viewers know no CSS variables, and text as text. */
import { withSeparators } from '../analysis/numbers.ts';
import type { Layout } from '../layout/graph.ts';
import type { View } from '../view/view.ts';
import { drawBox, mostOf } from './box.ts';
import { drawLine } from './line.ts';
import type { Mark, Paint } from './mark.ts';
import { FRAME_OPACITY, THEMES, type ThemeName } from './theme.ts';
import { widthOf } from './text.ts';

/** Pixels around the picture. */
const MARGIN = 24;
const HEADING = 44;

export const FONT = "Inter, 'Segoe UI', 'Helvetica Neue', 'Noto Sans', 'DejaVu Sans', sans-serif";

export interface Heading {
  readonly title: string;
  /** Of the whole model. */
  readonly parameters?: number;
  /** `at 224 × 224` */
  readonly at?: readonly [number, number];
}

export function toSvg(view: View, layout: Layout, heading: Heading, theme: ThemeName): string {
  const colours = THEMES[theme];
  const most = mostOf(view.byId.values(), 'parameters');
  const note = noteOf(heading);
  // A long title may be wider than the picture.
  const wanted = widthOf(heading.title, 16, true) + widthOf(note, 11) + 40;
  const inner = Math.max(layout.width, wanted);
  const width = Math.ceil(inner + 2 * MARGIN);
  const height = Math.ceil(layout.height + HEADING + 2 * MARGIN);
  const left = MARGIN + (inner - layout.width) / 2;
  const print = (marks: readonly Mark[]): string => marks.map((mark) => printMark(mark, colours)).join('');
  const boxes = [...view.byId.values()];
  const placed = (frames: boolean): string =>
    boxes
      .filter(({ form }) => (form === 'frame') === frames)
      // A frame is added after what is inside it, but lies under it.
      .toSorted((a, b) => (frames ? depthOf(a.id) - depthOf(b.id) : 0))
      .map((box) => {
        const place = layout.boxes.get(box.id);
        if (place === undefined) throw new Error(`The layout has no place for ${box.id}.`);
        const extent = { width: place.width, height: place.height, axis: place.axis - place.x };
        const marks = print(drawBox(box, extent, { most }));
        return `<g transform="translate(${number(place.x)} ${number(place.y)})">${marks}</g>`;
      })
      .join('\n');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="${FONT}">`,
    `<title>${escaped(heading.title)}</title>`,
    `<rect width="100%" height="100%" fill="${colours.canvas}"/>`,
    print([
      {
        kind: 'label',
        x: MARGIN,
        y: MARGIN + 16,
        text: heading.title,
        fill: 'text',
        size: 16,
        isBold: true,
        anchor: 'start',
      },
      { kind: 'label', x: width - MARGIN, y: MARGIN + 15, text: note, fill: 'muted', size: 11, anchor: 'end' },
    ]),
    `<g transform="translate(${number(left)} ${number(MARGIN + HEADING)})">`,
    placed(true),
    layout.lines.map((line) => print(drawLine(line))).join('\n'),
    placed(false),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

function depthOf(id: string): number {
  return id.split('/').length;
}

function noteOf({ parameters, at }: Heading): string {
  const count = parameters === undefined ? '' : `${withSeparators(parameters)} parameters`;
  return [count, at === undefined ? '' : `at ${at.join(' × ')}`].filter((text) => text !== '').join(' · ');
}

function printMark(mark: Mark, colours: Readonly<Record<Paint, string>>): string {
  switch (mark.kind) {
    case 'rectangle': {
      const { x, y, width, height, radius } = mark;
      const place = `x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}" rx="${number(radius)}"`;
      const opacity = mark.opacity === undefined ? '' : ` opacity="${mark.opacity}"`;
      return `<rect ${place}${painted(mark, colours)}${opacity}/>`;
    }
    case 'path':
      return `<path d="${mark.d}"${painted(mark, colours)}/>`;
    case 'circle':
      return `<circle cx="${number(mark.x)}" cy="${number(mark.y)}" r="${number(mark.radius)}"${painted(mark, colours)}/>`;
    case 'label': {
      if (mark.text === '') return '';
      const weight = mark.isBold === true ? ' font-weight="600"' : '';
      const figures = mark.isTabular === true ? ' font-variant-numeric="tabular-nums"' : '';
      const anchor = mark.anchor === 'start' ? '' : ` text-anchor="${mark.anchor}"`;
      return `<text x="${number(mark.x)}" y="${number(mark.y)}" fill="${colours[mark.fill]}" font-size="${mark.size}"${weight}${anchor}${figures}>${escaped(mark.text)}</text>`;
    }
  }
}

function painted(mark: Exclude<Mark, { kind: 'label' }>, colours: Readonly<Record<Paint, string>>): string {
  const fill = mark.fill === undefined ? 'none' : colours[mark.fill];
  const opacity =
    mark.kind === 'rectangle' ? (mark.fillOpacity ?? (mark.fill === 'frame' ? FRAME_OPACITY : undefined)) : undefined;
  const stroke = mark.stroke === undefined ? '' : ` stroke="${colours[mark.stroke]}"`;
  const width = mark.strokeWidth === undefined ? '' : ` stroke-width="${mark.strokeWidth}"`;
  const dashes = mark.kind !== 'circle' && mark.dashed === true ? ' stroke-dasharray="4 3"' : '';
  return ` fill="${fill}"${opacity === undefined ? '' : ` fill-opacity="${opacity}"`}${stroke}${width}${dashes}`;
}

function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
