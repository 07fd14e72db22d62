/** One edit while it is planned: the texts so far, and the nodes that it is about. */
import type { FileFacts } from '../../core/analysis/analyse.ts';
import { allNodes } from '../../core/analysis/walk.ts';
import type { Range } from '../../core/definition.ts';
import { constantValue } from '../../core/dimension.ts';
import type { Scope } from '../../core/edits/edit.ts';
import type { FixEdit } from '../../core/fix.ts';
import type { Fact, Instance, Iteration } from '../../core/graph.ts';
import type { Place } from '../../core/origin.ts';
import { uriOf } from '../../core/program.ts';
import { Spot } from '../refactor/spot.ts';
import type { FileParser } from '../text/parser.ts';
import type { Anchor, Draft, Written } from './draft.ts';
import { type Element, absolute, elementAt, elementFrom, keyOf } from './element.ts';
import { Refused } from './refused.ts';

/** One step of a {@link Place}, found again however the text changes. */
export interface Step {
  readonly kind: Element['kind'];
  anchor: Anchor;
  turns: readonly number[];
}

/** A node by the way to it. */
export interface Way {
  /** The file by whose models it is looked at. */
  readonly root: string;
  readonly place: Place;
  readonly steps: readonly Step[];
}

export class Work {
  readonly draft: Draft;
  readonly scope: Scope | undefined;
  readonly notes: string[] = [];
  private readonly ways: Way[] = [];
  /** What a view selects afterwards. */
  focus: Anchor | undefined;

  readonly parser: FileParser;

  constructor(draft: Draft, scope: Scope | undefined, parser: FileParser) {
    this.draft = draft;
    this.scope = scope;
    this.parser = parser;
  }

  way(place: Place): Way {
    const [first] = place;
    if (first === undefined) throw new Refused('No node is meant: select one.');
    const root = uriOf(first.definition);
    const steps = place.map((origin) => {
      const written = this.draft.definition(origin.definition, root);
      const element = elementAt(written, origin);
      if (element === undefined)
        throw new Refused('This node is no longer where it was in the text: the graph is older than the text.', place);
      const { start } = absolute(element, keyOf(element));
      return { kind: element.kind, anchor: this.draft.anchor(written.uri, start), turns: origin.turns };
    });
    const way = { root, place, steps };
    this.ways.push(way);
    return way;
  }

  /** Steps of other ways that go the same way up to there: what is done to the step of this number is done to them. */
  beside(way: Way, index: number): readonly Step[] {
    return this.ways.flatMap(({ steps }) => {
      const step = steps[index];
      const isSame = steps !== way.steps && way.steps.slice(0, index).every((each, i) => areSame(each, steps[i]));
      // A way that is the beginning of another one shares its steps.
      return isSame && step !== undefined && step !== way.steps[index] ? [step] : [];
    });
  }

  /** What a step of a way is now. */
  element(way: Way, step = way.steps.at(-1)!): Element {
    const { anchor, kind } = step;
    const gone = (): Refused => new Refused('This node is a part of what this edit takes away.', way.place);
    if (anchor.offset === undefined) throw gone();
    const { file, placement } = this.draft.read(anchor.uri);
    for (const [index, { id, kind: form }] of file.definitions.entries()) {
      const next = placement.definitions[index + 1]?.header ?? Infinity;
      const { header } = placement.definitions[index]!;
      if (form === 'extern' || anchor.offset < header || anchor.offset >= next) continue;
      const found = elementFrom(this.draft.definition(id, this.rootOf(way, anchor.uri)), kind, anchor.offset);
      if (found !== undefined) return found;
    }
    throw gone();
  }

  /** A copy in another file may be one that the root's models don't reach yet. */
  private rootOf({ root }: Way, uri: string): string {
    return this.draft.facts(root).session.linker.program.file(uri) === undefined ? uri : root;
  }

  facts({ root }: Way): FileFacts {
    return this.draft.facts(root);
  }

  edit(uri: string, edits: readonly FixEdit<Range>[]): void {
    this.draft.edit(uri, edits);
  }

  /** Pieces of a statement as refactorings see them. */
  spot({ written, part }: Pick<Element, 'written' | 'part'>, root: string): Spot {
    const { uri, definition } = written;
    const nowhere = { start: 0, end: 0 };
    const draft = this.draft;
    return new Spot(draft.document(uri), draft.read(uri), draft.facts(root), nowhere, definition, part);
  }

  spotOf(written: Written, root: string): Spot {
    return this.spot({ written, part: 0 }, root);
  }

  /** The use of the definition that a step stands in; undefined where no model was built so far. */
  instance(way: Way, depth = way.steps.length - 1): Instance | undefined {
    const first = this.element(way, way.steps[0]);
    const { id } = first.written.definition;
    let instance = this.facts(way).instances.get(id)?.[0];
    const model = this.facts(way).models.find(({ definition }) => definition.id === id);
    if (model !== undefined) instance = model;
    for (let at = 0; at < depth && instance !== undefined; at++) {
      const step = way.steps[at]!;
      const found = this.visit(instance, this.element(way, step), step.turns);
      instance = found?.node?.kind === 'block' ? found.node.instance : undefined;
    }
    return instance;
  }

  /** What was found at a stage in these turns. */
  visit(instance: Instance, element: Element, turns: readonly number[]): Fact | undefined {
    if (element.kind !== 'stage') return undefined;
    const { stage } = element;
    const facts = instance.facts.get(stage.count === undefined ? stage : stage.body) ?? instance.facts.get(stage.body);
    const found = facts?.find(({ iterations }) => areTurns(iterations, turns));
    return found ?? facts?.[0];
  }

  /** What was found at a node: its inputs and outputs, where they are known. */
  fact(way: Way): Fact | undefined {
    const instance = this.instance(way);
    return instance && this.visit(instance, this.element(way), way.steps.at(-1)!.turns);
  }
}

export function areSame(a: Step, b: Step | undefined): boolean {
  const isAtOne = a.anchor.uri === b?.anchor.uri && a.anchor.offset === b.anchor.offset;
  return isAtOne && a.turns.join() === b.turns.join();
}

/** Whether the outermost turns are these. */
export function areTurns(iterations: readonly Iteration[], turns: readonly number[]): boolean {
  return turns.every((turn, i) => {
    const index = iterations[i]?.index;
    return index !== undefined && constantValue(index) === BigInt(turn);
  });
}

/** How often each use of a definition stands in a model. */
export function timesOf(model: Instance): ReadonlyMap<Instance, number> {
  const order: Instance[] = [];
  const seen = new Set<Instance>();
  const visit = (instance: Instance): void => {
    if (seen.has(instance)) return;
    seen.add(instance);
    for (const node of allNodes(instance.nodes)) if (node.kind === 'block') visit(node.instance);
    order.push(instance);
  };
  visit(model);
  const times = new Map<Instance, number>([[model, 1]]);
  for (const instance of order.reverse()) {
    const own = times.get(instance) ?? 0;
    for (const node of allNodes(instance.nodes))
      if (node.kind === 'block') times.set(node.instance, (times.get(node.instance) ?? 0) + own);
  }
  return times;
}
