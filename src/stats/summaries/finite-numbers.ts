import type { NumberColumn } from '../column.ts';

/** What the rows of a batch have: `n` finite numbers, of which the rest is told; and what is none. */
export type FiniteNumbers = {
  readonly n: number;
  readonly nulls: number;
  readonly nan: number;
  readonly positiveInfinity: number;
  readonly negativeInfinity: number;
  readonly zeros: number;
  readonly negatives: number;
  /** Infinities the other way round where there is no number. */
  readonly min: number;
  readonly max: number;
  /** In the order of the rows. */
  readonly sum: number;
};

/** Copies the finite numbers to the front of `out`, -0 as 0, and counts all there are. Cost O(rows). */
export function takeFinite({ values, valid, length }: NumberColumn, out: Float64Array): FiniteNumbers {
  let [n, nulls, nan, positiveInfinity, negativeInfinity] = [0, 0, 0, 0, 0];
  for (let from = 0; from < length; from += 8) {
    // The rows of one byte of the mask; where all have a value they are not asked one by one.
    const mask = valid === null ? 0xff : valid[from >> 3]!;
    const to = Math.min(length, from + 8);
    for (let i = from; i < to; i++) {
      if (mask !== 0xff && (mask & (1 << (i - from))) === 0) {
        nulls++;
        continue;
      }
      // Adding 0 turns -0 into 0, which the table, the sort and the hash would hold for two values.
      const v = values[i]! + 0;
      if (v - v === 0) out[n++] = v;
      else if (Number.isNaN(v)) nan++;
      else if (v > 0) positiveInfinity++;
      else negativeInfinity++;
    }
  }
  return { n, nulls, nan, positiveInfinity, negativeInfinity, ...lookedAt(out, n) };
}

type LookedAt = Pick<FiniteNumbers, 'zeros' | 'negatives' | 'min' | 'max' | 'sum'>;

/** The first `n` finite values, never -0. */
function lookedAt(values: Float64Array, n: number): LookedAt {
  const words = new Uint32Array(values.buffer, values.byteOffset, 2 * n);
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [zeros, negatives, sum] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const v = values[i]!;
    if (v < min) min = v;
    if (v > max) max = v;
    if (v === 0) zeros++;
    // The sign bit: on values of both signs a comparison is guessed wrong half of the time.
    negatives += words[2 * i + 1]! >>> 31;
    sum += v;
  }
  return { zeros, negatives, min, max, sum };
}
