/** Whether some of a model's text is looked at only for some values, so that a sketch of it may find more. */
import type { Expression, Model, Statement } from '../definition.ts';
import type { Instance } from '../graph.ts';
import { onceFor } from '../once.ts';

/**
 * Whether what is wrong with a model whatever it is given may be more than what is wrong with it by itself.
 *
 * Not where all of its text was looked at, with all the values that it may have: no parameter, no arm that may not be
 * taken, no loop that may have no turn, no right side of `and`. A mistake may end a loop sooner than a sketch ends it.
 *
 * @param instance the model by itself
 */
export function mayHideMistakes({ parameters, statements }: Model, instance: Instance): boolean {
  const choices = statements.map(choiceIn);
  if (parameters.length > 0 || choices.includes('arm')) return true;
  return choices.includes('turns') && instance.problems.some(({ severity }) => severity === 'error');
}

/** `turns`: a loop that has one at least. */
type Choice = 'arm' | 'turns' | undefined;

const known = new WeakMap<Statement, { readonly choice: Choice }>();

function choiceIn(statement: Statement): Choice {
  return onceFor(known, statement, () => ({ choice: choiceOf(statement) })).choice;
}

/** Statements, stages and expressions are plain data, and all of them are asked the same. */
function choiceOf(part: unknown): Choice {
  if (typeof part !== 'object' || part === null) return undefined;
  let choice: Choice;
  if (!Array.isArray(part)) {
    const { kind, operator, count, iterable } = part as Partial<Asked>;
    if (kind === 'if' || kind === 'conditional' || operator === 'and' || operator === 'or') return 'arm';
    if (count !== undefined && !(numberIn(count) > 0)) return 'arm';
    if (iterable !== undefined && !hasItems(iterable)) return 'arm';
    if (count !== undefined || iterable !== undefined) choice = 'turns';
  }
  for (const inner of Object.values(part) as unknown[]) {
    if (typeof inner !== 'object') continue;
    const found = choiceOf(inner);
    if (found === 'arm') return 'arm';
    choice ??= found;
  }
  return choice;
}

interface Asked {
  readonly kind: string;
  readonly operator: string;
  /** Of a stage. */
  readonly count: Expression;
  /** Of a `for`. */
  readonly iterable: Expression;
}

function hasItems(iterable: Expression): boolean {
  if (iterable.kind === 'list' || iterable.kind === 'tuple') return iterable.items.length > 0;
  return iterable.kind === 'binary' && iterable.operator === '..' && numberIn(iterable.left) < numberIn(iterable.right);
}

/** Not a number where it isn't written as one. */
function numberIn(expression: Expression): number {
  return expression.kind === 'number' ? Number(expression.value) : NaN;
}
