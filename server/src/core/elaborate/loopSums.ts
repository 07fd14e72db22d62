/** What the turns of a loop come to together, where a parameter says what it goes over: `sum(widths)`. */
import {
  ONE,
  ZERO,
  add,
  constant,
  equal,
  floorDivide,
  minimum,
  multiply,
  substitute,
  subtract,
  sum,
  symbol,
  symbolsOf,
  type Dimension,
} from '../dimension.ts';
import { UNKNOWN, type Lookup, type Symbolic, type Value } from '../value.ts';
import { deferred, intValue } from './values.ts';

/**
 * A size of one turn, over all turns. `undefined` where it isn't so many times the loop's variables and something that
 * stays.
 *
 * @param variables the symbols of the loop's names, in their order
 * @param index the symbol of the number of the turn
 */
export function sumOverTurns(
  size: Dimension,
  iterable: Symbolic,
  variables: readonly string[],
  index: string,
  examples: Lookup,
): Dimension | undefined {
  const own = [...symbolsOf(size)].filter((name) => name === index || variables.includes(name));
  const count = lengthOfValue(iterable, examples);
  if (count === undefined) return undefined;
  const only = (wanted: string | undefined): Dimension =>
    substitute(size, (name) => (name === wanted ? ONE : own.includes(name) ? ZERO : undefined));
  const base = only(undefined);
  const total = [multiply(base, count)];
  let rebuilt = base;
  for (const name of own) {
    const times = subtract(only(name), base);
    const all = name === index ? triangle(count) : columnSum(iterable, variables, variables.indexOf(name), examples);
    if (all === undefined) return undefined;
    total.push(multiply(times, all));
    rebuilt = add(rebuilt, multiply(times, symbol(name, 0n)));
  }
  return equal(
    rebuilt,
    substitute(size, (name) => (own.includes(name) ? symbol(name, 0n) : undefined)),
  )
    ? sum(total)
    : undefined;
}

/** 0 + 1 + … up to the last of so many. */
function triangle(count: Dimension): Dimension {
  return floorDivide(multiply(count, subtract(count, ONE)), constant(2n));
}

function columnSum(
  iterable: Symbolic,
  variables: readonly string[],
  column: number,
  examples: Lookup,
): Dimension | undefined {
  const { operation } = iterable;
  const found =
    variables.length === 1
      ? deferred('sum', [iterable], examples, ([all]) => sumOf(all, (item) => item))
      : operation?.text === 'enumerate' && column === 1
        ? deferred('sum', operation.operands, examples, ([all]) => sumOf(all, (item) => item))
        : deferred('sum of item', [iterable, intValue(column)], examples, ([all]) =>
            sumOf(all, (item) => (item.kind === 'list' ? item.items[column] : undefined)),
          );
  return found.kind === 'int' ? found.value : undefined;
}

function sumOf(list: Value | undefined, pick: (item: Value) => Value | undefined): Value {
  if (list?.kind !== 'list') return UNKNOWN;
  const items = list.items.map(pick);
  return items.every((item) => item?.kind === 'int') ? intValue(sum(items.map((item) => item.value))) : UNKNOWN;
}

/** How many values a loop goes over. Python's `zip` and `enumerate` have no length of their own. */
function lengthOfValue(value: Value, examples: Lookup): Dimension | undefined {
  if (value.kind === 'list') return constant(value.items.length);
  if (value.kind !== 'symbolic') return undefined;
  const { text, operands } = value.operation ?? { text: '', operands: [] };
  const [first, second] = operands;
  if (text === 'enumerate' && first !== undefined) return lengthOfValue(first, examples);
  if (text === 'zip') {
    const lengths = operands.map((each) => lengthOfValue(each, examples));
    return lengths.every((each) => each !== undefined) ? minimum(...lengths) : undefined;
  }
  if (text === 'range' && first?.kind === 'int' && second?.kind === 'int') return subtract(second.value, first.value);
  const found = deferred('len', [value], examples, ([list]) =>
    list?.kind === 'list' ? intValue(list.items.length) : UNKNOWN,
  );
  return found.kind === 'int' ? found.value : undefined;
}
