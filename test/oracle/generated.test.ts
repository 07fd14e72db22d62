/**
 * Generated PyTorch, run: every example and golden program becomes a module with exactly the keys that the graph says,
 * which runs forward and backward and is as ruff wants it; what torchvision has takes its weights and gives its output.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pythonEnvironment } from '../../scripts/pythonEnvironment.ts';
import { DiskProgram, uriOfPath } from '../../server/src/cli/files.ts';
import { Analyser, type FileFacts } from '../../server/src/core/analysis/analyse.ts';
import { totalsOf } from '../../server/src/core/analysis/summary.ts';
import { constantValue } from '../../server/src/core/dimension.ts';
import { generate } from '../../server/src/core/pytorch/generate.ts';
import { TORCHVISION, instanceOf, modelOf, officialOf } from '../fixtures/torchvision.ts';
import { type Answer, type Case, ask, difference, isWrong, ruff, usesOf } from './generated.ts';

const FILES = [
  'examples/*.scv',
  'test/golden/names/*/model.scv',
  'test/golden/facts/*/model.scv',
  'test/golden/python/*/model.scv',
  'test/golden/diagnostics/clean-*/main.scv',
];

/**
 * Code is written for the uses that a program makes. Here a repetition is built no times, and after it the other
 * argument's width would go on, where the code has what a repetition gives.
 */
const ONE_USE = new Set(['test/golden/names/class-counts-what-is-not-built/model.scv']);

/** The small examples and their models, which references.py has too. */
const SMALL_EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  'examples/mlp.scv': ['MLP'],
  'examples/mnist_cnn.scv': ['MNIST_CNN'],
  'examples/autoencoder.scv': ['ConvAutoencoder'],
  'examples/vae.scv': ['VAE'],
  'examples/dcgan.scv': ['Generator', 'Discriminator'],
  'examples/siamese.scv': ['Siamese'],
  'examples/ssd.scv': ['SSD'],
  'examples/crnn.scv': ['CRNN'],
};

/** Height and width that outputs are compared at, where a model takes any. */
const SMALL: readonly [number, number] = [64, 96];

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
    assert.equal(ruff(python, new Map(generated.map(({ file, python: text }) => [pythonName(file), text]))), '');
  });

  it('has the keys and counts of the graph and runs forward and backward, whatever its parameters', () => {
    const wanted = generated.flatMap(({ file, session, model, python: text }) =>
      text === '' ? [] : usesOf(file, session, model, text, !ONE_USE.has(file)),
    );
    const answers = ask(
      python,
      wanted.map((each) => each.case),
    );
    const failures = answers.flatMap((answer, i) => {
      const why = difference(answer, wanted[i]!);
      return why === undefined ? [] : [`${wanted[i]!.case.name}: ${why}`];
    });
    assert.deepEqual(failures, []);
  });

  it('has exactly the keys that names cases expect', () => {
    const cases = generated.filter(({ file }) => file.includes('/names/'));
    const answers = ask(
      python,
      cases.map(({ file, model, python: text }) => ({ name: file, python: text, model: model.definition.name.text })),
    );
    cases.forEach(({ file }, i) => {
      const expected = JSON.parse(readFileSync(join(dirname(file), 'expected.json'), 'utf8')) as {
        keys: Record<string, number[]>;
      };
      assert.deepEqual(answers[i]?.keys ?? answers[i]?.error, Object.entries(expected.keys), file);
    });
  });

  describe("of torchvision's models", () => {
    // SCV_MODEL=vgg asks for these alone.
    const wanted = TORCHVISION.filter(({ name }) => name.includes(process.env.SCV_MODEL ?? ''));
    let answers: readonly Answer[];
    before(() => {
      const cases = wanted.map((given): Case => {
        const file = facts.get(given.file)!;
        const model = modelOf(file, given);
        const { crop } = officialOf(given);
        return {
          name: given.name,
          python: generate(file.session, model).python,
          model: model.definition.name.text,
          arguments: given.arguments ?? {},
          torchvision: { name: given.name, options: given.options ?? {}, size: given.size ?? SMALL },
          macs: [1, 3, crop, crop],
        };
      });
      answers = ask(python, cases);
    });

    wanted.forEach((given, i) => {
      it(`takes the weights of ${given.name} strictly, does what it does, and has its official counts`, () => {
        const { error, differences, parameters, macs } = answers[i]!;
        assert.equal(error, undefined);
        assertSame(differences);
        const official = officialOf(given);
        assert.equal(BigInt(parameters), official.parameters, 'parameters');
        const totals = totalsOf(instanceOf(facts.get(given.file)!, given));
        assert.equal(constantValue(totals.parameters), official.parameters, 'parameters of the graph');
        assert.equal(BigInt(macs!), constantValue(totals.macs), 'multiply-adds as torch counts them');
        if (official.gmacs !== undefined)
          assert.equal(Number((macs! / 1e9).toFixed(3)), official.gmacs, 'official GMACs');
      });
    });
  });
});

describe('small examples', function () {
  this.timeout(0);

  it('are what one writes by hand in PyTorch', async () => {
    const python = await pythonEnvironment();
    const program = new DiskProgram();
    const cases = Object.entries(SMALL_EXAMPLES).flatMap(([file, names]) => {
      const { session, models, problems } = new Analyser().analyse(program, uriOfPath(file));
      assert.deepEqual(
        problems.filter(({ severity }) => severity !== 'hint'),
        [],
        file,
      );
      assert.deepEqual(
        models.map(({ definition }) => definition.name.text),
        names,
      );
      return models.flatMap((model, i) => {
        const { python: text } = generate(session, model);
        const [use] = usesOf(file, session, model, text, false);
        return [{ ...use!, case: { ...use!.case, reference: names[i]! } }];
      });
    });
    ask(
      python,
      cases.map((each) => each.case),
    ).forEach((answer, i) => {
      const { reference } = cases[i]!.case;
      assert.equal(answer.error, undefined, reference);
      assert.equal(difference(answer, cases[i]!), undefined, reference);
      assertSame(answer.differences, reference);
    });
  });
});

function assertSame(differences: Answer['differences'], name = ''): void {
  assert.deepEqual(Object.keys(differences ?? {}), ['output', 'gradients', 'buffers'], name);
  for (const [what, far] of Object.entries(differences!)) assert.ok(far < 1e-5, `${name} ${what} differ by ${far}`);
}

function pythonName(file: string): string {
  const folder = basename(dirname(file));
  return `${folder}_${basename(file, '.scv')}.py`.replaceAll('-', '_');
}
