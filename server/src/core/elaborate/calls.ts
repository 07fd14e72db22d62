/** A stage that is a name: layers of the catalogue, layer parameters, shared layers. */
import type {
  Argument,
  Block,
  CallStage,
  Definition,
  Expression,
  Model,
  Range,
  SharedLayerStatement,
  Stage,
} from '../definition.ts';
import {
  constantValue,
  decided,
  equal,
  format,
  isDimension,
  key,
  product,
  symbolsOf,
  type Condition,
  type Dimension,
} from '../dimension.ts';
import { type LocalFix, fix, remove, replace, spellings } from '../fix.ts';
import type { Node } from '../graph.ts';
import { applyLayer, type Applied, type LayerReport } from '../layers/apply.ts';
import { layersByRank } from '../layers/byRank.ts';
import type { Layer } from '../layers/layer.ts';
import { didYouMean } from '../nearest.ts';
import { lastPart, uriOf } from '../program.ts';
import { formatShape, isUnknown, type Shape, type Tensor } from '../tensor.ts';
import type { LayerValue, Value } from '../value.ts';
import { argumentOf, blockArguments, layerArguments } from './arguments.ts';
import { applyDefinition } from './blocks.ts';
import { NOWHERE, tensorsIn, type Flow } from './flow.ts';
import type { Frame } from './frame.ts';
import { moveAbove } from './fixes.ts';
import { type Meant, stageHabit, usualArgument } from './habits.ts';
import { flattenFirst, layerFixes, poolFirst, sibling } from './layerFixes.ts';
import { loopStage, repeatStage } from './loops.ts';
import { POSITION, type StagePlan } from './names.ts';
import { madeUpNumber } from './openness.ts';
import { applyBody, nameOf } from './stages.ts';
import { namesBoundBy } from './uses.ts';
import { describeKind, itemByItem, listValue, valueAt, valueKey } from './values.ts';
import { parametersOf, portsOf, positionalParameters, textOfArgument } from './words.ts';

/** A kernel of this size, or so many layers, is a number of channels in the wrong place. */
const UNUSUAL_COUNT = 12;

/** How many tensors a chain takes; undefined where that isn't known. */
export function arityOf(frame: Frame, stages: readonly Stage[]): number | undefined {
  const body = stages[0]?.body;
  if (body === undefined) return 1;
  if (body.kind === 'group') return arityOf(frame, body.stages);
  if (body.kind !== 'call') return undefined;
  const callee = calleeOf(frame, body.callee.text);
  if (callee === undefined) return undefined;
  if ('family' in callee)
    return callee.inputs.variadic === true ? Infinity : callee.inputs.names.length - (callee.inputs.optional ?? 0);
  return portsOf(callee).length;
}

export function calleeOf(frame: Frame, name: string): Layer | Definition | undefined {
  const value = frame.scope.get(name);
  if (value?.kind === 'layer') return value.layer.callee;
  if (value?.kind === 'shared') {
    const { body } = value.statement.stage;
    return body.kind === 'call' ? calleeOf(frame, body.callee.text) : undefined;
  }
  const callee = frame.resolve(name);
  return callee.kind === 'layer' ? callee.layer : callee.kind === 'definition' ? callee.definition : undefined;
}

