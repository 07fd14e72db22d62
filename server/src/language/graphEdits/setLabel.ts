/** The name that a stage has as an attribute in PyTorch. */
import type { GraphEdit } from '../../core/edits/edit.ts';
import { insert, replace } from '../../core/fix.ts';
import { absolute } from './element.ts';
import { Refused } from './refused.ts';
import { settle } from './scope.ts';
import { stageOfText } from './texts.ts';
import { depthAt, nameOf, stageOf } from './where.ts';
import type { Work } from './work.ts';

export function setLabel(work: Work, { node, label }: GraphEdit & { readonly kind: 'setLabel' }): void {
  const way = work.way(node);
  const text = label?.trim();
  if (text !== undefined && stageOfText(`${text}: ReLU`, work.parser)?.label === undefined)
    throw new Refused(`"${text}" can't be a label: use letters, digits and _, and begin with a letter.`, node);
  const first = stageOf(work, way);
  const { turns } = way.steps.at(-1)!;
  // A label before `* n` is that of all turns together.
  const depth = depthAt(first, turns);
  settle(work, way, first.stage.count !== undefined && work.scope !== 'here' ? Math.max(0, depth - 1) : depth);
  const element = stageOf(work, way);
  const { label: old, body, range, frozen } = element.stage;
  if (text === undefined) {
    if (old === undefined) throw new Refused(`${nameOf(element)} has no label.`, node);
    work.edit(element.written.uri, [replace(absolute(element, { start: old.range.start, end: body.range.start }), '')]);
  } else if (old !== undefined) work.edit(element.written.uri, [replace(absolute(element, old.range), text)]);
  else {
    const at = absolute(element, frozen ? body.range : range).start;
    work.edit(element.written.uri, [insert(at, `${text}: `)]);
  }
  const now = stageOf(work, way);
  work.focus = work.draft.anchor(now.written.uri, absolute(now, now.stage.body.range).start);
}
