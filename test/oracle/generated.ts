/** Runs generated modules in one Python process, and holds what they are against the graph. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileFacts } from '../../server/src/core/analysis/analyse.ts';
import { stateKeys } from '../../server/src/core/analysis/stateDict.ts';
import { totalsOf } from '../../server/src/core/analysis/summary.ts';
import type { Model } from '../../server/src/core/definition.ts';
import { type Dimension, constant, constantValue, substitute } from '../../server/src/core/dimension.ts';
import { boolValue, intValue } from '../../server/src/core/elaborate/values.ts';
import type { Instance } from '../../server/src/core/graph.ts';
import type { Value } from '../../server/src/core/value.ts';
import type { Argument } from '../fixtures/torchvision.ts';

export interface Case {
  readonly name: string;
  readonly python: string;
  readonly model: string;
  readonly arguments?: Readonly<Record<string, Argument>>;
  /** Shapes alone, without numbers: for what is large. */
  readonly meta?: boolean;
  readonly inputs?: readonly { readonly shape: readonly number[]; readonly type: string }[];
  /** The model of torchvision's that it must be; `options` are what torchvision's function is given. */
  readonly torchvision?: { readonly name: string; readonly options: object; readonly size: readonly number[] };
  /** The class of references.py that it must be; `inputs` are what their outputs are compared for. */
  readonly reference?: string;
  /** The input's shape that multiply-adds are counted at. */
  readonly macs?: readonly number[];
}

export interface Answer {
  readonly error?: string;
  /** A module that isn't there, which an extern imports. */
  readonly missing?: string;
  readonly keys: readonly (readonly [string, readonly number[]])[];
  readonly parameters: number;
  readonly trainable: number;
  readonly outputs?: readonly (readonly number[])[];
  /** How far it is from torchvision's model, by what was compared; 0 is equal. */
  readonly differences?: Readonly<Record<string, number>>;
  readonly macs?: number;
}

/** So many weights take their time. */
const LARGE = 2e6;
/** Too many for a test's memory. */
const TOO_LARGE = 2e8;

/** A size for what may be any: divisible by all that examples ask for. */
const ANY = 64;

