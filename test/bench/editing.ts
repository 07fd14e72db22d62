/**
 * Typing, beside Pyright on the PyTorch that we generate of the same model: the same keys in the same layers, in turns,
 * each server a process of its own that is spoken to over stdio.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execFileSync } from 'node:child_process';
import { projectFolder } from '../../scripts/processes.ts';
import { pythonEnvironment } from '../../scripts/pythonEnvironment.ts';
import { SHAPES } from '../language/long.ts';
import { LspClient, type Server } from './lspClient.ts';
import { type Goal, duration, median, medianRatio, percentile, table } from './measure.ts';

const LAYERS = 1000;
const FILES = 100;
/** Keys in our text, and how many of the first of them are typed in the Python too: it takes a second each. */
const KEYS = 500;
const KEYS_IN_PYTHON = 96;
/** Typed behind the arguments of a `Conv2d`, key by key, and deleted again: both languages write it alike. */
const TYPED = ', bias=False';
const FASTER_GOAL = 5;
const LOADED = 1000;
const LOADING_GOAL = 10_000;
const GOALS = { diagnostics: 50, completion: 30, hover: 10 } as const;

const OURS: Server = { command: [join(projectFolder, 'dist/scv.mjs'), 'lsp'], language: 'scv' };

type What = 'diagnostics' | 'completion' | 'hover';
type Times = Record<What, number[]>;

interface Project {
  readonly name: string;
  /** The file that is typed in, and where its lines with a `Conv2d` are to be found. */
  readonly scv: { readonly file: string; readonly texts: Readonly<Record<string, string>> };
  readonly python: { readonly file: string; readonly texts: Readonly<Record<string, string>> };
}

export async function measureEditing(): Promise<{ readonly report: string; readonly goals: readonly Goal[] }> {
  const interpreter = await pythonEnvironment();
  const pyright: Server = {
    command: [join(projectFolder, 'node_modules/pyright/langserver.index.js'), '--stdio'],
    language: 'python',
    settings: { python: { pythonPath: interpreter }, 'python.analysis': { diagnosticMode: 'openFilesOnly' } },
  };
  const rows: string[][] = [];
  const goals: Goal[] = [];
  for (const project of [longFile(), manyFiles()]) {
    const { ours, theirs } = await compare(project, pyright);
    for (const [tool, times] of Object.entries({ scv: ours, pyright: theirs })) {
      for (const [what, each] of Object.entries(times)) {
        rows.push([
          tool === 'scv' && what === 'diagnostics' ? `**${project.name}**` : '',
          tool,
          what,
          duration(median(each)),
          duration(percentile(each, 0.95)),
          duration(Math.max(...each)),
          String(each.length),
        ]);
      }
    }
    const ratio = medianRatio(theirs.diagnostics, ours.diagnostics);
    goals.push({
      promise: `${project.name}: diagnostics at least ${String(FASTER_GOAL)} times as soon as Pyright's (median of the same keys)`,
      measured: `${ratio.toFixed(0)} ×`,
      isKept: ratio >= FASTER_GOAL,
    });
    for (const [what, longest] of Object.entries(GOALS) as [What, number][]) {
      const slow = percentile(ours[what], 0.95);
      goals.push({
        promise: `${project.name}: ${what}, p95 at most ${String(longest)} ms`,
        measured: duration(slow),
        isKept: slow <= longest,
      });
    }
    console.error(`${project.name} is measured`);
  }
  const loading = await loadFolder();
  goals.push({
    promise: `a folder of ${LOADED.toLocaleString('en')} files, and a model that uses all, in under ${duration(LOADING_GOAL)}`,
    measured: duration(loading),
    isKept: loading <= LOADING_GOAL,
  });
  return { report: table(['', 'server', 'what', 'median', 'p95', 'longest', 'times'], rows), goals };
}

