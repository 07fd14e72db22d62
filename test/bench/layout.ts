/** The layout of graphs of many boxes, flat, which is the hardest case; beside dagre's and ELK's. */
import { join } from 'node:path';
import type { LayoutGraph, LayoutOptions } from '../../server/src/core/layout/graph.ts';
import { layOut } from '../../server/src/core/layout/layOut.ts';
import { projectFolder } from '../../scripts/processes.ts';
import { graphOf, modelsOf } from '../core/layout/examples.ts';
import { denseNet, inception, randomFlat, resNet, uNet } from '../core/layout/families.ts';
import { Random } from '../random.ts';
import { SEED } from '../scale.ts';
import { type Goal, duration, median, table } from './measure.ts';
import { type Tool, timeOfOther } from './otherLayouts.ts';

const WARM_UP = 10;
const ROUNDS = 15;
/** Milliseconds that another tool may take, once: some of these graphs take them minutes. */
const LIMIT_OF_OTHERS = 20_000;

interface Family {
  readonly make: (count: number) => LayoutGraph;
  readonly options?: LayoutOptions;
  /** Milliseconds, at 1,000 boxes and at 10,000. */
  readonly goals: readonly [number, number];
}

const FAMILIES: Readonly<Record<string, Family>> = {
  ResNet: { make: resNet, goals: [60, 400] },
  'U-Net as U': { make: uNet, goals: [60, 400] },
  'U-Net downwards': { make: uNet, options: { uShape: false }, goals: [60, 400] },
  Inception: { make: inception, goals: [60, 400] },
  DenseNet: { make: denseNet, goals: [80, 400] },
  random: { make: (count) => randomFlat(count, new Random(SEED, 'bench')), goals: [60, 400] },
};

/** Views of examples as they open: blocks folded. */
const FOLDED = ['resnet50', 'densenet121', 'googlenet', 'unet', 'vit', 'mobilenetv3'];
const FOLDED_GOAL = 5;

export async function measureLayout(): Promise<{ readonly report: string; readonly goals: readonly Goal[] }> {
  const goals: Goal[] = [];
  const rows: string[][] = [];
  for (const [name, { make, options, goals: limits }] of Object.entries(FAMILIES)) {
    const row = [name];
    for (const [i, count] of [1000, 10_000].entries()) {
      const graph = make(count);
      const took = timeOf(() => layOut(graph, options));
      row.push(graph.edges.length.toLocaleString('en'), duration(took));
      goals.push({
        promise: `layout of ${name}, ${count.toLocaleString('en')} boxes, in at most ${limits[i]!} ms`,
        measured: duration(took),
        isKept: took <= limits[i]!,
      });
      if (count === 1000) row.push(await other('dagre', graph), await other('ELK', graph));
    }
    rows.push(row);
    console.error(`the layout of ${name} is measured`);
  }
  const folded = FOLDED.map((name) => {
    const { instance } = modelsOf(join(projectFolder, `examples/${name}.scv`))[0]!;
    const graph = graphOf(instance, (_, depth) => depth < 1);
    return { name, count: graph.boxes.length, took: timeOf(() => layOut(graph)) };
  });
  const slowest = Math.max(...folded.map(({ took }) => took));
  goals.push({
    promise: `layout of a folded view in at most ${FOLDED_GOAL} ms`,
    measured: duration(slowest),
    isKept: slowest <= FOLDED_GOAL,
  });
  const flat = table(['', 'edges of 1,000 boxes', 'scv', 'dagre', 'ELK layered', 'edges of 10,000', 'scv'], rows);
  const views = table(
    ['one level unfolded', 'scv'],
    folded.map(({ name, took }) => [name, duration(took)]),
  );
  return { report: `${flat}\n${views}`, goals };
}

function timeOf(run: () => unknown): number {
  const times: number[] = [];
  for (let i = 0; i < WARM_UP + ROUNDS; i++) {
    const started = performance.now();
    run();
    if (i >= WARM_UP) times.push(performance.now() - started);
  }
  return median(times);
}

async function other(tool: Tool, graph: LayoutGraph): Promise<string> {
  const took = await timeOfOther(tool, graph, LIMIT_OF_OTHERS);
  return took === undefined ? `over ${duration(LIMIT_OF_OTHERS)}` : duration(took);
}
