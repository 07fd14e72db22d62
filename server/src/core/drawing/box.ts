import { shortCount, withSeparators } from '../analysis/numbers.ts';
import { FRAME } from '../layout/metrics.ts';
import type { CountsData } from '../view/modelGraph.ts';
import type { ViewBox } from '../view/view.ts';
import type { Mark, Paint } from './mark.ts';
import { cut, widthOf } from './text.ts';

/** What cards are compared by, in the length of their bars or in their colour. */
export type Measure = keyof CountsData;

export interface BoxOptions {
  /** The most parameters that a visible card has: the length of the bars is relative to it. */
  readonly most?: number;
  /** Colours cards by how much of this they have, relative to the most that one has; by family where absent. */
  readonly heat?: { readonly by: Measure; readonly most: number };
}

/** Where a frame is, and where the line that goes through it. */
export interface Extent {
  readonly width: number;
  readonly height: number;
  /** From the left edge of the box. */
  readonly axis: number;
}

/** The marks of a box, from its top left corner. */
export function drawBox(box: ViewBox, extent: Extent, options: BoxOptions = {}): readonly Mark[] {
  switch (box.form) {
    case 'frame':
      return drawFrame(box, extent);
    case 'operator':
      return drawOperator(box, extent);
    case 'join':
      return drawJoin(box, extent);
    case 'input':
    case 'output':
      return drawPort(box, extent);
    case 'card':
    case 'value':
      return drawCard(box, extent, options);
  }
}

const LEFT = 13;
const RIGHT = 11;
const CHEVRON = 11;
const BAR = { width: 34, height: 4 } as const;
const TITLE = 12.5;
/** What is cut to fewer letters says nothing. */
const LEAST = 8;
const SMALL = 11;

function drawCard(box: ViewBox, { width, height }: Extent, options: BoxOptions): Mark[] {
  const marks: Mark[] = [];
  if (box.repeats > 1) {
    for (const [offset, opacity] of [
      [6, 0.55],
      [3, 0.8],
    ] as const) {
      marks.push({ ...outline(width, height), x: offset, y: offset, fill: 'card', stroke: 'border', opacity });
    }
  }
  const tone = box.problem?.severity;
  const heat = options.heat && heatOf(box.counts[options.heat.by], options.heat.most);
  marks.push({
    ...outline(width, height),
    fill: 'card',
    stroke: tone ?? 'border',
    ...(box.form === 'value' ? { dashed: true } : {}),
  });
  if (heat !== undefined) marks.push({ ...outline(width, height), fill: heat, fillOpacity: 0.16 });
  marks.push({
    kind: 'path',
    d: `M5 0h-1a4 4 0 0 0-4 4v${String(height - 8)}a4 4 0 0 0 4 4h1z`,
    fill: heat ?? box.node?.family ?? 'block',
  });

  const parameters = box.counts.parameters ?? 0;
  const counted = parameters > 0 ? withSeparators(parameters) : '';
  const second = box.problem === undefined ? (box.details ?? '') : shortened(box.problem.message);
  const isOneLine = counted === '' && second === '';
  const first = isOneLine ? height / 2 + 4.5 : 17.5;
  const text: Paint = box.isFaint === true ? 'faint' : 'text';
  const start = LEFT + (box.isFoldable ? CHEVRON : 0);
  if (box.isFoldable) {
    marks.push({ kind: 'path', d: `M13 ${String(first - 8)}l4 4-4 4`, stroke: 'muted', strokeWidth: 1.4 });
  }

  // The shape keeps its place; what the author and torch call it shares the rest.
  const shape = box.shape === undefined ? '' : cut(box.shape, width * 0.55, SMALL);
  const shapeWidth = shape === '' ? 0 : widthOf(shape, SMALL) + 8;
  let room = width - start - RIGHT - shapeWidth;
  const title = cut(box.title, room, TITLE, true);
  marks.push(label(start, first, title, text, TITLE, { isBold: true }));
  let x = start + widthOf(title, TITLE, true) + 6;
  room -= widthOf(title, TITLE, true) + 6;
  if (box.repeats > 1) {
    const times = `× ${String(box.repeats)}`;
    marks.push(label(x, first, times, 'accent', TITLE, { isBold: true }));
    x += widthOf(times, TITLE, true) + 6;
    room -= widthOf(times, TITLE, true) + 6;
  }
  const shared = box.node?.shared;
  const uses = shared === undefined || shared.of < 2 ? '' : `${String(shared.use)} of ${String(shared.of)}`;
  const usesWidth = uses === '' ? 0 : widthOf(uses, SMALL) + 22;
  const name = box.name === undefined ? '' : cut(box.name, room - usesWidth, SMALL);
  if (name !== '') marks.push(label(x, first, name, 'muted', SMALL, { fromZoom: 0.6 }));
  if (name !== '') x += widthOf(name, SMALL) + 8;
  if (uses !== '' && usesWidth <= room) marks.push(...drawShared(x, first, uses));
  if (shape !== '') {
    marks.push(
      label(width - RIGHT, first, shape, box.isFaint === true ? 'faint' : 'muted', SMALL, {
        anchor: 'end',
        isTabular: true,
        fromZoom: 0.35,
      }),
    );
  }
  if (isOneLine) return withBadge(marks, box, width);

  const bar = counted === '' ? 0 : widthOf(counted, SMALL) + BAR.width + 6;
  const details = cut(second, width - start - RIGHT - (bar === 0 ? 0 : bar + 8), SMALL);
  if (details !== '') marks.push(label(start, 33, details, tone ?? 'muted', SMALL, { fromZoom: 0.6 }));
  if (counted !== '') {
    const left = width - RIGHT - BAR.width;
    const share = options.most === undefined || options.most === 0 ? 0 : Math.min(1, parameters / options.most);
    const track = { kind: 'rectangle', x: left, y: 27, height: BAR.height, radius: 2 } as const;
    marks.push(
      label(left - 6, 33, counted, 'muted', SMALL, { anchor: 'end', isTabular: true, fromZoom: 0.6 }),
      { ...track, width: BAR.width, fill: 'barTrack' },
      { ...track, width: Math.max(2, BAR.width * share), fill: 'bar' },
    );
  }
  return withBadge(marks, box, width);
}

