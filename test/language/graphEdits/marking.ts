/** Texts before and after an edit in the graph, with marks at the nodes that it is about. */
import assert from 'node:assert/strict';
import type { GraphEdit, Plan, Scope } from '../../../server/src/core/edits/edit.ts';
import { applyChanges, inverseOf } from '../../../server/src/core/edits/edit.ts';
import type { Place } from '../../../server/src/core/origin.ts';
import { plannerOf } from '../../../server/src/language/graph/planGraphEdit.ts';
import { workspace, type Workspace } from '../services.ts';
import { allPlaces } from './places.ts';

export type Files = Readonly<Record<string, string>>;

export interface Marks {
  /** The node whose name stands at a mark, counted through all files; turns where it comes several times. */
  readonly at: (mark: number, ...turns: number[]) => Place;
  /** The same in each use of its block: by the marks on the way to it. */
  readonly in: (...way: (number | readonly [number, ...number[]])[]) => Place;
  readonly uri: (name: string) => string;
}

/** Plans an edit in files whose first one has the model; marks are `<|>`. */
export async function planned(
  files: Files,
  make: (marks: Marks) => GraphEdit,
  scope?: Scope,
): Promise<{ readonly plan: Plan; readonly texts: Files; readonly ws: Workspace }> {
  const plain = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, text.replaceAll('<|>', '')]));
  const ws = await workspace(plain);
  const offsets = Object.entries(files).flatMap(([name, text]) => {
    const parts = text.split('<|>');
    return parts.slice(1).map((_, i) => ({ uri: uriOf(name), offset: parts.slice(0, i + 1).join('').length }));
  });
  const facts = ws.language.scv.scv.Analysis.factsOf(ws.document)!;
  const nodes = allPlaces(facts);
  const at = (mark: number, ...turns: number[]): Place => find([[mark, ...turns]]);
  const find = (way: readonly (readonly [number, ...number[]])[]): Place => {
    const found = nodes.filter(({ place }) =>
      way.every(([mark, ...turns], i) => {
        const step = place[place.length - way.length + i];
        const wanted = offsets[mark]!;
        const here = step && ws.language.scv.scv.Analysis.placeOf(step);
        return (
          here?.start === wanted.offset &&
          here.document.uri.toString() === wanted.uri &&
          turns.every((turn, t) => step!.turns[t] === turn)
        );
      }),
    );
    const [first] = found;
    assert.ok(
      first,
      `no node at ${JSON.stringify(way)}: ${nodes.map(({ place }) => JSON.stringify(ws.language.scv.scv.Analysis.placeOf(place.at(-1)!)?.start)).join(' ')}`,
    );
    return first.place;
  };
  const edit = make({
    at,
    in: (...way) => find(way.map((each) => (typeof each === 'number' ? [each] : each))),
    uri: uriOf,
  });
  const plan = plannerOf(ws.language).plan({ edit, ...(scope === undefined ? {} : { scope }) });
  const texts: Record<string, string> = {};
  if (plan.kind === 'edits')
    for (const { uri, edits } of plan.files) {
      const name = uri.replace('file:///', '');
      const after = applyChanges(plain[name]!, edits);
      assert.equal(applyChanges(after, inverseOf(plain[name]!, edits)), plain[name]);
      texts[name] = after;
    }
  return { plan, texts, ws };
}

function uriOf(name: string): string {
  return `file:///${name}`;
}

/** The texts after an edit, which must be possible. */
export async function edited(files: Files, make: (marks: Marks) => GraphEdit, scope?: Scope): Promise<Files> {
  const { plan, texts } = await planned(files, make, scope);
  assert.equal(plan.kind, 'edits', JSON.stringify(plan));
  return texts;
}

/** A model of 3 channels and 32 pixels, its statements as they stand. */
export function inModel(...lines: string[]): string {
  return `model M {\n  input image: [N, 3, 32, 32]\n${lines.map((line) => `  ${line}\n`).join('')}}\n`;
}

/** One file, its text afterwards. */
export async function after(
  text: string,
  make: (marks: Marks) => GraphEdit,
  scope?: Scope,
): Promise<string | undefined> {
  return (await edited({ 'main.scv': text }, make, scope))['main.scv'];
}
