/** Places of the graph as places of the text: on an edge, behind a node, before a node. */
import type { Expression, Range } from '../../core/definition.ts';
import type { Where } from '../../core/edits/edit.ts';
import { usesInStatement } from '../../core/elaborate/uses.ts';
import { childrenOf } from '../../core/elaborate/uses.ts';
import { type FixEdit, replace } from '../../core/fix.ts';
import type { Tensor } from '../../core/tensor.ts';
import { type Chain, chainsIn } from '../refactor/spot.ts';
import { type Element, type StageElement, absolute, loopsAround } from './element.ts';
import { isManyBranches, putBehind, putInTurn, putStage, putStatement } from './put.ts';
import { Refused } from './refused.ts';
import { settle } from './scope.ts';
import { type Way, type Work, areSame } from './work.ts';

/** Where stages can be put: what goes in there, and how it is written. */
export interface Slot {
  readonly way: Way;
  /** What flows there, as far as it is known. */
  readonly tensor: Tensor | undefined;
  readonly edits: (text: string) => readonly FixEdit<Range>[];
}

export function slotOf(work: Work, where: Where): Slot {
  switch (where.kind) {
    case 'after':
      return slotBehind(work, work.way(where.node));
    case 'before':
      return slotBefore(work, work.way(where.node), 0);
    case 'edge': {
      const { from, to } = where.edge;
      return slotBefore(work, work.way(to.node), to.input, work.way(from.node));
    }
  }
}

/** Whether a turn of a repeated stage is meant, not the repetition. */
export function isTurn(element: StageElement, turns: readonly number[]): boolean {
  return element.stage.count !== undefined && turns.length >= loopsAround(element).length;
}

/** How many loops are around what a stage's element is: itself where one of its turns is meant. */
export function depthAt(element: Element, turns: readonly number[]): number {
  if (element.kind !== 'stage') return 0;
  const all = loopsAround(element).length;
  return element.stage.count !== undefined && !isTurn(element, turns) ? all - 1 : all;
}

/** The stage that an element is; anything else isn't one of a chain. */
export function stageOf(work: Work, way: Way): StageElement {
  const element = work.element(way);
  if (element.kind !== 'stage') throw new Refused('Only a layer, block or group can be meant here.', way.place);
  return element;
}

// ---------------------------------------------------------------------------------------------- behind a node

export function slotBehind(work: Work, way: Way): Slot {
  const element = work.element(way);
  if (element.kind === 'output')
    throw new Refused('Nothing comes behind an output: put it before the output.', way.place);
  const fact = work.fact(way);
  if (fact?.value.kind === 'list' && element.kind === 'stage')
    throw new Refused(
      `${nameOf(element)} gives ${String(fact.value.items.length)} tensors: put it on one of the edges behind it.`,
      way.place,
    );
  const names = namesOf(element);
  if (names !== undefined) {
    settle(work, way, 0);
    const tensor = work.instance(way)?.inputs.find(({ name }) => name === names.text)?.tensor;
    return { way, tensor, edits: (text) => putBehindName(work, way, work.element(way), text) };
  }
  const step = way.steps.at(-1)!;
  settle(work, way, depthAt(element, step.turns));
  const tensor = fact?.value.kind === 'tensor' ? fact.value.tensor : undefined;
  return {
    way,
    tensor,
    edits: (text) => {
      const now = work.element(way);
      if (now.kind === 'operator') return putBehindExpression(work, now, now.expression, text);
      if (now.kind !== 'stage') return [];
      return isTurn(now, step.turns) ? putInTurn(now, 'behind', text) : putStage(work.draft, now, now.index + 1, text);
    },
  };
}

/** What a binding of several outputs, an input or a weight is called. */
function namesOf(element: Element): { readonly text: string } | undefined {
  if (element.kind === 'input') return element.port.name;
  if (element.kind === 'weight') return element.statement.name;
  if (element.kind !== 'stage' || element.chain.pipeline === undefined) return undefined;
  const statement = element.written.definition.statements[element.part];
  const isLast = element.index === element.chain.stages.length - 1;
  if (statement?.kind !== 'binding' || !isLast || statement.value !== element.chain.pipeline) return undefined;
  return statement.names.length > 1 ? statement.names[0] : undefined;
}

