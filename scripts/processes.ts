/** Starting other programs, and saying clearly what went wrong. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';

/** The checkout that these scripts belong to. */
export const projectFolder = resolve(dirname(import.meta.filename), '..');

/** An error whose message is all that the person needs: it is printed without a stack. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** Runs the main function of a script: prints its error, and makes it the exit status. */
export async function main(body: () => Promise<number | undefined>): Promise<void> {
  try {
    process.exitCode = (await body()) ?? 0;
  } catch (error) {
    console.error(error instanceof UserError ? `error: ${error.message}` : error);
    process.exitCode = 1;
  }
}

interface RunOptions {
  cwd?: string;
  env?: Record<string, string | undefined>;
  /** Keep the output for the error message instead of showing it. */
  quiet?: boolean;
}

/** Runs a program to its end and gives what it printed; throws unless it succeeds. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const child = spawn(command, args, {
    cwd: options.cwd ?? projectFolder,
    env: { ...process.env, ...options.env },
    stdio: options.quiet === true ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    shell: process.platform === 'win32', // what npm installs are batch files there
  });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const status = await ended(child);
  if (status === 0) return output;
  const told = output === '' ? '' : `\n${output.trimEnd()}`;
  throw new UserError(`'${[command, ...args].join(' ')}' ended with status ${String(status)}${told}`);
}

/** The exit status of a process; a process that can't be started, or dies of a signal, has one that isn't 0. */
export async function ended(child: ChildProcess): Promise<number> {
  if (child.exitCode !== null) return child.exitCode;
  return new Promise((settle, fail) => {
    child.once('error', (error) => {
      fail(new UserError(`${child.spawnfile} can't be started: ${error.message}`));
    });
    child.once('close', (code) => {
      settle(code ?? 1);
    });
  });
}

/** Asks a process of ours to end, and makes it end when it doesn't. */
export async function stop(child: ChildProcess, patienceMs = 5000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = new Promise((settle) => child.once('exit', settle));
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  await end;
  clearTimeout(impatience);
}

/** Where a program lies on the PATH. */
export function findProgram(name: string): string | undefined {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  return (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => endings.map((ending) => join(folder, name + ending)))
    .find((file) => existsSync(file));
}

/** A file for people to look at after tests (logs, screenshots); git ignores them. */
export function artifact(name: string): string {
  const folder = join(projectFolder, 'test/.artifacts');
  mkdirSync(folder, { recursive: true });
  return join(folder, name);
}
