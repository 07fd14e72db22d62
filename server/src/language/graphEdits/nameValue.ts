/** A name for what a node puts out: the one that it has, or a new one where its chain is cut in two. */
import type { Expression, PipelineExpression, Range } from '../../core/definition.ts';
import { snakeCase } from '../../core/elaborate/names.ts';
import { insert, replace } from '../../core/fix.ts';
import { nameFor } from '../refactor/bindings.ts';
import { type Element, type StageElement, absolute } from './element.ts';
import { endOfLine, putStatement } from './put.ts';
import { isInArm, writtenRange } from './ranges.ts';
import { Refused } from './refused.ts';
import { nameOf, outerOf } from './where.ts';
import type { Way, Work } from './work.ts';

/**
 * Writes a name where there is none; a way in what is cut goes on to where it is then.
 *
 * @param isMoved the name of an output won't do: a statement of its own is wanted
 */
export function nameValue(work: Work, way: Way, output: number, isMoved = false): string {
  const element = work.element(way);
  switch (element.kind) {
    case 'input':
      return element.port.name.text;
    case 'weight':
      return element.statement.name.text;
    case 'output':
      throw new Refused('Nothing goes on from an output: take what goes into it.', way.place);
    case 'operator':
      return nameExpression(work, way, element, element.expression, isMoved);
    case 'stage':
      return nameStage(work, way, element, output, isMoved);
  }
}

function nameStage(work: Work, way: Way, element: StageElement, output: number, isMoved: boolean): string {
  const { chain, index, stage } = element;
  const { pipeline } = chain;
  if (pipeline === undefined) {
    const outer = outerOf(element);
    const isLast = index === chain.stages.length - 1;
    const kind = outer?.stage.body.kind;
    if (outer === undefined || !isLast || (kind !== 'group' && kind !== 'for') || !isLastTurn(work, way, outer))
      throw new Refused(
        `What comes out of ${nameOf(element)} stays inside of ${kind === 'parallel' ? 'its branch' : outer === undefined ? 'a shared layer' : kind === 'if' ? 'an if' : `a ${kind!}`}: take what comes out of that, or write it without.`,
        way.place,
      );
    return nameStage(work, way, outer, output, isMoved);
  }
  const statement = element.written.definition.statements[element.part]!;
  const isLast = index === chain.stages.length - 1;
  if (isLast && statement.kind === 'binding' && statement.value === pipeline) {
    const known = statement.names[output];
    if (known !== undefined && known.text !== '_') return known.text;
    return nameOutput(work, way, element, output);
  }
  if (
    isLast &&
    !isMoved &&
    statement.kind === 'output' &&
    statement.value === pipeline &&
    statement.name !== undefined &&
    output === 0
  )
    return statement.name.text;
  if (output > 0)
    throw new Refused(
      `Only the first output of ${nameOf(element)} goes on in a chain: bind all of them to names, as in y, h = x -> LSTM(8).`,
      way.place,
    );
  const name = work.spot(element, way.root).freeName(nameFor(work.spot(element, way.root), stage));
  cutBehind(work, element, pipeline, index, name);
  return name;
}

export function isLastTurn(work: Work, way: Way, outer: StageElement): boolean {
  const { turns } = way.steps.at(-1)!;
  if (outer.stage.count === undefined && outer.stage.body.kind !== 'for') return true;
  const facts = work.instance(way)?.facts;
  const { body } = outer.stage;
  const inside = outer.stage.count !== undefined ? body : body.kind === 'for' ? body.stages[0] : undefined;
  const count = inside === undefined ? undefined : facts?.get(inside)?.length;
  const turn = turns.at(-1);
  return turn === undefined || count === undefined || turn === count - 1;
}

