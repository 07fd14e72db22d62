/** A worker that lays out one graph with another tool, so that one that doesn't end can be ended. */
import { Graph, layout as layOutWithDagre } from '@dagrejs/dagre';
import ELK from 'elkjs/lib/elk.bundled.js';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import type { LayoutGraph } from '../../server/src/core/layout/graph.ts';

export type Tool = 'dagre' | 'ELK';

interface Task {
  readonly tool: Tool;
  readonly graph: LayoutGraph;
}

/** @returns milliseconds, or undefined where it took longer than the limit, which is in milliseconds too */
export async function timeOfOther(tool: Tool, graph: LayoutGraph, limit: number): Promise<number | undefined> {
  const task: Task = { tool, graph };
  const worker = new Worker(new URL(import.meta.url), { workerData: task });
  const timer = setTimeout(() => void worker.terminate(), limit);
  try {
    return await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', () => resolve(undefined));
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

async function layOutWithElk({ boxes, edges }: LayoutGraph): Promise<number> {
  const elk = new ELK.default();
  const graph = {
    id: 'root',
    layoutOptions: { 'elk.algorithm': 'layered', 'elk.direction': 'DOWN' },
    children: boxes.map(({ id, width, height }) => ({ id, width, height })),
    edges: edges.map(({ source, target }, e) => ({ id: String(e), sources: [source], targets: [target] })),
  };
  const started = performance.now();
  await elk.layout(graph);
  return performance.now() - started;
}

function timeOfDagre({ boxes, edges }: LayoutGraph): number {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({});
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of boxes) graph.setNode(id, { width, height });
  for (const [e, { source, target }] of edges.entries()) graph.setEdge(source, target, {}, String(e));
  const started = performance.now();
  layOutWithDagre(graph);
  return performance.now() - started;
}

if (!isMainThread && parentPort !== null) {
  const { tool, graph } = workerData as Task;
  parentPort.postMessage(tool === 'dagre' ? timeOfDagre(graph) : await layOutWithElk(graph));
}