/** Types the same in both, key by key, in turns. */
async function compare({ scv, python }: Project, pyright: Server): Promise<{ ours: Times; theirs: Times }> {
  const folder = mkdtempSync(join(tmpdir(), 'scv-bench-'));
  try {
    for (const [name, text] of Object.entries({ ...scv.texts, ...python.texts }))
      writeFileSync(join(folder, name), text);
    const ours = await Typist.start(OURS, folder, scv.file);
    const theirs = await Typist.start(pyright, folder, python.file);
    const rounds = Math.ceil(KEYS / (2 * TYPED.length));
    // The first round is for warming up.
    for (let round = 0; round <= rounds; round++) {
      const isCompared = round * 2 * TYPED.length <= KEYS_IN_PYTHON;
      for (let key = 0; key < 2 * TYPED.length; key++) {
        await ours.key((round * 37) / 97, key, round > 0);
        if (isCompared) await theirs.key((round * 37) / 97, key, round > 0);
      }
    }
    await ours.close();
    await theirs.close();
    return { ours: ours.times, theirs: theirs.times };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** From starting the server on a folder of files to the diagnostics of one that uses all others. */
async function loadFolder(): Promise<number> {
  const { scv } = manyFiles(LOADED);
  const folder = mkdtempSync(join(tmpdir(), 'scv-bench-'));
  try {
    for (const [name, text] of Object.entries(scv.texts)) writeFileSync(join(folder, name), text);
    const start = performance.now();
    const client = await LspClient.start(OURS, folder);
    await client.open(pathToFileURL(join(folder, 'main.scv')).href, scv.texts['main.scv']!);
    const took = performance.now() - start;
    await client.close();
    return took;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

class Typist {
  readonly times: Times = { diagnostics: [], completion: [], hover: [] };
  readonly #client: LspClient;
  readonly #uri: string;
  /** Where it is typed: behind the last argument of a `Conv2d`. */
  readonly #places: readonly number[];

  private constructor(client: LspClient, uri: string, places: readonly number[]) {
    this.#client = client;
    this.#uri = uri;
    this.#places = places;
  }

  static async start(server: Server, folder: string, file: string): Promise<Typist> {
    const client = await LspClient.start(server, folder);
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    const uri = pathToFileURL(path).href;
    await client.open(uri, text);
    const places = [...text.matchAll(/Conv2d\([^)\n]*(?=\))/g)].map(({ index, 0: call }) => index + call.length);
    return new Typist(client, uri, places);
  }

  /** @param where which of the places, from 0 to 1 (what is more wraps around) */
  async key(where: number, key: number, isTimed: boolean): Promise<void> {
    const start = this.#places[Math.floor((where % 1) * this.#places.length)]!;
    const isTyping = key < TYPED.length;
    const at = start + (isTyping ? key : 2 * TYPED.length - 1 - key);
    const took = isTyping
      ? await this.#client.edit(this.#uri, at, 0, TYPED[key]!)
      : await this.#client.edit(this.#uri, at, 1, '');
    if (isTimed) this.times.diagnostics.push(took);
    if (!isTimed || key % 4 !== 2) return;
    const cursor = this.#client.positionAt(this.#uri, at + (isTyping ? 1 : 0));
    this.times.completion.push(await this.#client.ask('textDocument/completion', this.#uri, cursor));
    const name = this.#client.positionAt(this.#uri, this.#client.text(this.#uri).lastIndexOf('Conv2d', start) + 1);
    this.times.hover.push(await this.#client.ask('textDocument/hover', this.#uri, name));
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

// ---------------------------------------------------------------------------------------------- projects

function longFile(): Project {
  const text = SHAPES['a name a layer']!(LAYERS);
  return {
    name: `${LAYERS.toLocaleString('en')} layers in a file`,
    scv: { file: 'long.scv', texts: { 'long.scv': text } },
    python: { file: 'long.py', texts: { 'long.py': generated(text) } },
  };
}

/** A block of ten layers a file, and a model that uses all; what is typed in is one of the blocks. */
function manyFiles(count = FILES): Project {
  const text = SHAPES['blocks of ten']!(count * 10);
  const start = text.indexOf('model ');
  const blocks = text.slice(0, start).split(/^(?=block )/m);
  const names = blocks.map((block) => /^block (\w+)/.exec(block)![1]!);
  const scv = Object.fromEntries(blocks.map((block, i) => [`${names[i]!}.scv`, block]));
  const imports = names.map((name) => `import { ${name} } from "./${name}.scv"\n`).join('');
  const classes = generated(text).split(/^(?=class )/m);
  const header = classes[0]!;
  const python = Object.fromEntries(
    classes.slice(1, -1).map((each) => [`${/^class (\w+)/.exec(each)![1]!}.py`, `${header}${each}`]),
  );
  const pythonImports = Object.keys(python).map((file) => `from ${file.slice(0, -3)} import ${file.slice(0, -3)}\n`);
  const typedIn = names[Math.floor(names.length / 2)]!;
  return {
    name: `${String(count)} files`,
    scv: { file: `${typedIn}.scv`, texts: { ...scv, 'main.scv': `${imports}\n${text.slice(start)}` } },
    python: {
      file: `${typedIn}.py`,
      texts: { ...python, 'main.py': `${header}${pythonImports.join('')}\n\n${classes.at(-1)!}` },
    },
  };
}

function generated(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'scv-bench-'));
  try {
    writeFileSync(join(folder, 'model.scv'), text);
    const args = [join(projectFolder, 'dist/scv.mjs'), 'generate', join(folder, 'model.scv')];
    return execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
