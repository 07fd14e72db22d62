/** Facts of programs as the compiler gives them, and as torch measures them in the generated module. */
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import type { FileFacts } from '../../server/src/core/analysis/analyse.ts';
import { atShapes, atUsualSize, totalsOf } from '../../server/src/core/analysis/summary.ts';
import type { Model } from '../../server/src/core/definition.ts';
import { constant, constantValue, substitute } from '../../server/src/core/dimension.ts';
import type { Instance } from '../../server/src/core/graph.ts';
import { generate } from '../../server/src/core/pytorch/generate.ts';
import { summaryJson } from '../../server/src/cli/summaryJson.ts';
import { analyse, goldenFolder } from './cases.ts';

/** The form of `scv summary --json` without its layers; see README.md. */
export interface Facts {
  readonly model: string;
  readonly inputs: unknown;
  readonly outputs: unknown;
  readonly params: { readonly total: number | string; readonly trainable: number | string };
  readonly macs?: number | string;
  readonly withInput?: readonly SizedFacts[];
}

export interface SizedFacts {
  /** `1x3x32x32` */
  readonly input: string;
  readonly outputs: unknown;
  readonly macs: number | string;
}

export interface FactsCase {
  readonly name: string;
  readonly program: string;
  readonly expected: string;
}

/** The cases of facts/, and one for each example. */
export function factsCases(): readonly FactsCase[] {
  const root = join(goldenFolder, '../..');
  const own = globSync('facts/*/model.scv', { cwd: goldenFolder }).map((file) => ({
    name: dirname(file).split(sep).join('/'),
    program: join(goldenFolder, file),
    expected: join(goldenFolder, dirname(file), 'expected.json'),
  }));
  const examples = globSync('examples/*.scv', { cwd: root }).map((file) => ({
    name: file.split(sep).join('/'),
    program: join(root, file),
    expected: join(goldenFolder, 'examples', basename(file, '.scv'), 'facts.json'),
  }));
  return [...own, ...examples].sort((a, b) => (a.name < b.name ? -1 : 1));
}

export interface FoundFacts {
  readonly facts: Facts;
  readonly errors: readonly string[];
  readonly instance: Instance;
  /** At sizes that torch can be given: each input that is asked for, or one sample. */
  readonly sized: readonly Instance[];
  readonly files: FileFacts;
}

/** @param inputs the sizes to be shown where some are free; the data set's where none are given */
export function findFacts(program: string, inputs: readonly string[]): FoundFacts {
  const { facts: files, messages } = analyse(program);
  const errors = messages.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  const instance = files.models.at(-1)!;
  const { macs, ...rest } = summaryJson.head(instance) as Facts;
  if (typeof macs === 'number' || constantValue(totalsOf(instance).macs) !== undefined) {
    return { facts: { ...rest, macs: macs! }, errors, instance, sized: [oneSample(files, instance)], files };
  }
  const shapes = inputs.length > 0 ? inputs : usualInput(files, instance);
  const sized = shapes.map((text) => {
    const shape = text.split('x').map((size) => constant(BigInt(size)));
    return atShapes(files.session, instance.definition as Model, [shape])!;
  });
  const withInput = sized.map((each, i) => ({
    input: shapes[i]!,
    outputs: summaryJson.tensors(each.outputs),
    macs: summaryJson.integer(totalsOf(each).macs),
  }));
  return { facts: { ...rest, withInput }, errors, instance, sized, files };
}

/** The batch as one sample. */
function oneSample({ session }: FileFacts, instance: Instance): Instance {
  const shapes = instance.inputs.map(({ tensor }) =>
    (tensor.shape ?? []).map((size) => substitute(size, () => constant(1n))),
  );
  return atShapes(session, instance.definition as Model, shapes) ?? instance;
}

function usualInput({ session }: FileFacts, instance: Instance): readonly string[] {
  const shape = atUsualSize(session, instance).instance.inputs[0]?.tensor.shape ?? [];
  return [shape.map((size) => String(constantValue(substitute(size, () => constant(1n))))).join('x')];
}

export function readFacts(path: string): Facts | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Facts;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** One line a fact, as people read it. */
export function printFacts(facts: Facts): string {
  const lines = Object.entries(facts).map(([key, value]) =>
    key === 'withInput'
      ? `  "withInput": [\n${(value as unknown[]).map((each) => `    ${spaced(each)}`).join(',\n')}\n  ]`
      : `  "${key}": ${spaced(value)}`,
  );
  return `{\n${lines.join(',\n')}\n}\n`;
}

function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, each]) => `"${key}": ${spaced(each)}`)
    .join(', ')}}`;
}

// ---------------------------------------------------------------------------------------------- torch

interface Measured {
  readonly error?: string;
  readonly total: string;
  readonly trainable: string;
  readonly outputs: readonly (readonly number[])[];
  readonly macs: string;
}

/** What torch measures otherwise than the compiler says, for each; nothing where they agree. */
export function disagreements(python: string, found: readonly FoundFacts[]): readonly (readonly string[])[] {
  const asked = found.flatMap(({ files, instance, sized }, index) => {
    const { python: text } = generate(files.session, instance);
    return sized.map((each) => ({
      index,
      each,
      question: { python: text, model: instance.definition.name.text, inputs: inputsOf(each) },
    }));
  });
  const { stdout, stderr, status } = spawnSync(python, [join(goldenFolder, 'measure.py')], {
    input: JSON.stringify(asked.map(({ question }) => question)),
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`measure.py ended with status ${String(status)}: ${stderr}`);
  const answers = JSON.parse(stdout) as Measured[];
  return found.map((_, index) =>
    asked.flatMap((each, i) => (each.index === index ? compare(each.each, answers[i]!) : [])),
  );
}

function compare(instance: Instance, measured: Measured): readonly string[] {
  if (measured.error !== undefined) return [measured.error];
  const { parameters, trainable, macs } = totalsOf(instance);
  const pairs: [string, unknown, unknown][] = [
    ['total', String(constantValue(parameters)), measured.total],
    ['trainable', String(constantValue(trainable)), measured.trainable],
    ['macs', String(constantValue(macs)), measured.macs],
    [
      'outputs',
      JSON.stringify(instance.outputs.map(({ tensor }) => tensor.shape?.map((size) => Number(constantValue(size))))),
      JSON.stringify(measured.outputs),
    ],
  ];
  return pairs.flatMap(([what, ours, torch]) =>
    ours === torch ? [] : [`${what}: ${String(ours)} here, ${String(torch)} in torch`],
  );
}

function inputsOf({ inputs }: Instance): readonly object[] {
  return inputs.map(({ tensor: { shape, type } }) => ({
    shape: shape?.map((size) => Number(constantValue(size))),
    type,
  }));
}
