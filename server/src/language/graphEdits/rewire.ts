/** An input of a node is taken from another node. */
import type { Expression, Range } from '../../core/definition.ts';
import type { GraphEdit } from '../../core/edits/edit.ts';
import { snakeCase } from '../../core/elaborate/names.ts';
import { boundNames, usesInStatement } from '../../core/elaborate/uses.ts';
import { type FixEdit, replace } from '../../core/fix.ts';
import { nameFor } from '../refactor/bindings.ts';
import type { Written } from './draft.ts';
import { type Element, type StageElement, absolute, loopsAround } from './element.ts';
import { checkNoArm, cutBehind, moveToBinding, nameValue, usualName } from './nameValue.ts';
import { writtenRange } from './ranges.ts';
import { Refused } from './refused.ts';
import { settle } from './scope.ts';
import { depthAt, isTurn, itemOf, nameOf, operandsOf, outerOf } from './where.ts';
import { type Way, type Work, areSame } from './work.ts';

export function rewire(work: Work, { to, from }: GraphEdit & { readonly kind: 'rewire' }): void {
  const target = work.way(to.node);
  const source = work.way(from.node);
  const element = work.element(target);
  checkSameUse(work, target, source);
  if (element.kind === 'input' || element.kind === 'weight')
    throw new Refused(`Nothing goes into ${nameOf(element)}: it is where data begins.`, to.node);
  checkNoRing(work, target, source);
  const count = work.fact(target)?.inputs?.length ?? 1;
  settle(work, target, depthAt(element, target.steps.at(-1)!.turns));
  // An output stays in its place, so what it is made of goes above alone.
  const isBelow = work.element(source).part > work.element(target).part;
  const name = nameValue(work, source, from.output, isBelow);
  takeFrom(work, target, to.input, count, name);
  moveAbove(work, target, name);
  const now = work.element(target);
  work.focus = work.draft.anchor(now.written.uri, target.steps.at(-1)!.anchor.offset!);
}

/** Both stand in one use of one definition, in one turn: only there a name reaches from one to the other. */
export function checkSameUse(work: Work, target: Way, source: Way): void {
  const [a, b] = [work.element(target), work.element(source)];
  const isSame =
    target.steps.length === source.steps.length &&
    a.written.definition === b.written.definition &&
    target.steps.slice(0, -1).every((step, i) => areSame(step, source.steps[i]));
  if (!isSame)
    throw new Refused(
      'One of them is inside of another block: connect what goes into the block, or give the block an output.',
      target.place,
    );
  if (a.kind !== 'stage' || b.kind !== 'stage') return;
  const [x, y] = [target.steps.at(-1)!.turns, source.steps.at(-1)!.turns];
  const others = loopsAround(b);
  const isOtherTurn = loopsAround(a).some((loop, i) => loop === others[i] && x[i] !== y[i]);
  if (isOtherTurn)
    throw new Refused('They stand in different turns of a repetition: write it out first.', target.place);
}

/** What a node needs must not be what needs it. */
function checkNoRing(work: Work, target: Way, source: Way): void {
  const [to, from] = [work.element(target), work.element(source)];
  const { statements } = from.written.definition;
  const ring = (): never => {
    throw new Refused(
      `That would be a ring: ${nameOf(from)} needs what comes out of ${nameOf(to)} already.`,
      target.place,
    );
  };
  if (to.kind === 'output') return;
  const own = to.kind === 'stage' ? to.stage.body.range : to.kind === 'operator' ? to.expression.range : undefined;
  const upstream = from.kind === 'stage' || from.kind === 'operator' ? upstreamOf(from) : undefined;
  if (to.part === from.part && own !== undefined && isWithin(own, upstream)) ring();
  // By the names that the source's statement needs.
  const needed = new Set<number>();
  const open = [from.part];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const names = new Set(usesInStatement(statements[part]!).map(({ name }) => name.text));
    statements.forEach((statement, i) => {
      if (needed.has(i) || !boundNames(statement).some(({ text }) => names.has(text))) return;
      needed.add(i);
      open.push(i);
    });
  }
  if (needed.has(to.part)) ring();
}

function isWithin({ start, end }: Range, around: Range | undefined): boolean {
  return around !== undefined && around.start <= start && end <= around.end;
}

/** From where the outermost chain around an element begins to its end. */
function upstreamOf(element: Element): Range {
  if (element.kind === 'operator') return element.expression.range;
  if (element.kind !== 'stage') return { start: 0, end: 0 };
  let at: StageElement = element;
  for (let outer = outerOf(at); outer !== undefined; outer = outerOf(at)) at = outer;
  return { start: at.chain.pipeline?.range.start ?? at.chain.stages[0]!.range.start, end: element.stage.range.end };
}

