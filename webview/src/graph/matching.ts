import type { PaletteGroup, PalettePiece } from '../../../server/src/protocol/palette.ts';

/** Groups with the pieces whose name has the query in it, or whose summary; names that begin with it come first. */
export function matching(groups: readonly PaletteGroup[], query: string): PaletteGroup[] {
  const wanted = query.trim().toLowerCase();
  if (wanted === '') return groups.map((group) => group);
  const rank = ({ name, summary }: PalettePiece): number => {
    const lower = name.toLowerCase();
    if (lower.startsWith(wanted)) return 0;
    if (lower.includes(wanted)) return 1;
    return summary?.toLowerCase().includes(wanted) === true ? 2 : 3;
  };
  return groups
    .flatMap(({ title, pieces }) => {
      const hits = pieces.filter((piece) => rank(piece) < 3).toSorted((a, b) => rank(a) - rank(b));
      return hits.length === 0 ? [] : [{ title, pieces: hits }];
    })
    .toSorted((a, b) => rank(a.pieces[0]!) - rank(b.pieces[0]!));
}
