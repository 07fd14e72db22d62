/** As many values to a block as make both kinds of steps few: over the blocks of a range, and over the values at its ends. */
const BLOCK = 64;

/** Numbers of which ranges are raised, shifted, and asked for their maximum, with one step for each block inside. */
export class RangeMax {
  readonly #values: Float64Array;
  readonly #max: Float64Array;
  /** What is still to be done to all values of a block: first add, then raise to the floor. */
  readonly #add: Float64Array;
  readonly #floor: Float64Array;

  constructor(count: number, value = 0) {
    const blocks = Math.ceil(count / BLOCK);
    this.#values = new Float64Array(blocks * BLOCK).fill(value);
    this.#max = new Float64Array(blocks).fill(value);
    this.#add = new Float64Array(blocks);
    this.#floor = new Float64Array(blocks).fill(-Infinity);
  }

  at(i: number): number {
    const block = Math.floor(i / BLOCK);
    return Math.max(this.#values[i]! + this.#add[block]!, this.#floor[block]!);
  }

  /** Of the values from `from` to `to`, both included; -Infinity of none. */
  max(from: number, to: number): number {
    let max = -Infinity;
    for (let i = from; i <= to;) {
      const block = Math.floor(i / BLOCK);
      const end = Math.min(to, block * BLOCK + BLOCK - 1);
      if (i === block * BLOCK && end - i === BLOCK - 1) max = Math.max(max, this.#max[block]!);
      else {
        this.#settle(block);
        for (let k = i; k <= end; k++) if (this.#values[k]! > max) max = this.#values[k]!;
      }
      i = end + 1;
    }
    return max;
  }

  /** No value in the range is less than this. */
  raise(from: number, to: number, value: number): void {
    for (let i = from; i <= to;) {
      const block = Math.floor(i / BLOCK);
      const end = Math.min(to, block * BLOCK + BLOCK - 1);
      if (i === block * BLOCK && end - i === BLOCK - 1) this.#floor[block] = Math.max(this.#floor[block]!, value);
      else {
        this.#settle(block);
        for (let k = i; k <= end; k++) if (this.#values[k]! < value) this.#values[k] = value;
      }
      if (this.#max[block]! < value) this.#max[block] = value;
      i = end + 1;
    }
  }

  shift(from: number, to: number, by: number): void {
    for (let i = from; i <= to;) {
      const block = Math.floor(i / BLOCK);
      const start = block * BLOCK;
      const end = Math.min(to, start + BLOCK - 1);
      if (i === start && end - i === BLOCK - 1) {
        this.#add[block]! += by;
        this.#floor[block]! += by;
        this.#max[block]! += by;
      } else {
        this.#settle(block);
        for (let k = i; k <= end; k++) this.#values[k]! += by;
        let max = -Infinity;
        for (let k = start; k < start + BLOCK; k++) max = Math.max(max, this.#values[k]!);
        this.#max[block] = max;
      }
      i = end + 1;
    }
  }

  #settle(block: number): void {
    const add = this.#add[block]!;
    const floor = this.#floor[block]!;
    if (add === 0 && floor === -Infinity) return;
    for (let k = block * BLOCK; k < block * BLOCK + BLOCK; k++) {
      this.#values[k] = Math.max(this.#values[k]! + add, floor);
    }
    this.#add[block] = 0;
    this.#floor[block] = -Infinity;
  }
}
