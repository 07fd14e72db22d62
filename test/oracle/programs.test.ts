/**
 * Whole programs by chance against PyTorch: what we find legal becomes a module with the keys, counts and output shapes
 * that we say, with its defaults and with other arguments, which runs forward and backward and is as ruff wants it.
 * Programs that were wrong once are kept in `programs/kept`.
 */
import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pythonEnvironment } from '../../scripts/pythonEnvironment.ts';
import { SEED, caseCount } from '../scale.ts';
import { type Prepared, type TorchCase, type TorchUse, difference, prepare } from './programs/check.ts';
import { ALL } from './programs/coverage.ts';
import { makeProgram } from './programs/generator.ts';
import { smaller } from './programs/shrink.ts';

const seed = SEED;
const count = caseCount(40, 500);
/** Each construct and layer is in so many of five hundred programs at least. */
const SEEN = 10;
/** As many failures are cut down and told. */
const TOLD = Number(process.env.SCV_TOLD ?? 3);

describe(`whole programs as PyTorch runs them (SCV_SEED=${seed})`, function () {
  this.timeout(0);
  let python: string;
  let torch: Torch;
  before(async () => {
    python = await pythonEnvironment();
    torch = new Torch(python);
  });
  after(() => torch.stop());

  /** What is wrong with each; what we refuse isn't. */
  async function failures(programs: readonly Prepared[]): Promise<(string | undefined)[]> {
    const ready = programs.filter((each) => each.kind === 'ready');
    const answers = await torch.ask(ready.map(({ given }) => given));
    const formatted = ruff(
      python,
      ready.map(({ given }) => given.python),
    );
    const found = new Map(ready.map((each, i) => [each as Prepared, difference(each, answers[i]!) ?? formatted[i]]));
    return programs.map((each) => (each.kind === 'wrong' ? each.why : found.get(each)));
  }

  async function simplest(text: string, why: string): Promise<readonly [string, string]> {
    const kind = kindOf(why);
    let batch: string[] = [];
    const first = async (): Promise<readonly [string, string] | undefined> => {
      const found = await failures(batch.map(prepare));
      const at = found.findIndex((each) => each !== undefined && kindOf(each) === kind);
      return at < 0 ? undefined : [batch[at]!, found[at]!];
    };
    for (const next of smaller(text)) {
      batch.push(next);
      if (batch.length < 8) continue;
      const found = await first();
      if (found !== undefined) return simplest(...found);
      batch = [];
    }
    const found = await first();
    return found === undefined ? [text, why] : simplest(...found);
  }

  async function check(
    named: readonly { readonly name: string; readonly text: string }[],
  ): Promise<readonly Prepared[]> {
    const prepared = named.map(({ text }) => prepare(text));
    const wrong = (await failures(prepared)).flatMap((why, i) => (why === undefined ? [] : [{ ...named[i]!, why }]));
    const told: string[] = [];
    const kinds = new Set<string>();
    for (const { name, text, why } of wrong) {
      if (kinds.has(kindOf(why)) || kinds.size >= TOLD) continue;
      kinds.add(kindOf(why));
      const [small, what] = await simplest(text, why);
      told.push(`${name}: ${what}\n${small}`);
    }
    if (wrong.length > 0)
      assert.fail(
        `${wrong.length} of ${named.length}: ${wrong.map(({ name }) => name).join(', ')}\n\n${told.join('\n\n')}`,
      );
    return prepared;
  }

  it('that were wrong once', async () => {
    const files = globSync(join(import.meta.dirname, 'programs/kept/*.scv')).sort();
    const prepared = await check(files.map((file) => ({ name: file, text: readFileSync(file, 'utf8') })));
    prepared.forEach((each, i) =>
      assert.equal(each.kind, 'ready', `${files[i]!}: ${each.kind === 'ready' ? '' : each.why}`),
    );
  });

  it('that chance makes', async () => {
    const texts = Array.from({ length: count }, (_, i) => makeProgram(seed + i));
    const prepared = await check(texts.map((text, i) => ({ name: `SCV_SEED=${seed + i} SCV_CASES=1`, text })));
    const refused = prepared.flatMap((each) => (each.kind === 'refused' ? [each.why] : []));
    const seen = new Map(ALL.map((each) => [each, 0]));
    for (const each of prepared)
      if (each.kind === 'ready') for (const what of each.coverage) seen.set(what, seen.get(what)! + 1);
    const table = [...seen].sort(([, a], [, b]) => b - a).map(([what, times]) => `${times} ${what}`);
    console.log(`      ${count - refused.length} of ${count} legal; ${table.join(', ')}`);
    if (count >= 20) assert.ok(refused.length <= 0.3 * count, `too many are refused:\n${refused.join('\n')}`);
    const seldom = [...seen].flatMap(([what, times]) => (times < SEEN ? [`${what} ${times} times`] : []));
    if (count >= 500)
      assert.deepEqual(seldom, [], `in fewer than ${SEEN} of ${count} programs: see programs/generator.ts`);
  });
});

/** The part of a failure without numbers and names, so that a program isn't cut down to another mistake. */
function kindOf(why: string): string {
  const lines = why.trim().split('\n');
  const telling = lines[0]!.includes('Traceback')
    ? lines.at(-1)!
    : why.startsWith('{')
      ? why.slice(why.indexOf(':'))
      : lines[0]!;
  return telling
    .replace(/[\d{}"':,[\]]+/gu, '')
    .trim()
    .slice(0, 24);
}

/** What ruff says of each text. */
function ruff(python: string, texts: readonly string[]): (string | undefined)[] {
  if (texts.length === 0) return [];
  const folder = mkdtempSync(join(tmpdir(), 'scv-programs-'));
  try {
    texts.forEach((text, i) => writeFileSync(join(folder, `p${i}.py`), text));
    const run = (...args: string[]): string =>
      spawnSync(python, ['-m', 'ruff', ...args, '--isolated', folder], { encoding: 'utf8', maxBuffer: 2 ** 28 }).stdout;
    const format = run('format', '--diff');
    const check = run('check', '--output-format=concise');
    return texts.map((_, i) => {
      const diff = format.split(/^(?=--- )/mu).find((each) => each.includes(`p${i}.py`));
      const line = check.split('\n').find((each) => each.includes(`p${i}.py:`));
      return diff !== undefined ? `ruff format:\n${diff}` : line === undefined ? undefined : `ruff check: ${line}`;
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

class Torch {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;

  constructor(python: string) {
    this.#process = spawn(python, ['-W', 'ignore', join(import.meta.dirname, 'programs.py')]);
    this.#process.stderr.pipe(process.stderr);
    this.#answers = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
  }

  async ask(cases: readonly TorchCase[]): Promise<readonly (readonly TorchUse[])[]> {
    if (cases.length === 0) return [];
    this.#process.stdin.write(`${JSON.stringify(cases)}\n`);
    const next = await this.#answers.next();
    if (next.done === true) throw new Error('The Python process ended.');
    return JSON.parse(next.value) as (readonly TorchUse[])[];
  }

  stop(): void {
    this.#process.stdin.end();
  }
}
