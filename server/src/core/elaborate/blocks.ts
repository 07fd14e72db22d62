/** A stage that is a definition: blocks, models, externs. */
import {
  HEADER,
  type CallStage,
  type Definition,
  type Extern,
  type Range,
  type Stage,
  type StageBody,
} from '../definition.ts';
import { symbolsOf } from '../dimension.ts';
import type { ExternNode, Instance, Node } from '../graph.ts';
import type { Problem } from '../problem.ts';
import { lastPart, uriOf } from '../program.ts';
import type { Shape, Tensor } from '../tensor.ts';
import type { Value } from '../value.ts';
import { builtOf } from './built.ts';
import { inputsOf, noteShared } from './calls.ts';
import { elaborateExtern } from './externs.ts';
import { NOWHERE, flowOf, type Flow } from './flow.ts';
import { problemKey, type Frame } from './frame.ts';
import type { StagePlan } from './names.ts';
import { openness } from './openness.ts';
import { nameOf } from './stages.ts';
import { listValue } from './values.ts';
import { portsOf } from './words.ts';
import { onceFor } from '../once.ts';

export function applyDefinition(
  frame: Frame,
  stage: Stage,
  body: CallStage,
  definition: Definition,
  given: ReadonlyMap<string, Value>,
  plan: StagePlan,
  flow: Flow,
): Flow {
  const at = body.callee.range;
  const ports = portsOf(definition);
  const inputs = inputsOf(flow);
  frame.before = definition.name.text;
  if (inputs !== undefined && inputs.length !== ports.length) {
    const wanted =
      ports.length === 1
        ? 'one tensor'
        : `${String(ports.length)} tensors (${ports.map((port) => port.name.text).join(', ')})`;
    const advice =
      ports.length > 1
        ? ` Put them in parentheses: (${ports.map((port) => port.name.text).join(', ')}) -> ${definition.name.text}.`
        : '';
    frame.error(
      'input-count',
      `${definition.name.text} takes ${wanted} but gets ${String(inputs.length)}.${advice}`,
      at,
    );
    return nothingOf(frame, definition, at);
  }
  if (definition.kind === 'extern') return applyExtern(frame, stage, body, definition, given, inputs, plan);
  const locals = new Set<string>();
  const instance = frame.session.instantiate(
    {
      definition,
      arguments: given,
      inputs: ports.map((_, i) => ({ shape: inputs?.[i]?.shape, type: inputs?.[i]?.type ?? 'float' })),
      open:
        frame.open === undefined
          ? undefined
          : openness({
              examples: frame.open.examples,
              counter: frame.open.counter,
              assumed: frame.open.assumed,
              isSketch: frame.open.isSketch,
              cache: frame.open.cache,
              locals,
            }),
    },
    (refused) => {
      frame.error(refused.code, refused.text, at);
    },
  );
  if (instance === undefined) return nothingOf(frame, definition, at);
  passProblemsOn(frame, instance, definition, at);
  const name = nameOf(frame, plan, stage.label?.range ?? at);
  const node = frame.node({ kind: 'block', instance }, name, inputs ?? [], at);
  frame.container.built += 1;
  frame.count(instance.size, at);
  frame.made = node;
  if (frame.sharing !== undefined) noteShared(frame, builtOf(instance));
  const outputs = instance.outputs.map(({ tensor }) =>
    frame.tensor(node as unknown as Node, seenOutside(frame, tensor.shape, body, locals), tensor.type),
  );
  return flowOf(outputs);
}

/** Openly, a block's sizes may come out over names that mean nothing outside it. */
export function seenOutside(
  frame: Frame,
  shape: Shape | undefined,
  body: StageBody,
  locals: ReadonlySet<string>,
): Shape | undefined {
  if (locals.size === 0 || shape === undefined) return shape;
  return shape.map((size, axis) =>
    [...symbolsOf(size)].some((name) => locals.has(name)) ? frame.givenSize(body, axis) : size,
  );
}