export function applyCall(frame: Frame, stage: Stage, body: CallStage, plan: StagePlan, flow: Flow): Flow {
  const name = body.callee.text;
  const value = frame.scope.get(name);
  if (value?.kind === 'shared') {
    if (!isInItself(frame, value.statement)) return applyShared(frame, stage, value.statement, flow);
    const isOwnPart = value.statement === frame.sharing;
    const told = isOwnPart
      ? `${name} can't be a part of itself: what this layer is made of needs another name.`
      : `${name} is bound further down: move that statement above this one.`;
    frame.error('used-before-definition', told, body.callee.range, isOwnPart ? [] : moveAbove(frame, name));
    return NOWHERE;
  }
  if (value?.kind === 'layer' || (value?.kind === 'unknown' && isLayerParameter(frame.definition, name))) {
    if (body.arguments !== undefined && body.arguments.length > 0) {
      frame.error(
        'too-many-arguments',
        `${name} is a layer already, with its arguments: write ${name} alone.`,
        body.arguments[0]!.range,
        [
          fix(
            `Write ${name} alone`,
            body.arguments.map(({ range }) => remove(range)),
            'preferred',
          ),
        ],
      );
    }
    return value.kind === 'layer' ? applyLayerValue(frame, stage, body, value.layer, plan, flow, name) : NOWHERE;
  }
  if (value !== undefined) {
    if (value.kind !== 'unknown' && !isLayersAsTensor(frame, name)) {
      frame.error(
        'not-a-stage',
        `${name} is ${describeKind(value)}: after -> stands a layer or block.`,
        body.callee.range,
      );
    }
    return NOWHERE;
  }
  const callee = frame.session.resolve(frame.definition, name);
  if (callee.kind === 'layer') return callLayer(frame, stage, body, callee.layer, plan, flow);
  if (callee.kind === 'definition') {
    const given = blockArguments(frame, callee.definition, body);
    return applyDefinition(frame, stage, body, callee.definition, given, plan, flow);
  }
  for (const argument of body.arguments ?? []) frame.evaluate(argument.value);
  unknownLayer(frame, body, flow);
  return NOWHERE;
}

function isLayerParameter({ parameters }: Definition, wanted: string): boolean {
  return parameters.some(({ name, type }) => name.text === wanted && type?.text === 'layer');
}

/** `stem = Conv2d(8, 3) -> ReLU`: told there, so nothing is said where it is used as the layers that it was meant to be. */
function isLayersAsTensor(frame: Frame, name: string): boolean {
  return frame.definition.statements.some(
    (statement) =>
      statement.kind === 'binding' &&
      statement.names.some(({ text }) => text === name) &&
      statement.value.kind === 'pipeline' &&
      isLayer(frame, statement.value.source),
  );
}

function isLayer(frame: Frame, expression: Expression): boolean {
  if (expression.kind !== 'call' && expression.kind !== 'name') return false;
  const { text } = expression.kind === 'call' ? expression.callee : expression.name;
  return frame.scope.get(text)?.kind === 'layer' || (!frame.scope.has(text) && calleeOf(frame, text) !== undefined);
}

export function unknownLayer(frame: Frame, body: CallStage, flow: Flow): void {
  const { callee, arguments: args } = body;
  if (frame.session.isImported(frame.definition, callee.text)) return;
  const meant = frame.resolve(callee.text).kind;
  if (meant === 'shared' || boundLater(frame.definition, callee.text)) {
    frame.error(
      'used-before-definition',
      `${callee.text} is bound further down: move that statement above this one.`,
      callee.range,
      moveAbove(frame, callee.text),
    );
    return;
  }
  const rank = inputsOf(flow)?.[0]?.shape?.length;
  const habit = stageHabit(callee.text, args, rank);
  if (habit !== undefined) {
    const fixes = habit.instead === undefined ? [] : [habitFix(body, habit.instead)];
    frame.error(habit.code, habit.message, callee.range, fixes);
    return;
  }
  const names = [
    ...frame.session.definitionNames(frame.definition),
    ...frame.scope.keys(),
    ...layersByRank(rank).map((layer) => layer.name),
  ];
  frame.error(
    'unknown-layer',
    `There is no layer or block called ${callee.text}.${didYouMean(callee.text, names)}`,
    callee.range,
    [...importFixes(frame, callee.text), ...spellings(callee.text, callee.range, names)],
  );
}

/** Other files of the workspace that have a block of this name. */
function importFixes({ session, definition }: Frame, name: string): readonly LocalFix[] {
  const into = uriOf(definition.id);
  return (session.linker.program.exporters?.(into, name) ?? []).map((from) =>
    fix(`Import ${name} from ${lastPart(from)}`, [{ kind: 'import', into, name, from }], 'preferred'),
  );
}

