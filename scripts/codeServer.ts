/**
 * A real VS Code without a desktop: the server that comes with code-server, which serves the workbench to a browser
 * and runs extensions in Node.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from './cache.ts';
import { run, UserError } from './processes.ts';

const VERSION = '4.139.1';

/** VS Code's `server-main.js`, downloaded into the cache the first time. */
export async function codeServer(): Promise<string> {
  if (process.platform === 'win32') {
    throw new UserError(
      "there is no code-server for Windows. Install VS Code so that 'code' is on the PATH, or set VSCODE_EXECUTABLE.",
    );
  }
  const folder = await cached(`code-server-${VERSION}`, install);
  return join(vscodeIn(folder), 'out/server-main.js');
}

async function install(folder: string): Promise<void> {
  console.log(`Setting up code-server ${VERSION} (once; about 2 minutes, 800 MB) in ${folder}`);
  // Without its install scripts: they compile for minutes and want system libraries. What they would build is
  // optional, but for the watchdog.
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund'];
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  await run('npm', ['install', ...flags, `code-server@${VERSION}`], { cwd: folder, quiet: true });
  console.log('  ... and what its VS Code needs');
  await run('npm', ['install', ...flags, '--omit=dev'], { cwd: vscodeIn(folder), quiet: true });
  replaceWatchdog(vscodeIn(folder));
}

/** The watchdog ends an extension host whose server was killed. It is native code; without it we only lose that. */
function replaceWatchdog(vscode: string): void {
  const folder = join(vscode, 'node_modules/@vscode/native-watchdog');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "name": "@vscode/native-watchdog", "main": "index.js" }\n');
  writeFileSync(join(folder, 'index.js'), 'exports.start = () => {};\n');
}

function vscodeIn(folder: string): string {
  return join(folder, 'node_modules/code-server/lib/vscode');
}