function takeFrom(work: Work, way: Way, input: number, count: number, name: string): void {
  const element = work.element(way);
  switch (element.kind) {
    case 'output':
      instead(work, way, element, itemOf(element.statement.value, input), name);
      return;
    case 'operator': {
      const operand = operandsOf(element.expression)[input];
      if (operand === undefined) throw new Refused('This operator has no such input.', way.place);
      instead(work, way, element, operand, name);
      return;
    }
    case 'stage':
      takeStageFrom(work, way, element, input, count, name);
      return;
    case 'input':
    case 'weight':
  }
}

function takeStageFrom(work: Work, way: Way, element: StageElement, input: number, count: number, name: string): void {
  const { chain, index } = element;
  const { pipeline, source } = chain;
  if (isTurn(element, way.steps.at(-1)!.turns))
    throw new Refused(
      `${nameOf(element)} is repeated, and each turn takes what the one before gives: write the repetition out first.`,
      way.place,
    );
  if (pipeline === undefined || source === undefined) {
    const outer = outerOf(element);
    if (index === 0 && outer?.stage.body.kind === 'group' && outer.stage.count === undefined) {
      takeStageFrom(work, way, outer, input, count, name);
      return;
    }
    const kind = outer?.stage.body.kind;
    throw new Refused(
      kind === 'parallel'
        ? `${nameOf(element)} is one of the branches in [ ], which all take the same: write the branches as bindings first.`
        : `${nameOf(element)} stands in ${outer === undefined ? 'a shared layer' : `a ${kind!}`}, whose stages go one after the other: take it out of that first.`,
      way.place,
    );
  }
  if (index === 0) {
    const item = count > 1 ? (source.kind === 'tuple' ? source.items[input] : undefined) : source;
    if (item === undefined)
      throw new Refused(
        `${nameOf(element)} takes ${String(count)} tensors that come together: give each a name, and write (a, b) before it.`,
        way.place,
      );
    instead(work, way, element, item, name);
    return;
  }
  if (count > 1)
    throw new Refused(
      `${nameOf(element)} takes ${String(count)} tensors that come together: give each a name, and write (a, b) before it.`,
      way.place,
    );
  const spot = work.spot(element, way.root);
  const before = chain.stages[index - 1]!;
  // What fed it keeps its text, by a name that nothing may use.
  const old = spot.freeName(nameFor(spot, before), new Set([name]));
  cutBehind(work, element, pipeline, index - 1, old);
  takeInstead(work, way, element, old, name);
}

/** Another name in the place of an expression; what is more than a name itself stays as a binding. */
function instead(work: Work, way: Way, element: Element, expression: Expression, name: string): void {
  if (expression.kind === 'name' && expression.name.text === name)
    throw new Refused('They are connected so already.', way.place);
  const isPlain = expression.kind === 'name' || expression.kind === 'number';
  if (isPlain) {
    work.edit(element.written.uri, [replace(absolute(element, expression.range), name)]);
    return;
  }
  checkNoArm(element, expression);
  const spot = work.spot(element, way.root);
  const last = expression.kind === 'pipeline' ? expression.stages.at(-1) : undefined;
  const usual = last === undefined ? usualName(expression) : nameFor(spot, last);
  const old = spot.freeName(snakeCase(usual), new Set([name]));
  const range = writtenRange(work.draft, element, expression);
  moveToBinding(work, element, range, old);
  takeInstead(work, way, element, old, name);
}

/** Where something was moved to a binding before its statement, another name stands. */
function takeInstead(work: Work, way: Way, { written: before, part }: Element, old: string, name: string): void {
  const written = work.draft.definition(before.definition.id, way.root);
  const use = usesInStatement(written.definition.statements[part + 1]!).find((each) => each.name.text === old)!;
  work.edit(written.uri, [replace(absolute({ written, part: part + 1 }, use.name.range), name)]);
}

/** What is named below a use of it goes above, with all that it needs itself. */
function moveAbove(work: Work, way: Way, name: string): void {
  for (;;) {
    const element = work.element(way);
    const { written, part } = element;
    const late = lateFor(written, part, name);
    if (late === undefined) return;
    if (written.definition.statements[late]!.kind === 'output')
      throw new Refused(
        'What is needed there goes out further down, and outputs keep their order: give it a name before, and put that out.',
        way.place,
      );
    work.edit(written.uri, [
      {
        kind: 'move',
        at: absolute({ written, part: late }, written.definition.statements[late]!.range),
        before: absolute(element, written.definition.statements[part]!.range),
      } satisfies FixEdit<Range>,
    ]);
  }
}

/** The first statement below a part that it needs by this name, or by what that needs. */
function lateFor({ definition: { statements } }: Written, part: number, name: string): number | undefined {
  const needed = new Set<number>();
  const open = [name];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const wanted = at;
    const maker = statements.findIndex((each) => boundNames(each).some(({ text }) => text === wanted));
    if (maker <= part || needed.has(maker)) continue;
    needed.add(maker);
    for (const use of usesInStatement(statements[maker]!)) open.push(use.name.text);
  }
  return needed.size === 0 ? undefined : Math.min(...needed);
}
