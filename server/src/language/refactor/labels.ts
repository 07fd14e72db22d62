/** Labels that say the names that PyTorch has for stages anyway: written, and left out. */
import type { Expression, Stage, StageBody, Statement } from '../../core/definition.ts';
import { planNames, type Callee } from '../../core/elaborate/names.ts';
import { insert } from '../../core/fix.ts';
import { type Refactoring, type Spot, staticLabel } from './spot.ts';

/** Each stage of the chain that has a name for what it is gets that name as its label. */
export function* addLabels(spot: Spot): Generator<Refactoring> {
  const selected = spot.selected();
  if (selected === undefined) return;
  const plan = spot.facts.session.names(spot.definition);
  const unnamed = selected.chain.stages.flatMap((stage) => {
    const name = plan.stages.get(stage)?.name;
    const isKnown =
      stage.body.kind !== 'call' ||
      spot.facts.session.resolve(spot.definition, stage.body.callee.text).kind !== 'unknown';
    return stage.label === undefined && typeof name === 'string' && isKnown ? [{ stage, name }] : [];
  });
  if (unnamed.length === 0) return;
  const named = unnamed.map(({ name }) => name);
  yield {
    kind: 'refactor.rewrite',
    title: named.length === 1 ? `Add the label ${named[0]!}` : `Add labels to ${String(named.length)} stages`,
    edits: unnamed.map(({ stage, name }) => insert(labelPlace(spot, stage), `${name}: `)),
  };
}

function labelPlace(spot: Spot, { frozen, range, body }: Stage): number {
  return spot.at(frozen ? { start: body.range.start, end: body.range.start } : range).start;
}

/** Labels without which the stages have the same names. */
export function* removeLabels(spot: Spot): Generator<Refactoring> {
  const selected = spot.selected();
  if (selected === undefined || spot.statement === undefined) return;
  const { session } = spot.facts;
  const { definition, part } = spot;
  const resolve = (name: string): Callee => session.resolve(definition, name);
  let wanted = new Set(selected.chain.stages.filter((stage) => staticLabel(stage) !== undefined && !stage.frozen));
  // Names are counted: without one label another one may be needed.
  for (;;) {
    if (wanted.size === 0) return;
    const made = new Map<Stage, Stage>();
    const without = withStages(spot.statement, (stage) => {
      if (!wanted.has(stage)) return stage;
      const { label: _, ...rest } = stage;
      made.set(stage, rest);
      return rest;
    });
    const statements = definition.statements.map((each, i) => (i === part ? without : each));
    const { stages } = planNames({ ...definition, statements }, resolve);
    const kept = new Set([...wanted].filter((stage) => stages.get(made.get(stage)!)?.name === staticLabel(stage)));
    if (kept.size === wanted.size) break;
    wanted = kept;
  }
  const labels = [...wanted];
  yield {
    kind: 'refactor.rewrite',
    title:
      labels.length === 1
        ? `Remove the label ${staticLabel(labels[0]!)!}, which is the name anyway`
        : `Remove ${String(labels.length)} labels that are the names anyway`,
    edits: labels.map(({ label, body }) => spot.replace({ start: label!.range.start, end: body.range.start }, '')),
  };
}

/** A statement with other stages. */
function withStages(statement: Statement, change: (stage: Stage) => Stage): Statement {
  const inChain = (stages: readonly Stage[]): readonly Stage[] =>
    stages.map((stage) => {
      const other = change(stage);
      const body = inBody(other.body);
      if (body === other.body) return other;
      // The plan is asked by the very object.
      return Object.assign(other === stage ? { ...stage } : other, { body });
    });
  const inBody = (body: StageBody): StageBody => {
    switch (body.kind) {
      case 'group':
      case 'for':
        return { ...body, stages: inChain(body.stages) };
      case 'if':
        return {
          ...body,
          then: inChain(body.then),
          ...(body.otherwise === undefined ? {} : { otherwise: inChain(body.otherwise) }),
        };
      case 'parallel':
        return { ...body, branches: body.branches.map(inChain) };
      default:
        return body;
    }
  };
  const inExpression = (expression: Expression): Expression => {
    switch (expression.kind) {
      case 'pipeline':
        return { ...expression, source: inExpression(expression.source), stages: inChain(expression.stages) };
      case 'conditional':
        return {
          ...expression,
          then: inExpression(expression.then),
          otherwise: inExpression(expression.otherwise),
        };
      case 'binary':
        return { ...expression, left: inExpression(expression.left), right: inExpression(expression.right) };
      case 'tuple':
      case 'list':
        return { ...expression, items: expression.items.map(inExpression) };
      default:
        return expression;
    }
  };
  if (statement.kind === 'layer') return { ...statement, stage: inChain([statement.stage])[0]! };
  if (statement.kind !== 'binding' && statement.kind !== 'output') return statement;
  return { ...statement, value: inExpression(statement.value) };
}
