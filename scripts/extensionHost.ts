/**
 * Runs the tests in test/integration/host/ inside an extension host, next to the extension. The same bundle runs in
 *   - code-server and a headless Chromium, by default;
 *   - a desktop VS Code: VSCODE_EXECUTABLE names one, or VSCODE_TEST_DOWNLOAD (`stable`, or a version) allows
 *     @vscode/test-electron to download one.
 */
import { cpSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { buildProducts } from './build.ts';
import { artifact, projectFolder, UserError } from './processes.ts';
import { openPage } from './workbenchPage.ts';

const SUITES = 'test/integration/host';
const TIMEOUT_MS = 180_000;

interface Run {
  /** The bundle, which exports `run`. */
  readonly tests: string;
  /** A copy of test/integration/workspace, for tests to change. */
  readonly workspace: string;
  /** Where the bundle writes its results. */
  readonly results: string;
}

export async function testInExtensionHost(results: string): Promise<void> {
  await buildProducts();
  const workspace = mkdtempSync(join(tmpdir(), 'scv-test-'));
  try {
    cpSync(join(projectFolder, 'test/integration/workspace'), workspace, { recursive: true });
    const run = { tests: await bundle(), workspace, results };
    const { VSCODE_EXECUTABLE: executable, VSCODE_TEST_DOWNLOAD: download } = process.env;
    if (executable !== undefined) await onDesktop(run, { vscodeExecutablePath: executable });
    else if (download !== undefined) await onDesktop(run, { version: download });
    else await inBrowser(run);
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

async function bundle(): Promise<string> {
  const outfile = join(projectFolder, 'out/test/extensionHost.cjs');
  const suites = globSync(`${SUITES}/*.test.ts`, { cwd: projectFolder }).map((file) => `await import('./${file}');`);
  await build({
    stdin: {
      contents: `import { runMocha } from './${SUITES}/runMocha.ts';
        export const run = () => runMocha(async () => { ${suites.join(' ')} });`,
      resolveDir: projectFolder,
    },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    external: ['vscode', 'mocha'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return outfile;
}

async function onDesktop(run: Run, which: { vscodeExecutablePath: string } | { version: string }): Promise<void> {
  await runTests({
    ...which,
    extensionDevelopmentPath: projectFolder,
    extensionTestsPath: run.tests,
    extensionTestsEnv: { SCV_TEST_RESULTS: run.results },
    launchArgs: [run.workspace, '--disable-extensions', '--disable-workspace-trust'],
  }).catch((error: unknown) => {
    throw new UserError(`the tests in VS Code failed: ${String(error)}`);
  });
}

async function inBrowser(run: Run): Promise<void> {
  const { page, workbench, close } = await openPage(
    {
      folder: run.workspace,
      extension: 'none',
      log: artifact('extension-host.log'),
      env: { SCV_TEST_RESULTS: run.results },
    },
    { width: 1280, height: 800 },
  );
  try {
    const ended = new Promise<number>((settle, fail) => {
      // VS Code calls this when the tests are over, as it ends its process on a desktop.
      void page.exposeFunction('codeAutomationExit', settle);
      page.on('crash', () => fail(new UserError('the page with VS Code crashed')));
      setTimeout(() => {
        fail(new UserError(`VS Code's extension host didn't end its tests within ${TIMEOUT_MS / 1000} s`));
      }, TIMEOUT_MS).unref();
    });
    await page.exposeFunction('codeAutomationLog', () => undefined);
    const remote = (file: string) => `vscode-remote://${workbench.authority}${file}`;
    const payload = [
      ['extensionDevelopmentPath', remote(projectFolder)],
      ['extensionTestsPath', remote(run.tests)],
    ];
    await page.goto(workbench.address({ payload: JSON.stringify(payload) }));
    const status = await ended.finally(() => page.screenshot({ path: artifact('extension-host.png') }));
    if (status !== 0) throw new UserError(`the tests in VS Code ended with status ${status}`);
  } finally {
    await close();
  }
}
