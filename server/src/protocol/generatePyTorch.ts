import { array, natural, object, optional, string } from './check.ts';
import type { Request } from './message.ts';

export interface GeneratePyTorchParams {
  uri: string;
  /** The version of the text that the client shows; the server waits until its analysis has caught up with it. */
  version?: number;
  /** The model wanted; without it the file's only or last one. */
  model?: string;
}

export interface GeneratePyTorchResult {
  /** The version of the text that this answer belongs to. A client that shows another drops it. */
  version: number;
  /** All models of the file, in the order of the text. */
  models: string[];
  /** The model that this answer is about; missing when the file has none, or not the one wanted. */
  model?: string;
  /** The Python module; missing when there is none to give, and `problems` says why. */
  python?: string;
  /** The errors that stand in the way, first one first. Empty exactly when `python` is there. */
  problems: GenerationProblem[];
}

/** One error, with its place (which may be in an imported file); lines and characters count from 0. */
export interface GenerationProblem {
  message: string;
  uri: string;
  line: number;
  character: number;
}

/** Client → server: the PyTorch of one model of a file, as it is in the editor. */
export const generatePyTorch: Request<GeneratePyTorchParams, GeneratePyTorchResult> = {
  method: 'scv/generatePyTorch',
  params: object<GeneratePyTorchParams>({ uri: string, version: optional(natural), model: optional(string) }),
  result: object<GeneratePyTorchResult>({
    version: natural,
    models: array(string),
    model: optional(string),
    python: optional(string),
    problems: array(object<GenerationProblem>({ message: string, uri: string, line: natural, character: natural })),
  }),
};
