import { studentTwoSidedTail } from '../special/student-t.ts';
import { isNumberPair, numberAt, rowsOf, type TablePair, textAt } from './table-pair.ts';

export type SliceShift = {
  /** How far the slice moved against the other rows, as a difference of mean ranks in the reference: at most 1. */
  readonly shift: number;
  /** Over all slices and columns (Bonferroni). */
  readonly p: number;
  /** The rows whose `column` is `value`, and what moved in them. */
  readonly column: string;
  readonly value: string;
  readonly moved: string;
  /** Its rows in each table that have a value. */
  readonly n: number;
  readonly m: number;
  /** Slices and columns that were looked at together. */
  readonly looked: number;
};

/** A slice has this share of the rows of both tables on average, and so many rows in each: fewer have no law of a mean. */
const LEAST_SHARE = 0.02;
const LEAST_ROWS = 20;
/** Slices of one column: its most frequent values. */
const MOST_VALUES = 30;
/** Columns of numbers that are looked at, those named first. */
const MOST_COLUMNS = 300;

/**
 * Drift inside of a small part of the rows, which all rows together hide: of every value of a column of texts, how far
 * each column of numbers moved in its rows, less how far it moved in the others. What moves all rows alike, as seasons do,
 * is no part of that. Numbers are taken for their mid-rank in the reference, a share of 1, so that no outlier decides and
 * means of few rows keep to their law. The largest of these differences of differences in its standard error (variances of
 * both tables pooled, for the slice and for the others), by Student's law, Bonferroni over all of them. Rows count as
 * independent of each other: it is for rows of different people or things, and not for a series, in which each row is like
 * the one before (of half-hourly electricity prices it finds 12 of the healthy weeks before a change). Null where there is
 * no slice of 20 rows in both tables, or no numbers. Cost O(rows · (texts · numbers + numbers · log rows)).
 */
export function sliceShift(pair: TablePair): SliceShift | null {
  const slices = slicesOf(pair);
  let looked = 0;
  let worst: (Found & { readonly slice: Slicing; readonly code: number; readonly moved: string }) | null = null;
  if (slices.length === 0) return null;
  for (const column of pair.filter(isNumberPair).slice(0, MOST_COLUMNS)) {
    const sorted = sortedOf(column.reference);
    const ranks = { reference: ranksIn(sorted, column.reference), window: ranksIn(sorted, column.window) };
    for (const slice of slices) {
      const before = sumsOf(ranks.reference, slice.reference, slice.values.length);
      const after = sumsOf(ranks.window, slice.window, slice.values.length);
      for (const [code] of slice.values.entries()) {
        const found = shiftOf(before, after, code);
        if (found === null) continue;
        looked++;
        if (worst === null || found.t > worst.t) worst = { ...found, slice, code, moved: column.name };
      }
    }
  }
  if (worst === null) return null;
  const { slice, code, moved, shift, t, n, m } = worst;
  const p = Math.min(1, studentTwoSidedTail(t, n + m - 2) * looked);
  return { shift, p, column: slice.name, value: slice.values[code]!, moved, n, m, looked };
}

type Numbers = Parameters<typeof numberAt>[0];

/** What tells rows apart: the code of the value that each has, -1 for one that is no slice. */
type Slicing = {
  readonly name: string;
  readonly values: readonly string[];
  readonly reference: Int32Array;
  readonly window: Int32Array;
};

function slicesOf(pair: TablePair): Slicing[] {
  const { n, m } = rowsOf(pair);
  return pair.flatMap((column) => {
    if (isNumberPair(column)) return [];
    const [reference, window] = [countTexts(column.reference), countTexts(column.window)];
    const shareOf = (text: string): number => ((reference.get(text) ?? 0) / n + (window.get(text) ?? 0) / m) / 2;
    const values = [...reference.keys()]
      .filter((text) => Math.min(reference.get(text) ?? 0, window.get(text) ?? 0) >= LEAST_ROWS)
      .filter((text) => shareOf(text) >= LEAST_SHARE)
      .sort((a, b) => shareOf(b) - shareOf(a) || (a < b ? -1 : 1))
      .slice(0, MOST_VALUES);
    if (values.length === 0) return [];
    const codes = new Map(values.map((text, code) => [text, code]));
    const coded = ({ codes: own, dictionary }: Texts): Int32Array => {
      const renamed = dictionary.map((text) => codes.get(text) ?? -1);
      return own.map((code) => renamed[code] ?? -1);
    };
    return [{ name: column.name, values, reference: coded(column.reference), window: coded(column.window) }];
  });
}

