import type { CountsData } from '../../../server/src/core/view/modelGraph.ts';

const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** In short: `25.6M`, `98.3 MB`. */
export function amount(value: number, of: keyof CountsData): string {
  return of === 'bytes' ? bytes(value) : SHORT.format(value);
}

/** In full: `25,557,032`. */
export function exact(value: number | undefined): string {
  return value === undefined ? '?' : value.toLocaleString('en');
}

export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let scaled = value;
  let unit = 0;
  while (scaled >= 999.5 && unit < units.length - 1) {
    scaled /= 1000;
    unit++;
  }
  return `${unit === 0 ? String(Math.round(scaled)) : scaled.toLocaleString('en', { maximumSignificantDigits: 3 })} ${units[unit]!}`;
}
