/** `* n` and `for`, unrolled turn by turn. */
import type { Expression, ForStage, PipelineExpression, Stage } from '../definition.ts';
import { constant, constantValue, subtract, symbolsOf, type Dimension } from '../dimension.ts';
import { type LocalFix, fix, insert } from '../fix.ts';
import { isUnknown, unknownSize } from '../tensor.ts';
import { UNKNOWN, type Value } from '../value.ts';
import { NOWHERE, blur, tensorsIn, type Flow } from './flow.ts';
import type { Frame } from './frame.ts';
import { LOOP_LIMIT } from './limits.ts';
import { POSITION, type StagePlan } from './names.ts';
import { runOpenLoop } from './openLoops.ts';
import { applyBody, applyStages, buildModule, nameOf } from './stages.ts';
import { childrenOf } from './uses.ts';
import { describeKind, formatValue } from './values.ts';
import { countOf } from './words.ts';

/** Parentheses around the chain that a stage ends, its count aside. */
function chainFixes({ definition, part }: Frame, stage: Stage): readonly LocalFix[] {
  const statement = definition.statements[part];
  const chain = statement !== undefined && 'value' in statement ? chainEndedBy(statement.value, stage) : undefined;
  if (chain === undefined) return [];
  const edits = [insert(chain.source.range.start, '('), insert(stage.body.range.end, ')')];
  return [fix('Put the chain in parentheses', edits, 'preferred')];
}

