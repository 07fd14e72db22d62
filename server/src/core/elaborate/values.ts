/** Making, comparing and describing values. */
import {
  type Condition,
  type Dimension,
  type Values,
  compare,
  conditionKey,
  conditionSymbols,
  constant,
  constantValue,
  decided,
  evaluate,
  evaluateCondition,
  exactDivide,
  format,
  formatCondition,
  key,
  opaque,
  opaqueCondition,
  symbolsOf,
  TRUE,
  FALSE,
} from '../dimension.ts';
import { formatShape } from '../tensor.ts';
import {
  type LayerValue,
  type Lookup,
  type Operation,
  type Symbolic,
  UNKNOWN,
  type Value,
  formatFloat,
} from '../value.ts';

export function intValue(value: Dimension | bigint | number): Value {
  return { kind: 'int', value: typeof value === 'object' ? value : constant(value) };
}

export function boolValue(value: boolean | Condition): Value {
  return { kind: 'bool', value: typeof value === 'boolean' ? (value ? TRUE : FALSE) : value };
}

export function listValue(items: readonly Value[], isTuple = false): Value {
  return { kind: 'list', items, isTuple };
}

/** `a / b`: an int where it is whole for certain. */
export function ratioValue(numerator: Dimension, denominator: Dimension): Value {
  const whole = exactDivide(numerator, denominator);
  if (whole !== undefined) return intValue(whole);
  const a = constantValue(numerator);
  const b = constantValue(denominator);
  if (a === undefined || b === undefined) return { kind: 'ratio', numerator, denominator };
  const divisor = greatestCommonDivisor(a, b) * (b < 0n ? -1n : 1n);
  return { kind: 'ratio', numerator: constant(a / divisor), denominator: constant(b / divisor) };
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x === 0n ? 1n : x;
}

/** Equal keys mean equal values; tensors have none and never get here. */
export function valueKey(value: Value): string {
  switch (value.kind) {
    case 'int':
      return key(value.value);
    case 'ratio':
      return `${key(value.numerator)}/${key(value.denominator)}`;
    case 'float':
      return `f${String(value.value)}`;
    case 'bool':
      return `b${conditionKey(value.value)}`;
    case 'string':
      return JSON.stringify(value.value);
    case 'none':
      return 'None';
    case 'list':
      return `[${value.items.map(valueKey).join(',')}]`;
    case 'layer':
      return layerKey(value.layer);
    case 'symbolic':
      return `s${value.key}`;
    case 'unknown':
      return '?';
    case 'tensor':
      throw new Error('A tensor has no key.');
  }
}

/** Whether a tensor is in it: then there is no key for it. */
export function holdsTensor(value: Value): boolean {
  if (value.kind === 'list') return value.items.some(holdsTensor);
  return value.kind === 'layer' ? [...value.layer.arguments.values()].some(holdsTensor) : value.kind === 'tensor';
}

function layerKey(layer: LayerValue): string {
  const given = [...layer.arguments].map(([name, value]) => `${name}=${valueKey(value)}`).sort();
  const callee = 'family' in layer.callee ? layer.callee.name : layer.callee.id;
  return `${callee}(${given.join(',')})`;
}

/** A value as messages and hovers show it. */
export function formatValue(value: Value): string {
  switch (value.kind) {
    case 'int':
      return format(value.value);
    case 'ratio':
      return `${format(value.numerator)} / ${format(value.denominator)}`;
    case 'float':
      return formatFloat(value.value);
    case 'bool': {
      const known = decided(value.value);
      return known === undefined ? formatCondition(value.value) : known ? 'True' : 'False';
    }
    case 'string':
      return JSON.stringify(value.value);
    case 'none':
      return 'None';
    case 'list': {
      const items = value.items.map(formatValue).join(', ');
      return value.isTuple ? `(${items}${value.items.length === 1 ? ',' : ''})` : `[${items}]`;
    }
    case 'layer':
      return 'family' in value.layer.callee ? value.layer.callee.name : value.layer.callee.name.text;
    case 'tensor':
      return formatShape(value.tensor.shape);
    case 'symbolic':
      return value.key;
    case 'unknown':
      return '?';
  }
}

/** What kind of thing it is, in words: `a whole number`. */
export function describeKind(value: Value): string {
  switch (value.kind) {
    case 'int':
      return 'a whole number';
    case 'ratio':
    case 'float':
      return 'a number';
    case 'bool':
      return 'True or False';
    case 'string':
      return 'a text';
    case 'none':
      return 'None';
    case 'list':
      return value.isTuple ? 'a tuple' : 'a list';
    case 'layer':
      return 'a layer';
    case 'tensor':
      return 'a tensor';
    case 'symbolic':
      return describeKind(value.example);
    case 'unknown':
      return 'unknown';
  }
}

/** The size symbols and parameters that a value depends on. */
export function valueSymbols(value: Value): ReadonlySet<string> {
  switch (value.kind) {
    case 'int':
      return symbolsOf(value.value);
    case 'ratio':
      return new Set([...symbolsOf(value.numerator), ...symbolsOf(value.denominator)]);
    case 'bool':
      return conditionSymbols(value.value);
    case 'list':
      return new Set(value.items.flatMap((item) => [...valueSymbols(item)]));
    case 'symbolic':
      return value.symbols;
    default:
      return NOTHING;
  }
}
const NOTHING: ReadonlySet<string> = new Set();

// ---------------------------------------------------------------------------------------------- what waits for parameters

/**
 * The result of an operation whose operands aren't known yet: computed now on the values of the use at hand, which
 * says what kind of value it is, and again whenever the parameters are.
 */
