import type { NumberColumn } from '../column.ts';

/** What of a column is a number, and how many rows have no value. */
export type TakenNumbers = {
  /** In the order of the rows, infinities among them, -0 as 0. */
  readonly numbers: Float64Array;
  readonly nulls: number;
};

/** The numbers of a column, apart from it. Cost O(n). */
export function takeNumbers(column: NumberColumn): TakenNumbers {
  const values = new Float64Array(column.length);
  const { n, nulls } = copyNumbers(column, values);
  return { numbers: values.subarray(0, n), nulls };
}

/**
 * Copies what is a number to the front of `into`, -0 as 0; returns how many, and how many rows have no value. Each value
 * is written, and kept where it is wanted: that is cheaper than to guess.
 */
function copyNumbers({ values, valid, length }: NumberColumn, into: Float64Array): { n: number; nulls: number } {
  if (valid !== null) return takeValid(values.subarray(0, length), valid, into);
  let n = 0;
  for (let i = 0; i < length; i++) {
    const v = values[i]!;
    into[n] = v + 0;
    n = (n + numberBit(v)) | 0;
  }
  return { n, nulls: 0 };
}

function takeValid(values: Float64Array, valid: Uint8Array, into: Float64Array): { n: number; nulls: number } {
  let n = 0;
  let present = 0;
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    const bit = (valid[i >> 3]! >> (i & 7)) & 1;
    into[n] = v + 0;
    n = (n + (bit & numberBit(v))) | 0;
    present = (present + bit) | 0;
  }
  return { n, nulls: values.length - present };
}

/** 0 for NaN, without a branch. */
const numberBit = (v: number): number => 1 - Number(Number.isNaN(v));
