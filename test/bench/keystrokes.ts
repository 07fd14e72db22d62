/** From a key to the diagnostics of what it made, in the language server as an editor has it: a process of its own. */
import { join } from 'node:path';
import { projectFolder } from '../../scripts/processes.ts';
import { SHAPES } from '../language/long.ts';
import { LspClient, type Server } from './lspClient.ts';
import { duration, median, percentile, table, type Goal } from './measure.ts';

const LAYERS = 1000;
/** Typed and deleted so often in each text, at other places; and once before, while the server is getting warm. */
const ROUNDS = 4;
/** Milliseconds; what is one statement is read anew as a whole. */
const LONGEST = { statements: 50, 'one chain': 100 } as const;
/** A folder for profiles of the server, where one is named: `node --cpu-prof` writes them. */
const PROFILE = process.env.SCV_PROFILE;

const SERVER: Server = {
  command: [
    ...(PROFILE === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${PROFILE}`]),
    join(projectFolder, 'dist/scv.mjs'),
    'lsp',
  ],
  language: 'scv',
};

/** What is typed, key by key, and deleted again: half words, a missing argument, a whole stage. */
const TYPED = ' -> Dropout(0.1)';

export async function measureKeystrokes(): Promise<{ readonly report: string; readonly goals: readonly Goal[] }> {
  const times = new Map<string, readonly number[]>();
  for (const [name, make] of Object.entries(SHAPES)) {
    const all = await typeInto(make(LAYERS), ROUNDS + 1);
    times.set(name, all.slice(all.length / (ROUNDS + 1)));
  }
  return {
    report: table(
      [`${LAYERS.toLocaleString('en')} layers`, 'median', 'p95', 'keys'],
      [...times].map(([name, each]) => [
        name,
        duration(median(each)),
        duration(percentile(each, 0.95)),
        String(each.length),
      ]),
    ),
    goals: [...times].map(([name, each]) => {
      const longest = name === 'one chain' ? LONGEST[name] : LONGEST.statements;
      const slow = percentile(each, 0.95);
      return {
        promise: `from a key to its diagnostics in ${LAYERS.toLocaleString('en')} layers, ${name}: p95 at most ${longest} ms`,
        measured: duration(slow),
        isKept: slow <= longest,
      };
    }),
  };
}

/** Opens a text and types in it. @returns milliseconds of each key */
async function typeInto(text: string, rounds: number): Promise<number[]> {
  const server = await LspClient.start(SERVER);
  const uri = 'untitled:model.scv';
  await server.open(uri, text);
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const at = text.indexOf('\n', text.indexOf('Conv2d', Math.floor((text.length * (round + 1)) / (rounds + 2))));
    for (let i = 0; i < TYPED.length; i++) times.push(await server.edit(uri, at + i, 0, TYPED[i]!));
    for (let i = TYPED.length - 1; i >= 0; i--) times.push(await server.edit(uri, at + i, 1, ''));
  }
  await server.close();
  return times;
}
