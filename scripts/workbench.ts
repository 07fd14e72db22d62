/** Runs VS Code's server on this machine's loopback, with a profile of its own that is thrown away at the end. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { codeServer } from './codeServer.ts';
import { projectFolder, run, stop, UserError } from './processes.ts';

/** A calm VS Code that calls nobody. */
const SETTINGS = {
  'chat.disableAIFeatures': true,
  'editor.minimap.enabled': false,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'files.autoSave': 'off', // as on a desktop
  'git.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

const UP_WITHIN_MS = 30_000;

export interface WorkbenchOptions {
  /** The folder it opens. */
  folder: string;
  /** What runs in it: the checkout itself, a packaged .vsix, or nothing (tests name it in the address). */
  extension: 'checkout' | 'none' | { vsix: string };
  /** Where the server's output goes. */
  log?: string;
  env?: Record<string, string>;
  settings?: Record<string, unknown>;
}

export interface Workbench {
  /** `127.0.0.1:port`, as it stands in `vscode-remote://` addresses. */
  readonly authority: string;
  /** What a browser opens. */
  address(query?: Record<string, string>): string;
  /** When the server has ended, whoever ended it. */
  readonly ended: Promise<unknown>;
  stop(): Promise<void>;
}

export async function startWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const { folder } = options;
  const main = await codeServer();
  const home = mkdtempSync(join(tmpdir(), 'scv-workbench-'));
  const extensions = join(home, 'extensions');
  const folders = ['--server-data-dir', home, '--user-data-dir', join(home, 'data'), '--extensions-dir', extensions];
  mkdirSync(join(home, 'data/User'), { recursive: true });
  mkdirSync(extensions);
  writeFileSync(join(home, 'data/User/settings.json'), JSON.stringify({ ...SETTINGS, ...options.settings }));
  if (options.extension === 'checkout') symlinkSync(projectFolder, join(extensions, 'scv.scv-0.0.0'), 'junction');
  else if (options.extension !== 'none') {
    await run(process.execPath, [main, ...folders, '--install-extension', options.extension.vsix], { quiet: true });
  }

  const port = await freePort();
  // Whoever can open the workbench can run programs: the token keeps out other users of this machine and web pages.
  const token = randomBytes(16).toString('hex');
  const child = spawn(
    process.execPath,
    [
      ...[main, ...folders, '--host', '127.0.0.1', '--port', String(port), '--connection-token', token],
      ...['--accept-server-license-terms', '--telemetry-level', 'off'],
      // With it the address may name an extension in development and its tests.
      ...['--enable-smoke-test-driver', '--disable-workspace-trust'],
    ],
    {
      env: { ...process.env, EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const log = createWriteStream(options.log ?? join(home, 'server.log'));
  child.stdout.pipe(log);
  child.stderr.pipe(log);

  const authority = `127.0.0.1:${String(port)}`;
  for (let waited = 0; !(await answers(`http://${authority}/version`)); waited += 100) {
    if (child.exitCode !== null) {
      throw new UserError(
        `VS Code's server ended with status ${String(child.exitCode)}; its output: ${String(log.path)}`,
      );
    }
    if (waited > UP_WITHIN_MS) {
      await stop(child);
      throw new UserError(`VS Code's server gave no answer in time; its output: ${String(log.path)}`);
    }
    await pause(100);
  }
  return {
    authority,
    ended: once(child, 'exit'),
    address: (query = {}) => `http://${authority}/?${new URLSearchParams({ folder, tkn: token, ...query }).toString()}`,
    async stop() {
      await stop(child);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function answers(address: string): Promise<boolean> {
  return fetch(address).then(
    (response) => response.ok,
    () => false,
  );
}

async function freePort(): Promise<number> {
  return new Promise((settle, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address !== null) settle(address.port);
        else fail(new Error('no port'));
      });
    });
  });
}
