import type { GraphEditRequest } from '../../../server/src/protocol/graphEdit.ts';
import type { NodeDescription, Place } from '../../../server/src/protocol/describeNode.ts';
import { type EditOutcome, type FromPage, type ToPage, toPage } from '../../../server/src/protocol/graphView.ts';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

/** A message that isn't the answer to a question of ours. */
export type News = Exclude<ToPage, { kind: 'described' } | { kind: 'edited' }>;

/** The other end: the editor that the page is in. */
export class Host {
  readonly #api: VsCodeApi;
  readonly #described = new Map<number, (node: NodeDescription | undefined) => void>();
  readonly #edited = new Map<number, (outcome: EditOutcome) => void>();
  #requests = 0;

  constructor(api: VsCodeApi) {
    this.#api = api;
  }

  listen(hear: (message: News) => void): () => void {
    const listener = ({ data }: MessageEvent<unknown>): void => {
      const message = toPage(data, 'A message to the graph');
      switch (message.kind) {
        case 'described':
          this.#described.get(message.request)?.(message.node);
          this.#described.delete(message.request);
          return;
        case 'edited':
          this.#edited.get(message.request)?.(message.outcome);
          this.#edited.delete(message.request);
          return;
        default:
          hear(message);
      }
    };
    window.addEventListener('message', listener);
    return () => {
      window.removeEventListener('message', listener);
    };
  }

  post(message: Exclude<FromPage, { kind: 'describe' } | { kind: 'edit' }>): void {
    this.#api.postMessage(message);
  }

  /** @param number of the graph that the place is in */
  describe(number: number, place: Place): Promise<NodeDescription | undefined> {
    const request = ++this.#requests;
    return new Promise((settle) => {
      this.#described.set(request, settle);
      this.#api.postMessage({ kind: 'describe', number, request, place } satisfies FromPage);
    });
  }

  edit(number: number, edit: GraphEditRequest): Promise<EditOutcome> {
    const request = ++this.#requests;
    return new Promise((settle) => {
      this.#edited.set(request, settle);
      this.#api.postMessage({ kind: 'edit', number, request, edit } satisfies FromPage);
    });
  }

  /** What the page keeps while it is hidden or VS Code closed. */
  get saved(): unknown {
    return this.#api.getState();
  }

  save(state: unknown): void {
    this.#api.setState(state);
  }
}
