/** What several families share: how a kernel slides, which size is the channels, what must divide what. */
import {
  type Dimension,
  ONE,
  ZERO,
  add,
  compare,
  constant,
  floorDivide,
  format,
  modulo,
  multiply,
  select,
  subtract,
} from '../dimension.ts';
import type { Inputs, LayerCall, ShapedTensor } from './layer.ts';

const LAYOUTS = {
  1: '[N, channels, length]',
  2: '[N, channels, height, width]',
  3: '[N, channels, depth, height, width]',
} as const;

/** One input with a batch, channels and so many dimensions of place. */
export function channelsFirst(dimensions: 1 | 2 | 3): Inputs {
  return { names: ['input'], rank: [dimensions + 2], layout: LAYOUTS[dimensions] };
}

/** Dimension 1, where torch keeps the channels. */
export function channels([input]: readonly ShapedTensor[]): Dimension | undefined {
  return input?.shape[1];
}

/** The last dimension. */
export function features([input]: readonly ShapedTensor[]): Dimension | undefined {
  return input?.shape.at(-1);
}

/** Refuses where the argument doesn't divide a size. */
export function requireDivides(call: LayerCall, argument: string, size: Dimension, what: string): void {
  const divisor = call.arguments[argument] as Dimension;
  call.require(compare('==', modulo(size, divisor), ZERO), () => ({
    code: 'not-divisible',
    message: `has ${argument}=${format(divisor)}, which doesn't divide ${what}, ${format(size)}: each group gets an equal part of the channels.`,
    argument,
  }));
}

/**
 * How many steps a window makes: ⌊(size + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1 along each dimension.
 * Refuses a window larger than the padded input. Source: the shape formulas of torch.nn.Conv2d and MaxPool2d.
 */
export function slide(
  call: Pick<LayerCall, 'require'>,
  places: readonly Dimension[],
  kernel: readonly Dimension[],
  stride: readonly Dimension[],
  padding: readonly Dimension[],
  dilation: readonly Dimension[] = kernel.map(() => ONE),
  ceilMode = false,
): Dimension[] {
  return places.map((size, i) => {
    const window = add(multiply(dilation[i]!, subtract(kernel[i]!, ONE)), ONE);
    const padded = add(size, multiply(constant(2), padding[i]!));
    call.require(compare('>=', padded, window), () => ({
      code: 'size-vanishes',
      message: `looks at ${format(window)} places at once, but its padded input has only ${format(padded)}: nothing would be left. Use a smaller kernel, padding, or less pooling before it.`,
    }));
    const room = subtract(padded, window);
    return ceilMode ? ceilSteps(room, size, stride[i]!, padding[i]!) : add(floorDivide(room, stride[i]!), ONE);
  });
}

/** With ceil_mode the last window may hang over the edge, but must start inside the input or its left padding. */
function ceilSteps(room: Dimension, size: Dimension, stride: Dimension, padding: Dimension): Dimension {
  const steps = add(floorDivide(subtract(add(room, stride), ONE), stride), ONE);
  const lastStart = multiply(subtract(steps, ONE), stride);
  return select(compare('>=', lastStart, add(size, padding)), subtract(steps, ONE), steps);
}
