/** Which rows of a table are taken: one bit a row, so that a hundred million rows take 12 MiB. */
export class RowSelection {
  #bits = new Uint8Array(1024);
  #rows = 0;
  #count = 0;

  /** Rows that were looked at. */
  get rows(): number {
    return this.#rows;
  }

  /** Rows that are taken. */
  get count(): number {
    return this.#count;
  }

  /** Looks at the next rows: 1 takes one, 0 leaves it. */
  add(taken: Uint8Array): void {
    const needed = (this.#rows + taken.length + 7) >> 3;
    if (needed > this.#bits.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#bits.length));
      larger.set(this.#bits);
      this.#bits = larger;
    }
    for (let i = 0; i < taken.length; i++, this.#rows++) {
      if (taken[i] === 0) continue;
      this.#bits[this.#rows >> 3]! |= 1 << (this.#rows & 7);
      this.#count++;
    }
  }

  has(row: number): boolean {
    return (this.#bits[row >> 3]! & (1 << (row & 7))) !== 0;
  }

  /** Leaves a row that was taken. */
  leave(row: number): void {
    if (!this.has(row)) return;
    this.#bits[row >> 3]! &= ~(1 << (row & 7));
    this.#count--;
  }

  /** The rows that are taken among `[from, to)`, counted from `from`. */
  within(from: number, to: number): Int32Array {
    const found: number[] = [];
    for (let row = from; row < to; row++) if (this.has(row)) found.push(row - from);
    return Int32Array.from(found);
  }
}
