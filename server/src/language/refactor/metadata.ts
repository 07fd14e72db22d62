/** The order of metadata. */
import { METADATA_KEYS } from '../../core/analysis/checks/metadata.ts';
import type { Range } from '../../core/definition.ts';
import { parsedOf } from '../documents.ts';
import { endLineOf, endOf, lineOf, tokenFrom } from '../text/tokens.ts';
import type { Refactoring, Spot } from './spot.ts';

/** First of all, in the order of the documentation; each with its comments. */
export function* sortMetadata(spot: Spot): Generator<Refactoring> {
  const { definition, statement } = spot;
  const parsed = parsedOf(spot.document);
  const isHeader = statement === undefined;
  if (definition.kind !== 'model' || parsed === undefined || !(isHeader || statement.kind === 'property')) return;
  const keys = Object.keys(METADATA_KEYS);
  const rank = (key: string): number => (keys.includes(key) ? keys.indexOf(key) : keys.length);
  const all = definition.statements.map((each, part) => ({ each, range: withComments(spot, part) }));
  const properties = all.flatMap(({ each, range }) =>
    each.kind === 'property' ? [{ key: each.key.text, range }] : [],
  );
  const sorted = properties.toSorted((a, b) => rank(a.key) - rank(b.key));
  const last = all.findLastIndex(({ each }) => each.kind === 'property');
  const inReach = all.slice(0, last + 1).map(({ range }) => range);
  const others = all.slice(0, last + 1).flatMap(({ each, range }) => (each.kind === 'property' ? [] : [range]));
  const wanted = [...sorted.map(({ range }) => range), ...others];
  if (properties.length === 0 || wanted.every((range, i) => range === inReach[i])) return;
  // What stands on one line with something else has no line to be moved.
  const lines = inReach.map(({ start, end }) => [lineAt(spot, start), lineAt(spot, end)] as const);
  if (lines.some(([first], i) => i > 0 && lines[i - 1]![1] === first)) return;
  const text = wanted
    .map(({ start, end }, i) => {
      const gap = i === 0 ? '' : spot.text.slice(inReach[i - 1]!.end, inReach[i]!.start);
      return gap + spot.text.slice(start, end);
    })
    .join('');
  const range = { start: inReach[0]!.start, end: inReach.at(-1)!.end };
  yield {
    kind: 'refactor.rewrite',
    title: others.length > 0 ? 'Sort metadata, and put it first' : 'Sort metadata',
    edits: [{ kind: 'replace', at: range, text, hasComments: true }],
  };
}

function lineAt(spot: Spot, offset: number): number {
  return spot.document.textDocument.positionAt(offset).line;
}

/** A statement with the comment lines directly above it and the comment behind it. */
function withComments(spot: Spot, part: number): Range {
  const { tokens, comments } = parsedOf(spot.document)!;
  const own = spot.at(spot.definition.statements[part]!.range, part);
  const line = (offset: number): number => lineAt(spot, offset) + 1;
  const taken = new Set(tokens.flatMap((token) => [lineOf(token), endLineOf(token)]));
  let { start } = own;
  for (const comment of comments.toReversed()) {
    if (comment.startOffset > start || lineOf(comment) !== line(start) - 1 || taken.has(lineOf(comment))) continue;
    start = comment.startOffset;
  }
  const behind = comments.find(({ startOffset }) => startOffset >= own.end);
  const isBehind = behind !== undefined && lineOf(behind) === line(own.end);
  const next = tokens[tokenFrom(tokens, own.end)];
  return { start, end: isBehind && !(next && next.startOffset < behind.startOffset) ? endOf(behind) : own.end };
}
