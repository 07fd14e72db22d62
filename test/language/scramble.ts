/** The same tokens with other spaces, lines, commas and comments between them. */
import type { FileParser } from '../../server/src/language/text/parser.ts';
import { closerOf, endOf, isCloser, kindOf } from '../../server/src/language/text/tokens.ts';
import type { Random } from '../random.ts';

export function scrambled(text: string, parser: FileParser, random: Random): string {
  const { tokens, parts } = parser.parse(text);
  const starts = new Set<number>();
  const documented = new Set<number>();
  for (const { header, statements } of parts.definitions) {
    documented.add(header.anchor.offset);
    for (const { anchor } of statements) {
      starts.add(anchor.offset);
      documented.add(anchor.offset);
    }
  }
  const changes = random.pick([0.02, 0.1, 0.4]);
  let made = '';
  let last = 0;
  let depth = 0;
  tokens.forEach((token, i) => {
    const gap = text.slice(last, token.startOffset);
    const before = tokens[i - 1];
    const kind = kindOf(token);
    made += isFree(i) && random.chance(changes) ? other(gap) : gap;
    made += token.image;
    last = endOf(token);
    if (closerOf(kind) !== undefined) depth++;
    else if (isCloser(kind)) depth--;

    /** Inside of one statement's brackets a line may end anywhere; names that begin a line may begin a statement. */
    function isFree(index: number): boolean {
      if (before === undefined || gap === '' || gap.includes('#') || documented.has(tokens[index]!.startOffset))
        return false;
      return !starts.has(token.startOffset);
    }
  });
  return made + text.slice(last);

  function other(gap: string): string {
    // Outside of brackets a new line may begin something else.
    const mayBreak = depth > 1 || gap.includes('\n');
    if (!mayBreak) return random.pick([' ', '  ', '     ']);
    return random.pick([
      ' ',
      '   ',
      '\n',
      '\n\n\n',
      '\n      ',
      '  # a comment\n',
      '\n# own line\n  ',
      ' #!x\n\n   #y\n',
    ]);
  }
}
