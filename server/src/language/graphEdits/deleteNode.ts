/** Nodes go: what took the output of one takes its first input. */
import type { Expression, Range } from '../../core/definition.ts';
import type { GraphEdit } from '../../core/edits/edit.ts';
import { type FixEdit, remove, replace } from '../../core/fix.ts';
import { literal } from '../refactor/repetition.ts';
import { rangeOf } from '../refactor/spot.ts';
import { type OperatorElement, type StageElement, absolute } from './element.ts';
import { removeInput } from './inputs.ts';
import { removeOutput } from './outputs.ts';
import { putInstead } from './put.ts';
import { isWhole, outerRange, writtenRange } from './ranges.ts';
import { Refused } from './refused.ts';
import { settle } from './scope.ts';
import { removeUnused } from './unused.ts';
import { chainOf, depthAt, isTurn, nameOf, operandsOf, outerOf } from './where.ts';
import type { Way, Work } from './work.ts';

export function deleteNodes(work: Work, { nodes }: GraphEdit & { readonly kind: 'delete' }): void {
  if (nodes.length === 0) throw new Refused('Select what shall go.');
  const ways = nodes.map((node) => work.way(node));
  // Upstream first: of a node that joins others only the first operand stays, and is written anew.
  for (const way of ways.toSorted((a, b) => endOf(work, a) - endOf(work, b))) {
    // Some go with others, as another turn of what is written once.
    if (isThere(way)) deleteNode(work, way);
  }
}

/** Where a node's text ends: behind that of all that comes into it in the same statement. */
function endOf(work: Work, way: Way): number {
  const element = work.element(way);
  switch (element.kind) {
    case 'operator':
      return outerRange(work.draft, element, element.expression).end;
    case 'stage':
      return absolute(element, element.stage.range).end;
    default:
      return Infinity;
  }
}

function isThere({ steps }: Way): boolean {
  return steps.every(({ anchor }) => anchor.offset !== undefined);
}

function deleteNode(work: Work, way: Way): void {
  const element = work.element(way);
  switch (element.kind) {
    case 'input':
      removeInput(work, way);
      return;
    case 'output':
      removeOutput(work, way);
      return;
    case 'weight':
      throw new Refused(
        `Nothing could take the place of ${nameOf(element)}: delete what uses it, and it goes with that.`,
        way.place,
      );
    case 'stage':
      takeOut(work, way);
      return;
    case 'operator':
      deleteOperator(work, way);
  }
}

/**
 * Takes a stage out of its chain, and what nothing uses then.
 *
 * @param isLast nothing is put in afterwards that may use it
 */
export function takeOut(work: Work, way: Way, isLast = true): void {
  const step = way.steps.at(-1)!;
  const first = work.element(way) as StageElement;
  const times = first.stage.count && literal(first.stage.count);
  const inTurn = isTurn(first, step.turns);
  const isOneOfSeveral = inTurn && work.scope === 'here' && times !== undefined && times > 1;
  const count = work.fact(way)?.inputs?.length ?? 1;
  settle(work, way, depthAt(first, step.turns) - (isOneOfSeveral ? 1 : 0));
  const element = work.element(way) as StageElement;
  const { written } = element;
  const edits = isOneOfSeveral ? oneLess(work, way, element, times) : withoutStage(work, way, element, count);
  work.edit(written.uri, edits);
  if (isLast) removeUnused(work, written, way.root);
}

/** `A * 3` is `A * 2`; a group keeps its name. */
function oneLess(work: Work, way: Way, element: StageElement, times: number): readonly FixEdit<Range>[] {
  const { stage } = element;
  const plan = work.facts(way).session.names(element.written.definition).stages.get(stage);
  const isGroup = plan?.module === 'Sequential' || stage.label !== undefined;
  if (times > 2 || isGroup) return [replace(absolute(element, stage.count!.range), String(times - 1))];
  return [replace(absolute(element, { start: stage.body.range.end, end: stage.range.end }), '')];
}

