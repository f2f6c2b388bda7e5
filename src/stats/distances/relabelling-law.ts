import { chiSquareQuantile } from '../special/chi-square.ts';

/** Mean and variance under no drift of a distance or of one cell's part of it. */
export type Law = { readonly mean: number; readonly variance: number };

/** Expected rows on the thinner side from which on a cell's part follows the chi-square law. */
const ENOUGH_ROWS = 30;

export function total(counts: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += counts[i]!;
  return sum;
}

/** Whether the parts of a cell with `rows` rows in all must be summed over the binomial law. */
export function isSparse(rows: number, n: number, m: number): boolean {
  return rows * Math.min(n, m) < ENOUGH_ROWS * (n + m);
}

/** What a cell with counts x of n and y of m rows adds to a distance. */
export type CellPart = (x: number, y: number) => number;

/** A chance below this has lost digits, or is no number at all: what is made of it would be too small. */
const LEAST_CHANCE = 1e-290;

/**
 * The part of a cell with `rows` rows in all, each of which belongs to the first sample with probability
 * n / (n + m): what random relabelling of the rows would give, summed over the binomial law. It is summed from the second
 * sample's rows where those are so few that none of the first is too unlikely for a double. Cost O(rows), at most.
 */
export function sparsePart(rows: number, { n, m }: { n: number; m: number }, part: CellPart): Law {
  const f = n / (n + m);
  const fromSecond = (1 - f) ** rows < LEAST_CHANCE;
  const odds = fromSecond ? (1 - f) / f : f / (1 - f);
  let probability = fromSecond ? f ** rows : (1 - f) ** rows;
  let mean = 0;
  let square = 0;
  // Once a chance is 0 so are all that follow.
  for (let k = 0; k <= rows && probability > 0; k++) {
    const value = fromSecond ? part(rows - k, k) : part(k, rows - k);
    mean += probability * value;
    square += probability * value * value;
    probability *= ((rows - k) / (k + 1)) * odds;
  }
  return { mean, variance: Math.max(0, square - mean * mean) };
}

/**
 * The law under no drift of a divergence Σ part(x, y), given the cells' totals: a cell with many rows adds `scale` times
 * a chi-square variable with one degree of freedom, so k well-filled cells have k - 1; a sparse one adds what
 * relabelling its rows would. Null when a side has no rows. Cost O(k), and O(t) for each size t of sparse cell.
 */
export function divergenceLaw(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  { scale, part }: { scale: number; part: CellPart },
): Law | null {
  const sizes = { n: total(x), m: total(y) };
  const { n, m } = sizes;
  if (n === 0 || m === 0) return null;
  const full: Law = { mean: scale, variance: 2 * scale * scale };
  const sparse = new Map<number, Law>();
  let mean = 0;
  let variance = 0;
  for (let i = 0; i < x.length; i++) {
    const rows = x[i]! + y[i]!;
    if (rows === 0) continue;
    let law = full;
    if (isSparse(rows, n, m)) {
      law = sparse.get(rows) ?? sparsePart(rows, sizes, part);
      sparse.set(rows, law);
    }
    const others = 1 - rows / (n + m);
    mean += law.mean * others;
    variance += law.variance * others;
  }
  return { mean, variance };
}

/** The 95 % point of the gamma law with that mean and variance; 0 for a law without spread. */
export function gammaPoint95({ mean, variance }: Law): number {
  if (mean === 0 || variance === 0) return mean;
  const df = (2 * mean * mean) / variance;
  return (mean * chiSquareQuantile(0.05, df)) / df;
}
