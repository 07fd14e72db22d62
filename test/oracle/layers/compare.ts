/** One case, here and in PyTorch: what differs. */
import {
  type Condition,
  type Dimension,
  constant,
  constantValue,
  decided,
  evaluate,
  evaluateCondition,
  product,
  sum,
  symbol,
} from '../../../server/src/core/dimension.ts';
import { type Applied, type LayerProblem, applyLayer } from '../../../server/src/core/layers/apply.ts';
import { findLayer } from '../../../server/src/core/layers/catalogue.ts';
import type { Layer, PythonCall, WeightShape } from '../../../server/src/core/layers/layer.ts';
import type { LayerForm } from '../../../server/src/core/layers/parameters.ts';
import type { Tensor } from '../../../server/src/core/tensor.ts';
import { type Case, type Input, shaped } from './cases.ts';
import { type LayerLiteral, type Literal, isLayer, toPython, toValue } from './literal.ts';
import type { TorchAnswer, TorchCase } from './process.ts';
import { uncounted } from './uncounted.ts';
import type { Random } from '../../random.ts';

export function layerOf({ layer }: Pick<Case, 'layer'>): Layer {
  const found = findLayer(layer);
  if (found === undefined) throw new Error(`There is no ${layer}.`);
  return found;
}

// ---------------------------------------------------------------------------------------------- here

export interface Ours {
  readonly applied: Applied;
  readonly errors: readonly LayerProblem[];
  readonly conditions: readonly Condition[];
}

export function ours(given: Case): Ours {
  return apply(given, given.inputs.map(shaped));
}

function apply(given: Case, inputs: readonly Tensor[]): Ours {
  const errors: LayerProblem[] = [];
  const conditions: Condition[] = [];
  const values = new Map(Object.entries(given.arguments).map(([name, literal]) => [name, toValue(literal)]));
  const applied = applyLayer(layerOf(given), values, inputs, {
    problem: (problem) => {
      // torch is asked in training, where a norm refuses a single value, inside another layer too.
      const isRefusedInTraining = problem.message.includes('torch refuses it in training');
      if (problem.severity === 'error' || isRefusedInTraining) errors.push(problem);
    },
    condition: (condition) => conditions.push(condition),
    buildTime: () => true,
    example: (value) => value,
  });
  return { applied, errors, conditions };
}

// ---------------------------------------------------------------------------------------------- in Python

export function toTorch(given: Case): TorchCase {
  const layer = layerOf(given);
  const names = given.inputs.map((_, i) => `x${i}`);
  const call: PythonCall = {
    inputs: names,
    types: given.inputs.map(({ type }) => type),
    object: 'x0',
    argument: (name) => (name in given.arguments ? toPython(given.arguments[name]!) : undefined),
    items: (name) => {
      const items = given.arguments[name];
      return items === undefined ? undefined : (items as readonly Literal[]).map(toPython).join(', ');
    },
    imported: (name) => name,
    keywords: (...wanted) =>
      wanted
        .filter((name) => name in given.arguments)
        .map((name) => `, ${name}=${toPython(given.arguments[name]!)}`)
        .join(''),
  };
  const { python } = layer;
  const counted = uncounted(given)?.counted(given);
  const common = { inputs: given.inputs, macs: true, ...(counted === undefined ? {} : { counted }) };
  if (python.kind === 'function') {
    const more = python.first === undefined ? {} : { first: python.first(call) };
    return { ...common, forward: python.expression(call), ...more };
  }
  const isOfCall = (name: string): boolean => layer.parameters[name]?.ofCall === true;
  const ofConstruction = Object.fromEntries(Object.entries(given.arguments).filter(([name]) => !isOfCall(name)));
  const list = constructorArguments(layer, ofConstruction, given.inputs);
  const ofCall = call.keywords(...Object.keys(layer.parameters).filter(isOfCall));
  const outputs = typeof layer.outputs === 'object' && layer.outputs.asked === undefined ? layer.outputs.names : [];
  return {
    ...common,
    ...(python.source === undefined
      ? {}
      : {
          source: python.source,
          same: `${torchvisionOf(layer)}(${[...list.map(asTorchvision), ...ourDefaults(given)].join(', ')})`,
        }),
    module: `${python.constructor}(${list.join(', ')})`,
    forward: python.forward?.('m', names, call) ?? `m(${names.join(', ')}${ofCall})`,
    ...(python.functional === undefined ? {} : { also: [python.functional(call)] }),
    ...(python.unpack === undefined ? {} : { unpack: python.unpack(outputs.map((_, i) => `y${i}`)) }),
  };
}

