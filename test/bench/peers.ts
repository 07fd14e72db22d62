/** `scv summary` beside the tools that people use today, on the same models: who is right, in what time. */
import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { ended, projectFolder } from '../../scripts/processes.ts';
import { peerPackages, pythonEnvironment } from '../../scripts/pythonEnvironment.ts';
import { DiskProgram, uriOfPath } from '../../server/src/cli/files.ts';
import { Analyser, type FileFacts } from '../../server/src/core/analysis/analyse.ts';
import { atShapes, rowsOf, totalsOf } from '../../server/src/core/analysis/summary.ts';
import type { Model } from '../../server/src/core/definition.ts';
import { constant, constantValue } from '../../server/src/core/dimension.ts';
import type { Program } from '../../server/src/core/program.ts';
import type { Shape } from '../../server/src/core/tensor.ts';
import { createFileParser } from '../../server/src/language/read.ts';
import { toSourceFile } from '../../server/src/language/reading/sourceFile.ts';
import type { ScvParseResult } from '../../server/src/language/text/parser.ts';
import { TORCHVISION, type TorchvisionModel, officialOf } from '../fixtures/torchvision.ts';
import { duration, median, medianRatio, table, type Goal } from './measure.ts';

const TOOLS = ['torchinfo', 'fvcore', 'ptflops', 'FlopCounterMode'] as const;
type Tool = (typeof TOOLS)[number];

/** Runs in turns of whole processes and of summaries in a process that goes on. */
const COLD_ROUNDS = 3;
const WARM_ROUNDS = 3;
/** So many of our summaries, at least, for each of theirs: one alone is too short to be timed. */
const OURS_AT_ONCE = 20;
/** Edits before any is timed: an editor's server has seen more. */
const EDITS_BEFORE = 200;
const COLD_GOAL = 5;
const WARM_GOAL = 100;

interface Counts {
  readonly parameters: bigint;
  readonly macs: bigint;
}

/** Milliseconds, run by run. */
interface Times {
  /** Of whole processes. */
  readonly cold: number[];
  /** In a process that goes on, where nothing changed. */
  readonly again: number[];
  /** There, of a text or class that changed. */
  readonly edited: number[];
}

const WAYS = ['cold', 'again', 'edited'] as const;

type Measured = Counts & Times;

export interface Comparison {
  readonly report: string;
  readonly goals: readonly Goal[];
}

/** @param only names of torchvision's models; all that are examples where absent */
export async function comparePeers(only: readonly string[]): Promise<Comparison> {
  const python = await pythonEnvironment();
  const packages = await peerPackages(python);
  // What `scv summary FILE` is about, where torchvision tells its multiply-adds.
  const models = TORCHVISION.filter(
    (each) =>
      each.model === undefined &&
      each.arguments === undefined &&
      officialOf(each).gmacs !== undefined &&
      (only.length === 0 || only.includes(each.name)),
  );
  const rows: string[][] = [];
  /** How many times as long torchinfo takes, model by model. */
  const ratios: Times = { cold: [], again: [], edited: [] };
  let areOursRight = true;
  for (const model of models) {
    const measured = await measure(model, python, packages);
    const ours = measured.get('scv')!;
    for (const [tool, each] of measured) {
      const right = describe(model, each);
      if (tool === 'scv') areOursRight &&= right.isExact;
      const ratiosOfTool = WAYS.map((way) => medianRatio(each[way], ours[way].slice(0, each[way].length)));
      if (tool === 'torchinfo') WAYS.forEach((way, i) => ratios[way].push(ratiosOfTool[i]!));
      rows.push([
        tool === 'scv' ? `**${model.name}**` : '',
        tool,
        ...right.cells,
        ...WAYS.map((way) => duration(median(each[way]))),
        ...(tool === 'scv' ? WAYS.map(() => '') : ratiosOfTool.map(times)),
      ]);
    }
    console.error(`${model.name} is measured`);
  }
  return {
    report: table(
      [
        'model',
        'tool',
        'parameters',
        'off by',
        'GMACs',
        'off by',
        'process',
        'again',
        'edited',
        'process ÷ ours',
        'again ÷ ours',
        'edited ÷ ours',
      ],
      rows,
    ),
    goals: [
      {
        promise: "parameters and GMACs are torchvision's official ones, in every model",
        measured: areOursRight ? 'all are' : 'not all are',
        isKept: areOursRight,
      },
      goal(
        `\`scv summary\`, a whole process, at least ${COLD_GOAL} times as fast as torchinfo's`,
        ratios.cold,
        COLD_GOAL,
      ),
      goal(
        `asked again with nothing changed, at least ${WARM_GOAL} times as fast as torchinfo asked again of the same model`,
        ratios.again,
        WARM_GOAL,
      ),
    ],
  };
}