/** What one writes here, its arguments by torch's names. */
function habitFix({ callee, arguments: args = [] }: CallStage, { layer, text }: Meant): LocalFix {
  const names = Object.keys(layer?.parameters ?? {});
  const renamed = args.flatMap(({ name }) => {
    const usual = name === undefined ? undefined : usualArgument(name.text, names);
    return usual === undefined ? [] : [replace(name!.range, usual)];
  });
  return fix(`Replace ${callee.text} with ${text}`, [replace(callee.range, text), ...renamed], 'preferred');
}

export function applyLayerValue(
  frame: Frame,
  stage: Stage,
  body: CallStage,
  layer: LayerValue,
  plan: StagePlan,
  flow: Flow,
  parameter: string,
): Flow {
  const out =
    'family' in layer.callee
      ? applyCatalogueLayer(frame, stage, body, layer.callee, layer.arguments, plan, flow)
      : applyDefinition(frame, stage, body, layer.callee, layer.arguments, plan, flow);
  // What another layer would make of a size isn't known: only sizes that stay as they are have a generic form.
  if (frame.open?.layerParameters.has(parameter) !== true || out.value.kind !== 'tensor') return out;
  const [input] = tensorsIn(flow);
  const { tensor } = out.value;
  // Of a repetition, what some use found otherwise is so in each turn.
  const changing = stage.count === undefined ? undefined : frame.open.given.get(stage);
  const stays = (size: Dimension, axis: number): boolean =>
    input?.shape?.length === tensor.shape?.length && equal(size, input!.shape![axis]!) && changing?.has(axis) !== true;
  const shape = tensor.shape?.map((size, axis) => (stays(size, axis) ? size : frame.givenSize(body, axis)));
  return { value: { kind: 'tensor', tensor: { ...tensor, shape } } };
}

export function inputsOf(flow: Flow): readonly Tensor[] | undefined {
  if (flow.value.kind === 'tensor') return [flow.value.tensor];
  if (flow.value.kind !== 'list') return undefined;
  return flow.value.items.every((item) => item.kind === 'tensor')
    ? flow.value.items.map((item) => item.tensor)
    : undefined;
}

export function applyCatalogueLayer(
  frame: Frame,
  stage: Stage,
  body: CallStage,
  layer: Layer,
  given: ReadonlyMap<string, Value>,
  plan: StagePlan,
  flow: Flow,
): Flow {
  const inputs =
    inputsOf(flow) ??
    Array.from(
      { length: layer.inputs.variadic === true ? 1 : layer.inputs.names.length - (layer.inputs.optional ?? 0) },
      () => frame.unknownTensor(stage.range),
    );
  const argumentRange = (name: string | undefined): Range =>
    argumentOf(layer, body.arguments ?? [], name)?.value.range ?? body.callee.range;
  const hint = (): string | undefined => {
    const parts = [
      ...(frame.before === undefined ? [] : [`it stands after ${frame.before}`]),
      ...siblingFor(layer, inputs[0]?.shape?.length),
    ];
    return parts.length === 0 ? undefined : parts.join('; ');
  };
  const applied = applyOnce(
    frame,
    layer,
    frame.open === undefined ? given : sizesOneByOne(frame, layer, given),
    inputs,
    {
      problem: (problem) => {
        const { code, severity, message, argument } = problem;
        const at =
          code === 'division-inexact'
            ? operatorIn(argumentOf(layer, body.arguments ?? [], argument)?.value, body.callee.range)
            : argumentRange(argument);
        frame.report(severity, code, message, at, layerFixes(frame, { layer, body, inputs, problem, at }));
      },
      condition: (condition, text) => {
        frame.condition(condition, text, body.callee.range);
      },
      buildTime: (size, parameter) => {
        if (frame.isBuildTime(size)) return true;
        frame.undecidable(
          `${layer.name}'s ${parameter} is ${format(size)}: it`,
          symbolsOf(size),
          body.callee.range,
          'Give the input a size, or pool to one (AdaptiveAvgPool2d(1)) before it.',
          poolFirst(frame, layer, body, inputs),
        );
        return false;
      },
      example: (value) => valueAt(value, frame.examples),
    },
    hint,
  );
  frame.before = layer.name;
  const name =
    layer.kind === 'function' && frame.container.form === 'Module' && stage.label === undefined
      ? undefined
      : nameOf(frame, plan, stage.label?.range ?? body.callee.range);
  const node = frame.node(
    {
      kind: 'layer',
      layer,
      arguments: applied.arguments,
      complete: applied.complete,
      parts: applied.parts,
      weights: applied.weights,
      macs: applied.macs,
      ...(applied.valuesInside === undefined ? {} : { valuesInside: applied.valuesInside }),
    },
    name,
    inputs,
    body.callee.range,
  );
  frame.container.built += 1;
  frame.made = node;
  const outputs = (applied.outputs ?? []).map(({ shape, type }) => frame.tensor(node as unknown as Node, shape, type));
  if (frame.sharing !== undefined)
    noteShared(frame, applied.weights.map((weight) => `${weight.name}${formatShape(weight.shape)}`).join());
  if (applied.outputs === undefined || outputs.length === 0) return NOWHERE;
  if (layer.name === 'Linear' && inputs[0]?.shape?.length === 4 && applied.complete && frame.isFeatureMap(inputs[0])) {
    frame.warning(
      'linear-on-feature-map',
      `Linear works on the last dimension, the width of ${formatShape(inputs[0].shape)}. Put Flatten before it for all features${flattened(inputs[0].shape)}.`,
      body.callee.range,
      flattenFirst(frame, body, inputs[0].shape),
    );
  }
  if (layer.outputs === 'tuple')
    return {
      value: listValue(
        outputs.map((tensor): Value => ({ kind: 'tensor', tensor })),
        true,
      ),
    };
  return outputs.length === 1
    ? { value: { kind: 'tensor', tensor: outputs[0]! } }
    : { value: { kind: 'tensor', tensor: outputs[0]! }, all: outputs };
}

