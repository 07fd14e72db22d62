/** Stages one after the other: chains, groups, `if`, and the names that they get. */
import type { IfStage, Label, PipelineExpression, Range, Stage, StageBody } from '../definition.ts';
import { type Dimension, equal, format } from '../dimension.ts';
import { type LocalFix, fix, freeName, replace } from '../fix.ts';
import type { GroupNode, Node } from '../graph.ts';
import { type Shape, type Tensor, isUnknown } from '../tensor.ts';
import { applyParallel } from './branches.ts';
import { applyCall } from './calls.ts';
import { stagesIn } from './callStages.ts';
import { NOWHERE, constantExample, isTensorTuple, reshape, tensorsIn, type Flow } from './flow.ts';
import { container, type Frame } from './frame.ts';
import { loopStage, repeatStage } from './loops.ts';
import { POSITION, takesLabel, type StagePlan } from './names.ts';
import { mergeValues } from './operators.ts';
import { describeKind, formatValue } from './values.ts';

export function runPipeline(frame: Frame, { source, stages }: PipelineExpression): Flow {
  const value = frame.evaluate(source);
  frame.before = undefined;
  let flow: Flow = { value };
  if (value.kind === 'layer') {
    frame.error(
      'not-a-value',
      `${formatValue(value)} is a layer: a chain begins with a tensor, as in x -> ${formatValue(value)}.`,
      source.range,
    );
    flow = NOWHERE;
  } else if (value.kind !== 'tensor' && value.kind !== 'unknown' && !isTensorTuple(value)) {
    frame.error('expression-type', `A chain begins with a tensor, not ${describeKind(value)}.`, source.range);
    flow = NOWHERE;
  }
  return applyStages(frame, stages, flow);
}

export function applyStages(frame: Frame, stages: readonly Stage[], flow: Flow): Flow {
  return stages.reduce((coming, stage) => applyStage(frame, stage, coming), flow);
}

export function applyStage(frame: Frame, stage: Stage, flow: Flow): Flow {
  const wasFrozen = frame.frozen;
  frame.frozen ||= stage.frozen;
  frame.made = undefined;
  frame.taken = undefined;
  let out: Flow;
  if (stage.body.kind === 'missing') out = NOWHERE;
  else if (stage.count !== undefined) out = repeatStage(frame, stage, stage.count, flow);
  else if (stage.body.kind === 'for') out = loopStage(frame, stage, stage.body, flow);
  else out = applyBody(frame, stage, frame.planOf(stage), flow);
  frame.frozen = wasFrozen;
  out = withGiven(frame, stage, flow, out);
  recordStage(frame, stage, flow, out);
  return out;
}

export function recordStage(frame: Frame, place: Stage | StageBody, flow: Flow, out: Flow): void {
  frame.record(place, {
    iterations: frame.iterations,
    value: out.value,
    inputs: tensorsIn(flow),
    ...(frame.made === undefined ? {} : { node: frame.made }),
    ...(frame.taken === undefined ? {} : { taken: frame.taken }),
  });
}

/** In the generic form: sizes that are known to have none become symbols of their own. */
export function withGiven(frame: Frame, place: Stage, coming: Flow, flow: Flow): Flow {
  if (frame.open === undefined) return flow;
  const axes = frame.open.given.get(place);
  const witness = frame.open.witness(place);
  if (axes === undefined && witness === undefined) return flow;
  const inputs = tensorsIn(coming);
  const running = frame.open.loops.get(place)?.running ?? [];
  const isGiven = (t: number, axis: number): boolean =>
    t === 0 && axes?.has(axis) === true && !running.some((each) => each.tensor === t && each.axis === axis);
  return {
    ...flow,
    ...reshape(flow, (t) => {
      const { shape: told, together } = tensorsIn(flow)[t]!;
      const seen = witness?.[t];
      const fits = told !== undefined && (seen === undefined || seen.length === told.length);
      const shape = fits ? told : shapeFromWitness(frame, inputs, seen);
      // A size of which nothing is known (as many branches as a parameter says, each otherwise) has no rule, either.
      const isOpen = frame.open?.isSketch !== true && t === 0 && together === undefined;
      const isNeeded = (size: Dimension, axis: number): boolean => isGiven(t, axis) || (isOpen && isUnknown(size));
      return shape?.map((size, axis) => (isNeeded(size, axis) ? frame.givenSize(place, axis) : size));
    }),
  };
}

/**
 * Sizes that a rule couldn't tell without numbers (`Squeeze` of a size that may be 1), by the numbers of one use: a size
 * of what goes in where it is the same there, the numbers otherwise. Held against all uses later, as every size is.
 */
function shapeFromWitness(frame: Frame, inputs: readonly Tensor[], found: Shape | undefined): Shape | undefined {
  const sizes = inputs.flatMap(({ shape }) => shape ?? []);
  const known = sizes.map((size) => constantExample(size, frame.examples));
  let from = 0;
  return found?.map((size) => {
    const at = known.findIndex((value, i) => i >= from && value?.kind === 'int' && equal(value.value, size));
    if (at < 0) return size;
    from = at + 1;
    return sizes[at]!;
  });
}

