/** Where the values of flat records are: bounds and kind of every cell, row by row, one slot per column. */
import { tooLarge } from '../unreadable.ts';

/** What a cell of JSON or CSV holds. Text bounds exclude the quotes. */
export const CELL = {
  absent: 0,
  null: 1,
  text: 2,
  /** Text with backslash escapes (all of them valid). */
  escaped: 3,
  /** Within ±2^53. */
  integer: 4,
  /** Within int64. */
  bigInteger: 5,
  /** Beyond int64. */
  hugeInteger: 6,
  decimal: 7,
  true: 8,
  false: 9,
  list: 10,
  /** NaN or an infinity, as CSV spells them. */
  special: 11,
  /** A word of CSV that means "missing" unless its column is text: see `csv/types.ts`. */
  mark: 12,
  /** A list of numbers (and nulls), at least one; bounds include the brackets. */
  numbers: 13,
} as const;

/** Of the rows of one block of a file. */
export const MAX_BLOCK_CELLS = 2 ** 24;

type CellArrays = {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly kinds: Uint8Array;
  readonly doubles: Float64Array | null;
};

export class CellTable {
  starts: Int32Array;
  ends: Int32Array;
  kinds: Uint8Array;
  /** What a number is, where that was found out with its bounds; else NaN. Null where nobody does. */
  doubles: Float64Array | null;
  /** Cells per row; cell `slot` of row `r` is at `r * stride + slot`. */
  stride: number;
  /** Finished rows; the row under construction is number `rows`. */
  rows = 0;
  private readonly maxCells: number;

  /** @param arrays of as many slots, to be used as long as these suffice */
  constructor(slots: number, maxCells: number, arrays?: CellArrays) {
    this.stride = arrays === undefined ? Math.max(8, slots) : slots;
    this.maxCells = maxCells;
    this.starts = arrays?.starts ?? new Int32Array(this.stride * 64);
    this.ends = arrays?.ends ?? new Int32Array(this.stride * 64);
    this.kinds = arrays?.kinds ?? new Uint8Array(this.stride * 64);
    this.doubles = arrays?.doubles ?? null;
  }

  /** Makes the next row's cells all absent. */
  beginRow(): void {
    const base = this.rows * this.stride;
    if (base + this.stride > this.kinds.length) this.resize(this.stride, Math.max(64, this.rows * 2));
    else this.kinds.fill(CELL.absent, base, base + this.stride);
    this.doubles?.fill(Number.NaN, base, base + this.stride);
  }

  /** Makes room for slot numbers below `slots`. */
  reserve(slots: number): void {
    if (slots <= this.stride) return;
    this.resize(Math.ceil((slots * 3) / 2), Math.max(64, this.kinds.length / this.stride));
  }

  private resize(stride: number, rows: number): void {
    if (stride * this.rows > this.maxCells) {
      throw tooLarge(`The records hold more than ${this.maxCells} cells (rows times columns); send fewer at a time.`);
    }
    const starts = new Int32Array(stride * rows);
    const ends = new Int32Array(stride * rows);
    const kinds = new Uint8Array(stride * rows);
    for (let row = 0; row <= this.rows; row++) {
      const from = row * this.stride;
      if (from >= this.kinds.length) break;
      starts.set(this.starts.subarray(from, from + this.stride), row * stride);
      ends.set(this.ends.subarray(from, from + this.stride), row * stride);
      kinds.set(this.kinds.subarray(from, from + this.stride), row * stride);
    }
    this.starts = starts;
    this.ends = ends;
    this.kinds = kinds;
    this.doubles = null;
    this.stride = stride;
  }
}