/** Where torchvision has what a file of ours brings with it, or imports. */
export const TORCHVISION: Readonly<Partial<Record<string, string>>> = {
  StochasticDepth: 'torchvision.ops.StochasticDepth',
  LayerNorm2d: 'torchvision.models.convnext.LayerNorm2d',
  Conv2dNormActivation: 'torchvision.ops.Conv2dNormActivation',
  Conv3dNormActivation: 'torchvision.ops.Conv3dNormActivation',
  SqueezeExcitation: 'torchvision.ops.SqueezeExcitation',
  MLP: 'torchvision.ops.MLP',
  FrozenBatchNorm2d: 'torchvision.ops.FrozenBatchNorm2d',
  RoIAlign: 'torchvision.ops.roi_align',
  ShiftedWindowAttention: 'torchvision.models.swin_transformer.ShiftedWindowAttention',
  ShiftedWindowAttentionV2: 'torchvision.models.swin_transformer.ShiftedWindowAttentionV2',
};

/** Where we have a default and torchvision has none. */
export const OUR_DEFAULTS: Readonly<Partial<Record<string, Readonly<Record<string, string>>>>> = {
  StochasticDepth: { mode: "'row'" },
};

function torchvisionOf({ name }: Layer): string {
  const found = TORCHVISION[name];
  if (found === undefined) throw new Error(`${name} has a source: say in TORCHVISION what it must do as.`);
  return found;
}

function ourDefaults({ layer, arguments: given }: Case): string[] {
  const defaults = Object.entries(OUR_DEFAULTS[layer] ?? {});
  return defaults.filter(([name]) => !(name in given)).map(([name, text]) => `${name}=${text}`);
}

/** It copies these with `.copy()`, which tuples haven't. */
function asTorchvision(text: string): string {
  return text.replace(/^(window_size|shift_size)=\((.*)\)$/, '$1=[$2]');
}

/** All that a class is constructed with, by name. */
function constructorArguments(
  layer: Layer,
  given: Readonly<Record<string, Literal>>,
  inputs: readonly Input[],
): readonly string[] {
  const written = { ...given, ...inferred(layer, given, inputs), ...differentDefaults(layer, given) };
  return Object.entries(written).map(([name, literal]) => {
    const form = layer.parameters[name]?.layerForm;
    if (form === undefined || !isLayer(literal)) return `${name}=${toPython(literal)}`;
    // What is decoded comes in second.
    const its = name === 'custom_decoder' ? inputs.slice(0, 2).toReversed() : inputs;
    return `${name}=${form === 'instance' ? instance(literal, its) : factory(literal, form)}`;
  });
}

/** A layer that is an argument, which gets what comes into the layer around it. */
function instance(literal: LayerLiteral, inputs: readonly Input[]): string {
  const layer = layerOf(literal);
  return `${constructorOf(layer)}(${constructorArguments(layer, literal.given, inputs).join(', ')})`;
}

function factory(literal: LayerLiteral, form: LayerForm): string {
  const layer = layerOf(literal);
  const given = Object.entries(literal.given)
    .map(([name, each]) => `, ${name}=${toPython(each)}`)
    .join('');
  const size = Object.entries(layer.parameters).find(([, { infer }]) => infer !== undefined)?.[0];
  return form === 'factory' || size === undefined || size in literal.given
    ? `functools.partial(${constructorOf(layer)}${given})`
    : `lambda size: ${constructorOf(layer)}(${size}=size${given})`;
}

function constructorOf({ python, name }: Layer): string {
  return python.kind === 'module' ? python.constructor : name;
}

/** What isn't given is worked out here too, so a wrong rule shows as a difference. */
function inferred(
  layer: Layer,
  given: Readonly<Record<string, Literal>>,
  inputs: readonly Input[],
): Record<string, Literal> {
  const found: Record<string, Literal> = {};
  for (const [name, parameter] of Object.entries(layer.parameters)) {
    if (parameter.infer === undefined || name in given) continue;
    const value = parameter.infer(inputs.map(shaped), undefined);
    if (value !== undefined) found[name] = Number(constantValue(value as Dimension));
    else if (parameter.default === undefined) found[name] = 1;
  }
  return found;
}

function differentDefaults(layer: Layer, given: Readonly<Record<string, Literal>>): Record<string, Literal> {
  const found: Record<string, Literal> = {};
  for (const [name, { torchDefault, default: standard, infer }] of Object.entries(layer.parameters)) {
    if (torchDefault !== undefined && infer === undefined && !(name in given)) found[name] = standard === 'True';
  }
  return found;
}

// ---------------------------------------------------------------------------------------------- what differs