function chainEndedBy(expression: Expression, stage: Stage): PipelineExpression | undefined {
  if (expression.kind === 'pipeline' && expression.stages.at(-1) === stage) return expression;
  for (const child of childrenOf(expression)) {
    const found = chainEndedBy(child, stage);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** @param plan the stage's, but for a shared layer's use, which has another name in each place */
export function repeatStage(
  frame: Frame,
  stage: Stage,
  count: Expression,
  flow: Flow,
  plan = frame.planOf(stage),
): Flow {
  const value = frame.decidedValue(frame.evaluate(count), 'How often this is repeated', count.range);
  const item: StagePlan =
    plan.module === 'Sequential' || plan.name === POSITION ? { name: POSITION, module: moduleOf(stage) } : plan;
  const turn = (coming: Flow): Flow => applyBody(frame, stage, item, coming);
  let times: number | undefined;
  if (value.kind === 'int') {
    const known = constantValue(value.value);
    if (known === undefined && frame.open === undefined && !isUnknown(value.value)) {
      frame.undecidable(
        'How often this is repeated',
        symbolsOf(value.value),
        count.range,
        'Give the input that size as a number.',
      );
    }
    if (known !== undefined && known < 0n) {
      frame.error(
        'repeat-count',
        `A stage can't be repeated ${String(known)} times: the count is 0 or more.`,
        count.range,
      );
    } else if (known !== undefined && known > BigInt(LOOP_LIMIT)) {
      frame.error(
        'too-large',
        `${String(known)} repetitions: more than ${LOOP_LIMIT.toLocaleString('en')} can't be built.`,
        count.range,
      );
    } else if (known !== undefined) times = Number(known);
  } else if (value.kind === 'tensor') {
    frame.error(
      'chain-parentheses',
      'After * stands how often the stage is repeated, and this is a tensor: for their product put the chain in parentheses, (x -> Layer) * y.',
      stage.countOperator ?? count.range,
      chainFixes(frame, stage),
    );
  } else if (value.kind !== 'unknown') {
    frame.error('repeat-count', `A stage is repeated a whole number of times, not ${formatValue(value)}.`, count.range);
  }
  const turns = times === undefined ? undefined : Array.from({ length: times }, () => undefined);
  return aroundTurns(frame, stage, plan, flow, () => {
    if (frame.open !== undefined) {
      const size = value.kind === 'int' ? value.value : undefined;
      return runOpenLoop(frame, stage, [], undefined, size, flow, turn);
    }
    return turns === undefined ? runUnknownTurns(frame, stage, flow, turn) : runTurns(frame, stage, turns, flow, turn);
  });
}

export function loopStage(frame: Frame, stage: Stage, body: ForStage, flow: Flow, plan = frame.planOf(stage)): Flow {
  const iterable = frame.evaluate(body.iterable);
  const turn = (coming: Flow): Flow => applyStages(frame, body.stages, coming);
  let list: readonly Value[] | undefined;
  if (iterable.kind === 'list') {
    if (iterable.items.length > LOOP_LIMIT) {
      frame.error(
        'too-large',
        `${iterable.items.length.toLocaleString('en')} turns: more than ${LOOP_LIMIT.toLocaleString('en')} can't be built.`,
        body.iterable.range,
      );
    } else list = iterable.items;
  } else if (iterable.kind === 'symbolic' && frame.open === undefined) {
    frame.undecidable(
      'What this loop goes over',
      iterable.symbols,
      body.iterable.range,
      'Give the input that size as a number.',
    );
  } else if (iterable.kind !== 'unknown' && iterable.kind !== 'symbolic') {
    frame.error(
      'expression-type',
      `A loop goes over a list or a range, not ${describeKind(iterable)}.`,
      body.iterable.range,
    );
  }
  return aroundTurns(frame, stage, plan, flow, () => {
    if (frame.open !== undefined) {
      const count = list === undefined ? lengthOf(frame, body.iterable) : constant(list.length);
      return runOpenLoop(frame, stage, body.names, iterable, count, flow, turn);
    }
    return list === undefined ? runUnknownTurns(frame, stage, flow, turn) : runTurns(frame, stage, list, flow, turn);
  });
}

/** A repetition's own module, where it has one. */
export function aroundTurns(frame: Frame, stage: Stage, plan: StagePlan, flow: Flow, build: () => Flow): Flow {
  if (plan.module === undefined || plan.module === 'chosen') return build();
  return buildModule(
    frame,
    plan.module,
    nameOf(frame, plan, stage.label?.range ?? stage.range),
    flow,
    stage.range,
    build,
  );
}

export function runTurns(
  frame: Frame,
  stage: Stage,
  values: readonly (Value | undefined)[],
  flow: Flow,
  turn: (flow: Flow) => Flow,
): Flow {
  let coming = flow;
  for (const [index, value] of values.entries()) {
    frame.step(stage.range);
    if (frame.tooLarge) return NOWHERE;
    coming = runTurn(frame, stage, constant(index), value, coming, turn);
  }
  return coming;
}

export function runTurn(
  frame: Frame,
  stage: Stage,
  index: Dimension,
  value: Value | undefined,
  flow: Flow,
  turn: (flow: Flow) => Flow,
): Flow {
  const outerScope = frame.scope;
  const outer = frame.iterations;
  const names = stage.body.kind === 'for' ? stage.body.names : [];
  const values = new Map<string, Value>();
  if (value !== undefined) {
    frame.scope = new Map(outerScope);
    const parts = names.length === 1 ? [value] : value.kind === 'list' ? value.items : [];
    if (names.length > 1 && parts.length !== names.length && value.kind !== 'unknown' && stage.body.kind === 'for') {
      const brought = value.kind === 'list' ? parts.length : 1;
      frame.error(
        'expression-type',
        `There are ${String(names.length)} names, but ${formatValue(value)} is ${countOf(brought, 'value')}: each turn must bring as many as there are names.`,
        stage.body.iterable.range,
      );
    }
    names.forEach((name, i) => {
      const part = parts.length === names.length ? parts[i]! : UNKNOWN;
      if (name.text === '_') return;
      frame.scope.set(name.text, part);
      values.set(name.text, part);
    });
  }
  const inputs = tensorsIn(flow).map(({ shape }) => shape);
  frame.iterations = [...outer, { loop: stage, index, values, inputs }];
  const out = turn(flow);
  frame.iterations = outer;
  frame.scope = outerScope;
  return out;
}

/** After an error: visited once, so that what is inside is checked. */
export function runUnknownTurns(frame: Frame, stage: Stage, flow: Flow, turn: (flow: Flow) => Flow): Flow {
  runTurn(frame, stage, unknownSize(), UNKNOWN, blur(flow), turn);
  return blur(flow);
}

export function lengthOf(frame: Frame, iterable: Expression): Dimension | undefined {
  if (iterable.kind !== 'binary' || iterable.operator !== '..') return undefined;
  const from = frame.facts.get(iterable.left)?.at(-1)?.value;
  const to = frame.facts.get(iterable.right)?.at(-1)?.value;
  return from?.kind === 'int' && to?.kind === 'int' ? subtract(to.value, from.value) : undefined;
}

/** The module that one item of a repetition is. */
export function moduleOf({ body }: Stage): StagePlan['module'] {
  if (body.kind === 'group') return 'Sequential';
  return body.kind === 'parallel' ? 'Module' : undefined;
}