function goal(promise: string, ratios: readonly number[], wanted: number): Goal {
  const typical = median(ratios);
  return {
    promise: `${promise} (median of the models)`,
    measured: `${times(typical)} (${times(Math.min(...ratios))} to ${times(Math.max(...ratios))})`,
    isKept: typical >= wanted,
  };
}

function times(ratio: number): string {
  return `${ratio < 10 ? ratio.toFixed(1) : ratio.toFixed(0)} ×`;
}

/** A tool's counts beside the official ones; GMACs are published to three decimals, so those are compared. */
function describe(model: TorchvisionModel, { parameters, macs }: Counts): { cells: string[]; isExact: boolean } {
  const official = officialOf(model);
  const gmacs = (Number(macs) / 1e9).toFixed(3);
  const off = (value: number, wanted: number): string =>
    value === wanted ? 'exact' : `${(((value - wanted) / wanted) * 100).toFixed(1)} %`;
  return {
    cells: [
      parameters.toLocaleString('en'),
      off(Number(parameters), Number(official.parameters)),
      gmacs,
      off(Number(gmacs), Number(official.gmacs)),
    ],
    isExact: parameters === official.parameters && Number(gmacs) === Number(official.gmacs),
  };
}

// ---------------------------------------------------------------------------------------------- one model

async function measure(
  model: TorchvisionModel,
  python: string,
  packages: string,
): Promise<ReadonlyMap<Tool | 'scv', Measured>> {
  const { crop } = officialOf(model);
  const measured = new Map<Tool | 'scv', Measured>();
  const start = (tool: Tool): Peer => new Peer(python, packages, tool, model, crop);
  const ours: Times = { cold: [], again: [], edited: [] };
  const editor = new EditedModel(model.file, crop);
  measured.set('scv', { ...command(model.file, crop).counts, ...ours });
  for (const tool of TOOLS) {
    const theirs: Times = { cold: [], again: [], edited: [] };
    // The goals are about torchinfo: it is run as often as ours, in turns.
    const rounds = tool === 'torchinfo' ? COLD_ROUNDS : 1;
    for (let round = 0; round < rounds; round++) {
      if (tool === 'torchinfo') ours.cold.push(command(model.file, crop).ms);
      const started = performance.now();
      const peer = start(tool);
      await peer.close();
      theirs.cold.push(performance.now() - started);
    }
    const peer = start(tool);
    const counts = await peer.counts();
    for (let round = 0; round < WARM_ROUNDS; round++) {
      if (tool === 'torchinfo') ours.again.push(editor.again());
      theirs.again.push(await peer.ask('again'));
      if (tool === 'torchinfo') ours.edited.push(editor.edited());
      theirs.edited.push(await peer.ask('edited'));
    }
    await peer.close();
    measured.set(tool, { ...counts, ...theirs });
  }
  return measured;
}

/** `scv summary` as a process. */
function command(file: string, crop: number): { readonly counts: Counts; readonly ms: number } {
  const args = ['dist/scv.mjs', 'summary', file, '--json', '--input', `1x3x${crop}x${crop}`];
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: projectFolder, encoding: 'utf8' });
  const ms = performance.now() - started;
  if (status !== 0) throw new Error(`scv summary ${file}: ${stderr}`);
  const { params, macs } = JSON.parse(stdout) as { params: { total: number | string }; macs: number | string };
  return { counts: { parameters: BigInt(params.total), macs: BigInt(macs) }, ms };
}

/** A model in an editor: its text changes, and all that `scv summary` says is asked of each version. */
class EditedModel {
  readonly #text: string;
  readonly #uri: string;
  readonly #disk = new DiskProgram();
  readonly #parser = createFileParser();
  readonly #analyser = new Analyser();
  readonly #shape: Shape;
  /** Before each `->` of the text a stage may be typed; these are where it is legal. */
  readonly #places: readonly number[];
  #parsed: ScvParseResult;
  #facts: FileFacts;
  #edits = 0;

