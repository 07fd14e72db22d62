/**
 * How much a test generates, and from which seed: little and the same in `npm test`, so that it fails for changes alone;
 * less in `npm run test:quick`; much and new in `npm run test:long`. SCV_CASES and SCV_SEED say otherwise; each test prints
 * its seed.
 */
const scale = process.env.SCV_SCALE;
export const isLong = scale === 'long';
export const isQuick = scale === 'quick';

export function caseCount(ordinary: number, long: number, quick = ordinary): number {
  return Number(process.env.SCV_CASES ?? (isLong ? long : isQuick ? quick : ordinary));
}

/** Of what is gone through one by one: all, and each so many-th in `npm run test:quick`. */
export function someOf<T>(all: readonly T[], nth: number): readonly T[] {
  return isQuick ? all.filter((_, i) => i % nth === 0) : all;
}

/** Milliseconds that a test may go on making cases. */
export function timeBox(ordinary: number, long: number): number {
  return isLong ? long : isQuick ? ordinary / 8 : ordinary;
}

export const SEED = Number(process.env.SCV_SEED ?? (isLong ? Date.now() % 2 ** 31 : 20261123));
