/** A block under another name for one of its uses: what is written in the copy changes no other one. */
import { findLayer } from '../../core/layers/catalogue.ts';
import { PYTHON_KEYWORDS } from '../../core/elaborate/reserved.ts';
import { type FixEdit, insert, replace } from '../../core/fix.ts';
import type { Range } from '../../core/definition.ts';
import { parsedOf } from '../documents.ts';
import { KEYWORDS } from '../reading/reader.ts';
import { endOf } from '../text/tokens.ts';
import type { Written } from './draft.ts';
import { absolute } from './element.ts';
import { Refused } from './refused.ts';
import type { Way, Work } from './work.ts';

/** @param index of the step that uses the block; the next one stands in the block, and in the copy then */
export function copyBlock(work: Work, way: Way, index: number): void {
  const step = way.steps[index]!;
  const next = way.steps[index + 1]!;
  const use = work.element(way, step);
  const { written } = work.element(way, next);
  const { body } = use.kind === 'stage' ? use.stage : { body: undefined };
  const callee = body?.kind === 'call' ? body.callee : undefined;
  const session = work.facts(way).session;
  const meant = callee && session.resolve(use.written.definition, callee.text);
  if (callee === undefined || meant?.kind !== 'definition')
    throw new Refused(
      meant?.kind === 'shared'
        ? `${callee!.text} is one layer for all its uses: edit all of them, or give this use a layer of its own.`
        : `${written.definition.name.text} is given to its use as an argument here: edit all uses.`,
      way.place,
    );
  const { uri } = written;
  const text = work.draft.text(uri);
  const end = endOfDefinition(work, written);
  const start = documentationStart(text, written.header);
  const name = freeBlockName(work, way, written.definition.name.text, [uri, use.written.uri]);
  const own = absolute(
    { written: { ...written, statements: [written.header] }, part: 0 },
    written.definition.name.range,
  );
  const newLine = text.includes('\r\n') ? '\r\n' : '\n';
  const copy = `${text.slice(start, own.start)}${name}${text.slice(own.end, end)}`;
  const by = end + newLine.length * 2 - start + (name.length - (own.end - own.start));
  const inside = [next, ...work.beside(way, index + 1)].map((each) => ({ each, offset: each.anchor.offset }));
  work.draft.copy(uri, { start, end }, end, copy, newLine + newLine);
  for (const { each, offset } of inside) if (offset !== undefined) each.anchor = work.draft.anchor(uri, offset + by);
  useInstead(work, way, index, name, uri);
}

function useInstead(work: Work, way: Way, index: number, name: string, uri: string): void {
  const use = work.element(way, way.steps[index]);
  if (use.kind !== 'stage' || use.stage.body.kind !== 'call') return;
  const { callee } = use.stage.body;
  const file = use.written.uri;
  const plan = work.facts(way).session.names(use.written.definition).stages.get(use.stage);
  const { start, end } = absolute(use, callee.range);
  const tail = work.draft.anchor(file, end);
  const inIt = [way.steps[index]!, ...work.beside(way, index)].filter(({ anchor }) => anchor.offset === start);
  const edits: FixEdit<Range>[] = [replace({ start, end }, name)];
  // Keys keep the name that it had.
  if (use.stage.label === undefined && typeof plan?.name === 'string')
    edits.push(insert(absolute(use, use.stage.range).start, `${plan.name}: `));
  if (file !== uri) edits.push({ kind: 'import', into: file, name, from: uri });
  work.edit(file, edits);
  // The name that the way went by was written anew.
  for (const each of inIt) each.anchor = work.draft.anchor(file, tail.offset! - name.length);
}

function endOfDefinition(work: Work, { uri, header }: Written): number {
  const definitions = parsedOf(work.draft.document(uri))?.parts.definitions ?? [];
  const close = definitions.find((each) => each.header.anchor.offset === header)?.close;
  if (close === undefined) throw new Refused('The block has no closing brace: mend its text first.');
  return endOf(close);
}

/** Of the comment lines directly above a definition, where the first begins. */
function documentationStart(text: string, header: number): number {
  const above = /(?:^|\n)((?:[^\S\n]*#[^\n]*\n)+)$/u.exec(text.slice(0, header));
  return above === null ? header : header - above[1]!.length;
}

/** `BasicBlock2`, unless something is called so where it is written or used. */
export function freeBlockName(work: Work, way: Way, name: string, uris: readonly string[]): string {
  const { linker } = work.facts(way).session;
  const scopes = uris.map((uri) => linker.scope(uri));
  const isTaken = (other: string): boolean =>
    scopes.some((scope) => scope.has(other)) ||
    findLayer(other) !== undefined ||
    KEYWORDS.has(other) ||
    PYTHON_KEYWORDS.has(other);
  const numbered = /^(.*\D)(\d+)$/u.exec(name);
  // Of a copy, the next one; of `ResNet50`, `ResNet50_2`.
  const [base, from] =
    numbered === null ? [name, 2] : isTaken(numbered[1]!) ? [numbered[1]!, Number(numbered[2]) + 1] : [`${name}_`, 2];
  for (let number = from; ; number++) if (!isTaken(`${base}${String(number)}`)) return `${base}${String(number)}`;
}
