/**
 * How much a test generates, and from which seed: little and the same in `npm test`, so that it fails for changes alone;
 * much and new in `npm run test:long`. SCV_CASES and SCV_SEED say otherwise; each test prints its seed.
 */
export const isLong = process.env.SCV_LONG === '1';

export function caseCount(ordinary: number, long: number): number {
  return Number(process.env.SCV_CASES ?? (isLong ? long : ordinary));
}

export const SEED = Number(process.env.SCV_SEED ?? (isLong ? Date.now() % 2 ** 31 : 20261123));
