/** Arguments as they are written, here and in Python. */
import { FALSE, TRUE, constant } from '../../../server/src/core/dimension.ts';
import { findLayer } from '../../../server/src/core/layers/catalogue.ts';
import type { Value } from '../../../server/src/core/value.ts';

/** Whole numbers are ints, lists are tuples. */
export type Literal = number | string | boolean | null | Float | LayerLiteral | readonly Literal[];

export interface Float {
  readonly float: number;
}

/** `LeakyReLU(0.1)` as an argument. */
export interface LayerLiteral {
  readonly layer: string;
  readonly given: Readonly<Record<string, Literal>>;
}

export function isLayer(literal: Literal | undefined): literal is LayerLiteral {
  return typeof literal === 'object' && literal !== null && 'layer' in literal;
}

export function toValue(literal: Literal): Value {
  if (literal === null) return { kind: 'none' };
  if (typeof literal === 'number') return { kind: 'int', value: constant(literal) };
  if (typeof literal === 'string') return { kind: 'string', value: literal };
  if (typeof literal === 'boolean') return { kind: 'bool', value: literal ? TRUE : FALSE };
  if ('float' in literal) return { kind: 'float', value: literal.float };
  if (isLayer(literal)) {
    const callee = findLayer(literal.layer);
    if (callee === undefined) throw new Error(`There is no ${literal.layer}.`);
    const given = new Map(Object.entries(literal.given).map(([name, each]) => [name, toValue(each)]));
    const range = { start: 0, end: 0 };
    return {
      kind: 'layer',
      layer: { callee, arguments: given, source: { kind: 'missing', range }, writtenIn: '' },
    };
  }
  return { kind: 'list', items: literal.map(toValue), isTuple: true };
}

export function toPython(literal: Literal): string {
  if (literal === null) return 'None';
  if (typeof literal === 'number') return String(literal);
  if (typeof literal === 'string') return `"${literal}"`;
  if (typeof literal === 'boolean') return literal ? 'True' : 'False';
  if ('float' in literal) return Number.isInteger(literal.float) ? `${String(literal.float)}.0` : String(literal.float);
  if (isLayer(literal)) return literal.layer;
  return literal.length === 1 ? `(${toPython(literal[0]!)},)` : `(${literal.map(toPython).join(', ')})`;
}
