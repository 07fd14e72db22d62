/** What changes between two texts of the same tokens: the smallest pieces, so that cursors and folds stay. */
import type { ScvParseResult } from '../text/parser.ts';
import { endOf, kindOf, type Token } from '../text/tokens.ts';

/** Offsets in the old text. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Commas are between tokens here, as spaces and comments are. */
export function editsBetween(
  before: string,
  { tokens: old }: Pick<ScvParseResult, 'tokens'>,
  after: string,
  { tokens: now }: Pick<ScvParseResult, 'tokens'>,
): readonly Edit[] {
  const [from, to] = [old, now].map((tokens) => tokens.filter((token) => kindOf(token) !== ','));
  const edits: Edit[] = [];
  const replace = (start: number, end: number, text: string): void => {
    if (before.slice(start, end) !== text) edits.push({ start, end, text });
  };
  const endBefore = (tokens: readonly Token[], index: number): number => (index === 0 ? 0 : endOf(tokens[index - 1]!));
  from!.forEach((token, i) => {
    const same = to![i]!;
    replace(endBefore(from!, i), token.startOffset, after.slice(endBefore(to!, i), same.startOffset));
    replace(token.startOffset, endOf(token), same.image);
  });
  replace(endBefore(from!, from!.length), before.length, after.slice(endBefore(to!, to!.length)));
  return edits;
}