/** For all that takes a named tensor: where one thing does, it is written there; else it gets a name of its own. */
function putBehindName(work: Work, way: Way, element: Element, text: string): readonly FixEdit<Range>[] {
  const name = namesOf(element)!.text;
  const { written, part } = element;
  const { statements } = written.definition;
  const uses = statements.flatMap((statement, at) =>
    at <= part ? [] : usesInStatement(statement).flatMap((use) => (use.name.text === name ? [{ at, use }] : [])),
  );
  const [only, second] = uses;
  if (only === undefined)
    throw new Refused(`Nothing takes ${name} yet: connect it first, or put the layer on an edge.`, way.place);
  const value = valuesIn(statements[only.at]!).find(
    (each) => each.kind === 'name' && each.name.range.start === only.use.name.range.start,
  );
  if (second === undefined && value !== undefined)
    return putBehindExpression(work, { written, part: only.at }, value, text);
  const spot = work.spot(element, way.root);
  const fresh = spot.freeName(name === '_' ? 'y' : name);
  return [
    putStatement(written, part, 'behind', `${fresh} = ${name} -> ${text}`),
    ...uses.map(({ at, use }) => replace(absolute({ written, part: at }, use.name.range), fresh)),
  ];
}

/** The expressions of a statement at which a tensor can flow: no sizes, and no arguments. */
export function valuesIn(statement: Parameters<typeof usesInStatement>[0]): readonly Expression[] {
  if (statement.kind !== 'binding' && statement.kind !== 'output') return [];
  const found: Expression[] = [];
  const inside = (expression: Expression): void => {
    found.push(expression);
    if (expression.kind === 'member' || expression.kind === 'call' || expression.kind === 'index') return;
    if (expression.kind === 'pipeline') inside(expression.source);
    else if (expression.kind === 'conditional') [expression.then, expression.otherwise].forEach(inside);
    else childrenOf(expression).forEach(inside);
  };
  inside(statement.value);
  return found;
}

/** Behind an expression, in the chain that it is the source of where there is one. */
export function putBehindExpression(
  work: Work,
  at: Pick<Element, 'written' | 'part'>,
  expression: Expression,
  text: string,
): readonly FixEdit<Range>[] {
  const chain = chainFrom(at, expression);
  return chain === undefined
    ? putBehind(work.draft, at, expression, text)
    : putStage(work.draft, { ...at, chain }, 0, text);
}

function chainFrom({ written, part }: Pick<Element, 'written' | 'part'>, expression: Expression): Chain | undefined {
  const statement = written.definition.statements[part];
  return statement && chainsIn(statement).find(({ source }) => source === expression);
}

export function nameOf(element: Element): string {
  switch (element.kind) {
    case 'stage': {
      const { body } = element.stage;
      return body.kind === 'call' ? body.callee.text : body.kind === 'parallel' ? 'the branches' : `this ${body.kind}`;
    }
    case 'operator':
      return element.expression.kind === 'binary' ? element.expression.operator : 'this operator';
    case 'input':
      return element.port.name.text;
    case 'output':
      return element.statement.name?.text ?? 'this output';
    case 'weight':
      return element.statement.name.text;
  }
}

// ---------------------------------------------------------------------------------------------- before a node

/** @param from where the edge begins; without it, what comes into the node itself is meant */
export function slotBefore(work: Work, way: Way, input: number, from?: Way): Slot {
  const element = work.element(way);
  const fact = work.fact(way);
  const step = way.steps.at(-1)!;
  const tensor = element.kind === 'stage' ? fact?.inputs?.[input] : undefined;
  switch (element.kind) {
    case 'input':
    case 'weight':
      throw new Refused(`Nothing comes before ${nameOf(element)}: put it behind.`, way.place);
    case 'output': {
      settle(work, way, 0);
      return {
        way,
        tensor: outputTensor(work, way, element.statement.value, input),
        edits: (text) => {
          const now = work.element(way);
          if (now.kind !== 'output') return [];
          return putBehindExpression(work, now, itemOf(now.statement.value, input), text);
        },
      };
    }
    case 'operator': {
      settle(work, way, 0);
      return {
        way,
        tensor: undefined,
        edits: (text) => {
          const now = work.element(way);
          const operand = now.kind === 'operator' ? operandsOf(now.expression)[input] : undefined;
          if (operand === undefined) throw new Refused('This operator has no such input.', way.place);
          return putBehindExpression(work, now, operand, text);
        },
      };
    }
    case 'stage': {
      if (from !== undefined) {
        const outside = outsideOf(work, way, element, input, from);
        if (outside !== undefined) return outside;
      }
      settle(work, way, depthAt(element, step.turns));
      return {
        way,
        tensor,
        edits: (text) => {
          const now = stageOf(work, way);
          if (isTurn(now, step.turns)) return putInTurn(now, 'before', text);
          return putBeforeStage(work, way, now, input, fact?.inputs?.length ?? 1, text);
        },
      };
    }
  }
}

function outputTensor(work: Work, way: Way, value: Expression, input: number): Tensor | undefined {
  const fact = work.instance(way)?.facts.get(itemOf(value, input))?.[0];
  return fact?.value.kind === 'tensor' ? fact.value.tensor : undefined;
}

