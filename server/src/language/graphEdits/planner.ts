/** What people do in the graph, as edits of texts: planned, tried, and only then handed out. */
import type { FileFacts } from '../../core/analysis/analyse.ts';
import { MOST_COMPARED } from '../../core/analysis/stateDict.ts';
import { layerUse, walk, weightsOf } from '../../core/analysis/walk.ts';
import type { GraphEdit, GraphEditRequest, Plan, TextPlan } from '../../core/edits/edit.ts';
import type { Instance, Node } from '../../core/graph.ts';
import { formatShape } from '../../core/tensor.ts';
import { shortened } from '../problem.ts';
import { createModel } from './createModel.ts';
import { deleteNodes } from './deleteNode.ts';
import { Draft, type DraftServices } from './draft.ts';
import { addInput, removeInput, setInput } from './inputs.ts';
import { insertBranch } from './insertBranch.ts';
import { insertLayer } from './insertLayer.ts';
import { duplicate, moveNode } from './moveNode.ts';
import { addOutput, removeOutput } from './outputs.ts';
import { setMetadata, setTrain } from './properties.ts';
import { Refused, Undecided } from './refused.ts';
import { rewire } from './rewire.ts';
import { setArgument } from './setArgument.ts';
import { setLabel } from './setLabel.ts';
import { Work } from './work.ts';
import { wrap } from './wrap.ts';
import { onceFor } from '../../core/once.ts';

export class GraphPlanner {
  private readonly services: DraftServices;

  constructor(services: DraftServices) {
    this.services = services;
  }

  /** Looks at the texts as they are now; changes none. */
  plan({ edit, scope }: GraphEditRequest): Plan {
    const draft = new Draft(this.services);
    const work = new Work(draft, scope, this.services.parser);
    try {
      write(work, edit);
      return this.tried(work);
    } catch (error) {
      if (error instanceof Refused) {
        const { message: reason, place } = error;
        return { kind: 'refused', reason, ...(place === undefined ? {} : { place }) };
      }
      if (error instanceof Undecided) return { kind: 'ask', uses: error.uses, files: error.files, name: error.of };
      throw error;
    }
  }

  /** What was written is read again: nothing is handed out that can't be read, or that means nothing. */
  private tried(work: Work): TextPlan {
    const focus = wordsBefore(work);
    const files = work.draft.result();
    if (files.length === 0) throw new Refused('It is so already.');
    const before = new Draft(this.services);
    const after = work.draft.formed(files);
    for (const { uri } of files) {
      const told = before.read(uri).problems.filter(isError);
      const fresh = newOnes(told, after.read(uri).problems.filter(isError));
      if (fresh !== undefined) throw new Refused(`What would be written can't be read: ${shortened(fresh.message)}`);
      if (!keepsComments(before.comments(uri), after.comments(uri)))
        throw new Refused('A comment would be lost: move it to a line of its own first.');
    }
    const notes = [...work.notes];
    for (const root of new Set(files.flatMap(({ uri }) => before.rootsOf(uri)))) {
      const [old, now] = [before.facts(root), after.facts(root)];
      const fresh = newOnes(old.problems.filter(isName), now.problems.filter(isName));
      if (fresh !== undefined) throw new Refused(shortened(fresh.message));
      notes.push(...keyNotes(old, now));
    }
    return { kind: 'edits', files, notes, ...focusAfter(focus, after) };
  }
}

function write(work: Work, edit: GraphEdit): void {
  switch (edit.kind) {
    case 'insertLayer':
      insertLayer(work, edit);
      return;
    case 'delete':
      deleteNodes(work, edit);
      return;
    case 'rewire':
      rewire(work, edit);
      return;
    case 'insertBranch':
      insertBranch(work, edit);
      return;
    case 'move':
      moveNode(work, edit);
      return;
    case 'duplicate':
      duplicate(work, edit);
      return;
    case 'wrap':
      wrap(work, edit);
      return;
    case 'setArgument':
      setArgument(work, edit);
      return;
    case 'setLabel':
      setLabel(work, edit);
      return;
    case 'setMetadata':
      setMetadata(work, edit);
      return;
    case 'setInput':
      setInput(work, edit);
      return;
    case 'addInput':
      addInput(work, edit);
      return;
    case 'removeInput':
      removeInput(work, work.way(edit.node));
      return;
    case 'addOutput':
      addOutput(work, edit);
      return;
    case 'removeOutput':
      removeOutput(work, work.way(edit.node));
      return;
    case 'setTrain':
      setTrain(work, edit);
      return;
    case 'createModel':
      createModel(work, edit);
  }
}

interface Told {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
}

function isError({ severity }: Told): boolean {
  return severity === 'error';
}

/**
 * What nobody means in a graph, whatever the next step is. Sizes that don't fit yet are another matter: people edit step
 * by step.
 */
