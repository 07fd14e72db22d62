import { shortBytes, shortCount } from '../../../server/src/core/analysis/numbers.ts';
import type { CountsData } from '../../../server/src/core/view/modelGraph.ts';

/** In short: `25.6 M`, `4.09 G`, `98.3 MB`. */
export function amount(value: number, of: keyof CountsData): string {
  return of === 'bytes' ? bytes(value) : shortCount(whole(value), of === 'macs' ? 'G' : 'B');
}

/** In full: `25,557,032`. */
export function exact(value: number | undefined): string {
  return value === undefined ? '?' : value.toLocaleString('en');
}

export function bytes(value: number): string {
  return shortBytes(whole(value));
}

function whole(value: number): bigint {
  return BigInt(Math.round(value));
}
