import { normalQuantile } from '../special/normal-quantile.ts';

/** How far the rows of each value of a text column moved, in mean ranks, less how far the other rows did. Pure. */

/** In fewer rows than this a mean has no law. */
export const LEAST_ROWS = 20;

/** Count, sum and sum of squares of the ranks by code; last those of all rows. */
export type Sums = { readonly count: Float64Array; readonly sum: Float64Array; readonly squares: Float64Array };

/** A slice against the other rows: by how much it moved, in its standard error too, and its rows with a number in each table. */
export type Moved = { readonly shift: number; readonly t: number; readonly n: number; readonly m: number };

const emptySums = (values: number): Sums => ({
  count: new Float64Array(values + 1),
  sum: new Float64Array(values + 1),
  squares: new Float64Array(values + 1),
});

/** The sums of all rows, or of those named: under code 0 and as the last. */
export function totalsOf(ranks: Float64Array, rows: Int32Array | null = null): Sums {
  return sumsOf(ranks, null, { values: 0, totals: null, rows });
}

type Which = {
  /** How many codes there are. */
  readonly values: number;
  /** The sums of all rows, by `totalsOf`; null: they are to be made. */
  readonly totals: Sums | null;
  /** All where null. */
  readonly rows: Int32Array | null;
};

/** `codes`: of each row, -1 for one of no slice. NaN is no rank. */
export function sumsOf(ranks: Float64Array, codes: Int32Array | null, { values, totals, rows }: Which): Sums {
  const { count, sum, squares } = emptySums(values);
  const length = rows?.length ?? ranks.length;
  for (let i = 0; i < length; i++) {
    const row = rows === null ? i : rows[i]!;
    const at = codes === null ? values : codes[row]!;
    const rank = ranks[row]!;
    if (at < 0 || Number.isNaN(rank)) continue;
    count[at]!++;
    sum[at]! += rank;
    squares[at]! += rank * rank;
  }
  if (totals !== null) {
    count[values] = totals.count.at(-1)!;
    sum[values] = totals.sum.at(-1)!;
    squares[values] = totals.squares.at(-1)!;
  }
  return { count, sum, squares };
}

/** The sums of the rows that are among the first and not among the second, which are some of them. */
export function without(all: Sums, some: Sums): Sums {
  const minus = (a: Float64Array, b: Float64Array): Float64Array => a.map((x, i) => x - b[i]!);
  return {
    count: minus(all.count, some.count),
    sum: minus(all.sum, some.sum),
    squares: minus(all.squares, some.squares),
  };
}

type Part = { readonly count: number; readonly mean: number; readonly spread: number };

/** `spread`: the sum of squares about the mean. */
function partOf({ count, sum, squares }: Sums, code: number, others: boolean): Part {
  const all = count.length - 1;
  const take = (of: Float64Array): number => (others ? of[all]! - of[code]! : of[code]!);
  const [c, s] = [take(count), take(sum)];
  return { count: c, mean: c === 0 ? 0 : s / c, spread: c === 0 ? 0 : Math.max(0, take(squares) - (s * s) / c) };
}

/** How far the slice of a code moved; null where a side has too few rows of it, or of others, or they are all alike. */
export function movedOf(before: Sums, after: Sums, code: number): Moved | null {
  if (Math.min(before.count[code]!, after.count[code]!) < LEAST_ROWS) return null;
  const [r, w] = [partOf(before, code, false), partOf(after, code, false)];
  const [rest, restAfter] = [partOf(before, code, true), partOf(after, code, true)];
  if (Math.min(rest.count, restAfter.count) < LEAST_ROWS) return null;
  const shift = w.mean - r.mean - (restAfter.mean - rest.mean);
  const variance = errorOf(r, w) + errorOf(rest, restAfter);
  if (!(variance > 0)) return null;
  return { shift: Math.abs(shift), t: Math.abs(shift) / Math.sqrt(variance), n: r.count, m: w.count };
}

/** The squared error of a difference of two means, by the variance of both tables together. */
const errorOf = (a: Part, b: Part): number =>
  ((a.spread + b.spread) / (a.count + b.count - 2)) * (1 / a.count + 1 / b.count);

const TAIL = 0.025;

/** What the largest of so many independent `t` exceeds in 5 % of tables without drift; 1.96 of one. */
export const usualLargest = (looked: number): number => -normalQuantile(TAIL / Math.max(1, looked));
