/**
 * How many cases a test generates: few in `npm test`, many in `npm run test:long`. SCV_CASES says another number,
 * SCV_SEED repeats a run.
 */
export function caseCount(ordinary: number, long: number): number {
  const wanted = process.env.SCV_CASES;
  if (wanted !== undefined) return Number(wanted);
  return process.env.SCV_LONG === '1' ? long : ordinary;
}