function withoutStage(work: Work, way: Way, element: StageElement, inputs: number): readonly FixEdit<Range>[] {
  const { chain, index, stage } = element;
  const joined = inputs > 1 ? firstOfSeveral(work, way, element, inputs) : [];
  const isOnly = chain.stages.length === 1 && chain.pipeline === undefined;
  if (!isOnly) {
    const before = chain.stages[index - 1];
    // Branches that give nothing but what comes in, and go with what joined them.
    const isGone = joined === 'branches' && before !== undefined;
    if (isGone) {
      const { start } = absolute(element, before.range);
      const isLeft = chain.stages.length > 2 || chain.pipeline !== undefined;
      if (!isLeft) return withoutStage(work, way, outerOf(element) ?? element, 1);
      return [remove({ start, end: absolute(element, stage.range).end })];
    }
    return [...(joined === 'branches' ? [] : joined), remove(absolute(element, stage.range))];
  }
  const outer = outerOf(element);
  if (outer === undefined)
    throw new Refused(
      `${nameOf(element)} is one layer for all its uses: delete the uses, and it goes with the last one.`,
      way.place,
    );
  const { body } = outer.stage;
  const isArm = body.kind === 'if' && body.otherwise !== undefined;
  if (isArm || body.kind === 'parallel')
    return [putInstead(work.draft, element, absolute(element, stage.range), 'Identity')];
  return withoutStage(work, way, outer, 1);
}

/** What brings several tensors to a stage brings the first alone. */
function firstOfSeveral(
  work: Work,
  way: Way,
  element: StageElement,
  inputs: number,
): readonly FixEdit<Range>[] | 'branches' {
  const { chain, index } = element;
  const before = chain.stages[index - 1];
  const { source } = chain;
  if (before === undefined && source?.kind === 'tuple' && source.items.length === inputs)
    return [firstItem(work, element, source)];
  const branch = before?.body.kind === 'parallel' ? before.body.branches[0] : undefined;
  if (before?.body.kind === 'parallel' && branch !== undefined && before.count === undefined) {
    const isPlain = before.body.branches.length === inputs;
    const isNothing =
      branch.length === 1 && branch[0]!.body.kind === 'call' && branch[0]!.body.callee.text === 'Identity';
    if (isPlain && isNothing && branch[0]!.label === undefined && (index > 1 || source?.kind !== 'tuple'))
      return 'branches';
    if (isPlain) {
      const text = work.spot(element, way.root).written(rangeOf(chainOf(element, branch).stages));
      const items = index === 1 && source?.kind === 'tuple' && source.items.length === inputs ? source : undefined;
      return [
        ...(items === undefined ? [] : [firstItem(work, element, items)]),
        putInstead(work.draft, element, absolute(element, before.range), text),
      ];
    }
  }
  throw new Refused(
    `${nameOf(element)} joins ${String(inputs)} tensors that come together: give each a name first, so that one can go on alone.`,
    way.place,
  );
}

function firstItem(work: Work, element: StageElement, tuple: Expression & { readonly kind: 'tuple' }): FixEdit<Range> {
  const item = tuple.items[0]!;
  const { start, end } = writtenRange(work.draft, element, item);
  const text = work.draft.text(element.written.uri).slice(start, end);
  return putInstead(work.draft, element, absolute(element, tuple.range), isSimple(item) ? text : `(${text})`);
}

function isSimple({ kind }: Expression): boolean {
  return ['name', 'number', 'member', 'index', 'tuple'].includes(kind);
}

// ---------------------------------------------------------------------------------------------- operators

/** `a + b` is `a`. */
function deleteOperator(work: Work, way: Way): void {
  settle(work, way, 0);
  const element = work.element(way) as OperatorElement;
  const { written } = element;
  work.edit(written.uri, withoutOperator(work, way, element));
  removeUnused(work, written, way.root);
}

function withoutOperator(work: Work, way: Way, element: OperatorElement): readonly FixEdit<Range>[] {
  const { expression } = element;
  const kept = firstTensor(work, way, expression);
  const { start, end } = writtenRange(work.draft, element, kept);
  const text = work.draft.text(element.written.uri).slice(start, end);
  // A name needs no parentheses.
  if (isSimple(kept)) return [putInstead(work.draft, element, outerRange(work.draft, element, expression), text)];
  const whole = writtenRange(work.draft, element, expression);
  // Where it needed no parentheses as an operand, it needs none in the operator's place.
  const outer = outerRange(work.draft, element, kept);
  const isBare = outer.start === start || isWhole(work.draft, element, expression);
  return [putInstead(work.draft, element, whole, isBare ? text : `(${text})`)];
}

function firstTensor(work: Work, way: Way, expression: Expression): Expression {
  const operands = operandsOf(expression);
  const instance = work.instance(way);
  const isTensor = (each: Expression): boolean => instance?.facts.get(each)?.[0]?.value.kind === 'tensor';
  return operands.find(isTensor) ?? operands[0]!;
}
