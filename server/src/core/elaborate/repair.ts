/** What would make two shapes fit that can't be added: in a residual net, what belongs on which path. */
import {
  ONE,
  add,
  agree,
  constant,
  constantValue,
  equal,
  floorDivide,
  format,
  isDimension,
  subtract,
} from '../dimension.ts';
import type { LayerNode } from '../graph.ts';
import type { LayerSetting } from '../layers/layer.ts';
import { type Shape, type Tensor, formatShape } from '../tensor.ts';

/** As far as one looks for the layer that lost what is missing. */
const DEPTH = 64;
const LARGEST_STRIDE = 64n;

/** What to do, in words, and as something done to the text where that is enough. */
export interface Repair {
  readonly advice: string;
  /** Stages behind one of the two. */
  readonly behind?: { readonly tensor: Tensor; readonly stages: string };
  /** An argument of a layer further up. */
  readonly setting?: { readonly node: LayerNode; readonly value: LayerSetting };
}

/** @param clash the dimension that can't fit, of the larger rank */
export function repair(a: Tensor, b: Tensor, clash: number): Repair {
  return comesFrom(a, b) ? repairFirst(b, a, clash) : repairFirst(a, b, clash);
}

/** Whether the second is the shortcut around what made the first of it: it is the one to be brought to the other's shape. */
function comesFrom(tensor: Tensor, earlier: Tensor): boolean {
  let at: Tensor | undefined = tensor;
  for (let depth = 0; depth < DEPTH && at !== undefined; depth++) {
    if (at.node === earlier.node && at.output === earlier.output) return depth > 0;
    at = at.node.inputs[0];
  }
  return false;
}

const NO_REPAIR: Repair = { advice: 'Bring one of them to the shape of the other.' };

function repairFirst(a: Tensor, b: Tensor, clash: number): Repair {
  const [x, y] = [a.shape ?? [], b.shape ?? []];
  if (x.length === 4 && y.length === 4) return repairMaps(a, b, x, y);
  const [long, short] = x.length >= y.length ? [x, y] : [y, x];
  // [N, 64] beside [N, 64, 8, 8]: torch counts from the end.
  if (short.length > 1 && long.length > short.length && short.every((size, i) => equal(size, long[i]!))) {
    const ones = long.slice(short.length).map(() => '1');
    // The batch may have no name here.
    const sizes = ['-1', ...short.slice(1).map((size) => format(size)), ...ones];
    const stages = `Reshape([${sizes.join(', ')}])`;
    return {
      advice: `Sizes are compared from the last one: write -> ${stages} behind ${formatShape(short)}.`,
      behind: { tensor: short === x ? a : b, stages },
    };
  }
  const isLast = x.length === y.length && clash === x.length - 1;
  if (isLast && constantValue(y.at(-1)!) !== undefined && x.slice(0, -1).every((size, i) => equal(size, y[i]!))) {
    return onPath(a, `Linear(${format(y.at(-1)!)})`);
  }
  return NO_REPAIR;
}

function repairMaps(a: Tensor, b: Tensor, x: Shape, y: Shape): Repair {
  const isSameChannels = equal(x[1]!, y[1]!);
  if (!equal(x[0]!, y[0]!) || constantValue(y[1]!) === undefined) return NO_REPAIR;
  if (sameMap(x, y)) return projection(a, y, 1n);
  for (const [from, to] of [
    [a, y],
    [b, x],
  ] as const) {
    const stride = strideBetween(from.shape!, to);
    if (stride !== undefined) return projection(from, to, stride);
  }
  if (!isSameChannels) return NO_REPAIR;
  const [larger, short] = isLarger(x, y) ? [x, b] : [y, a];
  const lossy = lossyLayer(short);
  if (lossy !== undefined) return lossy;
  const sizes = larger.slice(2);
  const isNumbers = sizes.every((size) => constantValue(size) !== undefined);
  const wanted = isNumbers ? sizes.map((size) => format(size)).join(', ') : 'x.height, x.width';
  return {
    advice: `Resize the path that carries ${formatShape(short.shape)}, with Interpolate([${wanted}])${isNumbers ? '' : ' where x is the other'}.`,
    ...(isNumbers ? { behind: { tensor: short, stages: `Interpolate([${wanted}])` } } : {}),
  };
}

function projection(from: Tensor, to: Shape, stride: bigint): Repair {
  const step = stride === 1n ? '' : `, stride=${String(stride)}`;
  return onPath(from, `Conv2d(${format(to[1]!)}, 1${step})`);
}

function onPath(tensor: Tensor, stages: string): Repair {
  return { advice: `Put ${stages} on the path that carries ${formatShape(tensor.shape)}.`, behind: { tensor, stages } };
}

function sameMap(x: Shape, y: Shape): boolean {
  return x.slice(2).every((size, i) => equal(size, y[i + 2]!));
}

/** The stride at which a convolution of kernel 1 gives the other height and width, whatever the symbols are. */
function strideBetween(from: Shape, to: Shape): bigint | undefined {
  for (let stride = 2n; stride <= LARGEST_STRIDE; stride++) {
    const fits = [2, 3].every((i) => {
      const strided = add(floorDivide(subtract(from[i]!, ONE), constant(stride)), ONE);
      return agree(strided, to[i]!).kind === 'always';
    });
    if (fits) return stride;
  }
  return undefined;
}

function isLarger(x: Shape, y: Shape): boolean {
  return [2, 3].every((i) => (constantValue(subtract(x[i]!, y[i]!)) ?? 0n) >= 0n);
}

/** A kernel without enough padding, on the way to what comes out too small. */
function lossyLayer(tensor: Tensor): Repair | undefined {
  let at = tensor;
  for (let depth = 0; depth < DEPTH && at.node.kind === 'layer'; depth++) {
    const { node, shape } = at;
    const input: Tensor | undefined = node.inputs[0];
    const { padding, stride } = node.arguments;
    const isSteady = Array.isArray(stride) && stride.every((each) => each === undefined || isNumber(each, 1n));
    if (isSteady && Array.isArray(padding) && input?.shape?.length === 4 && shape?.length === 4) {
      const lost = [2, 3].map((i) => constantValue(subtract(input.shape![i]!, shape[i]!)));
      const given = padding.map((each) => numberOf(each));
      const wanted = lost.map((size, i) =>
        size === undefined || size % 2n !== 0n || given[i] === undefined ? undefined : given[i] + size / 2n,
      );
      const [height, width] = wanted;
      if (lost.some((size) => size !== undefined && size > 0n) && height !== undefined && width !== undefined) {
        const text = height === width ? String(height) : `(${String(height)}, ${String(width)})`;
        const kept = input.shape.slice(2).map((size) => format(size));
        return {
          advice: `Give ${node.layer.name} padding=${text}: its kernel takes ${lost.map((size) => String(size ?? 0n)).join(' rows and ')} columns away.`,
          setting: { node, value: { argument: 'padding', value: text, purpose: ` to keep ${kept.join(' × ')}` } },
        };
      }
    }
    if (input === undefined) return undefined;
    at = input;
  }
  return undefined;
}

function numberOf(value: unknown): bigint | undefined {
  if (typeof value === 'number') return BigInt(value);
  return isDimension(value) ? constantValue(value) : undefined;
}

function isNumber(value: unknown, wanted: bigint): boolean {
  return numberOf(value) === wanted;
}
