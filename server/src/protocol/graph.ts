import type { OriginData, ModelGraph, ModuleData, NodeData, PortData } from '../core/view/modelGraph.ts';
import { CARD_FAMILIES, NODE_KINDS, type CountsData, type ProblemData } from '../core/view/modelGraph.ts';
import {
  array,
  type Check,
  integer,
  natural,
  number,
  object,
  oneOf,
  optional,
  record,
  refuse,
  string,
} from './check.ts';
import type { Request } from './message.ts';

export type { ModelGraph };

export interface GraphParams {
  uri: string;
  /** The version of the text that the client shows; the server waits until its analysis has caught up with it. */
  version?: number;
  /** The model wanted; without it, or where there is none of that name, the file's only or last one. */
  model?: string;
}

export interface GraphResult {
  /** The version of the text that this answer belongs to. A client that shows another drops it. */
  version: number;
  /** All models of the file, in the order of the text. */
  models: string[];
  /** The model that this answer is about; missing when the file has none. */
  model?: string;
  /** As far as the model is known; missing where there is no model, or where its text can't be read. */
  graph?: ModelGraph;
  /** Where the definitions stand that the graph leads back to. */
  definitions: PlacedDefinition[];
  /** Of all open texts that the graph hangs on: what an edit of it may be written into. */
  versions: Record<string, number>;
  /** The syntax errors of the file, first one first: while there are some, a graph may lack what they hide. */
  problems: string[];
}

/** Where the parts of a definition begin: UTF-16 offsets in the text of its file. */
export interface PlacedDefinition {
  id: string;
  uri: string;
  /** Where its first part begins, and where it ends. */
  header: number;
  end: number;
  statements: number[];
}

const severity = oneOf(['error', 'warning']);
const problem: Check<ProblemData> = object<ProblemData>({ severity, message: string });
const counts: Check<CountsData> = object<CountsData>({
  parameters: optional(number),
  macs: optional(number),
  bytes: optional(number),
});
const origin: Check<OriginData> = object<OriginData>({
  part: integer,
  start: natural,
  end: natural,
  turns: optional(array(natural)),
});
const port: Check<PortData> = object<PortData>({ name: string, tensor: natural, origin, problem: optional(problem) });
const node: Check<NodeData> = object<NodeData>({
  kind: oneOf(NODE_KINDS),
  family: oneOf(CARD_FAMILIES),
  title: string,
  name: optional(string),
  key: optional(string),
  details: optional(string),
  inputs: array(natural),
  inputNames: optional(array(string)),
  outputs: array(natural),
  counts,
  isJoin: optional(oneOf([true])),
  frozen: optional(oneOf([true])),
  shared: optional(object<NonNullable<NodeData['shared']>>({ layer: natural, use: natural, of: natural })),
  problem: optional(problem),
  origin,
  module: optional(natural),
  nodes: optional(array((value, where) => node(value, where))),
});

/** Also of what refers to what: a tensor that has no shape, or a module that isn't there, is refused. */
export const modelGraph: Check<ModelGraph> = (value, where) => {
  const graph = object<ModelGraph>({
    name: string,
    modules: array(
      object<ModuleData>({
        definition: string,
        title: string,
        inputs: array(port),
        outputs: array(port),
        shapes: array(string),
        nodes: array(node),
        counts,
      }),
    ),
    at: optional(size),
  })(value, where);
  for (const [index, module] of graph.modules.entries()) {
    const at = `${where}.modules[${String(index)}]`;
    const tensor = below(module.shapes.length);
    for (const { tensor: own } of [...module.inputs, ...module.outputs]) tensor(own, `${at} port`);
    const references = [tensor, below(graph.modules.length)] as const;
    checkReferences(module.nodes, [`${at} input`, `${at} output`, `${at} module`], references);
  }
  return graph;
};

function checkReferences(
  nodes: readonly NodeData[],
  at: readonly [input: string, output: string, module: string],
  [tensor, module]: readonly [Check<number>, Check<number>],
): void {
  for (const each of nodes) {
    for (const own of each.inputs) tensor(own, at[0]);
    for (const own of each.outputs) tensor(own, at[1]);
    if (each.module !== undefined) module(each.module, at[2]);
    if (each.nodes !== undefined) checkReferences(each.nodes, at, [tensor, module]);
  }
}

function below(end: number): Check<number> {
  return (value, where) => {
    const checked = natural(value, where);
    return checked < end ? checked : refuse(value, where, `a number below ${String(end)}`);
  };
}

const size: Check<readonly [number, number]> = (value, where) => {
  const [height, width] = array(natural)(value, where);
  return [natural(height, `${where}[0]`), natural(width, `${where}[1]`)];
};

/** Client → server: what a model of a file is as a graph, as it is in the editor. */
export const graph: Request<GraphParams, GraphResult> = {
  method: 'scv/graph',
  params: object<GraphParams>({ uri: string, version: optional(natural), model: optional(string) }),
  result: object<GraphResult>({
    version: natural,
    models: array(string),
    model: optional(string),
    graph: optional(modelGraph),
    definitions: array(
      object<PlacedDefinition>({
        id: string,
        uri: string,
        header: natural,
        end: natural,
        statements: array(natural),
      }),
    ),
    versions: record(natural),
    problems: array(string),
  }),
};