export function difference(mine: Ours, torch: TorchAnswer): string | undefined {
  const refused = mine.errors[0];
  if (refused !== undefined && torch.error !== undefined) return undefined;
  if (refused !== undefined) return `refused here, not in torch: ${refused.message} [${refused.code}]`;
  if (torch.error !== undefined) return `refused in torch only: ${torch.error}`;
  if (torch.mismatch !== undefined) return `a template is wrong: ${torch.mismatch}`;
  const { applied, conditions } = mine;
  if (!applied.complete || applied.outputs === undefined) return 'nothing is said, and nothing comes out';
  if (conditions.length > 0) return 'a condition on sizes that are numbers';
  const outputs = JSON.stringify(applied.outputs.map(({ shape, type }) => ({ shape: shape?.map(numberOf), type })));
  if (outputs !== JSON.stringify(torch.outputs)) return `outputs ${outputs}, in torch ${JSON.stringify(torch.outputs)}`;
  const weights = applied.weights.filter(isPresent);
  if (torch.state !== undefined) {
    const state = JSON.stringify(weights.map(({ name, shape }) => [name, shape.map(numberOf)]));
    if (state !== JSON.stringify(torch.state)) return `state_dict ${state}, in torch ${JSON.stringify(torch.state)}`;
    const parameters = weights.filter(({ kind }) => kind === 'parameter').map(({ shape }) => product(shape));
    if (numberOf(sum(parameters)) !== torch.parameters) {
      return `${String(numberOf(sum(parameters)))} parameters, in torch ${String(torch.parameters)}`;
    }
  }
  if (torch.macs !== undefined && numberOf(applied.macs) !== torch.macs) {
    return `${String(numberOf(applied.macs))} MACs, in torch ${String(torch.macs)}`;
  }
  return undefined;
}

function isPresent({ present }: WeightShape): boolean {
  return present === undefined || decided(present) === true;
}

function numberOf(size: Dimension): number {
  return Number(constantValue(size));
}

// ---------------------------------------------------------------------------------------------- symbolic sizes

/** Layers that torch lets do something else for a few sizes (of 1, too small to be cut): we say "only if not". */
const SOMETIMES_DIFFERENT: ReadonlySet<string> = new Set([
  'Chunk',
  'Squeeze',
  'Expand',
  'Maximum',
  'Where',
  'Minimum',
  'MatMul',
  'ScaledDotProductAttention',
  'PairwiseDistance',
  'CosineSimilarity',
  'Einsum',
]);

/** A size that is free isn't taken for 1 where products are counted; so those of 1 stay numbers. */
const OTHER_WITH_ONE = 'Einsum';

/** With symbols in the place of some sizes, the facts must be those of the numbers. */
export function symbolicDifference(given: Case, concrete: Ours, random: Random): string | undefined {
  const values = new Map<string, bigint>();
  const inputs = given.inputs.map((input): Tensor => {
    const shape = input.shape.map((size) => {
      if (random.chance(0.4) || (size === 1 && given.layer === OTHER_WITH_ONE)) return constant(size);
      const name = `S${size}_${random.int(0, 2)}`;
      values.set(name, BigInt(size));
      return symbol(name, 1n);
    });
    return { ...shaped(input), shape };
  });
  const found = apply(given, inputs);
  const lookup = (name: string): bigint | undefined => values.get(name);
  const told = JSON.stringify(inputs.map(({ shape }) => shape?.map(({ key }) => key)));
  const unmet = found.conditions.filter((condition) => evaluateCondition(condition, lookup) !== true);
  if (concrete.errors.length > 0) {
    // How many are in a batch is a matter of training, so a free batch size is no condition of BatchNorm's.
    const [{ code, message }] = concrete.errors as [LayerProblem];
    if (code === 'single-value' && message.includes('BatchNorm')) return undefined;
    return found.errors.length > 0 || unmet.length > 0 ? undefined : `${told}: accepted without a condition`;
  }
  if (found.errors.some(({ code }) => code === 'undecidable')) return undefined;
  if (unmet.length > 0) {
    return SOMETIMES_DIFFERENT.has(given.layer)
      ? undefined
      : `${told}: a condition that doesn't hold, ${unmet[0]!.key}`;
  }
  if (found.errors.length > 0) {
    return SOMETIMES_DIFFERENT.has(given.layer) ? undefined : `${told}: refused: ${found.errors[0]!.message}`;
  }
  const facts = (applied: Applied): string =>
    JSON.stringify([
      applied.outputs?.map(({ shape, type }) => [shape?.map((size) => String(evaluate(size, lookup))), type]),
      applied.weights
        .filter(({ present }) => present === undefined || evaluateCondition(present, lookup))
        .map(({ name, shape }) => [name, shape.map((size) => String(evaluate(size, lookup)))]),
      String(evaluate(applied.macs, lookup)),
    ]);
  const [a, b] = [facts(found.applied), facts(concrete.applied)];
  return a === b ? undefined : `${told}: ${a}, with numbers ${b}`;
}
