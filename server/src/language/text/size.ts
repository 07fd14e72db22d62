import type { SyntaxProblem } from '../problem.ts';

/** In UTF-16 units. A model is a few thousand; so much takes seconds. */
export const MAX_LENGTH = 2_000_000;
/** What is longer in UTF-8 is too long as text: a unit is three bytes at most. */
export const MAX_BYTES = 3 * MAX_LENGTH;

export const WHY_TOO_LARGE = 'it is larger than 2 MB, and a model is a few kB of text';

/** Said instead of all else. */
export const TOO_LARGE: SyntaxProblem = {
  code: 'too-large',
  severity: 'error',
  message:
    'This file is larger than 2 MB and isn\'t read: a model is a few kB of text. What repeats is written "* n" or "for".',
  range: { start: 0, end: 0 },
};

export function isTooLarge({ problems }: { readonly problems: readonly SyntaxProblem[] }): boolean {
  return problems[0] === TOO_LARGE;
}
