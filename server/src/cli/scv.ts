/** The `scv` command. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { check } from './check.ts';
import { UnreadableFile } from './files.ts';
import { formatFiles } from './format.ts';
import { generatePyTorch } from './generate.ts';
import { drawGraph } from './graph.ts';
import { summarise } from './summary.ts';
import { type Terminal, processTerminal } from './terminal.ts';
import { HELP, UsageError, readCommand } from './usage.ts';

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const terminal = processTerminal();
try {
  process.exitCode = await run(process.argv.slice(2), terminal);
} catch (error) {
  if (error instanceof UsageError) {
    const end = /[.?]$/.test(error.message) ? '' : '.';
    terminal.complain(`scv: ${error.message}${end} 'scv --help' tells more.\n`);
  } else if (error instanceof UnreadableFile) terminal.complain(`scv: ${error.message}\n`);
  else throw error;
  process.exitCode = 2;
}

/** @returns the exit status */
async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = readCommand(args);
  switch (command.kind) {
    case 'help':
      terminal.print(HELP);
      return 0;
    case 'version':
      terminal.print(`${version()}\n`);
      return 0;
    case 'check':
      return check(command.files, command.json, terminal);
    case 'summary':
      return summarise(command, terminal);
    case 'generate':
      return generatePyTorch(command, terminal);
    case 'graph':
      return drawGraph(command, terminal);
    case 'format':
      return formatFiles(command.files, command.check, terminal);
    case 'lsp':
      return serve();
  }
}

/** The language server is a program of its own, beside this one. */
async function serve(): Promise<number> {
  const server = join(dirname(fileURLToPath(import.meta.url)), 'languageServer.cjs');
  if (!existsSync(server)) throw new UsageError(`the language server is not built: ${server} is missing`);
  if (!process.argv.includes('--stdio')) process.argv.push('--stdio');
  await import(pathToFileURL(server).href);
  return 0;
}

/** Of the package that this is part of. */
function version(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
    if (folder === dirname(folder)) return 'unknown';
  }
}
