import type { Range } from '../core/definition.ts';
import { mapped, type Fix } from '../core/fix.ts';
import type { Severity } from '../core/problem.ts';

/** What is wrong with the text itself; the core's problems, which are about what it means, have a site instead. */
export interface SyntaxProblem {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  /** Absolute offsets in the file. */
  readonly range: Range;
  /** What would repair it, best first. */
  readonly fixes?: readonly Fix<Range>[];
}

/** A problem of a part before it has a place in the file: its range is relative to the part. */
export type PartProblem = SyntaxProblem;

/** The same problem, so much further on. */
export function moved<P extends PartProblem>(problem: P, by: number): P {
  const shift = ({ start, end }: Range): Range => ({ start: start + by, end: end + by });
  const fixes = problem.fixes?.map((each) => mapped(each, shift));
  return { ...problem, range: shift(problem.range), ...(fixes === undefined ? {} : { fixes }) };
}

/** What has no end to read: a name, a string, a list of names. */
const LONG_WORD = /[^\s]{121,}/g;
const LONG_MESSAGE = 2000;

/** A message in which what the text says is cut short where it is very long. */
export function shortened(message: string): string {
  const text = message.replaceAll(LONG_WORD, (word) => `${word.slice(0, 80)}…`);
  return text.length > LONG_MESSAGE ? `${text.slice(0, LONG_MESSAGE)}…` : text;
}
