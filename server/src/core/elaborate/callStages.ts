/** The stages of a statement that are names. */
import type { CallStage, Expression, ForStage, Range, Stage, StageBody, Statement } from '../definition.ts';
import { childrenOf } from './uses.ts';

/** A stage that is a name, and where it stands. */
export interface Call {
  readonly part: number;
  readonly stage: Stage;
  readonly body: CallStage;
  /** The stages that it stands among. */
  readonly chain: readonly Stage[];
  /** What they stand in; absent for those of an expression's chain. */
  readonly around?: StageBody['kind'] | 'layer';
  /** The loops around it. */
  readonly loops: readonly ForStage[];
}

/** Every stage of a statement that is a name. */
export function* callsIn(statement: Statement, part: number): Generator<Call> {
  if (statement.kind === 'layer') yield* callsInChain([statement.stage], [], 'layer');
  else if (statement.kind === 'binding' || statement.kind === 'output') yield* callsInExpression(statement.value);

  function* callsInExpression(expression: Expression): Generator<Call> {
    if (expression.kind === 'pipeline') {
      yield* callsInExpression(expression.source);
      yield* callsInChain(expression.stages, []);
    } else for (const child of childrenOf(expression)) yield* callsInExpression(child);
  }

  function* callsInChain(
    chain: readonly Stage[],
    loops: readonly ForStage[],
    around?: Call['around'],
  ): Generator<Call> {
    for (const stage of chain) {
      const { body } = stage;
      switch (body.kind) {
        case 'call':
          yield { part, stage, body, chain, loops, ...(around === undefined ? {} : { around }) };
          break;
        case 'group':
          yield* callsInChain(body.stages, loops, 'group');
          break;
        case 'for':
          yield* callsInChain(body.stages, [...loops, body], 'for');
          break;
        case 'if':
          yield* callsInChain(body.then, loops, 'if');
          yield* callsInChain(body.otherwise ?? [], loops, 'if');
          break;
        case 'parallel':
          for (const branch of body.branches) yield* callsInChain(branch, loops, 'parallel');
          break;
        case 'missing':
          break;
      }
    }
  }
}

/** The stage whose name stands at a place of a statement. */
export function callAt(statement: Statement | undefined, part: number, { start }: Range): Call | undefined {
  if (statement === undefined) return undefined;
  for (const call of callsIn(statement, part)) if (call.body.callee.range.start === start) return call;
  return undefined;
}

/** Every stage of a statement, those inside others too. */
export function* stagesIn(statement: Statement): Generator<Stage> {
  if (statement.kind === 'layer') yield* inChain([statement.stage]);
  else if (statement.kind === 'binding' || statement.kind === 'output') yield* inExpression(statement.value);

  function* inExpression(expression: Expression): Generator<Stage> {
    if (expression.kind === 'pipeline') {
      yield* inExpression(expression.source);
      yield* inChain(expression.stages);
    } else for (const child of childrenOf(expression)) yield* inExpression(child);
  }

  function* inChain(chain: readonly Stage[]): Generator<Stage> {
    for (const stage of chain) {
      yield stage;
      const { body } = stage;
      if (body.kind === 'group' || body.kind === 'for') yield* inChain(body.stages);
      else if (body.kind === 'if') yield* inChain([...body.then, ...(body.otherwise ?? [])]);
      else if (body.kind === 'parallel') for (const branch of body.branches) yield* inChain(branch);
    }
  }
}
