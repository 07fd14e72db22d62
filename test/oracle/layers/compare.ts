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
import type { Tensor } from '../../../server/src/core/tensor.ts';
import { type Case, shaped } from './cases.ts';
import { type Literal, toPython, toValue } from './literal.ts';
import type { TorchAnswer, TorchCase } from './process.ts';
import { uncounted } from './uncounted.ts';
import type { Random } from '../../random.ts';

export function layerOf({ layer }: Case): Layer {
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
      // torch is asked in training, where it refuses a single value.
      if (problem.severity === 'error' || problem.code === 'single-value') errors.push(problem);
    },
    condition: (condition) => conditions.push(condition),
    buildTime: () => true,
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
  const written = { ...given.arguments, ...inferred(layer, given), ...differentDefaults(layer, given) };
  const isOfCall = (name: string): boolean => layer.parameters[name]?.ofCall === true;
  const list = Object.entries(written)
    .filter(([name]) => !isOfCall(name))
    .map(([name, literal]) => `${name}=${toPython(literal)}`);
  const ofCall = call.keywords(...Object.keys(layer.parameters).filter(isOfCall));
  const outputs = typeof layer.outputs === 'object' && layer.outputs.asked === undefined ? layer.outputs.names : [];
  return {
    ...common,
    ...(python.source === undefined ? {} : { source: python.source }),
    module: `${python.constructor}(${list.join(', ')})`,
    forward: python.forward?.('m', names, call) ?? `m(${names.join(', ')}${ofCall})`,
    ...(python.functional === undefined ? {} : { also: [python.functional(call)] }),
    ...(python.unpack === undefined ? {} : { unpack: python.unpack(outputs.map((_, i) => `y${i}`)) }),
  };
}

/** What isn't given is worked out here too, so a wrong rule shows as a difference. */
function inferred(layer: Layer, given: Case): Record<string, Literal> {
  const found: Record<string, Literal> = {};
  for (const [name, parameter] of Object.entries(layer.parameters)) {
    if (parameter.infer === undefined || name in given.arguments) continue;
    const value = parameter.infer(given.inputs.map(shaped), undefined);
    if (value !== undefined) found[name] = Number(constantValue(value as Dimension));
    else if (parameter.default === undefined) found[name] = 1;
  }
  return found;
}

function differentDefaults(layer: Layer, given: Case): Record<string, Literal> {
  const found: Record<string, Literal> = {};
  for (const [name, parameter] of Object.entries(layer.parameters)) {
    if (parameter.torchDefault !== undefined && !(name in given.arguments)) found[name] = parameter.default === 'True';
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
    if (given.layer.includes('BatchNorm') && concrete.errors[0]!.code === 'single-value') return undefined;
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
