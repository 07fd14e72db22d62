/** Index of the first whose number is as large or larger, of what stands in the order of those numbers. */
export function firstFrom<T>(all: readonly T[], wanted: number, numberOf: (each: T) => number): number {
  let low = 0;
  let high = all.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numberOf(all[middle]!) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
