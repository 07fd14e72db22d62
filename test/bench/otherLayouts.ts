/** A worker that lays out one graph with another tool, so that one that doesn't end can be ended. */
import ELK from 'elkjs/lib/elk.bundled.js';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import type { LayoutGraph } from '../../server/src/core/layout/graph.ts';

/** As far as it is used here: TypeScript doesn't find dagre's own types as Node resolves modules. */
interface Dagre {
  readonly Graph: new (options: { multigraph: boolean }) => {
    setGraph: (label: object) => void;
    setDefaultEdgeLabel: (make: () => object) => void;
    setNode: (id: string, label: object) => void;
    setEdge: (source: string, target: string, label: object, name: string) => void;
  };
  readonly layout: (graph: unknown) => void;
}

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

async function layOutWithDagre({ boxes, edges }: LayoutGraph): Promise<number> {
  const { Graph, layout } = (await import('@dagrejs/dagre')) as unknown as Dagre;
  const graph = new Graph({ multigraph: true });
  graph.setGraph({});
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of boxes) graph.setNode(id, { width, height });
  for (const [e, { source, target }] of edges.entries()) graph.setEdge(source, target, {}, String(e));
  const started = performance.now();
  layout(graph);
  return performance.now() - started;
}

if (!isMainThread && parentPort !== null) {
  const { tool, graph } = workerData as Task;
  parentPort.postMessage(tool === 'dagre' ? await layOutWithDagre(graph) : await layOutWithElk(graph));
}
