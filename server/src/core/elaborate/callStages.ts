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

const callsByStatement = new WeakMap<Statement, { readonly part: number; readonly calls: readonly Call[] }>();

/** Every stage of a statement that is a name. */
export function callsIn(statement: Statement, part: number): readonly Call[] {
  const known = callsByStatement.get(statement);
  if (known?.part === part) return known.calls;
  const calls: Call[] = [];
  if (statement.kind === 'layer') callsInChain([statement.stage], [], 'layer');
  else if (statement.kind === 'binding' || statement.kind === 'output') callsInExpression(statement.value);
  callsByStatement.set(statement, { part, calls });
  return calls;

  function callsInExpression(expression: Expression): void {
    if (expression.kind === 'pipeline') {
      callsInExpression(expression.source);
      callsInChain(expression.stages, []);
    } else childrenOf(expression).forEach(callsInExpression);
  }

  function callsInChain(chain: readonly Stage[], loops: readonly ForStage[], around?: Call['around']): void {
    for (const stage of chain) {
      const { body } = stage;
      switch (body.kind) {
        case 'call':
          calls.push({ part, stage, body, chain, loops, ...(around === undefined ? {} : { around }) });
          break;
        case 'group':
          callsInChain(body.stages, loops, 'group');
          break;
        case 'for':
          callsInChain(body.stages, [...loops, body], 'for');
          break;
        case 'if':
          callsInChain(body.then, loops, 'if');
          callsInChain(body.otherwise ?? [], loops, 'if');
          break;
        case 'parallel':
          for (const branch of body.branches) callsInChain(branch, loops, 'parallel');
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
