/** Branches side by side. */
import type { ForStage, ParallelStage, Stage } from '../definition.ts';
import { ZERO, constant, not, select, substitute, type Condition, type Dimension } from '../dimension.ts';
import { unknownSize } from '../tensor.ts';
import { UNKNOWN, type Value } from '../value.ts';
import { arityOf } from './calls.ts';
import { NOWHERE, reshape, tensorsIn, type Flow } from './flow.ts';
import { container, type Container, type Frame } from './frame.ts';
import { LOOP_LIMIT } from './limits.ts';
import { sumOverTurns } from './loopSums.ts';
import { runTurn } from './loops.ts';
import { isItem, type StagePlan } from './names.ts';
import { openTurn } from './openLoops.ts';
import { applyStages, buildModule, nameOf, positionIn } from './stages.ts';
import { describeKind, listValue } from './values.ts';

export type RunBranch = (flow: Flow) => Flow;

export type TakeBranch = (stages: readonly Stage[], run: RunBranch) => void;

export function applyParallel(frame: Frame, stage: Stage, body: ParallelStage, plan: StagePlan, flow: Flow): Flow {
  const build = (): Flow => {
    const branches: ((coming: Flow) => Flow)[] = [];
    const arities: (number | undefined)[] = [];
    for (const branch of body.branches)
      expandBranch(frame, branch, (stages, run) => {
        branches.push(run);
        arities.push(arityOf(frame, stages));
      });
    const items = flow.value.kind === 'list' ? flow.value.items : undefined;
    const each = items?.length === branches.length && arities.every((arity) => arity === undefined || arity === 1);
    const outs = branches.map((run, i) => run(each ? { value: items[i]! } : flow).value);
    return {
      value: listValue(
        outs.flatMap((out) => (out.kind === 'list' ? out.items : [out])),
        true,
      ),
    };
  };
  if (plan.module !== undefined && plan.module !== 'chosen') {
    return buildModule(
      frame,
      plan.module,
      nameOf(frame, plan, stage.label?.range ?? stage.range),
      flow,
      stage.range,
      build,
    );
  }
  const out = build();
  frame.made = undefined;
  return out;
}

/** One branch, or those that a `for` or `if` around a whole branch makes of it. */
export function expandBranch(frame: Frame, branch: readonly Stage[], take: TakeBranch): void {
  const [only, second] = branch;
  if (only !== undefined && second === undefined && only.label === undefined && only.count === undefined) {
    const { body } = only;
    if (body.kind === 'if') {
      const truth = frame.decide(body.condition, 'This if');
      frame.record(only, {
        iterations: frame.iterations,
        value: UNKNOWN,
        ...(typeof truth === 'boolean' ? { taken: truth } : {}),
      });
      // Openly, a branch that may be missing adds nothing then to what joins it.
      const perhaps =
        (there: Condition): TakeBranch =>
        (stages, run) => {
          take(stages, (flow) => together(run(flow), (size) => select(there, size, ZERO)));
        };
      const isOpen = typeof truth === 'object';
      if (typeof truth === 'boolean')
        frame.untaken(() => applyStages(frame, (truth ? body.otherwise : body.then) ?? [], NOWHERE));
      if (truth !== false) expandBranch(frame, body.then, isOpen ? perhaps(truth) : take);
      if (truth !== true && body.otherwise !== undefined)
        expandBranch(frame, body.otherwise, isOpen ? perhaps(not(truth)) : take);
      return;
    }
    if (body.kind === 'for') {
      expandBranchLoop(frame, only, body, take);
      return;
    }
  }
  take(branch, (flow) => runBranch(frame, branch, flow));
}

export function expandBranchLoop(frame: Frame, stage: Stage, body: ForStage, take: TakeBranch): void {
  const iterable = frame.evaluate(body.iterable);
  const plan = frame.planOf(stage);
  // Unnumbered branches of a loop are items of a list of their own, which is filled branch by branch.
  let list: { readonly container: Container } | undefined;
  const within =
    (run: RunBranch): RunBranch =>
    (flow) => {
      if (plan.module !== 'ModuleList') return run(flow);
      const outer = frame.container;
      if (list === undefined) {
        const inner = container('ModuleList');
        const node = frame.node(
          { kind: 'group', form: 'ModuleList' as const, nodes: inner.nodes },
          nameOf(frame, plan, stage.label?.range ?? stage.range),
          tensorsIn(flow),
          stage.range,
        );
        frame.made = node;
        outer.built += 1;
        list = { container: inner };
      }
      frame.container = list.container;
      const out = run(flow);
      frame.container = outer;
      return out;
    };
  const items = iterable.kind === 'list' && iterable.items.length <= LOOP_LIMIT ? iterable.items : undefined;
  if (iterable.kind === 'list' && items === undefined) {
    frame.error(
      'too-large',
      `${iterable.items.length.toLocaleString('en')} branches: more than ${LOOP_LIMIT.toLocaleString('en')} can't be built.`,
      body.iterable.range,
    );
  } else if (iterable.kind !== 'list' && iterable.kind !== 'unknown' && iterable.kind !== 'symbolic') {
    frame.error(
      'expression-type',
      `A loop goes over a list or a range, not ${describeKind(iterable)}.`,
      body.iterable.range,
    );
  }
  if (items === undefined && frame.open === undefined) take(body.stages, () => NOWHERE);
  if (frame.open !== undefined) {
    expandOpenly(frame, stage, body, iterable, take, within);
    return;
  }
  for (const [index, value] of (items ?? []).entries()) {
    frame.step(stage.range);
    if (frame.tooLarge) break;
    runTurn(frame, stage, constant(index), value, NOWHERE, (nothing) => {
      expandLater(frame, body.stages, take, within);
      return nothing;
    });
  }
}

