import { studentTwoSidedTail } from '../special/student-t.ts';
import { ROUNDING, type VectorMoments } from '../summaries/vector-moments.ts';

export type ComponentMeans = {
  /** Of the component with the smallest p; positive where the second sample's mean is larger, null where neither varies. */
  readonly t: number | null;
  readonly component: number;
  /** Two-sided: the smallest p times the number of components (Bonferroni), whatever their dependence. */
  readonly p: number;
};

/** By Welch's t alone, or by his or Student's, whichever is the less sure. */
export type MeanTest = 'welch' | 'welch-student';

/**
 * Whether two samples of vectors have the same mean, component by component, by Welch's t (1947) on their moments alone.
 * Of skewed or rare components a small sample that lacks the tail has too small a variance as well as another mean, which
 * Welch's law takes for drift, and one that has too much of it is what Student's does: both err together seldom.
 * Components that vary on neither side differ surely or not at all. Null below 2 rows a side. Cost O(dimension).
 */
export function componentMeans(a: VectorMoments, b: VectorMoments, by: MeanTest = 'welch'): ComponentMeans | null {
  if (a.n < 2 || b.n < 2) return null;
  let smallest: { t: number | null; component: number; p: number } = { t: 0, component: 0, p: 1 };
  for (let j = 0; j < a.mean.length; j++) {
    const { t, p } = compared(
      { n: a.n, mean: a.mean[j]!, m2: a.m2[j]! },
      { n: b.n, mean: b.mean[j]!, m2: b.m2[j]! },
      by,
    );
    if (p < smallest.p) smallest = { t, component: j, p };
  }
  return { ...smallest, p: Math.min(1, smallest.p * a.mean.length) };
}

type Sums = { readonly n: number; readonly mean: number; readonly m2: number };

type Compared = { readonly t: number | null; readonly p: number };

/** What a double is too coarse for differs in nothing. */
const TOO_COARSE: Compared = { t: null, p: 1 };

function compared(a: Sums, b: Sums, by: MeanTest): Compared {
  const between = b.mean - a.mean;
  const difference = Math.abs(between) <= ROUNDING * Math.max(Math.abs(a.mean), Math.abs(b.mean)) ? 0 : between;
  if (!Number.isFinite(difference)) return TOO_COARSE;
  if (difference === 0) return { t: 0, p: 1 };
  const first = welch(difference, a, b);
  if (by === 'welch') return first;
  const second = student(difference, a, b);
  return second.p > first.p ? second : first;
}

function welch(difference: number, a: Sums, b: Sums): Compared {
  const va = a.m2 / (a.n - 1) / a.n;
  const vb = b.m2 / (b.n - 1) / b.n;
  if (!Number.isFinite(va + vb)) return TOO_COARSE;
  if (va + vb === 0) return { t: null, p: 0 };
  const [fa, fb] = [va / (va + vb), vb / (va + vb)];
  const t = difference / Math.sqrt(va + vb);
  return { t, p: studentTwoSidedTail(t, 1 / ((fa * fa) / (a.n - 1) + (fb * fb) / (b.n - 1))) };
}

/** With one variance of both. */
function student(difference: number, a: Sums, b: Sums): Compared {
  const df = a.n + b.n - 2;
  const squared = ((a.m2 + b.m2) / df) * (1 / a.n + 1 / b.n);
  if (!Number.isFinite(squared)) return TOO_COARSE;
  if (squared === 0) return { t: null, p: 0 };
  const t = difference / Math.sqrt(squared);
  return { t, p: studentTwoSidedTail(t, df) };
}
