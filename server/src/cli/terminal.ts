/** What goes out, and how it looks on a terminal. */
import type { WriteStream } from 'node:tty';

export interface Terminal {
  /** To standard output. */
  print(text: string): void;
  /** To standard error. */
  complain(text: string): void;
  /** How many columns fit; `undefined` where it isn't a terminal. */
  readonly width: number | undefined;
  readonly paint: Paint;
  /** The same for standard error. */
  readonly paintError: Paint;
}

export type Colour = 'bold' | 'dim' | 'red' | 'yellow';
export type Paint = (colour: Colour, text: string) => string;

const CODES: Readonly<Record<Colour, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  yellow: [33, 39],
};

const plain: Paint = (_, text) => text;
const coloured: Paint = (colour, text) =>
  `\u001b[${String(CODES[colour][0])}m${text}\u001b[${String(CODES[colour][1])}m`;

export function processTerminal(): Terminal {
  return {
    print: (text) => void process.stdout.write(text),
    complain: (text) => void process.stderr.write(text),
    width: process.stdout.isTTY ? process.stdout.columns : undefined,
    paint: paintFor(process.stdout),
    paintError: paintFor(process.stderr),
  };
}

/** Colours on a terminal only, and not where somebody doesn't want them: https://no-color.org */
function paintFor(stream: Partial<WriteStream>): Paint {
  const isUnwanted = (process.env.NO_COLOR ?? '') !== '' || process.env.TERM === 'dumb';
  return stream.isTTY === true && !isUnwanted ? coloured : plain;
}
