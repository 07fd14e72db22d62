import type { Definition, Expression } from './definition.ts';
import type { Condition, Dimension } from './dimension.ts';
import type { Layer } from './layers/layer.ts';
import type { Tensor } from './tensor.ts';

/**
 * What an expression can be. Numbers are exact and may be symbolic: over input sizes always, over parameters and loop
 * variables too where a definition is elaborated generically.
 */
export type Value =
  | { readonly kind: 'int'; readonly value: Dimension }
  /** `a / b` that isn't whole for certain: exact, and an int is asked of it later or never. */
  | { readonly kind: 'ratio'; readonly numerator: Dimension; readonly denominator: Dimension }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: Condition }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'list'; readonly items: readonly Value[]; readonly isTuple: boolean }
  | { readonly kind: 'layer'; readonly layer: LayerValue }
  | { readonly kind: 'tensor'; readonly tensor: Tensor }
  /** A value other than an int or bool that depends on parameters without a value. */
  | Symbolic
  /** After an error: nothing more is said of it. */
  | { readonly kind: 'unknown' };

/** A function, an operator, `item`, `slice` or `range` on values. */
export interface Operation {
  readonly text: string;
  readonly operands: readonly Value[];
}

export interface Symbolic {
  readonly kind: 'symbolic';
  /** Canonical text: equal keys mean equal values. */
  readonly key: string;
  readonly symbols: ReadonlySet<string>;
  readonly evaluate: (lookup: Lookup) => Value;
  /** What it is in the use at hand; the generic form takes it where a rule needs to decide. */
  readonly example: Value;
  /** How it is worked out, for printing it; absent where it is a parameter. */
  readonly operation?: Operation;
}

/** The values of parameters, loop variables and input sizes, by symbol name. */
export type Lookup = (symbol: string) => Value | undefined;

/** A layer or block as an argument: `act=LeakyReLU(0.1)`, `mixer=Pool(3)`. Every use of it is a new instance. */
export interface LayerValue {
  readonly callee: Layer | Definition;
  /** By parameter name, evaluated where it was written. */
  readonly arguments: ReadonlyMap<string, Value>;
  /** As written, and by whom: for the generated code and for hovers. */
  readonly source: Expression;
  readonly writtenIn: string;
}

export const NONE: Value = { kind: 'none' };
export const UNKNOWN: Value = { kind: 'unknown' };

/** As Python prints it: a whole one keeps its `.0`, so that it can be told from an int. */
export function formatFloat(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e16 ? value.toFixed(1) : String(value);
}