export function itemOf(value: Expression, index: number): Expression {
  return value.kind === 'tuple' ? (value.items[index] ?? value) : value;
}

export function operandsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'binary':
      return [expression.left, expression.right];
    case 'compare':
      return expression.operands;
    case 'unary':
      return [expression.operand];
    default:
      return [];
  }
}

/** @param count how many tensors go into the stage */
function putBeforeStage(
  work: Work,
  way: Way,
  element: StageElement,
  input: number,
  count: number,
  text: string,
): readonly FixEdit<Range>[] {
  const { chain, index } = element;
  if (count <= 1) return putStage(work.draft, element, index, text);
  const before = chain.stages[index - 1];
  if (before !== undefined) {
    const branches = before.body.kind === 'parallel' ? before.body.branches : [];
    const branch = branches[input];
    if (branches.length === count && branch !== undefined && before.count === undefined) {
      const own = chainOf(element, branch);
      return putStage(work.draft, { ...element, chain: own }, branch.length, text);
    }
    throw new Refused(
      `${nameOf(element)} takes ${String(count)} tensors together from what stands before it: give each a name first.`,
      way.place,
    );
  }
  if (chain.source?.kind === 'tuple' && chain.source.items.length === count)
    return putBehindExpression(work, element, chain.source.items[input]!, text);
  if (chain.outer !== undefined && ['group', 'if'].includes(chain.around)) {
    const outer = outerOf(element)!;
    return putBeforeStage(work, way, outer, input, count, text);
  }
  throw new Refused(
    `${nameOf(element)} takes ${String(count)} tensors together: give each a name, and write (a, b) before it.`,
    way.place,
  );
}

/** The chain of some stages of an element's statement. */
export function chainOf({ written, part }: Pick<Element, 'written' | 'part'>, stages: Chain['stages']): Chain {
  const found = chainsIn(written.definition.statements[part]!).find((chain) => chain.stages === stages);
  if (found === undefined) throw new Error('A chain is not found in its statement.');
  return found;
}

/** The stage around a stage. */
export function outerOf(element: StageElement): StageElement | undefined {
  const { outer } = element.chain;
  return outer && { ...element, chain: outer.chain, index: outer.index, stage: outer.chain.stages[outer.index]! };
}

/**
 * An edge that comes from outside of what a node is the first of is written there: before the group, the repetition or
 * the use of the block. No other edge changes by it.
 */
function outsideOf(work: Work, way: Way, element: StageElement, input: number, from: Way): Slot | undefined {
  const step = way.steps.at(-1)!;
  const source = work.element(from);
  const isSameUse =
    from.steps.length === way.steps.length &&
    source.written.definition === element.written.definition &&
    way.steps.slice(0, -1).every((each, i) => areSame(each, from.steps[i]));
  if (isSameUse) {
    let at = element;
    let turns = step.turns;
    let hasMoved = false;
    for (;;) {
      if (isTurn(at, turns)) {
        if (turns.at(-1) !== 0 || isInside(source, at)) break;
        turns = turns.slice(0, -1);
      } else {
        const outer = outerOf(at);
        if (outer === undefined || at.index > 0 || isInside(source, outer)) break;
        if (!['group', 'for'].includes(outer.stage.body.kind) || isManyBranches(outer.chain)) break;
        if (outer.stage.body.kind === 'for') {
          if (turns.at(-1) !== 0) break;
          turns = turns.slice(0, -1);
        }
        at = outer;
      }
      hasMoved = true;
    }
    if (!hasMoved) return undefined;
    const { start } = absolute(at, at.stage.body.range);
    const moved = { kind: 'stage' as const, anchor: work.draft.anchor(at.written.uri, start), turns };
    return slotBefore(work, { ...way, steps: [...way.steps.slice(0, -1), moved] }, input);
  }
  // From outside of the block, which passes its input on to this stage alone.
  if (from.steps.length >= way.steps.length || element.index > 0 || element.chain.source?.kind !== 'name')
    return undefined;
  const name = element.chain.source.name.text;
  const { statements } = element.written.definition;
  const ports = statements.flatMap((statement) => (statement.kind === 'input' ? statement.ports : []));
  const port = ports.findIndex((each) => each.name.text === name);
  const uses = statements.flatMap((each) => usesInStatement(each)).filter((use) => use.name.text === name);
  if (port < 0 || uses.length > 1) return undefined;
  return slotBefore(work, { ...way, steps: way.steps.slice(0, -1) }, port, from);
}

/** Whether an element stands in a stage, or is it. */
function isInside(element: Element, { part, stage, written }: StageElement): boolean {
  if (element.part !== part || element.written.definition !== written.definition || element.kind !== 'stage')
    return false;
  const { start, end } = element.stage.body.range;
  return stage.body.range.start <= start && end <= stage.body.range.end;
}
