import type { Layout, Line, PlacedBox } from '../../../server/src/core/layout/graph.ts';

/** A layout as it leaves the worker: numbers that change hands without a copy, where objects are copied one by one. */
export interface PackedLayout {
  readonly ids: readonly string[];
  readonly labels: readonly string[];
  readonly numbers: Float64Array<ArrayBuffer>;
}

const SKIP = 1;
const ARROW = 2;
const LABEL = 4;

export function pack({ width, height, boxes, lines }: Layout): PackedLayout {
  const numbers: number[] = [width, height];
  const labels: string[] = [];
  for (const { x, y, width: own, height: ownHeight, axis } of boxes.values()) numbers.push(x, y, own, ownHeight, axis);
  for (const { edges, points, kind, arrow, label, dots } of lines) {
    const flags = (kind === 'skip' ? SKIP : 0) + (arrow ? ARROW : 0) + (label === undefined ? 0 : LABEL);
    numbers.push(flags, edges.length, points.length, dots.length);
    for (const each of edges) numbers.push(each);
    for (const each of points) numbers.push(each);
    for (const each of dots) numbers.push(each);
    if (label === undefined) continue;
    numbers.push(label.x, label.y);
    labels.push(label.text);
  }
  return { ids: [...boxes.keys()], labels, numbers: Float64Array.from(numbers) };
}

export function unpack({ ids, labels, numbers }: PackedLayout): Layout {
  let at = 2;
  let label = 0;
  const next = (): number => numbers[at++]!;
  const several = (count: number): number[] => {
    const found = new Array<number>(count);
    for (let i = 0; i < count; i++) found[i] = next();
    return found;
  };
  const boxes = new Map<string, PlacedBox>();
  for (const id of ids) boxes.set(id, { x: next(), y: next(), width: next(), height: next(), axis: next() });
  const lines: Line[] = [];
  while (at < numbers.length) {
    const [flags, ofEdges, ofPoints, ofDots] = [next(), next(), next(), next()];
    const edges = several(ofEdges);
    const points = several(ofPoints);
    const dots = several(ofDots);
    const kind = (flags & SKIP) === 0 ? 'flow' : 'skip';
    const line: Line = { edges, points, kind, arrow: (flags & ARROW) !== 0, dots };
    lines.push((flags & LABEL) === 0 ? line : { ...line, label: { x: next(), y: next(), text: labels[label++]! } });
  }
  return { width: numbers[0]!, height: numbers[1]!, boxes, lines };
}
