import { kolmogorovTail } from '../special/kolmogorov.ts';
import { insideTail, squareTail } from './lattice-paths.ts';

/** Up to this size on both sides the p-value is counted exactly (SciPy's rule). */
const LARGEST_EXACT = 10_000;

export type KolmogorovSmirnov = {
  /** Largest absolute difference of the two distribution functions. */
  readonly d: number;
  /** A value at which the difference is largest. */
  readonly location: number;
  /** 1 where the first sample's distribution function lies above (its values are smaller), else -1. */
  readonly sign: 1 | -1;
  readonly p: number;
  readonly mode: 'exact' | 'asymptotic';
};

type Difference = Pick<KolmogorovSmirnov, 'd' | 'location' | 'sign'>;

/** One merge over both sorted samples; shares are i / n, never i * (1 / n), which differs in the last bit. */
function largestDifference(x: Float64Array, y: Float64Array): Difference {
  const n = x.length;
  const m = y.length;
  let above = 0;
  let below = 0;
  let aboveAt = Math.min(x[0]!, y[0]!);
  let belowAt = aboveAt;
  let i = 0;
  let j = 0;
  while (i < n || j < m) {
    const v = j >= m || (i < n && x[i]! <= y[j]!) ? x[i]! : y[j]!;
    while (i < n && x[i] === v) i++;
    while (j < m && y[j] === v) j++;
    const difference = i / n - j / m;
    if (difference > above) {
      above = difference;
      aboveAt = v;
    } else if (-difference > below) {
      below = -difference;
      belowAt = v;
    }
  }
  return below > above ? { d: below, location: belowAt, sign: -1 } : { d: above, location: aboveAt, sign: 1 };
}

function greatestCommonDivisor(a: number, b: number): number {
  let x = a;
  let y = b;
  while (y > 0) [x, y] = [y, x % y];
  return x;
}

/** To the nearest integer, halves to the even one. */
function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

function clip(p: number): number {
  return Math.min(1, Math.max(0, p));
}

function exactResult(difference: Difference, n: number, m: number): KolmogorovSmirnov | null {
  const g = greatestCommonDivisor(n, m);
  const lcm = (n / g) * m;
  const h = roundHalfEven(difference.d * lcm);
  const d = h / lcm;
  if (h === 0) return { ...difference, d, p: 1, mode: 'exact' };
  const p = n === m ? squareTail(n, h) : insideTail({ n, m, g, h });
  return p >= 0 && p <= 1 ? { ...difference, d, p, mode: 'exact' } : null;
}

/**
 * The two-sided two-sample Kolmogorov-Smirnov test on two sorted, non-empty samples without NaN (infinities
 * take part with their rank), by SciPy's rules for `ks_2samp`: counted exactly when both sides have at most
 * 10,000 rows, else the finite-n Kolmogorov tail at round(n m / (n + m)). With ties the p-value is conservative.
 * Cost O(n + m), and O(n m) at most for an exact p.
 */
export function kolmogorovSmirnov(x: Float64Array, y: Float64Array): KolmogorovSmirnov {
  const n = x.length;
  const m = y.length;
  const difference = largestDifference(x, y);
  if (Math.max(n, m) <= LARGEST_EXACT) {
    const exact = exactResult(difference, n, m);
    if (exact !== null) return exact;
  }
  const p = clip(kolmogorovTail(roundHalfEven((n * m) / (n + m)), difference.d));
  return { ...difference, p, mode: 'asymptotic' };
}
