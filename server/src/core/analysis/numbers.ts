/** Numbers for people. */
import { type Dimension, constantValue, formatFactored } from '../dimension.ts';

/** `9,472` */
export function withSeparators(value: bigint | number): string {
  return value.toLocaleString('en');
}

const UNITS = [
  { size: 10n ** 12n, letter: 'T' },
  { size: 10n ** 9n, letter: 'G' },
  { size: 10n ** 6n, letter: 'M' },
] as const;

/** Exact below a million, else three figures: `61,706`, `25.6 M`, `1.2 B` (thousand millions are B, multiply-adds `G`). */
export function shortCount(value: bigint, billion: 'B' | 'G' = 'B'): string {
  for (const { size, letter } of UNITS) {
    // A value that three figures would round up to the next unit belongs to it.
    if (value * 2000n >= size * 1999n) return `${threeFigures(value, size)} ${letter === 'G' ? billion : letter}`;
  }
  return withSeparators(value);
}

/** `4.09 GMACs`, `341,440 MACs`. */
export function shortMacs(value: bigint): string {
  const text = shortCount(value, 'G');
  return / [TGM]$/.test(text) ? `${text}MACs` : `${text} MACs`;
}

/** `8.18 GFLOPs`; two for each multiply-add. */
export function shortFlops(value: bigint): string {
  return shortMacs(value).replace(/MACs$/, 'FLOPs');
}

/** `97.8 MB`; bytes as disks are sold, thousand by thousand. */
export function shortBytes(value: bigint): string {
  for (const [size, unit] of [
    [10n ** 12n, 'TB'],
    [10n ** 9n, 'GB'],
    [10n ** 6n, 'MB'],
    [10n ** 3n, 'kB'],
  ] as const) {
    if (value * 2000n >= size * 1999n) return `${threeFigures(value, size)} ${unit}`;
  }
  return `${withSeparators(value)} B`;
}

/** Three figures of value / unit; more only in front of the point. */
function threeFigures(value: bigint, unit: bigint): string {
  // What rounds up to the next power of ten has its figures in front of the point.
  const digits = value * 1000n < unit * 9995n ? 2 : value * 100n < unit * 9995n ? 1 : 0;
  const scale = 10n ** BigInt(digits);
  const rounded = (value * scale * 2n + unit) / (unit * 2n);
  const whole = withSeparators(rounded / scale);
  return digits === 0 ? whole : `${whole}.${String(rounded % scale).padStart(digits, '0')}`;
}

/** A count exactly, symbolic ones as in the source language. */
export function exactCount(value: Dimension): string {
  const known = constantValue(value);
  return known === undefined ? formatFactored(value) : withSeparators(known);
}
