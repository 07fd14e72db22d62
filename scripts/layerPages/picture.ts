/**
 * What a layer does to a shape, as a picture: blocks for what goes in and comes out, with their sizes, and what one place
 * of the output sees. It brings its own background, so it can be read whatever is around it; light or dark as the
 * reader's system has it.
 */
import { cardFamily } from '../../server/src/core/analysis/cardDetails.ts';
import { constantValue, format } from '../../server/src/core/dimension.ts';
import { THEMES } from '../../server/src/core/drawing/theme.ts';
import type { LayerNode } from '../../server/src/core/graph.ts';
import type { Seen } from '../../server/src/core/layers/sight.ts';
import type { ShapedTensor } from '../../server/src/core/layers/layer.ts';
import { type Shape, formatShape } from '../../server/src/core/tensor.ts';

const WIDTH = 640;
const COLUMN = 220;
const ROW = 150;
/** More than that in a column are only counted. */
const MOST = 3;

export function pictureOf(node: LayerNode, call: string): string {
  const { layer, inputs, outputs } = node;
  const rows = Math.min(Math.max(inputs.length, outputs.length), MOST);
  const height = rows * ROW + 20;
  const middle = height / 2;
  // The colours of the graph.
  const [light, dark] = (['light', 'dark'] as const).map((theme) => THEMES[theme][cardFamily(layer.family)]) as [
    string,
    string,
  ];
  const seen = seenOf(node);
  const isLast = areChannelsLast(node);
  const column = (tensors: readonly { shape: Shape | undefined }[], x: number, marks: (i: number) => Marks): string => {
    const shown = tensors.slice(0, MOST);
    const top = middle - (shown.length * ROW) / 2;
    const blocks = shown.map(({ shape }, i) => block(shape ?? [], isLast, x, top + i * ROW + ROW / 2, marks(i)));
    const more = tensors.length - shown.length;
    return blocks.join('') + (more > 0 ? text(x, height - 6, `and ${more} more`, 'faint') : '');
  };
  const arrow = (from: number, to: number): string =>
    `<path class="edge" d="M${from} ${middle}H${to - 6}"/><path class="head" d="M${to} ${middle}l-8-4v8z"/>`;
  const given = call.slice(layer.name.length + 1, -1);
  const isSeen = seen.some((each) => each !== undefined);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="Inter, 'Segoe UI', system-ui, sans-serif">
<title>${escaped(`${call}: ${inputs.map(({ shape }) => formatShape(shape)).join(', ')} → ${outputs.map(({ shape }) => formatShape(shape)).join(', ')}`)}</title>
<style>
.panel{fill:#fff;stroke:#d0d7de}.text{fill:#1f2328;font-size:12px}.faint{fill:#656d76;font-size:11px}.name{fill:#1f2328;font-size:12.5px;font-weight:600}
.face{fill:${light};fill-opacity:.14;stroke:${light};stroke-width:1.2}.side{fill:${light};fill-opacity:.26;stroke:${light};stroke-width:1.2}
.mark{fill:#d1242f;fill-opacity:.3;stroke:#d1242f;stroke-width:1.4}
.edge{fill:none;stroke:#818b98;stroke-width:1.4}.head{fill:#818b98}.card{fill:#fff;stroke:#d0d7de}.family{fill:${light}}
@media (prefers-color-scheme:dark){.panel{fill:#1f1f1f;stroke:#414141}.text,.name{fill:#dcdcdc}.faint{fill:#9d9d9d}.face,.side{fill:${dark};stroke:${dark}}
.mark{fill:#ff7b72;stroke:#ff7b72}.edge{stroke:#8a8a8a}.head{fill:#8a8a8a}.card{fill:#282828;stroke:#414141}.family{fill:${dark}}}
</style>
<rect class="panel" x=".5" y=".5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>
${column(inputs, COLUMN / 2, (i) => ({ input: seen[i] }))}
${arrow(COLUMN - 4, COLUMN + 4)}
<rect class="card" x="${COLUMN + 4}" y="${middle - 21}" width="${WIDTH - 2 * COLUMN - 8}" height="42" rx="5"/>
<path class="family" d="M${COLUMN + 9} ${middle - 21}h-1a4 4 0 0 0-4 4v34a4 4 0 0 0 4 4h1z"/>
${text(WIDTH / 2 + 2, given === '' ? middle + 4 : middle - 3, layer.name, 'name', Math.min(12.5, 290 / layer.name.length))}
${given === '' ? '' : text(WIDTH / 2 + 2, middle + 12, given, 'faint', Math.min(11, 350 / given.length))}
${isSeen ? text(WIDTH / 2, middle + 40, 'red: what one place sees', 'faint') : ''}
${arrow(WIDTH - COLUMN - 4, WIDTH - COLUMN + 10)}
${column(outputs, WIDTH - COLUMN / 2, (i) => ({ output: i === 0 && isSeen }))}
</svg>
`;
}

interface SeenPart {
  readonly places: number;
  readonly of: number;
}

interface Marks {
  readonly input?: readonly [height: SeenPart, width: SeenPart] | undefined;
  /** The place that sees it. */
  readonly output?: boolean;
}

/** Of each input that is a map: the part of it that a place in the middle sees; undefined where that isn't told. */
function seenOf(node: LayerNode): readonly Marks['input'][] {
  const { layer, arguments: given, parts, inputs, outputs } = node;
  const [y, x] = areChannelsLast(node) ? [1, 2] : [2, 3];
  const output = outputs[0]?.shape;
  const shaped = inputs as readonly ShapedTensor[];
  const sights = output && layer.sees?.({ arguments: given, parts, inputs: shaped, input: shaped[0]! }, output, 0);
  return shaped.map(({ shape }, i) => {
    const sight = sights?.[i];
    if (shape.length !== 4 || output?.length !== 4 || sight === undefined) return undefined;
    if (sight === 'reshaped' || 'seen' in sight) return undefined;
    const [height, width] = [part(sight[y]!, shape[y]!), part(sight[x]!, shape[x]!)];
    return height === undefined || width === undefined ? undefined : [height, width];
  });
}

function part(seen: Seen, size: Shape[number]): SeenPart | undefined {
  const places = Number(constantValue(size) ?? NaN);
  if (seen === 'all') return { places, of: places };
  if (typeof seen === 'string' || !('range' in seen) || Number.isNaN(places)) return undefined;
  const middle = Math.floor(places / 2);
  const [first, last] = seen.range(Math.floor((middle * seen.period) / Math.max(seen.advance, 1)));
  return last < first ? undefined : { places: Math.min(last - first + 1, places), of: places };
}

/** Images with their channels behind their places. */
function areChannelsLast({ layer }: LayerNode): boolean {
  return layer.inputs.layout?.includes('width, channels]') === true;
}

/** One tensor around a middle. The batch is left out: nothing happens to it. */
function block(given: Shape, isLast: boolean, x: number, y: number, marks: Marks): string {
  const shape = isLast && given.length === 4 ? [0, 3, 1, 2].map((dim) => given[dim]!) : given;
  const label = text(x, y + 66, formatShape(given), 'text', shape.length > 4 ? 11 : 12);
  const sizes = shape.map((size) => Number(constantValue(size) ?? NaN));
  if (shape.length === 4 || shape.length === 5) {
    const [height, width] = [length(sizes.at(-2)!), length(sizes.at(-1)!)];
    const depth = Math.min(6 + 5 * Math.log2(Math.max(sizes[1]!, 1)), 44) / 1.4;
    return cuboid(shape, x, y, width, height, Number.isNaN(depth) ? 20 : depth, marks) + label;
  }
  if (shape.length === 3) {
    const [height, width] = [length(sizes[1]!), length(sizes[2]!)];
    const [left, top] = [x - width / 2, y - height / 2 - 4];
    return `<rect class="face" x="${left}" y="${top}" width="${width}" height="${height}" rx="2"/>${text(left - 6, top + height / 2 + 4, dimension(shape[1]!), 'faint', 11, 'end')}${text(x, top + height + 13, dimension(shape[2]!), 'faint')}${label}`;
  }
  if (shape.length === 2 || shape.length === 1) {
    const height = shape.length === 2 ? length(sizes[1]!) * 1.2 : 14;
    return `<rect class="face" x="${x - 8}" y="${y - height / 2 - 2}" width="16" height="${height}" rx="2"/>${text(x + 16, y + 2, dimension(shape.at(-1)!), 'faint', 11, 'start')}${label}`;
  }
  const pill = shape.length === 0 ? 14 : 80;
  return `<rect class="face" x="${x - pill / 2}" y="${y - 12}" width="${pill}" height="20" rx="4"/>${label}`;
}

function cuboid(
  shape: Shape,
  x: number,
  y: number,
  width: number,
  height: number,
  depth: number,
  marks: Marks,
): string {
  const [left, top] = [r(x - (width + depth) / 2), r(y - (height - depth * 0.6) / 2 - 8)];
  const [dx, dy] = [r(depth), r(-depth * 0.6)];
  const [right, bottom] = [r(left + width), r(top + height)];
  const faces =
    `<path class="side" d="M${left} ${top}l${dx} ${dy}h${width}l${-dx} ${-dy}z"/>` +
    `<path class="side" d="M${right} ${top}l${dx} ${dy}v${height}l${-dx} ${-dy}z"/>` +
    `<rect class="face" x="${left}" y="${top}" width="${width}" height="${height}"/>`;
  const labels =
    text(left - 5, r(top + height / 2 + 4), dimension(shape.at(-2)!), 'faint', 11, 'end') +
    text(r(left + width / 2), bottom + 13, dimension(shape.at(-1)!), 'faint') +
    text(r(right + dx + 4), r(bottom + dy / 2 + 8), dimension(shape[1]!), 'faint', 11, 'start') +
    (shape.length === 5
      ? text(r(left + dx / 2 - 4), r(top + dy / 2 - 3), dimension(shape[2]!), 'faint', 11, 'end')
      : '');
  return faces + mark(marks, left + width / 2, top + height / 2, width, height) + labels;
}

/** What is seen, or the place that sees: never too small to be found. */
function mark({ input, output }: Marks, x: number, y: number, width: number, height: number): string {
  if (input === undefined && output !== true) return '';
  const [tall, wide] = input === undefined ? [5, 5] : [seenLength(input[0], height), seenLength(input[1], width)];
  return `<rect class="mark" x="${r(x - wide / 2)}" y="${r(y - tall / 2)}" width="${r(wide)}" height="${r(tall)}"/>`;
}

function seenLength({ places, of }: SeenPart, size: number): number {
  return places === 1 ? 5 : Math.max((places / of) * size, 10);
}

/** Sizes from 1 to thousands, so that all can be seen. */
function length(size: number): number {
  return Number.isNaN(size) ? 40 : r(Math.min(8 + 9 * Math.log2(size), 74));
}

function dimension(size: Shape[number]): string {
  const words = format(size);
  return words.length > 10 ? '…' : words;
}

function text(x: number, y: number, words: string, kind: string, size = 0, anchor = 'middle'): string {
  const font = size === 0 ? '' : ` style="font-size:${r(size)}px"`;
  return `<text class="${kind}" x="${r(x)}" y="${r(y)}" text-anchor="${anchor}"${font}>${escaped(words)}</text>`;
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function r(value: number): number {
  return Math.round(value * 10) / 10;
}
