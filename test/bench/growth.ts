/** `scv check` of ever longer models, as a whole process. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectFolder } from '../../scripts/processes.ts';
import { SHAPES } from '../language/long.ts';
import { duration, median, table, type Goal } from './measure.ts';

const LAYERS = [1000, 2000, 5000, 10_000];
const ROUNDS = 3;
const LONGEST_MS = 5000;
/** How much more a layer may take in the longest model than in one of a fifth: linear growth, and the machine's noise. */
const MORE_PER_LAYER = 1.5;

export interface Growth {
  readonly report: string;
  readonly goals: readonly Goal[];
}

export function measureGrowth(): Growth {
  const folder = mkdtempSync(join(tmpdir(), 'scv-bench-'));
  try {
    const names = Object.keys(SHAPES);
    const empty = 'model Empty {\n  input x: [N, 8]\n  output x\n}\n';
    const texts = new Map([['empty', empty]]);
    for (const [name, make] of Object.entries(SHAPES)) {
      for (const layers of LAYERS) texts.set(`${name} ${layers}`, make(layers));
    }
    const times = new Map<string, number[]>([...texts.keys()].map((key) => [key, []]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const [key, text] of texts) times.get(key)!.push(check(folder, text));
    }
    const timeOf = (name: string, layers: number): number => median(times.get(`${name} ${layers}`)!);
    const start = median(times.get('empty')!);
    const perLayer = (name: string, layers: number): number => (timeOf(name, layers) - start) / layers;
    const growthOf = (name: string): number => perLayer(name, 10_000) / perLayer(name, 2000);
    const slowest = Math.max(...names.map((name) => timeOf(name, 10_000)));
    const steepest = Math.max(...names.map(growthOf));
    return {
      report: table(
        ['layers', ...LAYERS.map((layers) => layers.toLocaleString('en')), 'a layer of 10,000 / of 2,000'],
        names.map((name) => [
          name,
          ...LAYERS.map((layers) => duration(timeOf(name, layers))),
          growthOf(name).toFixed(2),
        ]),
      ),
      goals: [
        {
          promise: `\`scv check\` of 10,000 layers, a whole process, in under ${duration(LONGEST_MS)}`,
          measured: duration(slowest),
          isKept: slowest < LONGEST_MS,
        },
        {
          promise: `linear growth: a layer of 10,000 takes at most ${MORE_PER_LAYER} times as long as one of 2,000`,
          measured: `${steepest.toFixed(2)} times`,
          isKept: steepest <= MORE_PER_LAYER,
        },
      ],
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @returns milliseconds */
function check(folder: string, text: string): number {
  const file = join(folder, 'model.scv');
  writeFileSync(file, text);
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(projectFolder, 'dist/scv.mjs'), 'check', file], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`scv check: ${stdout}${stderr}`);
  return performance.now() - started;
}