function siblingFor(layer: Layer, rank: number | undefined): readonly string[] {
  const fitting = sibling(layer, rank);
  return fitting === undefined ? [] : [`for ${String(rank)} dimensions there is ${fitting.name}`];
}

/** What a layer made of arguments and sizes, and for which free sizes it works. */
export interface AppliedOnce {
  readonly applied: Applied;
  readonly conditions: readonly { readonly condition: Condition; readonly text: string }[];
}

/** The same arguments and sizes need not be gone through again, where nothing was wrong with them. */
function applyOnce(
  frame: Frame,
  layer: Layer,
  given: ReadonlyMap<string, Value>,
  inputs: readonly Tensor[],
  report: LayerReport,
  hint: () => string | undefined,
): Applied {
  const key = keyOfUse(frame, layer, given, inputs);
  if (key === undefined) return applyLayer(layer, given, inputs, report, hint);
  const unknown = unknownSizesOf(inputs);
  const store = unknown.size === 0 ? frame.session.applied : frame.session.appliedToUnknown;
  const known = store.get(key);
  if (known !== undefined) {
    for (const { condition, text } of known.conditions) report.condition(condition, text);
    return known.applied;
  }
  let mistakes = 0;
  const conditions: { condition: Condition; text: string }[] = [];
  const applied = applyLayer(
    layer,
    given,
    inputs,
    {
      problem: (problem) => {
        mistakes += 1;
        report.problem(problem);
      },
      condition: (condition, text) => {
        conditions.push({ condition, text });
        report.condition(condition, text);
      },
      buildTime: (size, parameter) => {
        const isKnown = report.buildTime(size, parameter);
        if (!isKnown) mistakes += 1;
        return isKnown;
      },
      example: (value) => report.example(value),
    },
    hint,
  );
  const makesOthers = (sizes: ReadonlySet<string>): boolean => [...sizes].some((name) => !unknown.has(name));
  if (mistakes === 0 && !makesOthers(unknownSizesOf(applied.outputs ?? []))) store.set(key, { applied, conditions });
  return applied;
}

/** The sizes of which nothing is known, by name: each that is made is another one. */
function unknownSizesOf(tensors: readonly { readonly shape: Shape | undefined }[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { shape } of tensors)
    for (const size of shape ?? []) for (const name of symbolsOf(size)) if (name.startsWith('?')) names.add(name);
  return names;
}

/**
 * `undefined` where a rank isn't known, or an argument is more than numbers and words; in a generic form always, and in
 * a sketch where a size isn't known or a name is made up: a symbol may be any number there.
 */
