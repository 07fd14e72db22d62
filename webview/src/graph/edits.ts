/** What is done to boxes, as edits of the graph. */
import type { Place } from '../../../server/src/protocol/describeNode.ts';
import type { GraphEdit } from '../../../server/src/protocol/graphEdit.ts';
import type { ViewBox } from '../../../server/src/core/view/view.ts';

/** A card that stands for the turns of a repeat means all of them: its place has no turn of that repeat. */
export function editedPlace({ id, place, stack, repeats }: Pick<ViewBox, 'id' | 'place' | 'stack' | 'repeats'>): Place {
  const last = place.at(-1);
  if (stack !== id || repeats < 2 || last === undefined || last.turns.length === 0) return place;
  return [...place.slice(0, -1), { ...last, turns: last.turns.slice(0, -1) }];
}

export type Where = Extract<GraphEdit, { kind: 'insertLayer' }>['where'];

/** Behind a node, but before an output. */
export function whereAt(box: ViewBox): Where {
  return { kind: box.form === 'output' ? 'before' : 'after', node: editedPlace(box) };
}
