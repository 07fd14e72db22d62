/** Arguments as they are written, here and in Python. */
import { FALSE, TRUE, constant } from '../../../server/src/core/dimension.ts';
import type { Value } from '../../../server/src/core/value.ts';

/** Whole numbers are ints, lists are tuples. */
export type Literal = number | string | boolean | null | Float | readonly Literal[];

export interface Float {
  readonly float: number;
}

export function toValue(literal: Literal): Value {
  if (literal === null) return { kind: 'none' };
  if (typeof literal === 'number') return { kind: 'int', value: constant(literal) };
  if (typeof literal === 'string') return { kind: 'string', value: literal };
  if (typeof literal === 'boolean') return { kind: 'bool', value: literal ? TRUE : FALSE };
  if ('float' in literal) return { kind: 'float', value: literal.float };
  return { kind: 'list', items: literal.map(toValue), isTuple: true };
}

export function toPython(literal: Literal): string {
  if (literal === null) return 'None';
  if (typeof literal === 'number') return String(literal);
  if (typeof literal === 'string') return `"${literal}"`;
  if (typeof literal === 'boolean') return literal ? 'True' : 'False';
  if ('float' in literal) return Number.isInteger(literal.float) ? `${String(literal.float)}.0` : String(literal.float);
  return literal.length === 1 ? `(${toPython(literal[0]!)},)` : `(${literal.map(toPython).join(', ')})`;
}