function keyOfUse(
  { open }: Frame,
  layer: Layer,
  given: ReadonlyMap<string, Value>,
  inputs: readonly Tensor[],
): string | undefined {
  if (open?.isSketch === false) return undefined;
  const isOpen = open !== undefined;
  let text = isOpen ? `open ${layer.name}` : layer.name;
  for (const { shape, type } of inputs) {
    if (shape === undefined || (isOpen && !shape.every((size) => isTold(size, isOpen)))) return undefined;
    text += ` ${type}[${shape.map(key).join()}]`;
  }
  for (const [name, value] of given) {
    if (!isPlain(value, isOpen)) return undefined;
    text += ` ${name}=${valueKey(value)}`;
  }
  return text;
}

/** Whether a size is a number or made of the text's own symbols. */
function isTold(size: Dimension, isOpen: boolean): boolean {
  return !isUnknown(size) && !(isOpen && [...symbolsOf(size)].some((name) => madeUpNumber(name) !== undefined));
}

function isPlain(value: Value, isOpen: boolean): boolean {
  switch (value.kind) {
    case 'int':
      return isTold(value.value, isOpen);
    case 'bool':
      return !isOpen || decided(value.value) !== undefined;
    case 'float':
    case 'string':
    case 'none':
      return true;
    case 'list':
      return value.items.every((item) => isPlain(item, isOpen));
    case 'ratio':
    case 'layer':
    case 'tensor':
    case 'symbolic':
    case 'unknown':
      return false;
  }
}