/** Hands branches on that run later, but with the names and turns of now. */
export function expandLater(
  frame: Frame,
  stages: readonly Stage[],
  take: TakeBranch,
  within: (run: RunBranch) => RunBranch,
): void {
  const { scope, iterations } = { scope: frame.scope, iterations: frame.iterations };
  expandBranch(frame, stages, (branch, run) => {
    take(
      branch,
      within((flow) => (frame.tooLarge ? NOWHERE : frame.with(scope, iterations, () => run(flow)))),
    );
  });
}

/** The same flow, of which this is what its tensors are for what joins them. */
function together(flow: Flow, of: (size: Dimension, tensor: number, axis: number) => Dimension): Flow {
  let number = 0;
  const change = (value: Value): Value => {
    if (value.kind !== 'tensor') return value;
    const { shape, together: all = shape } = value.tensor;
    const t = number;
    number += 1;
    if (all === undefined) return value;
    return { kind: 'tensor', tensor: { ...value.tensor, together: all.map((size, axis) => of(size, t, axis)) } };
  };
  const { value } = flow;
  return { value: value.kind === 'list' ? listValue(value.items.map(change), value.isTuple) : change(value) };
}

/** Branches of a loop visited once; each is what the first one is with its own values in place. */
export function expandOpenly(
  frame: Frame,
  stage: Stage,
  body: ForStage,
  iterable: Value,
  take: TakeBranch,
  within: (run: RunBranch) => RunBranch,
): void {
  const list = iterable.kind === 'symbolic' ? iterable.example : iterable;
  const known = list.kind === 'list' ? list.items.length : 1;
  // What a parameter says may be none now, and more another time.
  const count = iterable.kind === 'symbolic' ? Math.max(1, known) : known;
  const { value, inside } = openTurn(frame, stage, body.names, iterable, constant(count));
  const made: { stages: readonly Stage[]; run: RunBranch }[] = [];
  runTurn(frame, stage, inside, value, NOWHERE, (nothing) => {
    expandLater(frame, body.stages, (stages, run) => made.push({ stages, run }), within);
    return nothing;
  });
  const { variables, index } = frame.open!.loops.get(stage)!;
  const symbols = variables.map((variable) => variable.symbol);
  const firsts = new Map<RunBranch, Flow>();
  for (let turn = 0; turn < count; turn++) {
    const item = iterable.kind === 'list' ? iterable.items[turn] : undefined;
    const values = body.names.length === 1 ? [item] : item?.kind === 'list' ? item.items : [];
    const sizeOf = (name: string): Dimension | undefined => {
      const at = symbols.indexOf(name);
      if (at < 0) return undefined;
      const known = values[at];
      return known?.kind === 'int' ? known.value : unknownSize();
    };
    for (const { stages, run } of made) {
      take(stages, (flow) => {
        const first = firsts.get(run) ?? run(flow);
        firsts.set(run, first);
        const own = reshape(first, (t) => tensorsIn(first)[t]!.shape?.map((size) => substitute(size, sizeOf)));
        if (iterable.kind !== 'symbolic') return own;
        // A parameter says how many there are: the first one stands for all of them.
        return together(own, (_, t, axis) => {
          if (turn > 0) return ZERO;
          const { shape, together: all = shape } = tensorsIn(first)[t]!;
          return sumOverTurns(all![axis]!, iterable, symbols, index, frame.examples) ?? unknownSize();
        });
      });
    }
  }
}

export function runBranch(frame: Frame, branch: readonly Stage[], flow: Flow): Flow {
  const isList = frame.container.form === 'ModuleList' || frame.container.form === 'ModuleDict';
  if (!isList || isItem(branch) || branch.length === 0) return applyStages(frame, branch, flow);
  return buildModule(frame, 'Sequential', positionIn(frame), flow, branch[0]!.range, () =>
    applyStages(frame, branch, flow),
  );
}
