/** torch's broadcasting: from the last dimension on, sizes must be the same or 1. */
import { type Dimension, ONE, compare, constantValue, decided, equal, or, structure } from './dimension.ts';
import type { Condition } from './dimension.ts';
import { type Shape, isUnknown } from './tensor.ts';

export interface Broadcast {
  readonly shape: Shape;
  /** The dimension (of the result) that can never fit. */
  readonly clash?: number;
  /** What must hold of free sizes. */
  readonly conditions: readonly Condition[];
}

/** The shape of `a + b`; after a clash it goes on with the larger rank's sizes. */
export function broadcast(a: Shape, b: Shape): Broadcast {
  const rank = Math.max(a.length, b.length);
  const shape: Dimension[] = [];
  const conditions: Condition[] = [];
  let clash: number | undefined;
  for (let i = 0; i < rank; i++) {
    const x = a[i - (rank - a.length)] ?? ONE;
    const y = b[i - (rank - b.length)] ?? ONE;
    if (equal(x, y) || equal(y, ONE)) shape.push(x);
    else if (equal(x, ONE)) shape.push(y);
    else if (isUnknown(x) || isUnknown(y)) shape.push(isUnknown(x) ? y : x);
    else {
      const fits = compare('==', x, y);
      if (decided(fits) === false && decided(couldBeOne(x, y)) === false) clash ??= i;
      else if (decided(fits) === undefined) conditions.push(fits);
      shape.push(simpler(x, y));
    }
  }
  return clash === undefined ? { shape, conditions } : { shape, conditions, clash };
}

function couldBeOne(x: Dimension, y: Dimension): Condition {
  return or(compare('==', x, ONE), compare('==', y, ONE));
}

/** Of two sizes that must be the same, the one that says more: a number, else what isn't a choice between two. */
export function simpler(x: Dimension, y: Dimension): Dimension {
  if (constantValue(x) !== undefined) return x;
  if (constantValue(y) !== undefined) return y;
  return structure(x).kind === 'select' ? y : x;
}