type Texts = Parameters<typeof textAt>[0];

function countTexts(column: Texts): Map<string, number> {
  const counts = new Map<string, number>();
  for (let row = 0; row < column.length; row++) {
    const text = textAt(column, row);
    if (text !== null) counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
}

const sortedOf = (column: Numbers): Float64Array =>
  Float64Array.from({ length: column.length }, (_, i) => numberAt(column, i))
    .filter((value) => !Number.isNaN(value))
    .sort();

/** Mid-ranks among the numbers of the reference, as a share of them; NaN for none. */
function ranksIn(sorted: Float64Array, column: Numbers): Float64Array {
  const ranks = new Float64Array(column.length);
  for (let row = 0; row < ranks.length; row++) {
    const value = numberAt(column, row);
    const from = below(sorted, value);
    const to = sorted[from] === value ? below(sorted, value, true) : from;
    ranks[row] = Number.isNaN(value) ? value : (from + to) / 2 / sorted.length;
  }
  return ranks;
}

/** How many are smaller than a value, or `orEqual` to it. */
function below(sorted: Float64Array, value: number, orEqual = false): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (sorted[middle]! < value || (orEqual && sorted[middle]! === value)) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Count, sum and sum of squares of the ranks by code; last those of all rows. */
type Sums = { readonly count: Float64Array; readonly sum: Float64Array; readonly squares: Float64Array };

function sumsOf(ranks: Float64Array, codes: Int32Array, values: number): Sums {
  const [count, sum, squares] = [0, 0, 0].map(() => new Float64Array(values + 1)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let row = 0; row < ranks.length; row++) {
    const rank = ranks[row]!;
    if (Number.isNaN(rank)) continue;
    for (const at of [codes[row]!, values]) {
      if (at < 0) continue;
      count[at]!++;
      sum[at]! += rank;
      squares[at]! += rank * rank;
    }
  }
  return { count, sum, squares };
}

type Found = { readonly shift: number; readonly t: number; readonly n: number; readonly m: number };
type Part = { readonly count: number; readonly mean: number; readonly spread: number };

/** `spread`: the sum of squares about the mean. */
function partOf({ count, sum, squares }: Sums, code: number, others: boolean): Part {
  const all = count.length - 1;
  const take = (of: Float64Array): number => (others ? of[all]! - of[code]! : of[code]!);
  const [c, s] = [take(count), take(sum)];
  return { count: c, mean: c === 0 ? 0 : s / c, spread: c === 0 ? 0 : Math.max(0, take(squares) - (s * s) / c) };
}

function shiftOf(before: Sums, after: Sums, code: number): Found | null {
  const [r, w] = [partOf(before, code, false), partOf(after, code, false)];
  const [rest, restAfter] = [partOf(before, code, true), partOf(after, code, true)];
  if (Math.min(r.count, w.count, rest.count, restAfter.count) < LEAST_ROWS) return null;
  const shift = w.mean - r.mean - (restAfter.mean - rest.mean);
  const variance = errorOf(r, w) + errorOf(rest, restAfter);
  if (!(variance > 0)) return null;
  return { shift: Math.abs(shift), t: Math.abs(shift) / Math.sqrt(variance), n: r.count, m: w.count };
}

/** The squared error of a difference of two means, by the variance of both tables together. */
const errorOf = (a: Part, b: Part): number =>
  ((a.spread + b.spread) / (a.count + b.count - 2)) * (1 / a.count + 1 / b.count);
