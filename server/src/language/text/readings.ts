import type { FileParser, ScvParseResult } from './parser.ts';

/**
 * What was last read of each file: its text, and the text that somebody was about to give it. A reading is void as soon
 * as the next of its kind is made, which takes over what didn't change.
 */
export class Readings {
  readonly #parser: FileParser;
  readonly #files = new Map<string, ScvParseResult>();
  readonly #drafts = new Map<string, ScvParseResult>();

  constructor(parser: FileParser) {
    this.#parser = parser;
  }

  /** What a file says. */
  read(uri: string, text: string): ScvParseResult {
    const draft = this.#drafts.get(uri);
    if (draft === undefined || textOf(draft) !== text) return this.#next(this.#files, uri, text);
    // What was tried is what is written then, as a rule: the two change places.
    const before = this.#files.get(uri);
    this.#files.set(uri, draft);
    if (before === undefined) this.#drafts.delete(uri);
    else this.#drafts.set(uri, before);
    return draft;
  }

  /** What a file would say. */
  draft(uri: string, text: string): ScvParseResult {
    return this.#next(this.#drafts, uri, text);
  }

  forget(uri: string): void {
    this.#files.delete(uri);
    this.#drafts.delete(uri);
  }

  #next(readings: Map<string, ScvParseResult>, uri: string, text: string): ScvParseResult {
    const reading = this.#parser.parse(text, readings.get(uri));
    readings.set(uri, reading);
    return reading;
  }
}

function textOf({ value }: ScvParseResult): string | undefined {
  return value.$cstNode?.root.fullText;
}
