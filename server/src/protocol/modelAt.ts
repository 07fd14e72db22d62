import { natural, object, optional, string } from './check.ts';
import type { Request } from './message.ts';

/** A place in a file; lines and characters count from 0. */
export interface ModelAtParams {
  uri: string;
  line: number;
  character: number;
}

export interface ModelAtResult {
  /** Missing when the file has no model. */
  model?: ModelInShort;
}

export interface ModelInShort {
  name: string;
  /** `25.6 M parameters`; missing while errors keep it from being counted. */
  parameters?: string;
  /** `4.09 GMACs at 224×224` */
  macs?: string;
  /** `image [N, 3, 224, 224] → logits [N, 1000]` */
  shapes: string;
}

/** Client → server: the model that the cursor is in, else the last one of the file, in a few words. */
export const modelAt: Request<ModelAtParams, ModelAtResult> = {
  method: 'scv/modelAt',
  params: object<ModelAtParams>({ uri: string, line: natural, character: natural }),
  result: object<ModelAtResult>({
    model: optional(
      object<ModelInShort>({ name: string, parameters: optional(string), macs: optional(string), shapes: string }),
    ),
  }),
};
