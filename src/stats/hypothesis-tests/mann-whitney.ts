import { normalTwoSidedTail } from '../special/normal.ts';
import { type PooledValues, pooledValues } from '../summaries/pooled-values.ts';

export type MannWhitney = {
  /** Pairs in which the first sample's value is larger, ties as one half. */
  readonly u: number;
  /** Two-sided. */
  readonly p: number;
  /** U / (n m): the chance that a value of the first sample is the larger one. */
  readonly superiority: number;
  readonly mode: 'exact' | 'asymptotic';
};

/** Exact when the smaller side has at most this many rows and nothing is tied (SciPy's rule). */
const LARGEST_EXACT = 8;

/**
 * The Mann-Whitney (Wilcoxon rank-sum) test on two sorted, non-empty samples without NaN, two-sided, as SciPy's
 * `mannwhitneyu`: counted exactly for at most 8 untied rows on a side, else normal with the variance corrected for
 * ties and a continuity correction of 1/2. Sees moves of location, not of spread alone. p is 1 when all values are
 * equal. Cost O(n + m).
 */
export function mannWhitney(x: Float64Array, y: Float64Array): MannWhitney {
  const pooled = pooledValues(x, y);
  const { n, m } = pooled;
  const { u, ties } = countPairs(pooled);
  const base = { u, superiority: u / (n * m) };
  if (ties === 0 && Math.min(n, m) <= LARGEST_EXACT) {
    return { ...base, p: exactTail(Math.min(u, n * m - u), n, m), mode: 'exact' };
  }
  const size = n + m;
  const variance = ((n * m) / 12) * (size + 1 - ties / (size * (size - 1)));
  const excess = Math.max(u, n * m - u) - (n * m) / 2 - 0.5;
  // Within half a pair of the middle, as where all values are equal, the corrected excess is negative: p is 1.
  const p = excess <= 0 ? 1 : normalTwoSidedTail(excess / Math.sqrt(variance));
  return { ...base, p, mode: 'asymptotic' };
}

function countPairs({ x, y }: PooledValues): { u: number; ties: number } {
  let below = 0;
  let u = 0;
  let ties = 0;
  for (let k = 0; k < x.length; k++) {
    const [a, b] = [x[k]!, y[k]!];
    u += a * (below + b / 2);
    below += b;
    ties += (a + b) ** 3 - (a + b);
  }
  return { u, ties };
}

/**
 * 2 P(U <= u): partitions of numbers up to u into at most `few` parts of at most `many`, that is the coefficients of
 * Π (1 - q^(many + i)) / (1 - q^i), over all C(n + m, n) orders. The divisions come first: they only add. Cost O(u).
 */
function exactTail(u: number, n: number, m: number): number {
  const few = Math.min(n, m);
  const many = Math.max(n, m);
  const ways = new Float64Array(u + 1);
  ways[0] = 1;
  for (let i = 1; i <= few; i++) for (let s = i; s <= u; s++) ways[s]! += ways[s - i]!;
  for (let i = 1; i <= few; i++) for (let s = u; s >= many + i; s--) ways[s]! -= ways[s - many - i]!;
  let sum = 0;
  for (let s = 0; s <= u; s++) sum += ways[s]!;
  for (let i = 1; i <= few; i++) sum *= i / (many + i);
  return Math.min(1, 2 * sum);
}
