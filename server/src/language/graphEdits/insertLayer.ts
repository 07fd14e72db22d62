/** A new stage: a layer of the catalogue, or a block that is imported where it has to be. */
import type { GraphEdit, Piece } from '../../core/edits/edit.ts';
import type { FixEdit } from '../../core/fix.ts';
import { findLayer } from '../../core/layers/catalogue.ts';
import type { Range } from '../../core/definition.ts';
import type { Tensor } from '../../core/tensor.ts';
import { fittingArguments, fittingParameters } from './arguments.ts';
import { freeBlockName } from './copyBlock.ts';
import type { Written } from './draft.ts';
import { Refused } from './refused.ts';
import { stageOfText } from './texts.ts';
import { type Slot, slotOf } from './where.ts';
import type { Way, Work } from './work.ts';

export function insertLayer(work: Work, { piece, where }: GraphEdit & { readonly kind: 'insertLayer' }): void {
  putPiece(work, slotOf(work, where), piece);
}

/** Writes a piece where a slot is, and selects it. */
export function putPiece(work: Work, slot: Slot, piece: Piece): void {
  const { written } = work.element(slot.way);
  const { text, edits } = pieceText(work, slot.way, written, piece, slot.tensor);
  const put = slot.edits(text);
  work.edit(written.uri, [...put, ...edits]);
  const at = put.find((edit) => 'text' in edit && edit.text.includes(text));
  if (at?.kind !== 'replace' && at?.kind !== 'statement') return;
  // Where the text stands now: it was put in at an offset of the text before.
  const from = at.kind === 'statement' ? at.at.start : at.at.start;
  const found = work.draft.text(written.uri).indexOf(text, Math.max(0, from));
  if (found >= 0) work.focus = work.draft.anchor(written.uri, found);
}

/** A stage as it is written in a definition's file, with what has to be written elsewhere for it. */
export function pieceText(
  work: Work,
  way: Way,
  { uri, definition }: Written,
  piece: Piece,
  input: Tensor | undefined,
): { readonly text: string; readonly edits: readonly FixEdit<Range>[] } {
  const { session } = work.draft.facts(uri);
  const isRead =
    piece.arguments === undefined || stageOfText(`A(${piece.arguments})`, work.parser)?.body.kind === 'call';
  if (!isRead)
    throw new Refused(
      `"${piece.arguments}" can't be read as arguments: write values as in Python, with commas.`,
      way.place,
    );
  const given = (defaults: readonly string[]): string => {
    const written = piece.arguments?.trim() ?? '';
    const args = written === '' ? defaults.join(', ') : written;
    return args === '' ? '' : `(${args})`;
  };
  if (piece.file === undefined) {
    const layer = findLayer(piece.name);
    const meant = session.resolve(definition, piece.name);
    if (layer === undefined)
      throw new Refused(`There is no layer called ${piece.name}: choose one of the palette.`, way.place);
    if (meant.kind !== 'layer')
      throw new Refused(`${piece.name} means something else in this file: rename that first.`, way.place);
    return { text: `${piece.name}${given(fittingArguments(layer, input))}`, edits: [] };
  }
  const block = session.linker.program.file(piece.file)?.definitions.find(({ name }) => name.text === piece.name);
  if (block === undefined) throw new Refused(`${piece.name} is not in its file any more.`, way.place);
  if (block.id === definition.id)
    throw new Refused(`${piece.name} can't stand in itself: it would never end.`, way.place);
  const args = given(fittingParameters(block.parameters, input));
  const known = [...session.linker.scope(uri)].find(([, each]) => each.id === block.id);
  if (known !== undefined) return { text: `${known[0]}${args}`, edits: [] };
  const isTaken = session.linker.scope(uri).has(piece.name);
  const name = isTaken ? freeBlockName(work, way, piece.name, [uri]) : piece.name;
  const imported = isTaken ? `${piece.name} as ${name}` : name;
  return { text: `${name}${args}`, edits: [{ kind: 'import', into: uri, name: imported, from: piece.file }] };
}
