import { divergenceLaw, gammaPoint95, total } from './relabelling-law.ts';

/** p log2(p / m) where 0 log 0 = 0. */
function relativeEntropyTerm(p: number, middle: number): number {
  return p === 0 ? 0 : p * Math.log2(p / middle);
}

/**
 * Jensen-Shannon divergence, base 2, between the shares of two vectors of counts: the mean relative entropy to
 * their middle, 0 for equal and 1 for disjoint. Null when a side has no rows. Cost O(k).
 */
export function jensenShannonDivergence(x: ArrayLike<number>, y: ArrayLike<number>): number | null {
  let n = 0;
  let m = 0;
  for (let i = 0; i < x.length; i++) {
    n += x[i]!;
    m += y[i]!;
  }
  if (n === 0 || m === 0) return null;
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    const p = x[i]! / n;
    const q = y[i]! / m;
    sum += divergencePart(p, q);
  }
  return Math.min(1, Math.max(0, sum));
}

/** The square root of the base-2 divergence: a metric from 0 to 1 (Endres and Schindelin 2003). */
export function jensenShannonDistance(x: ArrayLike<number>, y: ArrayLike<number>): number | null {
  const divergence = jensenShannonDivergence(x, y);
  return divergence === null ? null : Math.sqrt(divergence);
}

/** The divergence's part in a cell with these shares. */
function divergencePart(p: number, q: number): number {
  const middle = (p + q) / 2;
  return (relativeEntropyTerm(p, middle) + relativeEntropyTerm(q, middle)) / 2;
}

/**
 * Mean (nearly) and 95 % point of the base-2 distance under no drift, given the cells' totals: a well-filled cell adds
 * (1/n + 1/m) / (8 ln 2) times chi-square to the divergence, a sparse one what relabelling its rows would; the 95 %
 * point is that of the gamma law with the same mean and variance. Null when a side has no rows. Cost O(k), and O(t) for
 * each size t of sparse cell.
 */
export function jensenShannonNull(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
): { mean: number; point95: number } | null {
  const n = total(x);
  const m = total(y);
  const scale = (1 / n + 1 / m) / (8 * Math.LN2);
  const law = divergenceLaw(x, y, { scale, part: (a, b) => divergencePart(a / n, b / m) });
  if (law === null) return null;
  // Every way of dealing gives the same distance: version 1 of the measure has no point there, and stored reports say so.
  const point95 = law.mean > 0 && law.variance === 0 ? Number.NaN : Math.sqrt(gammaPoint95(law));
  return { mean: Math.sqrt(law.mean), point95 };
}
