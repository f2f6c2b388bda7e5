import { absentRows, type CategoryColumn, type Column, isValid, type NumberColumn } from '../column.ts';
import { type NumberLoops, PLAIN_LOOPS } from '../summaries/number-loops.ts';

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
  if (column.kind !== 'category') return absentRows(column.valid, column.length);
  const { codes, length } = column;
  let nulls = 0;
  // The sign bit, which is no branch that could be guessed wrong.
  for (let i = 0; i < length; i++) nulls += codes[i]! >>> 31;
  return nulls;
}

export function numberSample(column: NumberColumn, { take, sort }: NumberLoops = PLAIN_LOOPS): NumberSample {
  const { numbers, nulls } = take(column);
  const n = numbers.length;
  const sorted = sort(numbers);
  let from = 0;
  let to = n;
  while (from < to && sorted[from] === Number.NEGATIVE_INFINITY) from++;
  while (to > from && sorted[to - 1] === Number.POSITIVE_INFINITY) to--;
  return { rows: column.length, nulls, nan: column.length - n - nulls, sorted, finite: sorted.subarray(from, to) };
}

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
