import { studentTwoSidedTail } from '../special/student-t.ts';
import { LEAST_ROWS, type Moved, movedOf, sumsOf, totalsOf, usualLargest } from './slice-sums.ts';
import { isNumberPair, numberAt, rowsOf, type TablePair, type textAt } from './table-pair.ts';

export type SliceShift = {
  /** How far the slice moved against the other rows, as a difference of mean ranks in the reference: at most 1. */
  readonly shift: number;
  /** The same in its standard error, and that in what the largest of all slices of the column rarely exceeds. */
  readonly t: number;
  readonly ratio: number;
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
  /** Of the numbers that moved, in the rows of the slice; null where it is not finite. */
  readonly means: { readonly reference: number | null; readonly window: number | null };
  /** Of all rows that were looked at. */
  readonly shares: { readonly reference: number; readonly window: number };
};

/** A slice has this share of the rows of both tables on average. */
const LEAST_SHARE = 0.02;
/** Slices of one column: its most frequent values. */
const MOST_VALUES = 30;

/** How many columns are looked at, those named first: of numbers, and of the texts that have slices. */
export type Looked = { readonly numbers: number; readonly texts: number };

/** As `slice_shift/mean-rank@1` looks. */
const UNBOUNDED: Looked = { numbers: 300, texts: Number.POSITIVE_INFINITY };

/**
 * Drift inside of a small part of the rows, which all rows together hide: of every value of a column of texts, how far
 * each column of numbers moved in its rows, less how far it moved in the others. What moves all rows alike, as seasons do,
 * is no part of that. Numbers are taken for their mid-rank in the reference, a share of 1, so that no outlier decides and
 * means of few rows keep to their law. The largest of these differences of differences in its standard error (variances of
 * both tables pooled, for the slice and for the others), by Student's law, Bonferroni over all of them. By this law rows are
 * independent of each other: it is for rows of different people or things, and not for a series, in which each row is like
 * the one before (of half-hourly electricity prices it finds 12 of the healthy weeks before a change). Null where there is
 * no slice of 20 rows in both tables, or no numbers. Cost O(rows · (texts · numbers + numbers · log rows)).
 */
export function sliceShift(pair: TablePair): SliceShift | null {
  return sliceShifts(pair, UNBOUNDED).reduce<SliceShift | null>(
    (worst, found) => (worst === null || found.t > worst.t ? found : worst),
    null,
  );
}

/** The slice that moved most of each column of numbers that has any, in the order of the columns. */
export function sliceShifts(pair: TablePair, { numbers, texts }: Looked): SliceShift[] {
  const slices = slicesOf(pair, texts);
  if (slices.length === 0) return [];
  const found = pair
    .filter(isNumberPair)
    .slice(0, numbers)
    .flatMap((column) => worstOf(column, slices) ?? []);
  const looked = found.reduce((sum, one) => sum + one.cells, 0);
  return found.map(({ slice, code, moved, cells, shift, t, n, m }) => ({
    ...{ shift, t, ratio: t / usualLargest(cells), p: Math.min(1, studentTwoSidedTail(t, n + m - 2) * looked) },
    ...{ column: slice.name, value: slice.values[code]!, moved: moved.name, n, m, looked },
    means: {
      reference: meanIn(moved.reference, slice.reference, code),
      window: meanIn(moved.window, slice.window, code),
    },
    shares: { reference: n / moved.reference.length, window: m / moved.window.length },
  }));
}

type NumberPair = Extract<TablePair[number], { readonly reference: Numbers }>;

function worstOf(column: NumberPair, slices: readonly Slicing[]) {
  const sorted = sortedOf(column.reference);
  const [before, after] = [ranksIn(sorted, column.reference), ranksIn(sorted, column.window)];
  const totals = { before: totalsOf(before), after: totalsOf(after) };
  let cells = 0;
  let worst: (Moved & { readonly slice: Slicing; readonly code: number }) | null = null;
  for (const slice of slices) {
    const values = slice.values.length;
    const reference = sumsOf(before, slice.reference, { values, totals: totals.before, rows: null });
    const window = sumsOf(after, slice.window, { values, totals: totals.after, rows: null });
    for (let code = 0; code < values; code++) {
      const found = movedOf(reference, window, code);
      if (found === null) continue;
      cells++;
      if (worst === null || saysMore(found, worst)) worst = { ...found, slice, code };
    }
  }
  return worst && { ...worst, moved: column, cells };
}

