/** Between places in texts and boxes. */
import type { PlacedDefinition } from '../../../server/src/protocol/graph.ts';
import type { ModelGraph } from '../../../server/src/core/view/modelGraph.ts';
import type { View, ViewBox } from '../../../server/src/core/view/view.ts';

/** The box that an offset in a file belongs to; of several that come from one place the one that is selected, else the first. */
export function boxAt(
  { view, graph }: { readonly view: View; readonly graph: ModelGraph },
  definitions: readonly PlacedDefinition[],
  uri: string,
  offset: number,
  selected: string | undefined,
): ViewBox | undefined {
  const definition = definitions.find((each) => each.uri === uri && offset >= each.header && offset <= each.end);
  if (definition === undefined) return undefined;
  const part = definition.statements.findLastIndex((start) => start <= offset);
  const within = offset - (part < 0 ? definition.header : definition.statements[part]!);
  let best: readonly ViewBox[] = [];
  let least = Infinity;
  for (const box of view.byId.values()) {
    const last = box.place.at(-1);
    if (last?.definition !== definition.id || last.part !== part) continue;
    const { start, end } = last.range;
    // What no node is at belongs to the next one before: a label or an argument stands beside its stage's name.
    const length = start <= within && within <= end ? end - start : start <= within ? 1e6 + within - end : Infinity;
    if (length < least) best = [];
    if (length <= least && length < Infinity) best = [...best, box];
    least = Math.min(least, length);
  }
  const found = best.find(({ id }) => id === selected) ?? best[0];
  return found ?? folded(view, graph, definition.id);
}

/** The card that a definition is folded in. */
function folded(view: View, graph: ModelGraph, definition: string): ViewBox | undefined {
  for (const box of view.byId.values()) {
    const module = box.node?.module;
    if (module !== undefined && graph.modules[module]?.definition === definition) return box;
  }
  return undefined;
}

/** A box of a view in another one: itself, or what it is folded in there. */
export function nearestBox(view: View, id: string, from: View): ViewBox | undefined {
  for (let path = id; path !== ''; path = path.slice(0, Math.max(0, path.lastIndexOf('/')))) {
    const { stack } = from.byId.get(path) ?? {};
    const found = view.byId.get(path) ?? (stack === undefined ? undefined : view.byId.get(stack));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A box that was selected: itself, what it is folded in, or what stands in its place in the text now. */
export function stillThere(view: View, id: string, from: View): ViewBox | undefined {
  const near = nearestBox(view, id, from);
  const place = from.byId.get(id)?.place;
  const last = place?.at(-1);
  if (near !== undefined || last === undefined) return near;
  let best: ViewBox | undefined;
  let least = Infinity;
  for (const box of view.byId.values()) {
    const own = box.place.at(-1);
    if (own?.definition !== last.definition || own.part !== last.part || box.place.length !== place?.length) continue;
    const away = Math.abs(own.range.start - last.range.start);
    if (away < least) [best, least] = [box, away];
  }
  return best;
}
