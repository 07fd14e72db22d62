import type { Layout, LayoutBox, LayoutGraph } from '../../../server/src/core/layout/graph.ts';
import type { View, ViewBox } from '../../../server/src/core/view/view.ts';
import { source } from './layoutWorker.ts?source';
import { type PackedLayout, unpack } from './packedLayout.ts';

export interface LayoutJob {
  readonly job: number;
  readonly graph: LayoutGraph;
  readonly uShape: boolean;
  readonly preferred: ReadonlySet<string>;
}

export interface LayoutDone {
  readonly job: number;
  readonly layout: PackedLayout;
}

interface Order {
  readonly view: View;
  readonly uShape: boolean;
  /** Ids of boxes that keep their places where nothing else decides. */
  readonly preferred: ReadonlySet<string>;
  readonly done: (layout: Layout) => void;
}

/** Lays views out in a worker, one after the other; of those that wait only the newest is worth it. */
export class Layouts {
  readonly #worker: Worker;
  #job = 0;
  #running: Order | undefined;
  #next: Order | undefined;

  constructor(failed: (message: string) => void) {
    // Of our own text: a page may not load a worker from a file of the extension.
    const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
    this.#worker = new Worker(url);
    this.#worker.onmessage = ({ data }: MessageEvent<LayoutDone>) => {
      const order = this.#running;
      if (order === undefined || data.job !== this.#job) return;
      this.#running = undefined;
      order.done(unpack(data.layout));
      this.#start();
    };
    this.#worker.onerror = ({ message }) => {
      failed(`The layout failed: ${message}`);
      this.#running = undefined;
      this.#start();
    };
  }

  layOut(order: Order): void {
    this.#next = order;
    this.#start();
  }

  #start(): void {
    if (this.#running !== undefined || this.#next === undefined) return;
    const { view, uShape, preferred } = (this.#running = this.#next);
    this.#next = undefined;
    const graph = { boxes: view.boxes.map(layoutBox), edges: view.edges.map(layoutEdge) };
    this.#worker.postMessage({ job: ++this.#job, graph, uShape, preferred } satisfies LayoutJob);
  }
}

/** Only what the layout wants: the rest would be copied to the worker. */
function layoutBox({ id, width, height, role, inside }: ViewBox): LayoutBox {
  return { id, width, height, role, ...(inside === undefined ? {} : { inside: inside.map(layoutBox) }) };
}

function layoutEdge({ source, target, tensor, label }: View['edges'][number]): LayoutGraph['edges'][number] {
  return { source, target, tensor, ...(label === undefined ? {} : { label }) };
}
