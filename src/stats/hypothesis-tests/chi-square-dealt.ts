import { gammaQ } from '../special/gamma.ts';

export type DealtChiSquare = {
  readonly statistic: number;
  readonly p: number;
  /** Over all ways of dealing the rows to the two sides. */
  readonly mean: number;
  readonly variance: number;
};

/**
 * Pearson's chi-square of a 2 x k table with every cell apart, the thin ones too, held against the law that dealing the
 * rows at random to sides of these sizes gives: a gamma law with the mean and the variance of that. Both are exact for
 * any counts (Lewis, Saunders and Westcott 1984): for rows and columns each, with r of them and τ the sum of the inverse
 * margins, μ = (r - 1)(N - r) / (N - 1) and ν = (N τ - r²) / (N - 2); the mean is (k - 1) N / (N - 1), the variance
 * 2 N / (N - 3) (ν₁ - μ₁)(ν₂ - μ₂) + N² / (N - 1) ν₁ ν₂. Where every cell is well filled that is the usual law. Null
 * when a side is empty, fewer than two columns have a count, or every dealing gives the same. Cost O(k).
 */
export function dealtChiSquare(x: ArrayLike<number>, y: ArrayLike<number>): DealtChiSquare | null {
  let [n, m, k, inverse] = [0, 0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    n += x[i]!;
    m += y[i]!;
    if (x[i]! + y[i]! === 0) continue;
    k++;
    inverse += 1 / (x[i]! + y[i]!);
  }
  const size = n + m;
  if (n === 0 || m === 0 || k < 2) return null;
  let statistic = 0;
  for (let i = 0; i < x.length; i++) {
    const rows = x[i]! + y[i]!;
    if (rows > 0) statistic += ((x[i]! - (n * rows) / size) ** 2 * size * size) / (n * m * rows);
  }
  const sides = parts(2, 1 / n + 1 / m, size);
  const cells = parts(k, inverse, size);
  const mean = ((k - 1) * size) / (size - 1);
  const variance =
    ((2 * size) / (size - 3)) * (sides.nu - sides.mu) * (cells.nu - cells.mu) +
    ((size * size) / (size - 1)) * sides.nu * cells.nu;
  // With one row a cell all dealings give the same; rounding leaves next to nothing. Of 3 rows it is no number.
  if (!(variance > 1e-9 * mean)) return null;
  return { statistic, mean, variance, p: gammaQ((mean * mean) / variance, (statistic * mean) / variance) };
}

function parts(r: number, inverse: number, size: number): { mu: number; nu: number } {
  return { mu: ((r - 1) * (size - r)) / (size - 1), nu: (size * inverse - r * r) / (size - 2) };
}
