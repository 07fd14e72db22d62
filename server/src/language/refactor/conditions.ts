/** `if`: its arms the other way round; as an expression, and as a stage. */
import type { CompareOperator, ConditionalExpression, Expression, IfStage, Range } from '../../core/definition.ts';
import { childrenOf } from '../../core/elaborate/uses.ts';
import { parsedOf } from '../documents.ts';
import { kindOf } from '../text/tokens.ts';
import { type Refactoring, type Spot, rangeOf } from './spot.ts';

const OPPOSITE: Readonly<Record<CompareOperator, CompareOperator>> = {
  '==': '!=',
  '!=': '==',
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
};

/** `if c { a } else { b }` as `if not c { b } else { a }`. */
export function* flipIf(spot: Spot): Generator<Refactoring> {
  const found = innermostIf(spot);
  if (found === undefined) return;
  const { condition, range } = found;
  const arms = armsOf(spot, range);
  if (arms?.length !== 2 || found.otherwise === undefined) return;
  const [then, otherwise] = arms;
  const start = spot.at(range).start + 'if'.length;
  const written = spot.text.slice(start, then!.start - 1).trim();
  yield {
    kind: 'refactor.rewrite',
    title: 'Flip the arms of if',
    sketch: 'reordered',
    edits: [
      { kind: 'replace', at: { start, end: then!.start - 1 }, text: ` ${negated(spot, condition, written)} ` },
      { kind: 'replace', at: then!, text: textAt(spot, otherwise!), hasComments: true },
      { kind: 'replace', at: otherwise!, text: textAt(spot, then!), hasComments: true },
    ],
  };
}

function textAt(spot: Spot, { start, end }: Range): string {
  return spot.text.slice(start, end);
}

function negated(spot: Spot, condition: Expression, written: string): string {
  if (condition.kind === 'unary' && condition.operator === 'not' && /^not\b/u.test(written)) {
    const rest = written.slice('not'.length).trim();
    return rest;
  }
  const [operator, second] = condition.kind === 'compare' ? condition.operators : [];
  if (condition.kind === 'compare' && operator !== undefined && second === undefined) {
    const [left, right] = condition.operands.map(({ range }) => range);
    const between = spot.written({ start: left!.end, end: right!.start });
    const base = spot.written(condition.range);
    // Parentheses of an operand stand outside of its range.
    const at = left!.end - condition.range.start + between.indexOf(operator);
    if (base === written) return base.slice(0, at) + OPPOSITE[operator] + base.slice(at + operator.length);
  }
  const isPlain = ['name', 'call', 'member', 'index', 'boolean'].includes(condition.kind);
  return isPlain ? `not ${written}` : `not (${written})`;
}

type If = IfStage | ConditionalExpression;

/** The innermost `if` around the cursor that stands at its keyword, condition or braces, not inside another one. */
function innermostIf(spot: Spot): If | undefined {
  const ifs = allIfs(spot).filter(({ range }) => spot.holds(range));
  return ifs.reduce<If | undefined>(
    (best, each) => (best === undefined || each.range.start >= best.range.start ? each : best),
    undefined,
  );
}

function allIfs(spot: Spot): readonly If[] {
  const { statement } = spot;
  const stages = spot
    .chains()
    .flatMap((chain) => chain.stages.flatMap(({ body }) => (body.kind === 'if' ? [body] : [])));
  const expressions: If[] = [];
  const inExpression = (expression: Expression): void => {
    if (expression.kind === 'conditional') expressions.push(expression);
    childrenOf(expression).forEach(inExpression);
  };
  if (statement?.kind === 'binding' || statement?.kind === 'output') inExpression(statement.value);
  return [...stages, ...expressions];
}

/** What stands between the braces of each arm; undefined where there is an `else if`. */
function armsOf(spot: Spot, range: Range): readonly Range[] | undefined {
  const { start, end } = spot.at(range);
  const tokens = (parsedOf(spot.document)?.tokens ?? []).filter(
    ({ startOffset }) => startOffset >= start && startOffset < end,
  );
  const arms: Range[] = [];
  let depth = 0;
  let open = 0;
  for (const [i, token] of tokens.entries()) {
    const kind = kindOf(token);
    if (kind === 'if' && depth === 0 && i > 0) return undefined;
    if (kind === '{' && depth++ === 0) open = token.startOffset + 1;
    if (kind === '}' && --depth === 0) arms.push({ start: open, end: token.startOffset });
  }
  return arms;
}

/** `if c { x -> A } else { x }` as `x -> if c { A }`. */
export function* ifToStage(spot: Spot): Generator<Refactoring> {
  const found = innermostIf(spot);
  if (found?.kind !== 'conditional') return;
  const { then, otherwise } = found;
  const source = sourceOf(then) ?? sourceOf(otherwise);
  const isAlike = [then, otherwise].every(
    (arm) => (arm.kind === 'pipeline' && sourceOf(arm) === source) || (arm.kind === 'name' && arm.name.text === source),
  );
  if (source === undefined || !isAlike) return;
  const arms = armsOf(spot, found.range);
  if (arms?.length !== 2) return;
  const chain = (arm: Expression): string => (arm.kind === 'pipeline' ? spot.written(rangeOf(arm.stages)) : '');
  const head = spot.text.slice(spot.at(found.range).start, arms[0]!.start - 1).trim();
  const [yes, no] = [chain(then), chain(otherwise)];
  // Only `else` has stages.
  if (yes === '') return;
  yield {
    kind: 'refactor.rewrite',
    title: `Write if as a stage of ${source}`,
    edits: [spot.replace(found.range, `${source} -> ${head} { ${yes} }${no === '' ? '' : ` else { ${no} }`}`)],
  };
}

function sourceOf(expression: Expression): string | undefined {
  return expression.kind === 'pipeline' && expression.source.kind === 'name' ? expression.source.name.text : undefined;
}

/** `x -> if c { A }` as `if c { x -> A } else { x }`, where it is all that a value is. */
export function* ifToExpression(spot: Spot): Generator<Refactoring> {
  const { statement } = spot;
  if (statement?.kind !== 'binding' && statement?.kind !== 'output') return;
  const { value } = statement;
  if (value.kind !== 'pipeline' || value.source.kind !== 'name' || value.stages.length !== 1) return;
  const [{ body, label, count, frozen }] = value.stages as [(typeof value.stages)[number]];
  if (body.kind !== 'if' || label !== undefined || count !== undefined || frozen) return;
  const arms = armsOf(spot, body.range);
  if (arms === undefined) return;
  const name = value.source.name.text;
  const head = spot.text.slice(spot.at(body.range).start, arms[0]!.start - 1).trim();
  const no = body.otherwise === undefined ? name : `${name} -> ${spot.written(rangeOf(body.otherwise))}`;
  yield {
    kind: 'refactor.rewrite',
    title: 'Write if as an expression',
    edits: [spot.replace(value.range, `${head} { ${name} -> ${spot.written(rangeOf(body.then))} } else { ${no} }`)],
  };
}
