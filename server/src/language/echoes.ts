/** One mistake, one message: where the text is wrong, what it means can't be right either. */
import type { Range } from '../core/definition.ts';

interface Placed {
  readonly code: string;
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
): { readonly text: readonly T[]; readonly meaning: readonly M[] } {
  const explained = new Set(meaning.filter(({ code }) => NAMELESS.has(code)).map(({ range }) => range.start));
  const spelled = new Set(text.filter(({ code }) => code === 'literal-spelling').map(({ range }) => range.start));
  return {
    text: text.filter(({ code, range }) => code !== 'torch-prefix' || !explained.has(range.end)),
    meaning: meaning.filter(({ range }) => !spelled.has(range.start)),
  };
}
