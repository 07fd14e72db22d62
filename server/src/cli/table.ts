/** Rows under headings, for people. */
export interface Column {
  readonly heading: string;
  readonly align: 'left' | 'right';
  /** It gives way where the terminal is narrow; what it says last is kept. */
  readonly shrinks?: true;
}

const GAP = '  ';
const NARROWEST = 8;

/** The lines of a table; the first are its headings. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[], width?: number): string[] {
  const widths = columns.map(({ heading }, i) =>
    rows.reduce((most, row) => Math.max(most, row[i]!.length), heading.length),
  );
  let excess =
    width === undefined ? 0 : widths.reduce((sum, each) => sum + each, GAP.length * (columns.length - 1)) - width;
  for (const [i, { shrinks }] of columns.entries()) {
    if (shrinks !== true || excess <= 0) continue;
    const less = Math.min(excess, widths[i]! - Math.min(widths[i]!, NARROWEST));
    widths[i]! -= less;
    excess -= less;
  }
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, i) => {
        const text = shortened(cells[i]!, widths[i]!);
        return align === 'left' ? text.padEnd(widths[i]!) : text.padStart(widths[i]!);
      })
      .join(GAP)
      .trimEnd();
  return [line(columns.map(({ heading }) => heading)), ...rows.map(line)];
}

function shortened(text: string, width: number): string {
  return text.length <= width ? text : `…${text.slice(text.length - width + 1)}`;
}