const NAME_CODES: ReadonlySet<string> = new Set([
  'unknown-name',
  'unknown-layer',
  'unknown-member',
  'unknown-training-name',
  'duplicate-name',
  'bound-twice',
  'used-before-definition',
  'label-as-value',
  'not-a-stage',
  'not-a-value',
  'import-not-found',
  'import-missing-name',
  'import-cycle',
  'missing-output',
  'misplaced-statement',
  'recursion-depth',
  'unknown-argument',
  'duplicate-argument',
  'label-clash',
  'label-reserved',
  'label-mix',
  'label-number',
  'label-on-shared',
  'frozen-unlabelled',
  'unknown-key',
]);

function isName(problem: Told): boolean {
  return isError(problem) && NAME_CODES.has(problem.code);
}

/** One of a kind of which there were fewer. */
function newOnes<T extends Told>(before: readonly Told[], now: readonly T[]): T | undefined {
  const left = new Map<string, number>();
  for (const { code } of before) left.set(code, (left.get(code) ?? 0) + 1);
  return now.find(({ code }) => {
    const count = left.get(code) ?? 0;
    left.set(code, count - 1);
    return count <= 0;
  });
}

function keepsComments(before: readonly string[], after: readonly string[]): boolean {
  const left = new Map<string, number>();
  for (const comment of after) left.set(comment.trimEnd(), (left.get(comment.trimEnd()) ?? 0) + 1);
  return before.every((comment) => {
    const count = left.get(comment.trimEnd()) ?? 0;
    left.set(comment.trimEnd(), count - 1);
    return count > 0;
  });
}

// ---------------------------------------------------------------------------------------------- keys

/** Says where layers that stay have other names in the `state_dict`. */
function keyNotes(before: FileFacts, now: FileFacts): readonly string[] {
  return before.models.flatMap((model) => {
    const other = now.models.find(({ definition }) => definition.id === model.definition.id);
    if (other === undefined || model.size > MOST_COMPARED || other.size > MOST_COMPARED) return [];
    const [old, fresh] = [ownersOf(model), ownersOf(other)];
    const [fewer, more] = old.length <= fresh.length ? [old, fresh] : [fresh, old];
    const renamed = firstMissing(fewer, more);
    if (renamed === undefined) return [];
    const from = old.find((each) => !fresh.includes(each)) ?? renamed;
    return [`Keys of ${model.definition.name.text}'s state_dict change, such as ${from.split(' ')[0]!}.`];
  });
}

/** Of what one list has in its order, the first that the other has not behind the ones before. */
function firstMissing(fewer: readonly string[], more: readonly string[]): string | undefined {
  let at = 0;
  for (const each of fewer) {
    while (at < more.length && more[at] !== each) at++;
    if (at === more.length) return each;
    at++;
  }
  return undefined;
}

/** Of the text before an edit they are known from when that was planned. */
const knownOwners = new WeakMap<Instance, readonly string[]>();

/** What has weights, in the order of execution: its path and their shapes. */
function ownersOf(model: Instance): readonly string[] {
  return onceFor(knownOwners, model, findOwners);
}

function findOwners(model: Instance): readonly string[] {
  const owners: string[] = [];
  for (const { node, path, isAgain } of walk(model)) {
    const weights = isAgain ? '' : onceFor(knownWeights, layerUse(node), () => weightsIn(node));
    if (weights !== '') owners.push(`${path} ${weights}`);
  }
  return owners;
}

const knownWeights = new WeakMap<object, string>();

function weightsIn(node: Node): string {
  return weightsOf(node)
    .map(({ shape }) => formatShape(shape))
    .join();
}

// ---------------------------------------------------------------------------------------------- focus

/** The formatter moves blanks and commas alone. */
const MOVED = /[\s,]/gu;

/** How much stands before what is selected afterwards. */
function wordsBefore({ draft, focus }: Work): { readonly uri: string; readonly count: number } | undefined {
  if (focus?.offset === undefined) return undefined;
  const before = draft.text(focus.uri).slice(0, focus.offset);
  return { uri: focus.uri, count: before.replaceAll(MOVED, '').length };
}

function focusAfter(focus: ReturnType<typeof wordsBefore>, formed: Draft): Pick<TextPlan, 'focus'> {
  if (focus === undefined) return {};
  const text = formed.text(focus.uri);
  let left = focus.count;
  let at = 0;
  for (; at < text.length; at++) {
    if (text[at]!.replace(MOVED, '') === '') continue;
    if (left === 0) break;
    left -= 1;
  }
  const word = /^[^\s(),:-]*/u.exec(text.slice(at))![0];
  return { focus: { uri: focus.uri, range: { start: at, end: at + word.length } } };
}
