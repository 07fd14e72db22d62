/**
 * Generated PyTorch, run: every example and golden program becomes a module with exactly the keys that the graph says,
 * which runs forward and backward and is as ruff wants it; what torchvision has takes its weights and gives its output.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pythonEnvironment } from '../../scripts/pythonEnvironment.ts';
import { DiskProgram, uriOfPath } from '../../server/src/cli/files.ts';
import { Analyser, type FileFacts } from '../../server/src/core/analysis/analyse.ts';
import { stateKeys } from '../../server/src/core/analysis/stateDict.ts';
import { totalsOf } from '../../server/src/core/analysis/summary.ts';
import type { Model } from '../../server/src/core/definition.ts';
import { type Dimension, constant, constantValue, substitute } from '../../server/src/core/dimension.ts';
import { boolValue, intValue } from '../../server/src/core/elaborate/values.ts';
import type { Instance } from '../../server/src/core/graph.ts';
import { generate } from '../../server/src/core/pytorch/generate.ts';
import type { Value } from '../../server/src/core/value.ts';

interface Case {
  readonly name: string;
  readonly python: string;
  readonly model: string;
  readonly arguments?: Readonly<Record<string, number | boolean>>;
  /** Shapes alone, without numbers: for what is large. */
  readonly meta?: boolean;
  readonly inputs?: readonly { readonly shape: readonly number[]; readonly type: string }[];
  readonly torchvision?: string;
  readonly crop?: number;
  readonly macs?: readonly number[];
}

interface Answer {
  readonly error?: string;
  /** A module that isn't there, which an extern imports. */
  readonly missing?: string;
  readonly keys: readonly (readonly [string, readonly number[]])[];
  readonly parameters: number;
  readonly trainable: number;
  readonly outputs?: readonly (readonly number[])[];
  readonly difference?: number;
  readonly macs?: number;
}

const FILES = [
  'examples/*.scv',
  'test/golden/names/*/model.scv',
  'test/golden/facts/*/model.scv',
  'test/golden/python/*/model.scv',
  'test/golden/diagnostics/clean-*/main.scv',
];

/** So many weights take their time. */
const LARGE = 2e6;
/** Too many for a test's memory. */
const TOO_LARGE = 2e8;

/**
 * Code is written for the uses that a program makes. Here a repetition is built no times, and after it the other
 * argument's width would go on, where the code has what a repetition gives.
 */
const ONE_USE = new Set(['test/golden/names/class-counts-what-is-not-built/model.scv']);

/** A size for what may be any: divisible by all that examples ask for. */
const ANY = 64;

const TORCHVISION: Readonly<Record<string, string>> = {
  'examples/resnet50.scv': 'resnet50',
  'examples/densenet121.scv': 'densenet121',
  'examples/mobilenetv3.scv': 'mobilenet_v3_small',
  'examples/vit.scv': 'vit_b_16',
};

