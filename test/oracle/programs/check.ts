/** One program: what we say of it, and what of that PyTorch says otherwise. */
import { type FileFacts, collectInstances } from '../../../server/src/core/analysis/analyse.ts';
import { type StateKey, stateKeys } from '../../../server/src/core/analysis/stateDict.ts';
import { totalsOf } from '../../../server/src/core/analysis/summary.ts';
import type { Model } from '../../../server/src/core/definition.ts';
import {
  type Dimension,
  constant,
  constantValue,
  format,
  structure,
  substitute,
  symbolsOf,
} from '../../../server/src/core/dimension.ts';
import { generalise } from '../../../server/src/core/elaborate/generic.ts';
import { boolValue, intValue, listValue } from '../../../server/src/core/elaborate/values.ts';
import type { Instance } from '../../../server/src/core/graph.ts';
import { generate } from '../../../server/src/core/pytorch/generate.ts';
import type { Value } from '../../../server/src/core/value.ts';
import { analyseText } from '../../core/texts.ts';
import { coverageOf } from './coverage.ts';
import { filesOf } from './files.ts';

type Plain = number | boolean | readonly Plain[];

/** A model with arguments of its own, fed with tensors of these shapes. */
interface Use {
  readonly arguments: Readonly<Record<number, Plain>>;
  readonly instance: Instance;
  /** The same where sizes that are free have numbers. */
  readonly sized: Instance;
}

export interface TorchCase {
  readonly python: string;
  readonly model: string;
  /** Not where we say that torch normalizes a value by itself, which it refuses in training alone. */
  readonly trains: boolean;
  readonly uses: readonly {
    readonly arguments: Use['arguments'];
    readonly inputs: readonly { readonly shape: readonly number[]; readonly type: string }[];
  }[];
}

export interface TorchUse {
  readonly error?: string;
  readonly keys: readonly (readonly [string, readonly number[]])[];
  readonly parameters: number;
  readonly trainable: number;
  readonly outputs: readonly (readonly number[])[];
}

export type Prepared =
  /** Not legal. */
  | { readonly kind: 'refused'; readonly why: string }
  /** Wrong before PyTorch sees it. */
  | { readonly kind: 'wrong'; readonly why: string }
  | {
      readonly kind: 'ready';
      readonly given: TorchCase;
      readonly uses: readonly Use[];
      /** What it has of the language and the catalogue. */
      readonly coverage: ReadonlySet<string>;
    };

