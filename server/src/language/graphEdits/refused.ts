import type { Place } from '../../core/origin.ts';

/** Why an edit can't be written, in one sentence for people that says what to do: ends its planning. */
export class Refused extends Error {
  readonly place: Place | undefined;

  constructor(reason: string, place?: Place) {
    super(reason);
    this.place = place;
  }
}

/** The node stands for many, and nobody said yet which are meant. */
export class Undecided extends Error {
  readonly uses: number;
  readonly files: number;
  readonly of: string;

  constructor(uses: number, files: number, of: string) {
    super(`${of} stands for ${String(uses)}`);
    this.uses = uses;
    this.files = files;
    this.of = of;
  }
}
