import { chiSquareTail } from '../special/chi-square.ts';
import { contingencySizes } from './contingency-sizes.ts';

export type ChiSquareContingency = {
  readonly statistic: number;
  readonly df: number;
  readonly p: number;
  readonly yates: boolean;
};

/**
 * Pearson's chi-square test that two samples have the same shares: a 2 x k table of counts, rows `x` and `y`,
 * Σ (observed - expected)² / expected with expected = row total · column total / total, on k - 1 degrees of
 * freedom. As SciPy's `chi2_contingency`: Yates' correction (at most the deviation itself) when df = 1 only.
 * Columns empty on both sides are left out. Null when a row is empty or fewer than two columns have a count.
 * The law is asymptotic: see `poolSmallCells` for when it may be used. Cost O(k).
 */
export function chiSquareContingency(x: ArrayLike<number>, y: ArrayLike<number>): ChiSquareContingency | null {
  const sizes = contingencySizes(x, y);
  if (sizes === null) return null;
  const { n, m, used } = sizes;
  const yates = used === 2;
  let statistic = 0;
  for (let i = 0; i < x.length; i++) {
    const total = x[i]! + y[i]!;
    if (total === 0) continue;
    const expectedX = (n * total) / (n + m);
    const expectedY = (m * total) / (n + m);
    const dx = deviation(x[i]! - expectedX, yates);
    const dy = deviation(y[i]! - expectedY, yates);
    statistic += (dx * dx) / expectedX + (dy * dy) / expectedY;
  }
  return { statistic, df: used - 1, p: chiSquareTail(statistic, used - 1), yates };
}

function deviation(difference: number, yates: boolean): number {
  const size = Math.abs(difference);
  return yates ? size - Math.min(0.5, size) : size;
}
