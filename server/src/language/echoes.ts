/** One mistake, one message: where the text is wrong, what it means can't be right either. */
import type { Placement, Range } from '../core/definition.ts';

interface Placed {
  readonly code: string;
  readonly message: string;
  readonly range: Range;
}

/** What a name can't be after `torch.` or `F.`: its message says how the whole is written here. */
const NAMELESS: ReadonlySet<string> = new Set(['unknown-name', 'unknown-layer', 'keras-name']);

/**
 * @param text problems of the text itself
 * @param meaning problems of what it means, in the same file
 * @returns both, without those that say again what another one says
 */
export function withoutEchoes<T extends Placed, M extends Placed>(
  text: readonly T[],
  meaning: readonly M[],
  { definitions }: Placement,
): { readonly text: readonly T[]; readonly meaning: readonly M[] } {
  const explained = new Set(meaning.filter(({ code }) => NAMELESS.has(code)).map(({ range }) => range.start));
  const spelled = new Set(text.filter(({ code }) => code === 'literal-spelling').map(({ range }) => range.start));
  // `x.view(x.size(0), -1)`: that tensors have no methods is told once a statement.
  const methods = text.filter(({ message }) => message.includes('tensors have no methods'));
  const repeated = new Set<T>();
  if (methods.length > 1) {
    const starts = definitions.flatMap(({ header, statements }) => [header, ...statements]);
    let at = -1;
    let told = -2;
    for (const each of methods.toSorted((a, b) => a.range.start - b.range.start)) {
      while (at + 1 < starts.length && starts[at + 1]! <= each.range.start) at++;
      if (told === at) repeated.add(each);
      told = at;
    }
  }
  return {
    text: text.filter(
      (each) => !repeated.has(each) && (each.code !== 'torch-prefix' || !explained.has(each.range.end)),
    ),
    meaning: meaning.filter(({ range }) => !spelled.has(range.start)),
  };
}
