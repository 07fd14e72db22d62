/** How the value of an expression comes about: `planes * 4` as `64 * 4`. */
import type { Expression } from '../definition.ts';
import { formatValue } from '../elaborate/values.ts';
import { textOfExpression } from '../elaborate/words.ts';
import type { Instance } from '../graph.ts';
import { formatShape } from '../tensor.ts';
import type { Value } from '../value.ts';

/** What is made of parts; of all else the value alone tells enough. */
const MADE_OF_PARTS = new Set<Expression['kind']>(['binary', 'unary', 'compare', 'call']);

/** {@link workedOut} of what a name is bound to. */
export function workedOutName(instance: Instance, name: string): string | undefined {
  if (instance.definition.kind === 'extern') return undefined;
  for (const statement of instance.definition.statements) {
    if (statement.kind !== 'binding' || statement.names.length !== 1 || statement.names[0]!.text !== name) continue;
    return statement.value.kind === 'pipeline' ? undefined : workedOut(instance, statement.value);
  }
  return undefined;
}

/**
 * The expression with the values of its names in their place, in one use of a definition.
 * @param turn of several values, in loops, which one is meant
 * @returns undefined where it isn't made of parts, or a part has no value
 */
export function workedOut(instance: Instance, expression: Expression, turn = 0): string | undefined {
  if (!MADE_OF_PARTS.has(expression.kind)) return undefined;
  const unknown: Expression[] = [];
  const text = textOfExpression(expression, (part) => {
    if (part.kind !== 'name' && part.kind !== 'member' && part.kind !== 'index') return undefined;
    const facts = instance.facts.get(part) ?? [];
    const value = (facts[turn] ?? facts[0])?.value;
    const known = value && textOf(value);
    if (known === undefined) unknown.push(part);
    return known ?? '';
  });
  return unknown.length === 0 && !text.includes('…') ? text : undefined;
}

function textOf(value: Value): string | undefined {
  if (value.kind === 'tensor') return formatShape(value.tensor.shape);
  return value.kind === 'unknown' || value.kind === 'layer' ? undefined : formatValue(value);
}
