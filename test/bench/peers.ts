/** `scv summary` beside the tools that people use today, on the same models: who is right, in what time. */
import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { ended, projectFolder } from '../../scripts/processes.ts';
import { peerPackages, pythonEnvironment } from '../../scripts/pythonEnvironment.ts';
import { DiskProgram, uriOfPath } from '../../server/src/cli/files.ts';
import { Analyser } from '../../server/src/core/analysis/analyse.ts';
import { atShapes, rowsOf, totalsOf } from '../../server/src/core/analysis/summary.ts';
import type { Model } from '../../server/src/core/definition.ts';
import { constant, constantValue } from '../../server/src/core/dimension.ts';
import type { Program } from '../../server/src/core/program.ts';
import { createFileParser } from '../../server/src/language/read.ts';
import { toSourceFile } from '../../server/src/language/reading/sourceFile.ts';
import { TORCHVISION, type TorchvisionModel, officialOf } from '../fixtures/torchvision.ts';
import { duration, median, medianRatio, table, type Goal } from './measure.ts';

const TOOLS = ['torchinfo', 'fvcore', 'ptflops', 'FlopCounterMode'] as const;
type Tool = (typeof TOOLS)[number];

/** Runs in turns of whole processes and of summaries in a process that goes on. */
const COLD_ROUNDS = 3;
const WARM_ROUNDS = 3;
/** So many of our summaries for each of theirs: one alone is too short to be timed. */
const OURS_AT_ONCE = 20;
const COLD_GOAL = 5;
const WARM_GOAL = 100;

interface Counts {
  readonly parameters: bigint;
  readonly macs: bigint;
}

interface Measured extends Counts {
  readonly cold: readonly number[];
  readonly warm: readonly number[];
}

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
  const cold: number[] = [];
  const warm: number[] = [];
  let areOursRight = true;
  for (const model of models) {
    const measured = await measure(model, python, packages);
    const ours = measured.get('scv')!;
    for (const [tool, each] of measured) {
      const right = describe(model, each);
      if (tool === 'scv') areOursRight &&= right.isExact;
      if (tool === 'torchinfo') {
        cold.push(medianRatio(each.cold, ours.cold));
        warm.push(medianRatio(each.warm, ours.warm));
      }
      rows.push([
        tool === 'scv' ? `**${model.name}**` : '',
        tool,
        ...right.cells,
        duration(median(each.cold)),
        duration(median(each.warm)),
        ...(tool === 'scv'
          ? ['', '']
          : [times(medianRatio(each.cold, ours.cold)), times(medianRatio(each.warm, ours.warm))]),
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
        'process ÷ ours',
        'again ÷ ours',
      ],
      rows,
    ),
    goals: [
      {
        promise: "parameters and GMACs are torchvision's official ones, in every model",
        measured: areOursRight ? 'all are' : 'not all are',
        isKept: areOursRight,
      },
      goal(`\`scv summary\`, a whole process, at least ${COLD_GOAL} times as fast as torchinfo's`, cold, COLD_GOAL),
      goal(`after an edit at least ${WARM_GOAL} times as fast as torchinfo asked again`, warm, WARM_GOAL),
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
  const ours: { cold: number[]; warm: number[]; counts?: Counts } = { cold: [], warm: [] };
  const again = repeatedSummary(model.file, crop);
  measured.set('scv', { ...command(model.file, crop).counts, cold: ours.cold, warm: ours.warm });
  for (const tool of TOOLS) {
    const cold: number[] = [];
    const warm: number[] = [];
    // The goals are about torchinfo: it is run as often as ours, in turns.
    const rounds = tool === 'torchinfo' ? COLD_ROUNDS : 1;
    for (let round = 0; round < rounds; round++) {
      if (tool === 'torchinfo') ours.cold.push(command(model.file, crop).ms);
      const started = performance.now();
      const peer = start(tool);
      await peer.close();
      cold.push(performance.now() - started);
    }
    const peer = start(tool);
    const counts = await peer.counts();
    for (let round = 0; round < WARM_ROUNDS; round++) {
      if (tool === 'torchinfo') ours.warm.push(again());
      warm.push(await peer.again());
    }
    await peer.close();
    measured.set(tool, { ...counts, cold, warm });
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

/** Our summary as an editor has it again: the model's last stage comes and goes, and all is said of the new text. */
function repeatedSummary(file: string, crop: number): () => number {
  const path = join(projectFolder, file);
  const uri = uriOfPath(path);
  const disk = new DiskProgram();
  const text = readFileSync(path, 'utf8').trimEnd();
  const texts = [text, `${text.slice(0, -1).trimEnd()} -> Identity\n}`];
  const parser = createFileParser();
  const analyser = new Analyser();
  let parsed = parser.parse(text);
  const shape = [1, 3, crop, crop].map((size) => constant(size));
  const summarise = (version: string): void => {
    parsed = parser.parse(version, parsed);
    const source = toSourceFile(uri, parsed).file;
    const program: Program = {
      file: (each) => (each === uri ? source : disk.file(each)),
      resolve: (from, to) => disk.resolve(from, to),
    };
    const { session, models, problems } = analyser.analyse(program, uri);
    if (problems.some(({ severity }) => severity === 'error')) throw new Error(`${file} has errors:\n${version}`);
    const sized = atShapes(session, models.at(-1)!.definition as Model, [shape])!;
    const rows = [...rowsOf(sized)];
    if (rows.length === 0 || constantValue(totalsOf(sized).macs) === undefined) throw new Error(`${file}: no summary`);
  };
  let turn = 0;
  const run = (): number => {
    const started = performance.now();
    for (let i = 0; i < OURS_AT_ONCE; i++) summarise(texts[(turn += 1) % 2]!);
    return (performance.now() - started) / OURS_AT_ONCE;
  };
  run(); // warm
  return run;
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
  async again(): Promise<number> {
    this.#process.stdin.write('again\n');
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
