/** Vectors under construction: rows of one length, written in any order. */
import { dimensionOf, type VectorColumn, type VectorType } from '../../stats/column.ts';
import { trimmedMask } from './validity-mask.ts';

/** Slots are 0 and valid until written. */
export class VectorSink {
  readonly type: VectorType;
  readonly dimension: number;
  /** Component `j` of row `i` is at `i * dimension + j`. */
  readonly values: Float64Array;
  private mask: Uint8Array | null = null;
  private readonly capacity: number;

  constructor(type: VectorType, capacity: number) {
    this.type = type;
    this.dimension = dimensionOf(type);
    this.capacity = capacity;
    this.values = new Float64Array(capacity * this.dimension);
  }

  /** For the next batch, when nobody holds the former column any more. Slots keep what they had. */
  reset(): void {
    this.mask = null;
  }

  setNull(row: number): void {
    this.mask ??= new Uint8Array((this.capacity + 7) >> 3).fill(0xff);
    this.mask[row >> 3]! &= ~(1 << (row & 7));
    this.values.fill(0, row * this.dimension, (row + 1) * this.dimension);
  }

  /** With `passing` the column shares its values with the sink, until that is reset. */
  finish(rows: number, passing = false): VectorColumn {
    const { type, dimension } = this;
    const shared = passing || rows === this.capacity;
    const end = rows * dimension;
    return {
      kind: 'vector',
      type,
      length: rows,
      dimension,
      values: shared ? this.values.subarray(0, end) : this.values.slice(0, end),
      valid: this.mask === null ? null : trimmedMask(this.mask, rows),
    };
  }
}
