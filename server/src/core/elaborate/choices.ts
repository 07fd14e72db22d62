/** Whether some of a definition's text is looked at only for some values. */
import type { Model, Statement } from '../definition.ts';

const known = new WeakMap<Statement, boolean>();

/**
 * Whether a model may have text that isn't looked at as it is built by itself: a parameter's default, an arm that isn't
 * taken, a loop without a turn, the right side of `and`. Where there is none, a sketch finds nothing more.
 */
export function hasChoices({ parameters, statements }: Model): boolean {
  return parameters.length > 0 || statements.some(chooses);
}

function chooses(statement: Statement): boolean {
  let found = known.get(statement);
  if (found === undefined) {
    found = holdsChoice(statement);
    known.set(statement, found);
  }
  return found;
}

const CHOOSING: ReadonlySet<unknown> = new Set(['if', 'conditional', 'for']);

/** Statements, stages and expressions are plain data, and all of them are asked the same. */
function holdsChoice(part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return false;
  if (Array.isArray(part)) return part.some(holdsChoice);
  const { kind, operator, count } = part as { kind?: unknown; operator?: unknown; count?: unknown };
  if (CHOOSING.has(kind) || operator === 'and' || operator === 'or' || count !== undefined) return true;
  return Object.values(part).some(holdsChoice);
}
