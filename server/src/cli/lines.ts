import { firstFrom } from '../core/search.ts';
/** Lines and columns from 1, as editors count them: in UTF-16 units, a tab one column. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export class LineIndex {
  readonly #starts: readonly number[];

  constructor(text: string) {
    const starts = [0];
    for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + end.length);
    this.#starts = starts;
  }

  at(offset: number): Place {
    const line = firstFrom(this.#starts, offset + 1, (start) => start);
    return { line, column: offset - this.#starts[line - 1]! + 1 };
  }
}
