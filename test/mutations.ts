/** Changes that somebody makes while working on a text, or whose cat walks over the keys. */
import type { Random } from './random.ts';

/** A few changes of words, lines, characters, numbers, or by a line of another file. */
export function mutated(text: string, other: string, random: Random): string {
  let edited = text;
  for (let edits = random.int(1, 3); edits > 0; edits--) edited = random.pick(EDITS)(edited, other, random);
  return edited;
}

type Edit = (text: string, other: string, random: Random) => string;

/** Takes a part out, doubles it, or exchanges two. */
function changed(parts: string[], random: Random): string[] {
  const place = (): number => random.int(0, parts.length - 1);
  const at = place();
  const kind = random.next();
  if (kind < 0.35) parts.splice(at, 1);
  else if (kind < 0.7) parts.splice(at, 0, parts[place()] ?? '');
  else {
    const with_ = place();
    [parts[at], parts[with_]] = [parts[with_] ?? '', parts[at] ?? ''];
  }
  return parts;
}

const VALUES = [
  '0',
  '1',
  '-1',
  '3',
  '7',
  '64',
  '0.5',
  '10 ** 20',
  'None',
  'True',
  '"same"',
  '[1, 2]',
  'H',
  'x',
  'x.channels',
];
const CHARACTERS = '(){}[]<>-+*/%=:,.#"\'\\ \n\r\tax0_é한🙂\u200b';

const EDITS: readonly Edit[] = [
  (text, _, random) => changed(text.split(/(\W)/u), random).join(''),
  (text, _, random) => changed(text.split(/(\W)/u), random).join(''),
  (text, _, random) => changed(text.split('\n'), random).join('\n'),
  (text, other, random) => {
    const lines = text.split('\n');
    lines.splice(random.int(0, lines.length), random.int(0, 1), random.pick(other.split('\n')));
    return lines.join('\n');
  },
  (text, _, random) => {
    const at = random.int(0, text.length);
    return (
      text.slice(0, at) +
      (random.chance(0.5) ? random.pick(Array.from(CHARACTERS)) : '') +
      text.slice(at + random.int(0, 1))
    );
  },
  (text, _, random) => {
    const numbers = [...text.matchAll(/\b\d+(?:\.\d+)?\b/gu)];
    if (numbers.length === 0) return text;
    const { index, 0: number } = random.pick(numbers);
    return text.slice(0, index) + random.pick(VALUES) + text.slice(index + number.length);
  },
];
