import { chiSquareTail } from '../special/chi-square.ts';
import { contingencySizes } from './contingency-sizes.ts';

export type GTest = { readonly statistic: number; readonly df: number; readonly p: number; readonly yates: boolean };

/**
 * The G (likelihood-ratio) test that two samples have the same shares: 2 Σ observed ln(observed / expected) over a
 * 2 x k table of counts, on k - 1 degrees of freedom; expected counts as in `chiSquareContingency`, so both sides are
 * samples. As SciPy's `chi2_contingency(lambda_='log-likelihood')`: with df = 1 the observed counts move by at most
 * 1/2 towards the expected ones (Yates). Columns empty on both sides are left out. Null when a row is empty or fewer
 * than two columns have a count. Asymptotic: `poolSmallCells` first. Cost O(k).
 */
export function gTest(x: ArrayLike<number>, y: ArrayLike<number>): GTest | null {
  const sizes = contingencySizes(x, y);
  if (sizes === null) return null;
  const { n, m, used } = sizes;
  const yates = used === 2;
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    const total = x[i]! + y[i]!;
    sum += deviance(x[i]!, (n * total) / (n + m), yates) + deviance(y[i]!, (m * total) / (n + m), yates);
  }
  const statistic = Math.max(0, 2 * sum);
  return { statistic, df: used - 1, p: chiSquareTail(statistic, used - 1), yates };
}

function deviance(count: number, expected: number, yates: boolean): number {
  const difference = expected - count;
  const observed = yates ? count + Math.sign(difference) * Math.min(0.5, Math.abs(difference)) : count;
  return observed === 0 ? 0 : observed * Math.log(observed / expected);
}
