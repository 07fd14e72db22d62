/** `npm start`: opens VS Code on examples/ with the extension of this checkout. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { buildProducts } from './build.ts';
import { ended, findProgram, main, projectFolder } from './processes.ts';
import { startWorkbench } from './workbench.ts';

const examples = join(projectFolder, 'examples');

await main(async () => {
  console.log('Building the extension');
  await buildProducts();
  const desktop = process.env.VSCODE_EXECUTABLE ?? findProgram('code');
  return desktop === undefined ? startInBrowser() : startOnDesktop(desktop);
});

async function startOnDesktop(executable: string): Promise<number> {
  console.log(`Starting ${executable}`);
  const args = [`--extensionDevelopmentPath=${projectFolder}`, examples];
  if (process.platform !== 'win32') return ended(spawn(executable, args, { stdio: 'inherit' }));
  // There `code` is a batch file, which only a shell starts.
  const quoted = [executable, ...args].map((part) => `"${part}"`);
  return ended(spawn(quoted.join(' '), { stdio: 'inherit', shell: true }));
}

async function startInBrowser(): Promise<number> {
  console.log("There is no VS Code on the PATH ('code'), so one is served to your browser.");
  const workbench = await startWorkbench({ folder: examples, extension: 'checkout' });
  console.log(`\n  Open ${workbench.address()}\n\nIt runs until you press Ctrl-C.`);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => once(process, signal));
  await Promise.race([...signals, workbench.ended]);
  console.log('\nStopping');
  await workbench.stop();
  return 0;
}
