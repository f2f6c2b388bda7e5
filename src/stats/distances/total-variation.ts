import { gammaPoint95, isSparse, type Law, sparsePart, total } from './relabelling-law.ts';

/**
 * Total variation distance ½ Σ |p - q| between the shares of two vectors of counts: the largest difference of the
 * probabilities that the two give to any set of cells. 0 for equal, 1 for disjoint. Null when a side has no rows.
 * Cost O(k).
 */
export function totalVariation(x: ArrayLike<number>, y: ArrayLike<number>): number | null {
  const n = total(x);
  const m = total(y);
  if (n === 0 || m === 0) return null;
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += Math.abs(x[i]! / n - y[i]! / m);
  return Math.min(1, sum / 2);
}

/**
 * Mean and 95 % point under no drift, given the cells' totals. The difference in a well-filled cell is normal with
 * variance s² = p (1 - p)(1/n + 1/m), its size has the mean s √(2/π); a sparse cell adds what relabelling its rows
 * would. Sizes of two cells are correlated by ρ² / π to second order, ρ² = p q / ((1 - p)(1 - q)). The 95 % point is that
 * of the gamma law with the same mean and variance. Null when a side has no rows. Cost O(k), and O(t) for each size
 * t of sparse cell.
 */
export function totalVariationNull(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
): { mean: number; point95: number } | null {
  const sizes = { n: total(x), m: total(y) };
  const { n, m } = sizes;
  if (n === 0 || m === 0) return null;
  const sparse = new Map<number, Law>();
  let mean = 0;
  let variance = 0;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < x.length; i++) {
    const rows = x[i]! + y[i]!;
    const p = rows / (n + m);
    if (rows === 0 || p === 1) continue;
    const spread = Math.sqrt(p * (1 - p) * (1 / n + 1 / m));
    let law: Law = { mean: spread * Math.sqrt(2 / Math.PI), variance: spread * spread * (1 - 2 / Math.PI) };
    if (isSparse(rows, n, m)) {
      law = sparse.get(rows) ?? sparsePart(rows, sizes, (a, b) => Math.abs(a / n - b / m));
      sparse.set(rows, law);
    }
    const shared = (spread * p) / (1 - p);
    mean += law.mean;
    variance += law.variance;
    sum += shared;
    squares += shared * shared;
  }
  const law: Law = { mean: mean / 2, variance: (variance + (sum * sum - squares) / Math.PI) / 4 };
  return { mean: law.mean, point95: Math.min(1, gammaPoint95(law)) };
}