/** Sums that are taken away from others round off so much. */
const ALIKE = 1e-6;

/** The one that moved further; of two that moved alike, as a slice and all other rows do, the smaller one. */
const saysMore = (a: Moved, b: Moved): boolean =>
  a.t > b.t * (1 + ALIKE) || (a.t > b.t * (1 - ALIKE) && a.n + a.m < b.n + b.m);

/** The mean of the numbers themselves in the rows of a slice; null where it is not finite. */
function meanIn(column: Numbers, codes: Int32Array, code: number): number | null {
  let [count, sum] = [0, 0];
  for (let row = 0; row < codes.length; row++) {
    const value = codes[row] === code ? numberAt(column, row) : Number.NaN;
    if (Number.isNaN(value)) continue;
    count++;
    sum += value;
  }
  const mean = sum / count;
  return Number.isFinite(mean) ? mean : null;
}

type Numbers = Parameters<typeof numberAt>[0];

/** What tells rows apart: the code of the value that each has, -1 for one that is no slice. */
type Slicing = {
  readonly name: string;
  readonly values: readonly string[];
  readonly reference: Int32Array;
  readonly window: Int32Array;
};

function slicesOf(pair: TablePair, most: number): Slicing[] {
  const { n, m } = rowsOf(pair);
  const found: Slicing[] = [];
  for (const column of pair) {
    if (found.length >= most) break;
    if (isNumberPair(column)) continue;
    const [reference, window] = [oftenIn(column.reference), oftenIn(column.window)];
    const shareOf = (text: string): number => ((reference.get(text) ?? 0) / n + (window.get(text) ?? 0) / m) / 2;
    const values = mostOf(
      [...reference.keys()].filter((text) => window.has(text)),
      shareOf,
    );
    if (values.length === 0) continue;
    const codes = new Map(values.map((text, code) => [text, code]));
    const coded = (side: Texts): Int32Array => codedBy(side, codes);
    found.push({ name: column.name, values, reference: coded(column.reference), window: coded(column.window) });
  }
  return found;
}

type Texts = Parameters<typeof textAt>[0];

/** The values that are slices, largest first. */
export const mostOf = (texts: readonly string[], shareOf: (text: string) => number): string[] =>
  texts
    .filter((text) => shareOf(text) >= LEAST_SHARE)
    .sort((a, b) => shareOf(b) - shareOf(a) || (a < b ? -1 : 1))
    .slice(0, MOST_VALUES);

/** The rows of each text that has enough of them for a law of their mean. */
export function oftenIn({ codes, dictionary }: Texts): ReadonlyMap<string, number> {
  const counts = new Uint32Array(dictionary.length);
  for (const code of codes) if (code >= 0) counts[code]!++;
  const often = new Map<string, number>();
  counts.forEach((count, code) => {
    if (count >= LEAST_ROWS) often.set(dictionary[code]!, count);
  });
  return often;
}

/** The code of each row's text, -1 for one that has none. */
export function codedBy({ codes, dictionary }: Texts, known: ReadonlyMap<string, number>): Int32Array {
  const renamed = dictionary.map((text) => known.get(text) ?? -1);
  return codes.map((code) => renamed[code] ?? -1);
}

/** The numbers of a column in order. */
export function sortedOf(column: Numbers): Float64Array {
  const all = new Float64Array(column.length);
  let count = 0;
  for (let row = 0; row < column.length; row++) {
    const value = numberAt(column, row);
    if (!Number.isNaN(value)) all[count++] = value;
  }
  return all.subarray(0, count).sort();
}

/** Mid-ranks among the numbers of the reference, as a share of them; NaN for none. */
export function ranksIn(sorted: Float64Array, column: Numbers): Float64Array {
  const ranks = new Float64Array(column.length);
  for (let row = 0; row < ranks.length; row++) {
    const value = numberAt(column, row);
    if (Number.isNaN(value)) {
      ranks[row] = value;
      continue;
    }
    const from = below(sorted, value, 0, false);
    const to = sorted[from] !== value ? from : sorted[from + 1] !== value ? from + 1 : below(sorted, value, from, true);
    ranks[row] = (from + to) / 2 / sorted.length;
  }
  return ranks;
}

/** How many are smaller than a value, or `orEqual` to it; at least `from`. */
function below(sorted: Float64Array, value: number, from: number, orEqual: boolean): number {
  let [low, high] = [from, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value || (orEqual && sorted[middle]! === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}