describe('generated PyTorch', function () {
  this.timeout(0);
  const program = new DiskProgram();
  const analyser = new Analyser();
  const files = globSync(FILES).sort();
  const facts = new Map<string, FileFacts>(files.map((file) => [file, analyser.analyse(program, uriOfPath(file))]));
  const models = [...facts].flatMap(([file, { session, models: all }]) => {
    const model = all.at(-1);
    return model === undefined || isWrong(model) ? [] : [{ file, session, model }];
  });
  const generated = models.map(({ file, session, model }) => ({ file, session, model, ...generate(session, model) }));
  let python: string;
  before(async () => {
    python = await pythonEnvironment();
  });

  function ask(cases: readonly Case[]): readonly Answer[] {
    const script = new URL('generated.py', import.meta.url).pathname;
    const { stdout, stderr, status } = spawnSync(python, [script], {
      input: JSON.stringify(cases),
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout) as Answer[];
  }

  it('is there for every sound program', () => {
    const failed = generated.filter(({ problems }) => problems.length > 0);
    assert.deepEqual(
      failed.map(({ file, problems }) => `${file}: ${problems.map(({ message }) => message).join(' ')}`),
      [],
    );
    assert.ok(generated.length > 100, `only ${generated.length} programs`);
  });

  it('is the same each time', () => {
    for (const { file, session, model, python: text } of generated) {
      assert.equal(generate(session, model).python, text, file);
    }
  });

  it('passes ruff check and ruff format --check', () => {
    const folder = mkdtempSync(join(tmpdir(), 'scv-generated-'));
    try {
      for (const { file, python: text } of generated) writeFileSync(join(folder, pythonName(file)), text);
      const format = spawnSync(python, ['-m', 'ruff', 'format', '--isolated', '--diff', folder], { encoding: 'utf8' });
      assert.equal(format.status, 0, format.stdout);
      const check = spawnSync(python, ['-m', 'ruff', 'check', '--isolated', folder], { encoding: 'utf8' });
      assert.equal(check.status, 0, check.stdout);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('has the keys and counts of the graph and runs forward and backward, whatever its parameters', () => {
    const wanted = generated.flatMap(({ file, session, model, python: text }) => {
      if (text === '') return [];
      const uses = [{ instance: model, given: {} }, ...(ONE_USE.has(file) ? [] : variants(session, model))];
      return uses.flatMap(({ instance, given }) => {
        const count = constantValue(totalsOf(instance).parameters);
        if (count === undefined || count > TOO_LARGE) return [];
        const sized = atTestSizes(session, instance);
        const name = `${file} ${JSON.stringify(given)}`;
        const meta = count > LARGE && instance !== model;
        const one: Case = { name, python: text, model: model.definition.name.text, arguments: given, meta };
        return [{ given: sized === undefined ? one : { ...one, inputs: inputsOf(sized) }, instance, sized }];
      });
    });
    const answers = ask(wanted.map((each) => each.given));
    const failures = answers.flatMap((answer, i) => {
      const { given, instance, sized } = wanted[i]!;
      const why = difference(answer, instance, sized);
      return why === undefined ? [] : [`${given.name}: ${why}`];
    });
    assert.deepEqual(failures, []);
  });

  it('has exactly the keys that names cases expect', () => {
    const cases = generated.filter(({ file }) => file.includes('/names/'));
    const answers = ask(
      cases.map(({ file, model, python: text }) => ({ name: file, python: text, model: model.definition.name.text })),
    );
    cases.forEach(({ file }, i) => {
      const expected = JSON.parse(readFileSync(join(dirname(file), 'expected.json'), 'utf8')) as {
        keys: Record<string, number[]>;
      };
      assert.deepEqual(answers[i]?.keys ?? answers[i]?.error, Object.entries(expected.keys), file);
    });
  });

  it("takes torchvision's weights strictly, gives its output, and has its official counts", () => {
    const rows = readFileSync('test/fixtures/torchvision.csv', 'utf8')
      .split('\n')
      .map((line) => line.split(','));
    const cases = generated.flatMap(({ file, model, python: text }) => {
      const torchvision = TORCHVISION[file];
      return torchvision === undefined
        ? []
        : [
            {
              model,
              given: {
                name: file,
                python: text,
                model: model.definition.name.text,
                torchvision,
                crop: 224,
                macs: [1, 3, 224, 224],
              },
            },
          ];
    });
    assert.equal(cases.length, Object.keys(TORCHVISION).length);
    ask(cases.map(({ given }) => given)).forEach((answer, i) => {
      const { given, model } = cases[i]!;
      assert.equal(answer.error, undefined, given.name);
      assert.ok(answer.difference! < 1e-5, `${given.name}: outputs differ by ${answer.difference}`);
      const row = rows.find(([name]) => name === given.torchvision);
      assert.equal(String(answer.parameters), row?.[4], `${given.name}: parameters`);
      const sized = atTestSizes(facts.get(given.name)!.session, model, 224);
      const { parameters, macs } = totalsOf(sized ?? model);
      assert.equal(String(constantValue(parameters)), row?.[4], `${given.name}: parameters of the graph`);
      const gmacs = (Number(constantValue(macs)) / 1e9).toFixed(3);
      assert.equal(gmacs, row?.[7], `${given.name}: GMACs`);
      assert.equal(BigInt(answer.macs!), constantValue(macs), `${given.name}: multiply-adds as torch counts them`);
    });
  });
});

function isWrong(instance: Instance): boolean {
  return instance.problems.some(({ severity }) => severity === 'error');
}

function pythonName(file: string): string {
  const folder = basename(dirname(file));
  return `${folder}_${basename(file, '.scv')}.py`.replaceAll('-', '_');
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
function atTestSizes(session: FileFacts['session'], instance: Instance, any = ANY): Instance | undefined {
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

function difference(answer: Answer, instance: Instance, sized: Instance | undefined): string | undefined {
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
