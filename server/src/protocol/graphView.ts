/**
 * What the graph's editor and the page in its webview say to each other. Nothing that comes from a page is believed:
 * the editor checks each message, and what a page wants done to a text goes through the planner.
 */
import type { Plan } from '../core/edits/edit.ts';
import type { Place } from '../core/origin.ts';
import { array, boolean, type Check, natural, object, oneOf, optional, string, variant } from './check.ts';
import { type NodeDescription, nodeDescription, place } from './describeNode.ts';
import { graph, type GraphResult } from './graph.ts';
import { type GraphEditRequest, graphEditRequest, question, refusal } from './graphEdit.ts';
import { type PaletteGroup, paletteGroups } from './palette.ts';

export interface GraphSettings {
  /** Whether the shapes of tensors are always written at the edges. */
  readonly edgeShapes: boolean;
}

/** Editor → page. */
export type ToPage =
  /** The graph of the text as it is; `number` is what an edit made in it refers to. */
  | {
      readonly kind: 'graph';
      readonly number: number;
      readonly uri: string;
      readonly answer: GraphResult;
      readonly settings: GraphSettings;
    }
  | { readonly kind: 'settings'; readonly settings: GraphSettings }
  /** The cursor stands at this offset of a file. */
  | { readonly kind: 'cursor'; readonly uri: string; readonly offset: number }
  /** There is nothing to show, and why. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  | { readonly kind: 'described'; readonly request: number; readonly node?: NodeDescription }
  | { readonly kind: 'palette'; readonly groups: readonly PaletteGroup[] }
  | { readonly kind: 'edited'; readonly request: number; readonly outcome: EditOutcome };

export type EditOutcome =
  /** It is in the texts. */
  | { readonly kind: 'done'; readonly notes: readonly string[] }
  | Exclude<Plan, { kind: 'edits' }>
  /** The text is another one by now; its graph comes, or has come. */
  | { readonly kind: 'stale' };

export const PICTURE_FORMATS = ['svg', 'png', 'mermaid'] as const;
export type PictureFormat = (typeof PICTURE_FORMATS)[number];

/** Page → editor. */
export type FromPage =
  /** It listens; `model` is the one that it showed before it was closed or reloaded. */
  | { readonly kind: 'ready'; readonly model?: string }
  | { readonly kind: 'showModel'; readonly model: string }
  /** Shows a place in the text; with `focus` the text's editor becomes the active one. */
  | { readonly kind: 'reveal'; readonly number: number; readonly place: Place; readonly focus: boolean }
  | { readonly kind: 'describe'; readonly number: number; readonly request: number; readonly place: Place }
  | { readonly kind: 'palette' }
  | {
      readonly kind: 'edit';
      readonly number: number;
      readonly request: number;
      readonly edit: GraphEditRequest;
    }
  /** `content` is the file's text; of a PNG its bytes in base 64. */
  | { readonly kind: 'save'; readonly format: PictureFormat; readonly content: string; readonly name: string }
  | { readonly kind: 'openLayerPage'; readonly layer: string }
  /** Something went wrong in the page. */
  | { readonly kind: 'failed'; readonly message: string };

type Fields<K extends FromPage['kind']> = Omit<Extract<FromPage, { kind: K }>, 'kind'>;

export const fromPage: Check<FromPage> = variant<FromPage>({
  ready: object<Fields<'ready'>>({ model: optional(string) }),
  showModel: object<Fields<'showModel'>>({ model: string }),
  reveal: object<Fields<'reveal'>>({ number: natural, place, focus: boolean }),
  describe: object<Fields<'describe'>>({ number: natural, request: natural, place }),
  palette: object<object>({}),
  edit: object<Fields<'edit'>>({ number: natural, request: natural, edit: graphEditRequest }),
  save: object<Fields<'save'>>({ format: oneOf(PICTURE_FORMATS), content: string, name: string }),
  openLayerPage: object<Fields<'openLayerPage'>>({ layer: string }),
  failed: object<Fields<'failed'>>({ message: string }),
});

type ToFields<K extends ToPage['kind']> = Omit<Extract<ToPage, { kind: K }>, 'kind'>;
type OutcomeFields<K extends EditOutcome['kind']> = Omit<Extract<EditOutcome, { kind: K }>, 'kind'>;

const settings: Check<GraphSettings> = object<GraphSettings>({ edgeShapes: boolean });

export const toPage: Check<ToPage> = variant<ToPage>({
  graph: object<ToFields<'graph'>>({ number: natural, uri: string, answer: graph.result, settings }),
  settings: object<ToFields<'settings'>>({ settings }),
  cursor: object<ToFields<'cursor'>>({ uri: string, offset: natural }),
  unavailable: object<ToFields<'unavailable'>>({ reason: string }),
  described: object<ToFields<'described'>>({ request: natural, node: optional(nodeDescription) }),
  palette: object<ToFields<'palette'>>({ groups: paletteGroups }),
  edited: object<ToFields<'edited'>>({
    request: natural,
    outcome: variant<EditOutcome>({
      done: object<OutcomeFields<'done'>>({ notes: array(string) }),
      ask: question,
      refused: refusal,
      stale: object<object>({}),
    }),
  }),
});
