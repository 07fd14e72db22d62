/** Runs the layout beside the page, so that the page never waits for it. */
import type { LayoutGraph } from '../../../server/src/core/layout/graph.ts';
import { layOut } from '../../../server/src/core/layout/layOut.ts';
import type { LayoutJob, LayoutDone } from './layouts.ts';
import { pack } from './packedLayout.ts';

/** What there is in a worker; the page's types know only windows. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<LayoutJob>) => void) | null;
  postMessage(message: LayoutDone, handedOver: readonly ArrayBuffer[]): void;
}

const scope = self as unknown as WorkerScope;

scope.onmessage = ({ data: { job, graph, uShape, preferred } }) => {
  const layout = pack(layOut(graph satisfies LayoutGraph, { uShape, preferred }));
  scope.postMessage({ job, layout }, [layout.numbers.buffer]);
};
