/** What PyTorch and ruff say of programs: one Python process for many. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pythonEnvironment } from '../../../scripts/pythonEnvironment.ts';
import { type Prepared, type TorchCase, type TorchUse, difference } from './check.ts';

export class Judge {
  readonly #python: string;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;

  static async start(): Promise<Judge> {
    return new Judge(await pythonEnvironment());
  }

  private constructor(python: string) {
    this.#python = python;
    this.#process = spawn(python, ['-W', 'ignore', join(import.meta.dirname, '../programs.py')]);
    this.#process.stderr.pipe(process.stderr);
    this.#answers = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
  }

  /** What is wrong with each; what we refuse isn't. */
  async failures(programs: readonly Prepared[]): Promise<(string | undefined)[]> {
    const ready = programs.filter((each) => each.kind === 'ready');
    const answers = await this.#ask(ready.map(({ given }) => given));
    const formatted = ruff(
      this.#python,
      ready.map(({ given }) => given.python),
    );
    const found = new Map(ready.map((each, i) => [each as Prepared, difference(each, answers[i]!) ?? formatted[i]]));
    return programs.map((each) => (each.kind === 'wrong' ? each.why : found.get(each)));
  }

  stop(): void {
    this.#process.stdin.end();
  }

  async #ask(cases: readonly TorchCase[]): Promise<readonly (readonly TorchUse[])[]> {
    if (cases.length === 0) return [];
    this.#process.stdin.write(`${JSON.stringify(cases)}\n`);
    const next = await this.#answers.next();
    if (next.done === true) throw new Error('The Python process ended.');
    return JSON.parse(next.value) as (readonly TorchUse[])[];
  }
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
