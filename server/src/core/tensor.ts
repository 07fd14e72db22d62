import type { Dimension } from './dimension.ts';
import { equal, format, symbol, symbolsOf } from './dimension.ts';
import type { Node } from './graph.ts';

/** Sizes by dimension, batch first; exact, over the program's symbols. */
export type Shape = readonly Dimension[];

/** What torch calls dtype, as far as it matters here. */
export type DataType = 'float' | 'int64' | 'bool';

/** One value that flows through a model. Two tensors are the same exactly when they are the same object. */
export interface Tensor {
  /** Absent when not even the number of dimensions is known, after an error or in a block that nobody uses. */
  readonly shape: Shape | undefined;
  readonly type: DataType;
  /** What makes it, and which of its outputs it is. */
  readonly node: Node;
  readonly output: number;
  /**
   * Openly, one tensor may stand for a branch that is perhaps not there, or for as many as a parameter says: what they
   * are together along each dimension, which what joins them along it needs.
   */
  readonly together?: Shape;
}

let unknowns = 0;

/** A size of which nothing is known and nothing is said: it agrees with every other. */
export function unknownSize(): Dimension {
  unknowns += 1;
  return symbol(`?${String(unknowns)}`, 1n);
}

/** No tensor has such a size, and a product of some of them couldn't be worked out. */
const HUGE = 1n << 512n;

export function isHuge(size: Dimension): boolean {
  return size.constant > HUGE || size.terms.some(({ coefficient }) => coefficient > HUGE);
}

export function isUnknown(size: Dimension): boolean {
  for (const name of symbolsOf(size)) if (name.startsWith('?')) return true;
  return false;
}

/** `[N, 64, (H - 1) // 2 + 1]`, as it is shown everywhere. */
export function formatShape(shape: Shape | undefined): string {
  if (shape === undefined) return '[?]';
  return `[${shape.map((size) => (isUnknown(size) ? '?' : format(size))).join(', ')}]`;
}

export function sameShape(a: Shape | undefined, b: Shape | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every((size, i) => equal(size, b[i]!));
}