export function deferred(
  text: string,
  operands: readonly Value[],
  examples: Lookup,
  compute: (operands: readonly Value[]) => Value,
): Value {
  const known = operands.map((operand) => valueAt(operand, examples));
  const symbols = new Set(operands.flatMap((operand) => [...valueSymbols(operand)]));
  const isUnknown = known.some((operand) => operand.kind === 'unknown');
  // What only a free size of the input keeps from being known can be told by that size's name.
  if (isUnknown && (symbols.size === 0 || [...symbols].some((name) => name.startsWith('?')))) return UNKNOWN;
  const example = isUnknown ? UNKNOWN : compute(known);
  // There is no name for what tensors are in.
  if (operands.some(holdsTensor)) return example;
  const at = (lookup: Lookup): Value => {
    const values = operands.map((operand) => valueAt(operand, lookup));
    return values.some((operand) => operand.kind === 'unknown') ? UNKNOWN : compute(values);
  };
  const name = `${text}(${operands.map(valueKey).join(', ')})`;
  const operation: Operation = { text, operands };
  const decode =
    (values: Values): Lookup =>
    (symbol) =>
      decodeValue(values(symbol), examples(symbol));
  if (example.kind === 'int') {
    return intValue(
      opaque(
        name,
        symbols,
        (values) => {
          const result = at(decode(values));
          return result.kind === 'int' ? constantValue(result.value) : undefined;
        },
        operation,
      ),
    );
  }
  if (example.kind === 'bool') {
    return boolValue(
      opaqueCondition(
        name,
        symbols,
        (values) => {
          const result = at(decode(values));
          return result.kind === 'bool' ? decided(result.value) : undefined;
        },
        operation,
      ),
    );
  }
  if (example.kind === 'unknown' && !isUnknown) return UNKNOWN;
  return { kind: 'symbolic', key: name, symbols, evaluate: at, example, operation } satisfies Symbolic;
}

/** The numbers of a list that depends on parameters, each by itself; a number that is one in some use is all of them. */
export function itemByItem(value: Value, examples: Lookup): Value {
  if (value.kind !== 'symbolic' || value.example.kind !== 'list') return value;
  const { items, isTuple } = value.example;
  if (!items.every(({ kind }) => kind === 'int')) return value;
  const item = (i: number): Value =>
    deferred('item', [value, intValue(i)], examples, ([all]) =>
      all?.kind === 'list' ? (all.items[i] ?? UNKNOWN) : (all ?? UNKNOWN),
    );
  return listValue(
    items.map((_, i) => item(i)),
    isTuple,
  );
}

/** A value with its symbols given; unknown where one of them isn't. */
export function valueAt(value: Value, lookup: Lookup): Value {
  switch (value.kind) {
    case 'int': {
      const known = evaluate(value.value, encodeLookup(lookup));
      return known === undefined ? UNKNOWN : intValue(known);
    }
    case 'ratio': {
      const a = evaluate(value.numerator, encodeLookup(lookup));
      const b = evaluate(value.denominator, encodeLookup(lookup));
      return a === undefined || b === undefined || b === 0n ? UNKNOWN : ratioValue(constant(a), constant(b));
    }
    case 'bool': {
      const known = evaluateCondition(value.value, encodeLookup(lookup));
      return known === undefined ? UNKNOWN : boolValue(known);
    }
    case 'list':
      return listValue(
        value.items.map((item) => valueAt(item, lookup)),
        value.isTuple,
      );
    case 'symbolic':
      return value.evaluate(lookup);
    default:
      return value;
  }
}

export function encodeLookup(lookup: Lookup): Values {
  return (symbol) => {
    const value = lookup(symbol);
    return value === undefined ? undefined : encodeValue(value);
  };
}

/**
 * A parameter's value as the integer that the algebra of sizes passes around: ints as they are, bools as 0 and 1,
 * floats, lists and texts by a number of their own (exact, and never computed with).
 */
export function encodeValue(value: Value): bigint | undefined {
  switch (value.kind) {
    case 'int':
      return constantValue(value.value);
    case 'bool': {
      const known = decided(value.value);
      return known === undefined ? undefined : known ? 1n : 0n;
    }
    case 'float':
    case 'list':
    case 'string':
    case 'none':
      return intern(value);
    default:
      return undefined;
  }
}

/** Beyond what is a size of anything. */
const INTERNED = 1n << 128n;

/** Floats, lists and texts that stand in a program's arguments: few, and equal ones have one number. */
const internedValues: Value[] = [];
const internedKeys = new Map<string, bigint>();

function intern(value: Value): bigint {
  const id = valueKey(value);
  let number = internedKeys.get(id);
  if (number === undefined) {
    number = INTERNED + BigInt(internedValues.length);
    internedValues.push(value);
    internedKeys.set(id, number);
  }
  return number;
}

function decodeValue(encoded: bigint | undefined, example: Value | undefined): Value | undefined {
  if (encoded === undefined) return undefined;
  if (example?.kind === 'bool') return boolValue(encoded !== 0n);
  return internedValues[Number(encoded - INTERNED)] ?? intValue(encoded);
}

/** The truth of a symbol that stands for a bool parameter. */
export function boolSymbol(name: string): Condition {
  return opaqueCondition(name, [name], (values) => {
    const value = values(name);
    return value === undefined ? undefined : value !== 0n;
  });
}

export function isTruthy(value: Value): Condition | undefined {
  if (value.kind === 'bool') return value.value;
  if (value.kind === 'int') return compare('!=', value.value, constant(0));
  return undefined;
}
