import { studentTwoSidedTail } from '../special/student-t.ts';
import { type MomentSums, momentsOf } from '../summaries/moments.ts';

export type TTest = {
  /** Positive where the first sample's mean is larger. */
  readonly t: number;
  readonly df: number;
  /** Two-sided. */
  readonly p: number;
};

/** The difference of two means, from both parts of each: far from zero a double alone is too coarse. */
function meanDifference(a: MomentSums, b: MomentSums): number {
  return a.mean - b.mean + (a.low - b.low);
}

function result(difference: number, squaredError: number, df: number): TTest | null {
  // With too few rows it is a quotient of zeros.
  if (!(squaredError > 0) || !Number.isFinite(squaredError)) return null;
  const t = difference / Math.sqrt(squaredError);
  return { t, df, p: studentTwoSidedTail(t, df) };
}

/**
 * Student's t-test that two samples of finite values have the same mean, with one pooled variance (SciPy's
 * `ttest_ind`); n + m - 2 degrees of freedom. Null when a side has no rows, there are fewer than 3 in all, or nothing
 * varies. Cost O(n + m).
 */
export function studentTTest(x: Float64Array, y: Float64Array): TTest | null {
  const [n, m] = [x.length, y.length];
  const [a, b] = [momentsOf(x, n), momentsOf(y, m)];
  const variance = (a.m2 + b.m2) / (n + m - 2);
  return result(meanDifference(a, b), variance * (1 / n + 1 / m), n + m - 2);
}

/**
 * Welch's t-test (1947): the same without assuming equal variances, with Satterthwaite's degrees of freedom
 * (`ttest_ind(equal_var=False)`). Null below 2 rows a side, or when nothing varies. Cost O(n + m).
 */
export function welchTTest(x: Float64Array, y: Float64Array): TTest | null {
  const [n, m] = [x.length, y.length];
  const [a, b] = [momentsOf(x, n), momentsOf(y, m)];
  const va = a.m2 / (n - 1) / n;
  const vb = b.m2 / (m - 1) / m;
  // As shares of the sum: the squares of tiny variances would vanish.
  const [fa, fb] = [va / (va + vb), vb / (va + vb)];
  return result(meanDifference(a, b), va + vb, 1 / ((fa * fa) / (n - 1) + (fb * fb) / (m - 1)));
}
