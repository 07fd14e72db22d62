/** Times and how they are told. A machine is noisy: what is compared is run in turns, and medians are taken. */

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The smallest value that this part of all does not exceed. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(Math.ceil(sorted.length * part) - 1, 0)]!;
}

/** Of runs in turns: how many times longer the one took than the other. */
export function medianRatio(longer: readonly number[], shorter: readonly number[]): number {
  return median(longer.map((time, i) => time / shorter[i]!));
}

/** Milliseconds as people read them. */
export function duration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** One thing that is promised, and whether this run kept it. */
export interface Goal {
  readonly promise: string;
  readonly measured: string;
  readonly isKept: boolean;
}

/** A Markdown table. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  const ruler = headings.map((_, i) => (i === 0 ? '---' : '---:'));
  return [headings, ruler, ...rows].map(line).join('');
}