export function ask(python: string, cases: readonly Case[]): readonly Answer[] {
  const script = new URL('generated.py', import.meta.url).pathname;
  const { stdout, stderr, status } = spawnSync(python, [script], {
    input: JSON.stringify(cases),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as Answer[];
}

/** What ruff says of files; empty where it is content. */
export function ruff(python: string, files: ReadonlyMap<string, string>): string {
  return ruffSays(python, files, ['format --isolated --diff', 'check --isolated']);
}

/** The same of their layout alone. */
export function ruffFormat(python: string, files: ReadonlyMap<string, string>): string {
  return ruffSays(python, files, ['format --isolated --diff --quiet']);
}

function ruffSays(python: string, files: ReadonlyMap<string, string>, commands: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'scv-generated-'));
  try {
    for (const [name, text] of files) writeFileSync(join(folder, name), text);
    return commands
      .map((command) => spawnSync(python, ['-m', 'ruff', ...command.split(' '), folder], { encoding: 'utf8' }))
      .map(({ status, stdout, stderr }) => (status === 0 ? '' : stdout + stderr))
      .join('');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface Use {
  readonly case: Case;
  readonly instance: Instance;
  /** With numbers for its free sizes. */
  readonly sized: Instance | undefined;
}

/** A generated module with its defaults and, one by one, with other arguments. */
export function usesOf(
  name: string,
  session: FileFacts['session'],
  model: Instance,
  python: string,
  all = true,
): readonly Use[] {
  const uses = [{ instance: model, given: {} }, ...(all ? variants(session, model) : [])];
  return uses.flatMap(({ instance, given }) => {
    const count = constantValue(totalsOf(instance).parameters);
    if (count === undefined || count > TOO_LARGE) return [];
    const sized = atTestSizes(session, instance);
    const meta = count > LARGE && instance !== model;
    const one: Case = {
      name: `${name} ${JSON.stringify(given)}`,
      python,
      model: model.definition.name.text,
      arguments: given,
      meta,
    };
    return [{ case: sized === undefined ? one : { ...one, inputs: inputsOf(sized) }, instance, sized }];
  });
}

export function isWrong(instance: Instance): boolean {
  return instance.problems.some(({ severity }) => severity === 'error');
}

/** The model with each bool the other way round and each int one more, as far as that is sound. */
function variants(
  session: FileFacts['session'],
  model: Instance,
): { readonly instance: Instance; readonly given: Readonly<Record<string, number | boolean>> }[] {
  return [...model.arguments].flatMap(([name, value]) => {
    const other = changed(value);
    if (other === undefined) return [];
    const instance = session.instantiate(
      {
        definition: model.definition as Model,
        arguments: new Map([[name, other.value]]),
        inputs: undefined,
        open: undefined,
      },
      () => undefined,
    );
    return instance === undefined || isWrong(instance) ? [] : [{ instance, given: { [name]: other.python } }];
  });
}

function changed(value: Value): { readonly value: Value; readonly python: number | boolean } | undefined {
  if (value.kind === 'bool' && value.value.kind === 'constant') {
    return { value: boolValue(!value.value.value), python: !value.value.value };
  }
  const known = value.kind === 'int' ? constantValue(value.value) : undefined;
  return known === undefined ? undefined : { value: intValue(known + 1n), python: Number(known + 1n) };
}

/** The model with numbers for its free sizes; `undefined` where it can't be fed. */
export function atTestSizes(session: FileFacts['session'], instance: Instance, any = ANY): Instance | undefined {
  const shapes = instance.inputs.map(({ tensor }) =>
    tensor.shape?.map((size) => substitute(size, (name) => constant(name === 'N' ? 2 : any))),
  );
  if (shapes.length === 0 || !shapes.every((shape) => shape !== undefined)) return undefined;
  if (shapes.every((shape, i) => shape.every((size, axis) => size === instance.inputs[i]?.tensor.shape?.[axis])))
    return instance;
  const given = [...instance.arguments].every(([name, value]) => {
    const standard = instance.definition.parameters.find((parameter) => parameter.name.text === name)?.default;
    return standard !== undefined && value.kind !== 'unknown';
  });
  const sized = session.instantiate(
    {
      definition: instance.definition as Model,
      arguments: given ? instance.arguments : new Map(),
      inputs: shapes.map((shape, i) => ({ shape, type: instance.inputs[i]?.tensor.type ?? 'float' })),
      open: undefined,
    },
    () => undefined,
  );
  return sized === undefined || isWrong(sized) ? undefined : sized;
}

function inputsOf(instance: Instance): { readonly shape: readonly number[]; readonly type: string }[] {
  return instance.inputs.map(({ tensor }) => ({ shape: numbers(tensor.shape ?? []), type: tensor.type }));
}

function numbers(shape: readonly Dimension[]): number[] {
  return shape.map((size) => Number(constantValue(size)));
}

/** Why what torch says isn't what the graph says. */
export function difference(answer: Answer, { instance, sized }: Pick<Use, 'instance' | 'sized'>): string | undefined {
  if (answer.missing !== undefined) return undefined;
  if (answer.error !== undefined) return answer.error;
  const { parameters, trainable } = totalsOf(instance);
  if (BigInt(answer.parameters) !== constantValue(parameters))
    return `${answer.parameters} parameters, the graph says ${String(constantValue(parameters))}`;
  if (BigInt(answer.trainable) !== constantValue(trainable))
    return `${answer.trainable} trainable parameters, the graph says ${String(constantValue(trainable))}`;
  const keys = [...stateKeys(instance)];
  if (keys.every(({ shape }) => shape !== undefined)) {
    const wanted = JSON.stringify(keys.map(({ name, shape }) => [name, numbers(shape ?? [])]));
    if (JSON.stringify(answer.keys) !== wanted) return `keys ${JSON.stringify(answer.keys)}, the graph says ${wanted}`;
  }
  if (sized === undefined) return undefined;
  const outputs = JSON.stringify(sized.outputs.map(({ tensor }) => numbers(tensor.shape ?? [])));
  return JSON.stringify(answer.outputs) === outputs
    ? undefined
    : `outputs ${JSON.stringify(answer.outputs)}, the graph says ${outputs}`;
}
