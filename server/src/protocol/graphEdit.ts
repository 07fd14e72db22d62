import type {
  Edge,
  FileEdits,
  GraphEdit,
  GraphEditRequest,
  Piece,
  Plan,
  Source,
  Target,
  TextChange,
  Versions,
  Where,
} from '../core/edits/edit.ts';
import { array, type Check, natural, object, oneOf, optional, record, string, variant } from './check.ts';
import { place } from './describeNode.ts';
import type { Request } from './message.ts';

export type { GraphEdit, GraphEditRequest, Plan };
export { staleFiles } from '../core/edits/edit.ts';

const source: Check<Source> = object<Source>({ node: place, output: natural });
const target: Check<Target> = object<Target>({ node: place, input: natural });
const edge: Check<Edge> = object<Edge>({ from: source, to: target });
const piece: Check<Piece> = object<Piece>({ name: string, file: optional(string), arguments: optional(string) });
const node = object<{ node: Place }>({ node: place });
type Place = Source['node'];

const where: Check<Where> = variant<Where>({
  edge: object<{ edge: Edge }>({ edge }),
  after: node,
  before: node,
});

type Fields<K extends GraphEdit['kind']> = Omit<Extract<GraphEdit, { kind: K }>, 'kind'>;

const graphEdit: Check<GraphEdit> = variant<GraphEdit>({
  insertLayer: object<Fields<'insertLayer'>>({ piece, where }),
  delete: object<Fields<'delete'>>({ nodes: array(place) }),
  rewire: object<Fields<'rewire'>>({ to: target, from: source }),
  insertBranch: object<Fields<'insertBranch'>>({
    first: place,
    last: place,
    join: oneOf(['add', 'concat']),
    piece: optional(piece),
  }),
  move: object<Fields<'move'>>({ node: place, where }),
  duplicate: node,
  wrap: object<Fields<'wrap'>>({ nodes: array(place), name: optional(string) }),
  setArgument: object<Fields<'setArgument'>>({ node: place, argument: string, value: optional(string) }),
  setLabel: object<Fields<'setLabel'>>({ node: place, label: optional(string) }),
  setMetadata: object<Fields<'setMetadata'>>({ model: string, key: string, value: optional(string) }),
  setInput: object<Fields<'setInput'>>({ node: place, name: optional(string), shape: optional(string) }),
  addInput: object<Fields<'addInput'>>({ definition: string, name: string, shape: optional(string) }),
  removeInput: node,
  addOutput: object<Fields<'addOutput'>>({ from: source, name: optional(string) }),
  removeOutput: node,
  setTrain: object<Fields<'setTrain'>>({ model: string, key: string, value: optional(string) }),
  createModel: object<Fields<'createModel'>>({
    file: string,
    name: string,
    input: string,
    shape: string,
    output: optional(string),
  }),
});

export const graphEditRequest: Check<GraphEditRequest> = object<GraphEditRequest>({
  edit: graphEdit,
  scope: optional(oneOf(['all', 'here'])),
});

export interface PlanGraphEditParams {
  /** Of the texts that the graph was made of: where one has another now, there is no plan. */
  versions: Versions;
  uri: string;
  model?: string;
  request: GraphEditRequest;
}

type PlanFields<K extends Plan['kind']> = Omit<Extract<Plan, { kind: K }>, 'kind'>;

export const question = object<PlanFields<'ask'>>({ uses: natural, files: natural, name: string });
export const refusal = object<PlanFields<'refused'>>({ reason: string, place: optional(place) });

/** Client → server: what an edit of a graph is in the texts, a question about it, or why it can't be. */
export const planGraphEdit: Request<PlanGraphEditParams, Plan> = {
  method: 'scv/planGraphEdit',
  params: object<PlanGraphEditParams>({
    versions: record(natural),
    uri: string,
    model: optional(string),
    request: graphEditRequest,
  }),
  result: variant<Plan>({
    edits: object<PlanFields<'edits'>>({
      files: array(
        object<FileEdits>({
          uri: string,
          edits: array(object<TextChange>({ start: natural, end: natural, newText: string })),
        }),
      ),
      notes: array(string),
      focus: optional(
        object<NonNullable<PlanFields<'edits'>['focus']>>({
          uri: string,
          range: object<{ start: number; end: number }>({ start: natural, end: natural }),
        }),
      ),
    }),
    ask: question,
    refused: refusal,
  }),
};