  constructor(file: string, crop: number) {
    const path = join(projectFolder, file);
    this.#uri = uriOfPath(path);
    this.#text = readFileSync(path, 'utf8');
    this.#shape = [1, 3, crop, crop].map((size) => constant(size));
    this.#parsed = this.#parser.parse(this.#text);
    this.#facts = this.#read(this.#text);
    if (!this.#summarise()) throw new Error(`${file} has errors`);
    const arrows = this.#parsed.tokens.filter(({ image }) => image === '->').map(({ startOffset }) => startOffset);
    this.#places = arrows.filter((place) => this.#edit(place));
    if (this.#places.length === 0) throw new Error(`${file} has no place for a stage`);
    while (this.#edits < EDITS_BEFORE) this.edited();
    this.again();
  }

  /** The same text again, of which the server keeps the facts. @returns milliseconds of one summary */
  again(): number {
    const started = performance.now();
    for (let i = 0; i < OURS_AT_ONCE; i++) this.#summarise();
    return (performance.now() - started) / OURS_AT_ONCE;
  }

  /** One edit after the other, at each place as often. @returns milliseconds of one edit, from text to summary */
  edited(): number {
    const started = performance.now();
    let edits = 0;
    while (edits < OURS_AT_ONCE) {
      for (const place of this.#places) if (!this.#edit(place)) throw new Error(`${this.#uri}: an edit is wrong`);
      edits += this.#places.length;
    }
    return (performance.now() - started) / edits;
  }

  /** A text that wasn't seen before: a stage stands here that nobody wrote yet, and the last one is gone. */
  #edit(place: number): boolean {
    this.#edits += 1;
    const stage = ` -> Dropout(${(0.1 + this.#edits / 1e6).toFixed(6)}) `;
    this.#facts = this.#read(this.#text.slice(0, place) + stage + this.#text.slice(place));
    return this.#summarise();
  }

  #read(text: string): FileFacts {
    this.#parsed = this.#parser.parse(text, this.#parsed);
    const source = toSourceFile(this.#uri, this.#parsed).file;
    const program: Program = {
      file: (each) => (each === this.#uri ? source : this.#disk.file(each)),
      resolve: (from, to) => this.#disk.resolve(from, to),
    };
    return this.#analyser.analyse(program, this.#uri);
  }

  /** @returns whether the text is right and all was said of it */
  #summarise(): boolean {
    const { session, models, problems } = this.#facts;
    if (problems.some(({ severity }) => severity === 'error')) return false;
    const sized = atShapes(session, models.at(-1)!.definition as Model, [this.#shape])!;
    return Array.from(rowsOf(sized)).length > 0 && constantValue(totalsOf(sized).macs) !== undefined;
  }
}

/** Another tool's process, which is asked once and then again. */
class Peer {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: AsyncIterator<string, undefined>;
  #complaint = '';

  constructor(python: string, packages: string, tool: Tool, { name, options }: TorchvisionModel, crop: number) {
    const args = [join(import.meta.dirname, 'peers.py'), tool, name, String(crop), JSON.stringify(options ?? {})];
    const env = { ...process.env, PYTHONPATH: packages };
    this.#process = spawn(python, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#process.stderr.on('data', (chunk: Buffer) => (this.#complaint += chunk.toString()));
    this.#lines = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
  }

  async counts(): Promise<Counts> {
    const { parameters, macs } = (await this.#line()) as { parameters: number; macs: number };
    return { parameters: BigInt(parameters), macs: BigInt(macs) };
  }

  /** @returns milliseconds */
  async ask(way: 'again' | 'edited'): Promise<number> {
    this.#process.stdin.write(`${way}\n`);
    return ((await this.#line()) as { seconds: number }).seconds * 1000;
  }

  async close(): Promise<void> {
    this.#process.stdin.end();
    if ((await ended(this.#process)) !== 0) throw new Error(this.#complaint);
  }

  async #line(): Promise<unknown> {
    const line = await this.#lines.next();
    if (line.done === true) throw new Error(this.#complaint);
    return JSON.parse(line.value);
  }
}
