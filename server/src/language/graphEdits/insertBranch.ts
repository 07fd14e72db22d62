/** A way around nodes in a row: a residual connection, or channels that are joined. */
import type { GraphEdit } from '../../core/edits/edit.ts';
import { insert, replace } from '../../core/fix.ts';
import type { Tensor } from '../../core/tensor.ts';
import { nameFor } from '../refactor/bindings.ts';
import { rangeOf } from '../refactor/spot.ts';
import { type StageElement, absolute } from './element.ts';
import { pieceText } from './insertLayer.ts';
import { checkNoArm, cutBehind, moveToBinding } from './nameValue.ts';
import { isWhole, outerRange } from './ranges.ts';
import { Refused } from './refused.ts';
import { checkSameUse } from './rewire.ts';
import { settle } from './scope.ts';
import { depthAt, isTurn, stageOf, valuesIn } from './where.ts';
import type { Way, Work } from './work.ts';

export function insertBranch(
  work: Work,
  { first, last, join, piece }: GraphEdit & { readonly kind: 'insertBranch' },
): void {
  const way = work.way(first);
  const end = work.way(last);
  checkSameUse(work, way, end);
  const input = work.fact(way)?.inputs;
  if (input !== undefined && input.length > 1)
    throw new Refused(
      'Several tensors come in there: a way around begins with one. Begin it at the node behind.',
      first,
    );
  const [from, to] = [stageOf(work, way), stageOf(work, end)];
  if (from.chain !== to.chain && from.chain.stages !== to.chain.stages)
    throw new Refused('They don’t stand in one row: choose nodes that follow one another in one chain.', last);
  if (to.index < from.index) throw new Refused('The last node stands before the first one.', last);
  if (isTurn(from, way.steps.at(-1)!.turns))
    throw new Refused('This is one turn of a repetition: choose the whole repetition, or write it out first.', first);
  settle(work, way, depthAt(from, way.steps.at(-1)!.turns));
  const span = to.index - from.index;
  if (join === 'concat') concat(work, way, span, piece, input?.[0]);
  else add(work, way, span, piece, input?.[0]);
}

type Piece = (GraphEdit & { readonly kind: 'insertBranch' })['piece'];

/** `[A -> B, Identity] -> Concat(1)`. */
function concat(work: Work, way: Way, span: number, piece: Piece, input: Tensor | undefined): void {
  const element = stageOf(work, way);
  const { written, chain, index } = element;
  const { text, edits } =
    piece === undefined ? { text: 'Identity', edits: [] } : pieceText(work, way, written, piece, input);
  const run = absolute(element, rangeOf(chain.stages.slice(index, index + span + 1)));
  const dimension = input?.shape?.length === 3 ? '-1' : '1';
  work.edit(written.uri, [insert(run.start, '['), insert(run.end, `, ${text}] -> Concat(${dimension})`), ...edits]);
}

/** `main = x -> A -> B` and `main + x`. */
function add(work: Work, way: Way, span: number, piece: Piece, input: Tensor | undefined): void {
  const before = stageOf(work, way);
  if (before.chain.pipeline === undefined)
    throw new Refused(
      'A sum needs names for what is added, which nothing has inside of a group, a loop or branches: wrap these nodes into a block, and add the way around in it.',
      way.place,
    );
  const name = nameOfInput(work, way, before);
  const element = stageOf(work, way);
  const { written, chain, part } = element;
  const spot = work.spot(element, way.root);
  const main = spot.freeName('main', new Set([name]));
  const { text, edits } = piece === undefined ? { text: '', edits: [] } : pieceText(work, way, written, piece, input);
  const sum = `${main} + ${text === '' ? name : `(${name} -> ${text})`}`;
  cutBehind(work, element, chain.pipeline!, element.index + span, main);
  const at = { written: work.draft.definition(written.definition.id, way.root), part: part + 1 };
  const statement = at.written.definition.statements[at.part]!;
  const use = valuesIn(statement).find((each) => each.kind === 'name' && each.name.text === main)!;
  const put = isWhole(work.draft, at, use) ? sum : `(${sum})`;
  work.edit(written.uri, [replace(absolute(at, use.range), put), ...edits]);
}

/** What comes into the row, by name. */
function nameOfInput(work: Work, way: Way, element: StageElement): string {
  const { chain, index } = element;
  if (index === 0 && chain.source?.kind === 'name') return chain.source.name.text;
  const spot = work.spot(element, way.root);
  if (index > 0) {
    const name = spot.freeName(nameFor(spot, chain.stages[index - 1]!));
    cutBehind(work, element, chain.pipeline!, index - 1, name);
    return name;
  }
  checkNoArm(element, chain.pipeline!);
  const name = spot.freeName('skip');
  moveToBinding(work, element, outerRange(work.draft, element, chain.source!), name);
  return name;
}