/** What is said of a program by us alone, and what to ask PyTorch. */
export function prepare(text: string): Prepared {
  try {
    return prepareSound(text);
  } catch (error) {
    return { kind: 'wrong', why: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

function prepareSound(text: string): Prepared {
  const { facts, problems, messages } = analyseText(filesOf(text));
  const at = problems.findIndex((_, i) =>
    facts.problems.some((each) => each.severity === 'error' && each.message === messages[i]),
  );
  const model = facts.models.at(-1);
  if (at >= 0 || problems.some((each) => each.startsWith('syntax'))) {
    return { kind: 'refused', why: `${problems[at] ?? problems[0] ?? ''}: ${messages[at] ?? messages[0] ?? ''}` };
  }
  if (model === undefined) return { kind: 'refused', why: 'no model' };
  const { session } = facts;
  const hasRules = !hasGivenSizes(session, model);
  const others = (hasRules ? variants(session, model) : []).filter(
    ({ instance }) => hasSameAxes(model, instance) && !hasGivenSizes(session, instance),
  );
  const uses = [{ given: {}, instance: model }, ...others].flatMap(({ given, instance }): Use[] => {
    const sized = atNumbers(session, instance);
    return sized === undefined ? [] : [{ arguments: given, instance, sized }];
  });
  if (uses[0] !== undefined && isLarge(uses[0].sized)) return { kind: 'refused', why: 'larger than a test may be' };
  if (uses[0]?.instance !== model) return { kind: 'wrong', why: 'no sizes can be found for what it says is legal' };
  const mismatch = mismatchIn(
    session,
    uses.map(({ instance }) => instance),
  );
  if (mismatch !== undefined) return { kind: 'wrong', why: mismatch };
  const generated = generate(session, model);
  if (generated.problems.length > 0) {
    const why = generated.problems.map(({ message }) => message).join(' ');
    // A mistake that only Python asks about: a block that is never used, and that nothing can be made of.
    return { kind: generated.problems.every(({ code }) => code === 'unbuilt-layer') ? 'refused' : 'wrong', why };
  }
  const asked = uses.filter(({ sized }) => !isLarge(sized));
  return {
    kind: 'ready',
    given: {
      python: generated.python,
      // A name that Python keeps for itself has a number behind it. The model stands last.
      model: [...generated.python.matchAll(/^class ([^(:]+)/gmu)].at(-1)![1]!,
      trains: !problems.some((each) => each.startsWith('single-value')),
      uses: asked.map((use) => ({
        arguments: use.arguments,
        inputs: use.sized.inputs.map(({ tensor }) => ({ shape: numbers(tensor.shape ?? []), type: tensor.type })),
      })),
    },
    uses: asked,
    coverage: coverageOf(model, facts),
  };
}

/** So many values come out of its layers that PyTorch would take gigabytes for them, or minutes. */
function isLarge(sized: Instance): boolean {
  const { activations, macs } = totalsOf(sized);
  return [activations, macs].some((count, i) => (constantValue(count) ?? 0n) > [20_000_000n, 20_000_000_000n][i]!);
}

/**
 * Whether some size follows no rule that can be written (channels that double in each turn, what a layer that is passed
 * in makes of them): it is a number then, which is right for the uses that the program has, not for others.
 */
function hasGivenSizes(session: FileFacts['session'], model: Instance): boolean {
  const instances = new Map<string, Instance[]>();
  collectInstances(model, instances);
  return [...instances.values()].some((list) => {
    const { definition } = list[0]!;
    if (definition.kind === 'extern') return false;
    return generalise(session, definition, list).some(({ symbols }) =>
      [...symbols.values()].some(({ kind }) => kind === 'given'),
    );
  });
}

/** Where a parameter decides the number of dimensions, or along which a layer works, sizes follow no rule, either. */
function hasSameAxes(model: Instance, other: Instance): boolean {
  return [...model.facts].every(([place, facts]) => {
    const axes = [...facts, ...(other.facts.get(place) ?? [])].map(({ value, node }) => {
      const rank = value.kind === 'tensor' ? value.tensor.shape?.length : undefined;
      const given = node?.kind === 'layer' ? Object.entries(node.arguments) : [];
      return JSON.stringify([rank, given.filter(([name]) => name.includes('dim')).map(([, dim]) => axesOf(dim))]);
    });
    return axes.every((each) => each === axes[0]);
  });
}

/** Sizes, which are no numbers of JavaScript, left out. */
function axesOf(dim: unknown): readonly number[] {
  return [dim].flat().filter((each) => typeof each === 'number');
}

function mismatchIn(session: FileFacts['session'], models: readonly Instance[]): string | undefined {
  const instances = new Map<string, Instance[]>();
  for (const each of models) collectInstances(each, instances);
  for (const list of instances.values()) {
    const { definition } = list[0]!;
    if (definition.kind === 'extern') continue;
    for (const { mismatches } of generalise(session, definition, list)) {
      const [first] = mismatches;
      if (first !== undefined) {
        const { generic, value, concrete, axis } = first;
        return `generic form of ${definition.name.text}, axis ${axis}: ${format(generic)} is ${value === undefined ? '?' : format(value)}, not ${format(concrete)}`;
      }
    }
  }
  return undefined;
}

// ---------------------------------------------------------------------------------------------- other uses

/** Each parameter with other values than its default, and all of them at once, as far as that is legal. */
function variants(
  session: FileFacts['session'],
  model: Instance,
): { readonly given: Use['arguments']; readonly instance: Instance }[] {
  const names = model.definition.parameters.map(({ name }) => name.text);
  const changes = names.flatMap((name, at) => {
    const value = model.arguments.get(name);
    return value === undefined ? [] : valuesBeside(value).map((other) => ({ name, at, other }));
  });
  const last = new Map(changes.map((change) => [change.name, change]));
  const sets = [...changes.map((change) => [change]), ...(last.size > 1 ? [[...last.values()]] : [])];
  return sets.flatMap((set) => {
    const instance = session.instantiate(
      {
        definition: model.definition as Model,
        arguments: new Map(set.map(({ name, other }) => [name, other.value])),
        inputs: undefined,
        open: undefined,
      },
      () => undefined,
    );
    if (instance === undefined || isWrong(instance)) return [];
    return [{ given: Object.fromEntries(set.map(({ at, other }) => [at, other.plain])), instance }];
  });
}

interface Other {
  readonly value: Value;
  readonly plain: Plain;
}

function valuesBeside(value: Value): Other[] {
  switch (value.kind) {
    case 'bool':
      return value.value.kind === 'constant'
        ? [{ value: boolValue(!value.value.value), plain: !value.value.value }]
        : [];
    case 'int': {
      const known = Number(constantValue(value.value));
      // Code is written for the uses that a program makes: a repetition that they build isn't tried with none.
      const steps = known >= 4 ? [known + 4] : known === 0 ? [1, 2] : [known + 1];
      return steps.map((each) => ({ value: intValue(each), plain: each }));
    }
    case 'float':
      return [{ value: { kind: 'float', value: value.value / 2 }, plain: value.value / 2 }];
    case 'list': {
      const plain = value.items.map(plainOf);
      if (plain.includes(undefined)) return [];
      const [first] = value.items;
      const reversed = { value: listValue([...value.items].reverse()), plain: [...plain].reverse() as Plain[] };
      const longer = { value: listValue([...value.items, first!]), plain: [...plain, plain[0]] as Plain[] };
      return [...(value.items.length > 1 ? [reversed] : []), longer];
    }
    default:
      return [];
  }
}

function plainOf(value: Value): Plain | undefined {
  if (value.kind === 'int') return Number(constantValue(value.value));
  if (value.kind !== 'list') return undefined;
  const items = value.items.map(plainOf);
  return items.includes(undefined) ? undefined : (items as Plain[]);
}

function isWrong({ problems }: Instance): boolean {
  return problems.some(({ severity }) => severity === 'error');
}

/** The model at numbers for its free sizes that satisfy its conditions. */
function atNumbers(session: FileFacts['session'], instance: Instance): Instance | undefined {
  const shapes = instance.inputs.map(({ tensor }) => tensor.shape ?? []);
  if (shapes.flat().every((size) => constantValue(size) !== undefined)) return instance;
  const isMultiple = shapes.flat().some((size) => symbolsOf(size).size > 0 && structure(size).kind === 'product');
  const isSize = shapes.some(([, ...rest]) => rest.some((size) => symbolsOf(size).has('N')));
  // Some programs mix samples, and work for one number of them.
  const sizes = (isMultiple ? [2, 4] : [16, 32]).flatMap((any) =>
    isSize ? [[any, any]] : [2, 4, 1].map((n) => [any, n]),
  );
  for (const [any, batch] of sizes as [number, number][]) {
    const inputs = shapes.map((shape, i) => ({
      shape: shape.map((size) => substitute(size, (name) => constant(name === 'N' ? batch : any))),
      type: instance.inputs[i]!.tensor.type,
    }));
    const given = instance.definition.parameters.flatMap(({ name }): [string, Value][] => {
      const value = instance.arguments.get(name.text);
      return value === undefined ? [] : [[name.text, value]];
    });
    const sized = session.instantiate(
      { definition: instance.definition as Model, arguments: new Map(given), inputs, open: undefined },
      () => undefined,
    );
    if (sized !== undefined && !isWrong(sized)) return sized;
  }
  return undefined;
}

// ---------------------------------------------------------------------------------------------- comparison

/** What PyTorch says otherwise, of the first use of which it does. */
export function difference(
  prepared: Extract<Prepared, { kind: 'ready' }>,
  answers: readonly TorchUse[],
): string | undefined {
  for (const [i, use] of prepared.uses.entries()) {
    const why = differenceOf(use, answers[i]!);
    if (why !== undefined) return `${JSON.stringify(use.arguments)}: ${why}`;
  }
  return undefined;
}

function differenceOf({ instance, sized }: Use, answer: TorchUse): string | undefined {
  if (answer.error !== undefined) return answer.error;
  const keys = [...stateKeys(instance)];
  const wanted = keysOf(keys);
  // The keys of an extern are its class's own.
  const areKnown = keys.every(({ shape }) => shape !== undefined);
  if (areKnown && JSON.stringify(answer.keys) !== wanted) return `keys ${JSON.stringify(answer.keys)}, not ${wanted}`;
  const { parameters, trainable } = totalsOf(instance);
  if (BigInt(answer.parameters) !== constantValue(parameters))
    return `${answer.parameters} parameters, not ${String(constantValue(parameters))}`;
  if (BigInt(answer.trainable) !== constantValue(trainable))
    return `${answer.trainable} trainable parameters, not ${String(constantValue(trainable))}`;
  const outputs = JSON.stringify(sized.outputs.map(({ tensor }) => numbers(tensor.shape ?? [])));
  return JSON.stringify(answer.outputs) === outputs
    ? undefined
    : `outputs ${JSON.stringify(answer.outputs)}, not ${outputs}`;
}

function keysOf(keys: Iterable<StateKey>): string {
  return JSON.stringify([...keys].map(({ name, shape }) => [name, numbers(shape ?? [])]));
}

function numbers(shape: readonly Dimension[]): number[] {
  return shape.map((size) => Number(constantValue(size)));
}
