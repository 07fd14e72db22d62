import type { Range } from '../core/definition.ts';
import type { Origin, Place } from '../core/origin.ts';
import { array, boolean, type Check, integer, natural, object, optional, string } from './check.ts';
import type { Request } from './message.ts';

export type { Place };

const range: Check<Range> = object<Range>({ start: natural, end: natural });

export const place: Check<Place> = array(
  object<Origin>({ definition: string, part: integer, range, turns: array(natural) }),
);

export interface DescribeNodeParams {
  uri: string;
  /** The version of the text that the graph belongs to. */
  version: number;
  model: string;
  /** Of the node; empty for the model itself. */
  place: Place;
}

export interface NodeDescription {
  /** `Conv2d`, `+`, a block's name. */
  title: string;
  /** What the text's hover says there, as Markdown. */
  hover?: string;
  /** The name of the layer whose page tells more. */
  page?: string;
  /** Whether it can have a label, and the one it has. */
  isLabelled: boolean;
  label?: string;
  parameters: ParameterForm[];
  inputs: PortForm[];
  outputs: PortForm[];
  /** Of an input: its shape as it is written. */
  shape?: string;
  /** Of a model: what may be said of it, and how it is trained. */
  metadata?: ParameterForm[];
  train?: ParameterForm[];
  /** How its sizes and counts come about: `(3·64·7·7) + 64 = 9,472`. */
  formulas: { of: string; text: string }[];
}

/** A parameter of a layer or block in a form. */
export interface ParameterForm {
  name: string;
  /** As shown to people: `int or (int, int)`. */
  type: string;
  /** As it is written; missing where it isn't. */
  written?: string;
  /** What holds when it isn't written, as Python writes it. */
  standard?: string;
  /** What was worked out from what comes in. */
  inferred?: string;
  /** The words that it can be, as they are written. */
  choices?: string[];
  documentation?: string;
}

export interface PortForm {
  name?: string;
  shape: string;
}

const port = object<PortForm>({ name: optional(string), shape: string });

const form = object<ParameterForm>({
  name: string,
  type: string,
  written: optional(string),
  standard: optional(string),
  inferred: optional(string),
  choices: optional(array(string)),
  documentation: optional(string),
});

export const nodeDescription: Check<NodeDescription> = object<NodeDescription>({
  title: string,
  hover: optional(string),
  page: optional(string),
  isLabelled: boolean,
  label: optional(string),
  parameters: array(form),
  inputs: array(port),
  outputs: array(port),
  shape: optional(string),
  metadata: optional(array(form)),
  train: optional(array(form)),
  formulas: array(object<{ of: string; text: string }>({ of: string, text: string })),
});

/** Client → server: what is known of one node of a graph, and the form of its arguments. Nothing where it isn't there. */
export const describeNode: Request<DescribeNodeParams, { node?: NodeDescription }> = {
  method: 'scv/describeNode',
  params: object<DescribeNodeParams>({ uri: string, version: natural, model: string, place }),
  result: object<{ node?: NodeDescription }>({ node: optional(nodeDescription) }),
};