function drawShared(x: number, y: number, uses: string): Mark[] {
  const ring = { kind: 'circle', y: y - 4, radius: 3.6, stroke: 'accent', strokeWidth: 1.4 } as const;
  return [{ ...ring, x: x + 4 }, { ...ring, x: x + 9 }, label(x + 17, y, uses, 'accent', SMALL, { fromZoom: 0.6 })];
}

function withBadge(marks: Mark[], { problem }: ViewBox, x: number): Mark[] {
  if (problem === undefined) return marks;
  marks.push(
    { kind: 'circle', x, y: 0, radius: 7, fill: problem.severity, stroke: 'canvas', strokeWidth: 2 },
    label(x, 3.5, '!', 'onBadge', 10, { isBold: true, anchor: 'middle' }),
  );
  return marks;
}

function drawFrame(box: ViewBox, { width, height, axis }: Extent): Mark[] {
  const tone = box.problem?.severity;
  const marks: Mark[] = [
    {
      kind: 'rectangle',
      x: 0,
      y: 0,
      width,
      height,
      radius: 8,
      fill: 'frame',
      stroke: tone ?? 'frameBorder',
    },
    { kind: 'path', d: 'M13 12l4 4 4-4', stroke: 'muted', strokeWidth: 1.4 },
  ];
  const baseline = FRAME.title / 2 + 4.5;
  const left = 27;
  const total = box.counts.parameters ?? 0;
  const count = total === 0 ? '' : shortCount(BigInt(total));
  const end = width - 12 - (count === '' ? 0 : widthOf(count, SMALL) + 10);
  const title = cut(box.title, axis - 6 - left, TITLE, true) || cut(box.title, end - left, TITLE, true);
  marks.push(label(left, baseline, title, 'text', TITLE, { isBold: true }));
  const after = left + widthOf(title, TITLE, true) + 8;
  const details = [box.name, box.details].filter((text) => text !== undefined).join(' · ');
  // A title ends before the line that comes in; what doesn't fit there goes on behind it.
  const isLeft = after + widthOf(details, SMALL) <= axis - 6;
  const x = isLeft ? after : Math.max(after, axis + 8);
  const fitting = cut(details, end - x, SMALL);
  const shown = fitting === details || fitting.length > LEAST ? fitting : '';
  if (shown !== '') marks.push(label(x, baseline, shown, 'muted', SMALL, { fromZoom: 0.6 }));
  if (count !== '') {
    marks.push(label(width - 12, baseline, count, 'muted', SMALL, { anchor: 'end', isTabular: true, fromZoom: 0.35 }));
  }
  return withBadge(marks, box, width);
}

