/** What runs between stages, and how sizes of two ways come together. */
import {
  type Condition,
  type Dimension,
  compare,
  conditionKey,
  conditionSymbols,
  constantValue,
  equal,
  evaluate,
  select,
} from '../dimension.ts';
import { type Shape, type Tensor, isUnknown, unknownSize } from '../tensor.ts';
import { type Lookup, UNKNOWN, type Value } from '../value.ts';
import { encodeLookup, intValue, listValue } from './values.ts';

/** What flows between stages; `all` are the outputs of a layer of which only the first is passed on. */
export interface Flow {
  readonly value: Value;
  readonly all?: readonly Tensor[];
}

export const NOWHERE: Flow = { value: UNKNOWN };

export function tensorsIn({ value }: Flow): readonly Tensor[] {
  if (value.kind === 'tensor') return [value.tensor];
  return value.kind === 'list' ? value.items.flatMap((item) => (item.kind === 'tensor' ? [item.tensor] : [])) : [];
}

export function isTensorTuple(value: Value): boolean {
  return (
    value.kind === 'list' &&
    value.items.length > 0 &&
    value.items.every((item) => item.kind === 'tensor' || item.kind === 'unknown')
  );
}

export function flowOf(outputs: readonly Tensor[]): Flow {
  const values = outputs.map((tensor): Value => ({ kind: 'tensor', tensor }));
  return { value: values.length === 1 ? values[0]! : values.length === 0 ? UNKNOWN : listValue(values, true) };
}

/** The same flow with other sizes: `shapeOf` by the tensor's number. */
export function reshape(flow: Flow, shapeOf: (tensor: number) => Shape | undefined): Flow {
  let number = 0;
  const change = (value: Value): Value => {
    if (value.kind !== 'tensor') return value;
    const shape = shapeOf(number);
    number += 1;
    return { kind: 'tensor', tensor: { ...value.tensor, shape } };
  };
  const { value } = flow;
  return { value: value.kind === 'list' ? listValue(value.items.map(change), value.isTuple) : change(value) };
}

/** The same flow with nothing known of its sizes. */
export function blur(flow: Flow): Flow {
  const blurred = tensorsIn(flow);
  if (blurred.some(({ shape }) => shape === undefined)) return flow;
  return reshape(flow, (i) => blurred[i]!.shape!.map(() => unknownSize()));
}

/**
 * The size that comes out of an `if`: the same in both arms, or where the condition itself says that the arms are the
 * same otherwise (`if c != out { … out } else { … c }` is out), else a choice.
 */
export function mergeSizes(condition: Condition | undefined, a: Dimension, b: Dimension): Dimension {
  if (equal(a, b)) return a;
  if (isUnknown(a)) return b;
  if (isUnknown(b)) return a;
  if (condition === undefined) return unknownSize();
  if (saysOf(condition, 'or', conditionKey(compare('!=', a, b)))) return a;
  if (saysOf(condition, 'and', conditionKey(compare('==', a, b)))) return b;
  return select(condition, a, b);
}

function saysOf(condition: Condition, connective: 'and' | 'or', part: string): boolean {
  if (conditionKey(condition) === part) return true;
  return condition.kind === connective && condition.operands.some((operand) => saysOf(operand, connective, part));
}

export function symbolsOfCondition(condition: Condition): ReadonlySet<string> {
  return conditionSymbols(condition);
}

/** The first item of what a loop goes over, in the use at hand. */
export function firstItem(iterable: Value | undefined, examples: Lookup): Value {
  if (iterable === undefined) return UNKNOWN;
  const known = iterable.kind === 'symbolic' ? iterable.example : iterable;
  // A range without a number goes over whole numbers all the same.
  const from =
    iterable.kind === 'symbolic' && iterable.operation?.text === 'range' ? iterable.operation.operands[0] : undefined;
  const first = known.kind === 'list' ? (known.items[0] ?? from) : undefined;
  if (first?.kind === 'int' && constantValue(first.value) === undefined) {
    return constantExample(first.value, examples) ?? UNKNOWN;
  }
  return first ?? UNKNOWN;
}

export function constantExample(size: Dimension, examples: Lookup): Value | undefined {
  const known = evaluate(size, encodeLookup(examples));
  return known === undefined ? undefined : intValue(known);
}
