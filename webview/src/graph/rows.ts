/** All layers of a model, as a table and for the search: what is folded in the picture, too. */
import type { ModelGraph } from '../../../server/src/core/view/modelGraph.ts';
import { UNFOLDED, type View, type ViewBox } from '../../../server/src/core/view/view.ts';
import { viewOf } from '../../../server/src/core/view/viewOf.ts';

/** So many are listed; a model of blocks in blocks can have a million. */
const MOST_ROWS = 20_000;

export interface Row {
  /** The box that it is where everything is unfolded. */
  readonly box: ViewBox;
  readonly path: string;
}

export interface Rows {
  readonly rows: readonly Row[];
  /** Everything unfolded; absent where that would be too much: then rows are what is seen. */
  readonly unfolded?: View;
}

export function rowsOf(graph: ModelGraph, seen: View): Rows {
  const isSmall = leafCount(graph) <= MOST_ROWS;
  const view = isSmall ? viewOf(graph, UNFOLDED) : seen;
  const rows = [...view.byId.values()].flatMap((box): Row[] =>
    box.form === 'card' || box.form === 'value' || box.form === 'join' || box.form === 'operator'
      ? [{ box, path: box.id.replaceAll('/', '.').replaceAll('*', '') }]
      : [],
  );
  return { rows, ...(isSmall ? { unfolded: view } : {}) };
}

function leafCount({ modules }: ModelGraph): number {
  const known = new Map<number, number>();
  const count = (index: number): number => {
    const before = known.get(index);
    if (before !== undefined) return before;
    known.set(index, 0); // a block in itself ends somewhere: each use is a module of its own
    const nodes = (list: (typeof modules)[number]['nodes']): number =>
      list.reduce(
        (sum, { module, nodes: inside }) =>
          sum + (module !== undefined ? count(module) : inside === undefined ? 1 : nodes(inside)),
        0,
      );
    const total = Math.min(nodes(modules[index]?.nodes ?? []), Number.MAX_SAFE_INTEGER);
    known.set(index, total);
    return total;
  };
  return count(0);
}

/** What has to be unfolded to see a box of the unfolded view. */
export function wayTo({ byId }: View, id: string): string[] {
  const parts = id.split('/');
  const ids = parts.map((_, i) => parts.slice(0, i + 1).join('/'));
  return ids.flatMap((each) => {
    const box = byId.get(each);
    if (box === undefined) return [];
    const stack = box.stack === undefined ? [] : [box.stack];
    return each === id ? stack : [...stack, each];
  });
}

export const SORTINGS = ['order', 'path', 'title', 'shape', 'parameters', 'macs', 'bytes'] as const;
export type Sorting = (typeof SORTINGS)[number];

/** By texts from A to Z, by numbers the largest first; what isn't known comes last. */
export function sorted(rows: readonly Row[], by: Sorting, isReversed: boolean): readonly Row[] {
  if (by === 'order') return isReversed ? rows.toReversed() : rows;
  const texts = {
    path: ({ path }: Row) => path,
    title: ({ box }: Row) => box.title,
    shape: ({ box }: Row) => box.shape ?? '',
  };
  const compare =
    by === 'path' || by === 'title' || by === 'shape'
      ? (a: Row, b: Row) => texts[by](a).localeCompare(texts[by](b), 'en', { numeric: true })
      : (a: Row, b: Row) => (b.box.counts[by] ?? -1) - (a.box.counts[by] ?? -1);
  const result = rows.toSorted(compare);
  return isReversed ? result.reverse() : result;
}

/** Rows that have all words of a query in what they are called; those that begin with it come first. */
export function found(rows: readonly Row[], query: string): readonly Row[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const hits = rows.flatMap((row) => {
    const text = [row.box.title, row.box.name ?? '', row.path, row.box.details ?? '', row.box.shape ?? '']
      .join(' ')
      .toLowerCase();
    return words.every((word) => text.includes(word)) ? [{ row, rank: text.startsWith(words[0]!) ? 0 : 1 }] : [];
  });
  return hits.toSorted((a, b) => a.rank - b.rank).map(({ row }) => row);
}
