/** Runs the layout beside the page, so that the page never waits for it. */
import type { LayoutGraph } from '../../../server/src/core/layout/graph.ts';
import { layOut } from '../../../server/src/core/layout/layOut.ts';
import type { LayoutJob, LayoutDone } from './layouts.ts';

/** What there is in a worker; the page's types know only windows. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<LayoutJob>) => void) | null;
  postMessage(message: LayoutDone): void;
}

const scope = self as unknown as WorkerScope;

scope.onmessage = ({ data: { job, graph, uShape, preferred } }) => {
  scope.postMessage({ job, layout: layOut(graph satisfies LayoutGraph, { uShape, preferred }) });
};
