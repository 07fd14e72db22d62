/** Rows under headings, for people. */
export interface Column {
  readonly heading: string;
  readonly align: 'left' | 'right';
  /** It gives way where the terminal is narrow; what it says last is kept. */
  readonly shrinks?: true;
  /** Where the terminal is too narrow it goes, the last one first. */
  readonly optional?: true;
}

export interface Table {
  /** The first are the headings. */
  readonly lines: readonly string[];
  /** Headings of columns that there was no room for. */
  readonly leftOut: readonly string[];
}

const GAP = '  ';
/** What a column shrinks to before another one goes, and what it shrinks to at last. */
const COMFORTABLE = 20;
const NARROWEST = 8;

export function table(columns: readonly Column[], rows: readonly (readonly string[])[], width = Infinity): Table {
  const natural = columns.map(({ heading }, i) =>
    rows.reduce((most, row) => Math.max(most, displayWidth(row[i]!)), displayWidth(heading)),
  );
  const least = (i: number, floor: number): number =>
    columns[i]!.shrinks === true ? Math.min(natural[i]!, floor) : natural[i]!;
  let shown = columns.map((_, i) => i);
  const total = (widthOf: (i: number) => number): number =>
    shown.reduce((sum, i) => sum + widthOf(i), GAP.length * (shown.length - 1));
  while (total((i) => least(i, COMFORTABLE)) > width) {
    const last = shown.findLast((i) => columns[i]!.optional === true);
    if (last === undefined) break;
    shown = shown.filter((i) => i !== last);
  }
  const widths = [...natural];
  for (const floor of [COMFORTABLE, NARROWEST]) {
    for (const i of shown) {
      const excess = total((each) => widths[each]!) - width;
      if (excess > 0) widths[i] = Math.max(widths[i]! - excess, Math.min(widths[i]!, least(i, floor)));
    }
  }
  const line = (cells: readonly string[]): string =>
    shown
      .map((i) => {
        const text = shortened(cells[i]!, widths[i]!);
        const blank = ' '.repeat(Math.max(widths[i]! - displayWidth(text), 0));
        return columns[i]!.align === 'left' ? text + blank : blank + text;
      })
      .join(GAP)
      .trimEnd();
  return {
    lines: [line(columns.map(({ heading }) => heading)), ...rows.map(line)],
    leftOut: columns.filter((_, i) => !shown.includes(i)).map(({ heading }) => heading),
  };
}

function shortened(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  const characters = Array.from(text);
  while (characters.length > 0 && displayWidth(characters.join('')) > width - 1) characters.shift();
  return `…${characters.join('')}`;
}

/** How many columns of a terminal a text takes: Chinese, Japanese and Korean characters take two, marks none. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += MARK.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}

const MARK = /^\p{M}$/u;
const WIDE = /^[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff01-\uff60]$/u;
