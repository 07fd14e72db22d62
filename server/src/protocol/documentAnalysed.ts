import { natural, object, string } from './check.ts';
import type { Notification } from './message.ts';

/** The document whose facts are new. */
export interface DocumentAnalysedParams {
  uri: string;
  /** The version of the text that the facts belong to, as the client counts it. */
  version: number;
}

/**
 * Server → client: the analysis of an open document has finished, because it or a file it imports changed. Sent
 * once after the server's pause for typing, for every open document whose facts may differ: what shows derived things
 * (the Python beside the text) asks anew then, and need not listen to edits itself.
 */
export const documentAnalysed: Notification<DocumentAnalysedParams> = {
  method: 'scv/documentAnalysed',
  params: object<DocumentAnalysedParams>({ uri: string, version: natural }),
};