function drawOperator(box: ViewBox, { width, height }: Extent): Mark[] {
  const marks: Mark[] = [
    {
      kind: 'circle',
      x: width / 2,
      y: height / 2,
      radius: width / 2,
      fill: 'card',
      stroke: box.problem?.severity ?? 'border',
    },
    label(width / 2, height / 2 + 5, box.title, 'text', 14, { isBold: true, anchor: 'middle' }),
  ];
  if (box.problem === undefined) return marks;
  return withBadge(marks, box, width);
}

function drawJoin(box: ViewBox, { width, height }: Extent): Mark[] {
  const marks: Mark[] = [
    {
      kind: 'rectangle',
      x: 0,
      y: 0,
      width,
      height,
      radius: height / 2,
      fill: 'card',
      stroke: box.problem?.severity ?? 'border',
    },
    label(width / 2, height / 2 + 4, cut(box.title.toLowerCase(), width - 16, SMALL, true), 'text', SMALL, {
      isBold: true,
      anchor: 'middle',
    }),
  ];
  if (box.shape !== undefined) {
    marks.push(
      label(width / 2 + 6, height + 12, box.shape, 'faint', 10, { anchor: 'start', isTabular: true, fromZoom: 0.6 }),
    );
  }
  return withBadge(marks, box, width);
}

function drawPort(box: ViewBox, { width, height }: Extent): Mark[] {
  const marks: Mark[] = [
    {
      kind: 'rectangle',
      x: 0,
      y: 0,
      width,
      height,
      radius: height / 2,
      fill: 'pill',
      ...(box.problem === undefined ? {} : { stroke: box.problem.severity }),
    },
  ];
  const shape = cut(box.shape ?? '', width - 60, SMALL);
  const shapeWidth = shape === '' ? 0 : widthOf(shape, SMALL) + 8;
  const title = cut(box.title, width - 28 - shapeWidth, 12, true);
  const titleWidth = widthOf(title, 12, true);
  const x = (width - titleWidth - shapeWidth) / 2;
  const baseline = height / 2 + 4.5;
  marks.push(label(x, baseline, title, 'text', 12, { isBold: true }));
  if (shape !== '') {
    marks.push(label(x + titleWidth + 8, baseline, shape, 'muted', SMALL, { isTabular: true, fromZoom: 0.35 }));
  }
  return withBadge(marks, box, width);
}

function outline(width: number, height: number): Extract<Mark, { kind: 'rectangle' }> {
  return { kind: 'rectangle', x: 0, y: 0, width, height, radius: 5 };
}

function label(
  x: number,
  y: number,
  text: string,
  fill: Paint,
  size: number,
  more: Partial<Pick<Extract<Mark, { kind: 'label' }>, 'isBold' | 'anchor' | 'isTabular' | 'fromZoom'>> = {},
): Mark {
  return { kind: 'label', x, y, text, fill, size, anchor: 'start', ...more };
}

/** A message's first sentence, without what leads to it. */
function shortened(message: string): string {
  return message.split(/(?<=[^\d])[.:] /)[0]!.replace(/\.$/, '');
}

const HEATS = ['heat0', 'heat1', 'heat2', 'heat3', 'heat4'] as const;
/** Where each colour but the first begins, as a share of the most. */
export const HEAT_STEPS = [0.02, 0.1, 0.3, 0.6] as const;

function heatOf(value: number | undefined, most: number): Paint {
  const share = value === undefined || most === 0 ? 0 : value / most;
  return HEATS[HEAT_STEPS.filter((step) => share >= step).length]!;
}

/** The most of something that a visible card has. */
export function mostOf(boxes: Iterable<ViewBox>, by: Measure): number {
  let most = 0;
  for (const { form, counts } of boxes) if (form === 'card' || form === 'value') most = Math.max(most, counts[by] ?? 0);
  return most;
}