/** The name that a plan comes to here; undefined where it has none. */
export function nameOf(frame: Frame, plan: StagePlan, at: Range): string | undefined {
  const { name } = plan;
  if (name === undefined) return frame.container.form === 'Sequential' ? positionIn(frame) : undefined;
  const text = name === POSITION ? positionIn(frame) : typeof name === 'string' ? name : labelText(frame, name);
  const isCertain = frame.open === undefined && !text.includes('?');
  if (isCertain && frame.container.names.has(text) && frame.sharing === undefined) {
    frame.error('label-clash', `There are two ${text} here: each layer of a module needs a name of its own.`, at, [
      ...(typeof name === 'string' && isLabel(frame, at) ? [renameLabel(frame, text, at)] : []),
    ]);
  }
  frame.container.names.add(text);
  return text;
}

/** Whether a label stands there, not what names itself after its kind. */
function isLabel({ definition, part }: Frame, at: Range): boolean {
  const statement = definition.statements[part];
  return statement !== undefined && [...stagesIn(statement)].some(({ label }) => label?.range === at);
}

function renameLabel({ container: { names }, plan }: Frame, text: string, at: Range): LocalFix {
  const planned = new Set([...plan.stages.values()].map((each) => each.name));
  const free = freeName(text, (each) => names.has(each) || planned.has(each));
  return fix(`Rename the label to ${free}`, [replace(at, free)], 'preferred');
}

export function positionIn(frame: Frame): string {
  return String(frame.container.built);
}

export function labelText(frame: Frame, label: Label): string {
  return label.parts
    .map((part) => {
      if (typeof part === 'string') return part;
      const value = frame.evaluate(part);
      if (value.kind === 'int') return format(value.value);
      if (value.kind !== 'unknown') {
        frame.error(
          'label-number',
          `The braces of a label hold a whole number, not ${describeKind(value)}.`,
          part.range,
        );
      }
      return '?';
    })
    .join('');
}

/** A module of modules around what `build` puts into it. */
export function buildModule(
  frame: Frame,
  form: GroupNode['form'],
  name: string | undefined,
  flow: Flow,
  at: Range,
  build: () => Flow,
): Flow {
  const outer = frame.container;
  const node = frame.node({ kind: 'group', form, nodes: [] as Node[] }, name, tensorsIn(flow), at);
  outer.built += 1;
  const inner = container(form === 'Module' ? 'Module' : form);
  frame.container = inner;
  const out = build();
  frame.container = outer;
  for (const each of inner.nodes) node.nodes.push(each);
  frame.made = node;
  frame.taken = undefined;
  return out;
}

/** A stage once, without its count. */
export function applyBody(frame: Frame, stage: Stage, plan: StagePlan, flow: Flow): Flow {
  frame.made = undefined;
  frame.taken = undefined;
  const out = applyBodyKind(frame, stage, plan, flow);
  recordStage(frame, stage.body, flow, out);
  return out;
}

export function applyBodyKind(frame: Frame, stage: Stage, plan: StagePlan, flow: Flow): Flow {
  const { body } = stage;
  switch (body.kind) {
    case 'call':
      return applyCall(frame, stage, body, plan, flow);
    case 'group':
      return buildModule(
        frame,
        'Sequential',
        nameOf(frame, plan, stage.label?.range ?? stage.range),
        flow,
        stage.range,
        () => applyStages(frame, body.stages, flow),
      );
    case 'if':
      return applyIf(frame, stage, body, plan, flow);
    case 'parallel':
      return applyParallel(frame, stage, body, plan, flow);
    case 'for': {
      const out = applyStages(frame, body.stages, flow);
      frame.made = undefined;
      return out;
    }
    case 'missing':
      return NOWHERE;
  }
}

export function applyIf(frame: Frame, stage: Stage, body: IfStage, plan: StagePlan, flow: Flow): Flow {
  const truth = frame.decide(body.condition, 'This if');
  const arm = (stages: readonly Stage[] | undefined): Flow => {
    if (stages === undefined || stages.length === 0) {
      // In a class, something that does nothing has the label then.
      if (plan.module === 'chosen' && frame.container.form === 'Module')
        nameOf(frame, plan, stage.label?.range ?? stage.range);
      return flow;
    }
    if (plan.module !== 'chosen' || takesLabel(stages)) return applyStages(frame, stages, flow);
    return buildModule(
      frame,
      'Sequential',
      nameOf(frame, plan, stage.label?.range ?? stage.range),
      flow,
      stage.range,
      () => applyStages(frame, stages, flow),
    );
  };
  let out: Flow;
  if (typeof truth === 'boolean') {
    frame.untaken(() => arm(truth ? body.otherwise : body.then));
    out = arm(truth ? body.then : body.otherwise);
  } else {
    const a = arm(body.then);
    const b = arm(body.otherwise);
    out = { value: mergeValues(frame, typeof truth === 'object' ? truth : undefined, a.value, b.value, stage.range) };
  }
  frame.taken = typeof truth === 'boolean' ? truth : undefined;
  if (plan.module !== 'chosen') frame.made = undefined;
  return out;
}