/** `x -> A -> B` is `a = x -> A` and `a -> B`: behind the stage of this number, with the comment that stands there. */
export function cutBehind(
  work: Work,
  element: StageElement,
  pipeline: PipelineExpression,
  index: number,
  name: string,
): void {
  checkNoArm(element, pipeline);
  const text = work.draft.text(element.written.uri);
  const { start } = writtenRange(work.draft, element, pipeline);
  const first = absolute(element, pipeline.stages[0]!.range).start;
  const end = endOfLine(text, absolute(element, element.chain.stages[index]!.range).end);
  const source = text.slice(start, first);
  // A single stage stands on the line of what comes in.
  const head = index === 0 && !source.includes('#') ? source.replace(/\s+->\s*$/u, ' -> ') : source;
  // What goes on does so on the line of the name, unless comments stand between.
  const gap = /^\s*(?=->)/u.exec(text.slice(end))?.[0];
  const range = { start, end: end + (gap?.length ?? 0) };
  moveToBinding(work, element, range, name, head + text.slice(first, end), gap === undefined ? '' : ' ');
}

/** What is written in a range becomes a binding before its statement; its name stands there then. */
export function moveToBinding(
  work: Work,
  element: Element,
  range: Range,
  name: string,
  text = work.draft.text(element.written.uri).slice(range.start, range.end),
  behind = '',
): void {
  work.edit(element.written.uri, [
    putStatement(element.written, element.part, 'before', `${name} = ${text}`),
    { kind: 'replace', at: range, text: `${name}${behind}`, hasComments: true },
  ]);
}

/** What stands in an arm is built only where its condition holds. */
export function checkNoArm(element: Element, expression: Expression): void {
  if (isInArm(element, expression))
    throw new Refused(
      `${nameOf(element)} stands in an arm of an if, so it is not always built: give the whole if a name, and take that.`,
    );
}

function nameExpression(work: Work, way: Way, element: Element, expression: Expression, isMoved: boolean): string {
  const statement = element.written.definition.statements[element.part]!;
  if (statement.kind === 'binding' && statement.value === expression && statement.names.length === 1)
    return statement.names[0]!.text;
  if (!isMoved && statement.kind === 'output' && statement.value === expression && statement.name !== undefined)
    return statement.name.text;
  checkNoArm(element, expression);
  const spot = work.spot(element, way.root);
  const name = spot.freeName(usualName(expression));
  moveToBinding(work, element, writtenRange(work.draft, element, expression), name);
  return name;
}

export function usualName(expression: Expression): string {
  const names: Readonly<Record<string, string>> = { '+': 'sum', '-': 'difference', '*': 'product', '@': 'product' };
  return (expression.kind === 'binary' ? names[expression.operator] : undefined) ?? 'y';
}

/** `y = x -> LSTM(8)` is `y, h = x -> LSTM(8)`. */
function nameOutput(work: Work, way: Way, element: StageElement, output: number): string {
  const statement = element.written.definition.statements[element.part]!;
  if (statement.kind !== 'binding') throw new Refused('This output can not be named.', way.place);
  const spot = work.spot(element, way.root);
  const { stage } = element;
  const meant =
    stage.body.kind === 'call' ? spot.facts.session.resolve(spot.definition, stage.body.callee.text) : undefined;
  const outputs = meant?.kind === 'layer' ? meant.layer.outputs : undefined;
  const forms = outputs === undefined || outputs === 'tuple' ? [] : outputs.names;
  const name = spot.freeName(snakeCase(forms[output] ?? `y${String(output + 1)}`));
  const known = statement.names[output];
  if (known !== undefined) {
    work.edit(element.written.uri, [replace(absolute(element, known.range), name)]);
    return name;
  }
  const missing = Math.max(output + 1, forms.length) - statement.names.length;
  const added = Array.from({ length: missing }, (_, i) => (statement.names.length + i === output ? name : '_'));
  const last = absolute(element, statement.names.at(-1)!.range).end;
  work.edit(element.written.uri, [insert(last, `, ${added.join(', ')}`)]);
  return name;
}