export function nothingOf(frame: Frame, definition: Definition, at: Range): Flow {
  const count =
    definition.kind === 'extern'
      ? definition.outputs.length
      : definition.statements.filter(({ kind }) => kind === 'output').length;
  return count < 2
    ? NOWHERE
    : {
        value: listValue(
          Array.from({ length: count }, (): Value => ({ kind: 'tensor', tensor: frame.unknownTensor(at) })),
          true,
        ),
      };
}

/**
 * What is wrong inside a block for this use of it is shown at the use too; of a block in another file, which isn't
 * looked at here, what is wrong with its text as well, and with the text of what it uses there.
 */
export function passProblemsOn(frame: Frame, instance: Instance, definition: Definition, at: Range): void {
  if (frame.open === undefined) for (const condition of instance.conditions) frame.conditions.push(condition);
  const isElsewhere = uriOf(definition.id) !== uriOf(frame.definition.id);
  if (isElsewhere && definition.isPartlyRead === true) {
    reportUnread(frame, definition, at);
    return;
  }
  const isOfText = (problem: Problem, { definition: owner }: Instance): boolean =>
    frame.session.mistakesOf(owner).has(problemKey(problem));
  for (const problem of instance.problems)
    if (problem.severity === 'error' && (isElsewhere || !isOfText(problem, instance)))
      passOn(frame, problem, definition, at);
  if (!isElsewhere) return;
  for (const inner of usesInside(instance)) {
    if (inner.definition.isPartlyRead === true) reportUnread(frame, inner.definition, at);
    else
      for (const problem of inner.problems)
        if (problem.severity === 'error' && isOfText(problem, inner)) passOn(frame, problem, inner.definition, at);
  }
}

function passOn(frame: Frame, problem: Problem, { name }: Definition, at: Range): void {
  // A block inside a block hands on what it was handed: the innermost place and words.
  const isHandedOn = problem.related !== undefined;
  const related = problem.related ?? [{ site: problem.site, message: `here, inside ${name.text}` }];
  const message = isHandedOn ? problem.message : `In ${name.text}: ${problem.message}`;
  frame.report('error', problem.code, message, at, problem.fixes, related);
}

function reportUnread(frame: Frame, { id, name }: Definition, at: Range): void {
  const site = { definition: id, part: HEADER, range: name.range };
  frame.report(
    'error',
    'syntax',
    `There is a mistake in the text of ${name.text}: it has to be corrected in ${lastPart(uriOf(id))} first.`,
    at,
    [],
    [{ site, message: `${name.text} is defined here` }],
  );
}

const usesByInstance = new WeakMap<Instance, readonly Instance[]>();

/** The uses of other definitions of its file inside a use, each once; those of a third file have handed on theirs. */
function usesInside(instance: Instance): readonly Instance[] {
  return onceFor(usesByInstance, instance, () => {
    const own = usesAmong(instance.nodes).filter(
      ({ definition }) => uriOf(definition.id) === uriOf(instance.definition.id),
    );
    return [...new Set(own.flatMap((use) => [use, ...usesInside(use)]))];
  });
}

/** The uses of definitions among these nodes, in groups too. */
export function usesAmong(nodes: readonly Node[]): readonly Instance[] {
  return nodes.flatMap((node) =>
    node.kind === 'block' || node.kind === 'extern'
      ? [node.instance]
      : node.kind === 'group'
        ? usesAmong(node.nodes)
        : [],
  );
}

export function applyExtern(
  frame: Frame,
  stage: Stage,
  body: CallStage,
  definition: Extern,
  given: ReadonlyMap<string, Value>,
  inputs: readonly Tensor[] | undefined,
  plan: StagePlan,
): Flow {
  const at = body.callee.range;
  const result = elaborateExtern(definition, given, inputs, frame.examples);
  passProblemsOn(frame, result.instance, definition, at);
  const name =
    definition.isFunction && frame.container.form === 'Module' && stage.label === undefined
      ? undefined
      : nameOf(frame, plan, stage.label?.range ?? at);
  const node = frame.node(
    { kind: 'extern', instance: result.instance, parameters: result.parameters, macs: result.macs },
    name,
    inputs ?? [],
    at,
  ) as unknown as ExternNode;
  frame.container.built += 1;
  frame.made = node;
  return flowOf(result.shapes.map((shape) => frame.tensor(node, shape)));
}