/** Openly, `k` of `Conv2d(8, k)` may be other numbers in another use, as many as the layer takes. */
function sizesOneByOne(frame: Frame, layer: Layer, given: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> {
  return new Map(
    [...given].map(([name, value]) => [
      name,
      layer.parameters[name]?.type.startsWith('int or') === true ? itemByItem(value, frame.examples) : value,
    ]),
  );
}

export function callLayer(
  frame: Frame,
  stage: Stage,
  body: CallStage,
  layer: Layer,
  plan: StagePlan,
  flow: Flow,
): Flow {
  // What is built, and what is left to look at: the stage without the slips that are told.
  let call = body;
  let rest = body;
  for (let slip = slipIn(frame, layer, rest, flow); slip !== undefined; slip = slipIn(frame, layer, rest, flow)) {
    const tried = call;
    const runs = frame.trial(() => {
      const known = new Set(frame.problems.keys());
      applyCatalogueLayer(frame, stage, tried, layer, layerArguments(frame, layer, tried), plan, flow);
      return ![...frame.problems].some(([at, { severity }]) => severity === 'error' && !known.has(at));
    });
    const given = [slip.habit.argument, ...slip.habit.others.map(({ argument }) => argument)];
    frame.report(runs ? 'warning' : 'error', 'inferred-argument', messageOf(slip), slip.habit.argument.value.range, [
      fix(
        `Remove ${given.map((each) => textOfArgument(each)).join(', ')}`,
        given.map(({ range }) => remove(range)),
        'preferred',
      ),
    ]);
    rest = slip.rest;
    if (!runs) call = rest;
  }
  return applyCatalogueLayer(frame, stage, call, layer, layerArguments(frame, layer, call), plan, flow);
}

/** What was given by torch's habit, to a stage's layer or to one among its arguments. */
interface Slip {
  readonly layer: Layer;
  readonly arguments: readonly Argument[];
  readonly habit: Habit;
  /** The stage without it. */
  readonly rest: CallStage;
}

function slipIn(frame: Frame, layer: Layer, body: CallStage, flow: Flow): Slip | undefined {
  const args = body.arguments ?? [];
  const habit = givenByHabit(layer, args, flow);
  if (habit !== undefined) {
    return { layer, arguments: args, habit, rest: { ...body, arguments: without(args, habit) } };
  }
  for (const argument of args) {
    const { value } = argument;
    if (value.kind !== 'call') continue;
    const inner = calleeOf(frame, value.callee.text);
    if (inner === undefined || !('family' in inner)) continue;
    const found = givenByHabit(inner, value.arguments, flow);
    if (found === undefined) continue;
    const mended: Argument = { ...argument, value: { ...value, arguments: without(value.arguments, found) } };
    return {
      layer: inner,
      arguments: value.arguments,
      // What comes into a layer inside another is only likely what comes into that one.
      habit: isSameNumber(found) ? found : { ...found, size: undefined },
      rest: { ...body, arguments: args.map((each) => (each === argument ? mended : each)) },
    };
  }
  return undefined;
}

function without(args: readonly Argument[], { argument, others }: Habit): readonly Argument[] {
  return args.filter((each) => each !== argument && !others.some((other) => other.argument === each));
}

function messageOf({ layer, arguments: args, habit }: Slip): string {
  const out = [habit.argument, ...habit.others.map(({ argument }) => argument)];
  const kept = without(args, habit)
    .map((each) => textOfArgument(each))
    .join(', ');
  const written = kept === '' ? layer.name : `${layer.name}(${kept})`;
  const value = habit.size === undefined ? '' : ` (${format(habit.size)})`;
  const which =
    args[0] !== habit.argument
      ? out.map((each) => textOfArgument(each)).join(', ')
      : out.length === 1
        ? 'the first argument'
        : `the first ${out.length} arguments`;
  const names = [habit.name, ...habit.others.map(({ name }) => name)];
  return `${names.join(' and ')} ${names.length === 1 ? `is worked out from what comes in${value}` : 'are worked out from what comes in'}: leave ${which} out and write ${written}.`;
}

/** An argument that isn't given here. */
interface Habit {
  readonly argument: Argument;
  /** The parameter that it is for in torch, and what it is here where that is known. */
  readonly name: string;
  readonly size: Dimension | undefined;
  /** What follows it and isn't given here either: `Bilinear(20, 30, 40)` has two of them. */
  readonly others: readonly { readonly argument: Argument; readonly name: string }[];
}

/**
 * `Conv2d(3, 64, 3)`: by torch's habit the input's size was given first. Certain where the arguments can't be meant as
 * they stand (`Linear(400, 10)`: bias=10); likely where the first number is the size that would be inferred, and one
 * argument more is given than is needed.
 */
export function givenByHabit(layer: Layer, args: readonly Argument[], flow: Flow): Habit | undefined {
  const { entries: parameters, inferred: position, needed } = parametersOf(layer);
  const [name, inferred] = parameters[position] ?? [];
  if (name === undefined) return undefined;
  const written = args.filter((argument) => argument.name === undefined);
  const argument = written[position];
  if (argument?.value.kind !== 'number' || typeof argument.value.value !== 'bigint') return undefined;
  const misplaced = isMisplaced(layer, written);
  const isNamed = (parameter: string): boolean => args.some((each) => each.name?.text === parameter);
  const required = needed.filter((each) => layer.parameters[each]?.variadic !== true && !isNamed(each));
  if (!misplaced && written.length <= required.length) return undefined;
  const rank = layer.inputs.rank;
  const inputs = (inputsOf(flow) ?? []).filter(
    (input): input is Tensor & { shape: Shape } =>
      input.shape !== undefined && (rank === undefined || rank.includes(input.shape.length)),
  );
  const inferredSize = inputs.length === 0 ? undefined : inferred?.infer?.(inputs, undefined);
  const size = isDimension(inferredSize) && !isUnknown(inferredSize) ? inferredSize : undefined;
  const next = parameters
    .slice(position + 1)
    .findIndex(([, { infer, default: standard }]) => infer === undefined || standard !== undefined);
  const others = parameters
    .slice(position + 1, position + 1 + Math.min(Math.max(next, 0), written.length - required.length - 1))
    .map(([other], i) => ({ argument: written[position + 1 + i]!, name: other }));
  if (misplaced) return { argument, name, size, others };
  // True and False stand where they belong: Linear(64, False).
  if (written.some(({ value }) => value.kind === 'boolean')) return undefined;
  // The next one has its name: Conv2d(3, 64, kernel_size=3).
  const isGivenTwice = positionalParameters(layer, written).slice(0, written.length).some(isNamed);
  // Three numbers, and a kernel that nobody uses: Conv2d(3, 64, 3). So many layers nobody stacks: LSTM(64, 128).
  const second = written[1]?.value;
  const isCounted = 'kernel_size' in layer.parameters || 'num_layers' in layer.parameters;
  if (isCounted && !isGivenTwice && !(second?.kind === 'number' && second.value >= UNUSUAL_COUNT)) return undefined;
  const habit = { argument, name, size, others };
  return isSameNumber(habit) ? habit : undefined;
}

/** Whether what was given is what would be inferred. */
function isSameNumber({ argument: { value }, size }: Habit): boolean {
  return value.kind === 'number' && size !== undefined && constantValue(size) === value.value;
}

/** A whole number where only True or False, or something very small, makes sense. */
function isMisplaced(layer: Layer, written: readonly Argument[]): boolean {
  const positional = positionalParameters(layer, written);
  return written.some(({ value }, i) => {
    const name = positional[i];
    if (name === undefined || value.kind !== 'number' || typeof value.value !== 'bigint') return false;
    return layer.parameters[name]?.type === 'bool' || ((name === 'eps' || name === 'dropout') && value.value > 1n);
  });
}

/** Two uses of one layer need the same weights. */
export function noteShared(frame: Frame, weights: string): void {
  if (weights !== '') frame.sharedNow = `${frame.sharedNow};${weights}`;
}

/** Whether a shared layer is the one being applied, or is written below it. */
function isInItself({ definition, sharing }: Frame, statement: SharedLayerStatement): boolean {
  const { statements } = definition;
  return sharing !== undefined && statements.indexOf(statement) >= statements.indexOf(sharing);
}

export function applyShared(frame: Frame, stage: Stage, statement: SharedLayerStatement, flow: Flow): Flow {
  const outer = { sharing: frame.sharing, now: frame.sharedNow, frozen: frame.frozen, part: frame.part };
  frame.sharing = statement;
  frame.sharedNow = '';
  frame.frozen ||= statement.frozen;
  const inClass = frame.container.form === 'Module';
  const planned = frame.planOf(statement.stage);
  const name: StagePlan = { name: inClass ? statement.name.text : POSITION, module: planned.module };
  const sharedPart = frame.definition.statements.indexOf(statement);
  frame.part = sharedPart;
  const inner = statement.stage;
  const out =
    inner.count !== undefined
      ? repeatStage(frame, inner, inner.count, flow, name)
      : inner.body.kind === 'for'
        ? loopStage(frame, inner, inner.body, flow, name)
        : applyBody(frame, inner, name, flow);
  frame.part = outer.part;
  const weights = frame.sharedNow;
  const before = frame.sharedWeights.get(statement);
  const inputs = tensorsIn(flow)
    .map(({ shape }) => formatShape(shape))
    .join(' and ');
  if (before === undefined) frame.sharedWeights.set(statement, { weights, inputs });
  else if (
    before.weights !== weights &&
    frame.open === undefined &&
    !weights.includes('?') &&
    !before.weights.includes('?')
  ) {
    frame.error(
      'shared-mismatch',
      `${statement.name.text} is one layer for all its uses: its first one took ${before.inputs}, but here comes ${inputs}, which would need other weights.`,
      stage.body.kind === 'call' ? stage.body.callee.range : stage.range,
    );
  }
  frame.sharing = outer.sharing;
  frame.sharedNow = outer.now;
  frame.frozen = outer.frozen;
  return out;
}

export function boundLater({ statements }: Model | Block, name: string): boolean {
  return namesBoundBy(statements).has(name);
}

/** The `/` of an inexact quotient. */
export function operatorIn(expression: Expression | undefined, otherwise: Range): Range {
  if (expression?.kind === 'binary') {
    return expression.operator === '/'
      ? expression.operatorRange
      : operatorIn(expression.left, operatorIn(expression.right, expression.range));
  }
  return expression?.range ?? otherwise;
}

export function flattened(shape: Shape): string {
  const [batch, ...rest] = shape;
  const all = product(rest);
  return isUnknown(all) ? '' : `: ${formatShape([batch!, all])}`;
}
