/**
 * `npm test`: every stage below, then one line with the sum. Names of stages as arguments run only these; `--long` lets
 * tests that generate cases make many, `--quick` few (test/scale.ts).
 * A tool (lint, types, …) counts as one test, and so does a stage that crashes.
 */
import { existsSync, globSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { TestResult } from './resultsReporter.ts';
import { testInExtensionHost } from './extensionHost.ts';
import { generate } from './generate.ts';
import { packageExtension } from './package.ts';
import { artifact, main, projectFolder, run, UserError } from './processes.ts';
import { pythonEnvironment } from './pythonEnvironment.ts';

interface Count {
  passed: number;
  failed: number;
}

/** Cheap ones first. */
const stages: Record<string, (name: string) => Promise<Count>> = {
  formatting: () => tool('prettier', '--check', '--log-level', 'warn', '.'),
  lint: () => tool('eslint', '--max-warnings', '0', '.'),
  types: () => tool('tsc', '-b'),
  unit: (name) => mocha(name, 'test/!(integration|oracle)/**/*.test.ts', 'test/*.test.ts'),
  // What needs the real PyTorch.
  oracle: async (name) => {
    process.env.SCV_PYTHON = await pythonEnvironment();
    return mocha(name, 'test/oracle/**/*.test.ts');
  },
  'extension-host': extensionHost,
  package: async () => {
    await packageExtension();
    return { passed: 1, failed: 0 };
  },
  // The packaged extension, installed, as a user sees it. Comes after `package`.
  browser: (name) => mocha(name, 'test/integration/browser/**/*.test.ts'),
};

await main(async () => {
  const scale = ['long', 'quick'].find((name) => process.argv.includes(`--${name}`));
  if (scale !== undefined) process.env.SCV_SCALE = scale;
  const wanted = process.argv.slice(2).filter((name) => !name.startsWith('--'));
  const unknown = wanted.filter((name) => !(name in stages));
  if (unknown.length > 0) {
    throw new UserError(`there is no stage ${unknown.join(', ')}; there are ${Object.keys(stages).join(', ')}`);
  }
  await generate();
  const sum: Count = { passed: 0, failed: 0 };
  const times: string[] = [];
  for (const [name, stage] of Object.entries(stages)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    console.log(`\n=== ${name}`);
    const started = performance.now();
    const { passed, failed } = await stage(name).catch((error: unknown): Count => {
      console.error(error instanceof UserError ? `error: ${error.message}` : error);
      return { passed: 0, failed: 1 };
    });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    times.push(
      `${name.padEnd(16)}${seconds.padStart(7)} s${String(passed).padStart(7)} passed${String(failed).padStart(7)} failed`,
    );
    sum.passed += passed;
    sum.failed += failed;
  }
  console.log(`\n${times.join('\n')}\n\n${sum.passed} passed, ${sum.failed} failed`);
  return sum.failed > 0 || sum.passed === 0 ? 1 : 0;
});

async function tool(command: string, ...args: string[]): Promise<Count> {
  await run(command, args);
  return { passed: 1, failed: 0 };
}

async function mocha(name: string, ...patterns: string[]): Promise<Count> {
  const files = globSync(patterns, { cwd: projectFolder });
  if (files.length === 0) throw new UserError(`${name} has no test files (${patterns.join(', ')})`);
  const results = resultsFile(name);
  // Files side by side need no `--forbid-only`: they refuse `.only` anyhow.
  const isQuick = process.env.SCV_SCALE === 'quick';
  const how = isQuick ? ['--parallel', '--jobs', String(availableParallelism())] : ['--forbid-only'];
  const args = [...how, '--reporter', './scripts/resultsReporter.ts', ...files];
  const failure = await run('mocha', args, { env: { SCV_TEST_RESULTS: results } }).then(
    () => undefined,
    (error: unknown) => error,
  );
  return count(results, failure).sum;
}

async function extensionHost(name: string): Promise<Count> {
  const results = resultsFile(name);
  const failure = await testInExtensionHost(results).then(
    () => undefined,
    (error: unknown) => error,
  );
  const { sum, tests } = count(results, failure);
  // Nobody sees what is printed there.
  for (const { title, state, error } of tests)
    console.log(`  ${state.padEnd(8)}${title}${error === undefined ? '' : `\n${error}`}`);
  return sum;
}

function resultsFile(name: string): string {
  const file = artifact(`${name}.json`);
  rmSync(file, { force: true });
  return file;
}

/** A run that failed, but whose results tell of no failure, has crashed; then they aren't the whole truth. */
function count(results: string, failure: unknown): { sum: Count; tests: TestResult[] } {
  const tests = existsSync(results) ? (JSON.parse(readFileSync(results, 'utf8')) as TestResult[]) : [];
  const passed = tests.filter(({ state }) => state === 'passed').length;
  const failed = tests.length === 0 ? 0 : tests.filter(({ state }) => state === 'failed').length;
  if (failed > 0) return { sum: { passed, failed }, tests };
  if (failure === undefined && tests.length > 0) return { sum: { passed, failed }, tests };
  console.error(failure instanceof UserError ? `error: ${failure.message}` : (failure ?? 'no test has run'));
  return { sum: { passed, failed: 1 }, tests };
}
