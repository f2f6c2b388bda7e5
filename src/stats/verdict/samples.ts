import { type CategoryColumn, type Column, isValid, type NumberColumn } from '../column.ts';
import { cellSort } from '../summaries/cell-sort.ts';
import type { NumberLoops } from '../summaries/number-loops.ts';

/** One side of a numeric column: its numbers sorted, infinities among them, NaN and nulls only counted. */
export type NumberSample = {
  readonly rows: number;
  readonly nulls: number;
  readonly nan: number;
  readonly sorted: Float64Array;
  /** The finite part of `sorted`. */
  readonly finite: Float64Array;
};

/** The rows of a column: of the whole where it is a sample. */
export function rowsOf(column: Column): number {
  return column.kind === 'vector' ? (column.whole?.rows ?? column.length) : column.length;
}

/** Those of them without a value. */
export function nullsOf(column: Column): number {
  if (column.kind === 'vector' && column.whole !== undefined) return column.whole.nulls;
  let nulls = 0;
  if (column.kind === 'category') {
    const { codes, length } = column;
    for (let i = 0; i < length; i++) if (codes[i]! < 0) nulls++;
  } else if (column.valid !== null) {
    for (let i = 0; i < column.length; i++) if (!isValid(column.valid, i)) nulls++;
  }
  return nulls;
}

/** `sort`: an ascending sort, in place. */
export function numberSample(column: NumberColumn, sort: NumberLoops['sort'] = cellSort): NumberSample {
  const values = new Float64Array(column.length);
  const { n, nulls } = takeNumbers(column, values);
  const sorted = sort(values.subarray(0, n));
  let from = 0;
  let to = n;
  while (from < to && sorted[from] === Number.NEGATIVE_INFINITY) from++;
  while (to > from && sorted[to - 1] === Number.POSITIVE_INFINITY) to--;
  return { rows: column.length, nulls, nan: column.length - n - nulls, sorted, finite: sorted.subarray(from, to) };
}

/** The numbers of a column in the order of its rows, infinities among them, without NaN and nulls. */
export function numbersOf(column: NumberColumn): Float64Array {
  const values = new Float64Array(column.length);
  return values.subarray(0, takeNumbers(column, values).n);
}

/**
 * Copies what is a number to the front of `into`, -0 as 0; returns how many, and how many rows have no value. Each value
 * is written, and kept where it is wanted: that is cheaper than to guess.
 */
function takeNumbers({ values, valid, length }: NumberColumn, into: Float64Array): { n: number; nulls: number } {
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

/** A column of that kind and length without any value. */
export function emptyColumn(kind: 'number' | 'category', length: number): NumberColumn | CategoryColumn {
  if (kind === 'category') {
    return { kind, type: 'text', length, codes: new Int32Array(length).fill(-1), dictionary: [] };
  }
  const valid = new Uint8Array(Math.ceil(length / 8));
  return { kind, type: 'float64', length, values: new Float64Array(length), valid, exact: null };
}

/** Numbers as categories, labelled as JavaScript writes them; NaN and nulls have no category. */
export function asCategories(column: NumberColumn): CategoryColumn {
  const codes = new Int32Array(column.length).fill(-1);
  const known = new Map<number, number>();
  for (let i = 0; i < column.length; i++) {
    const v = column.values[i]! + 0;
    if (!isValid(column.valid, i) || Number.isNaN(v)) continue;
    const code = known.get(v) ?? known.size;
    known.set(v, code);
    codes[i] = code;
  }
  return { kind: 'category', type: 'text', length: column.length, codes, dictionary: Array.from(known.keys(), String) };
}
