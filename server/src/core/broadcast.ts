/** torch's broadcasting: from the last dimension on, sizes must be the same or 1. */
import { type Agreement, type Dimension, ONE, agree, constantValue, equal, structure } from './dimension.ts';
import { type Shape, isUnknown } from './tensor.ts';

export interface Broadcast {
  readonly shape: Shape;
  /** The dimension (of the result) that can never fit. */
  readonly clash?: number;
  /** What must hold of free sizes. */
  readonly conditions: readonly Extract<Agreement, { kind: 'when' }>[];
}

/** The shape of `a + b`; after a clash it goes on with the larger rank's sizes. */
export function broadcast(a: Shape, b: Shape): Broadcast {
  const rank = Math.max(a.length, b.length);
  const shape: Dimension[] = [];
  const conditions: Extract<Agreement, { kind: 'when' }>[] = [];
  let clash: number | undefined;
  for (let i = 0; i < rank; i++) {
    const x = a[i - (rank - a.length)] ?? ONE;
    const y = b[i - (rank - b.length)] ?? ONE;
    if (equal(x, y) || equal(y, ONE)) shape.push(x);
    else if (equal(x, ONE)) shape.push(y);
    else if (isUnknown(x) || isUnknown(y)) shape.push(isUnknown(x) ? y : x);
    else {
      // That an expression could be 1, too, is nobody's intent.
      const fits = agree(x, y);
      if (fits.kind === 'never') clash ??= i;
      else if (fits.kind === 'when') conditions.push(fits);
      shape.push(simpler(x, y));
    }
  }
  return clash === undefined ? { shape, conditions } : { shape, conditions, clash };
}

/** Of two sizes that must be the same, the one that says more: a number, else what isn't a choice between two. */
export function simpler(x: Dimension, y: Dimension): Dimension {
  if (constantValue(x) !== undefined) return x;
  if (constantValue(y) !== undefined) return y;
  return structure(x).kind === 'select' ? y : x;
}
