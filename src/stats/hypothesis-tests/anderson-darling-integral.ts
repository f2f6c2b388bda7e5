import { andersonDarlingTail } from '../special/anderson-darling.ts';
import { discreteBridgeTail } from '../special/discrete-bridge.ts';
import { type PooledBlock, type PooledTwin, type PooledVisitor, walkPooled } from '../summaries/pooled-blocks.ts';
import { tiedMasses } from './tied-masses.ts';

export type AndersonDarlingIntegral = {
  readonly statistic: number;
  readonly p: number;
  /** The statistic's mean over all ways of dealing the pooled rows to the two sides. */
  readonly mean: number;
  readonly mode: 'asymptotic' | 'asymptotic-tied';
};

/** Ties that take less than this from the mean of 1 are not looked at. */
const TIES_THAT_MATTER = 1e-3;

/**
 * The two-sample Anderson-Darling test as the integral that it is, n m / N · ∫ (F - G)² / (H (1 - H)) dH with H the
 * pooled distribution function, by the trapezoid rule over the places where values end: for untied samples Pettitt's
 * (1976) statistic but for that rule, in the limit Σ χ²₁ / (j (j + 1)). Tied values are one step of H, and the law is
 * that of a Brownian bridge looked at where they end, so that the test keeps its level on zero-inflated and rounded
 * columns, where the law of Scholz and Stephens' midranks does not hold. On sorted samples without NaN; null when a side
 * is empty or all values are equal. Cost O(n + m), with ties some thousand passes over at most 2,048 cells more.
 */
export function andersonDarlingIntegral(x: Float64Array, y: Float64Array): AndersonDarlingIntegral | null {
  if (x.length === 0 || y.length === 0) return null;
  const sum = new AndersonDarlingSum(x, y);
  walkPooled(x, y, [sum]);
  return sum.finish();
}

/**
 * The same of samples, neither of them empty, that are gone through for other tests as well. Each value's rows count
 * half with the difference before it and half with that behind it, which is the trapezoid rule in another order.
 */
export class AndersonDarlingSum implements PooledVisitor {
  readonly #x: Float64Array;
  readonly #y: Float64Array;
  /**
   * The sum; of the last value the rows up to it, its own, and the squared difference behind it over H (1 - H) N²; rows of
   * the first value, and of that with the most.
   */
  readonly #sums = new Float64Array(6);
  readonly twin: PooledTwin = { name: 'distribution', sums: this.#sums };

  constructor(x: Float64Array, y: Float64Array) {
    this.#x = x;
    this.#y = y;
  }

  add({ length, x, y, difference }: PooledBlock): void {
    const size = this.#x.length + this.#y.length;
    const sums = this.#sums;
    let upTo = sums[1]! | 0;
    let most = sums[5]! | 0;
    let rows = sums[2]! | 0;
    let sum = sums[0]!;
    let part = sums[3]!;
    if (upTo === 0) sums[4] = x[0]! + y[0]!;
    for (let k = 0; k < length; k++) {
      const here = (x[k]! + y[k]!) | 0;
      const d = difference[k]!;
      // Behind the last value there is no difference, and nothing to divide it by.
      const next = here === size ? 0 : (d * d) / (here * (size - here));
      rows = (here - upTo) | 0;
      sum += rows * (part + next);
      part = next;
      upTo = here;
      if (rows > most) most = rows;
    }
    [sums[0], sums[1], sums[2], sums[3], sums[5]] = [sum, upTo, rows, part, most];
  }

  /** The test, once all blocks were taken; null when all values are equal. */
  finish(): AndersonDarlingIntegral | null {
    const [n, m] = [this.#x.length, this.#y.length];
    const size = n + m;
    const [sum = 0, , rows = 0, , firstRows = 0, mostRows = 0] = this.#sums;
    if (firstRows === size) return null;
    // F - G has the variance (1/n + 1/m) H (1 - H) N / (N - 1) under random dealing.
    const spread = size / (size - 1);
    const statistic = (n * m * sum) / 2;
    const mean = (1 - (firstRows + rows) / (2 * size)) * spread;
    if (mostRows <= Math.max(1, TIES_THAT_MATTER * size)) {
      return { statistic, mean, p: andersonDarlingTail(statistic / mean), mode: 'asymptotic' };
    }
    const masses = tiedMasses(this.#x, this.#y);
    const p = discreteBridgeTail({ masses, weights: trapezoids(masses) }, statistic / spread);
    return { statistic, mean, p, mode: 'asymptotic-tied' };
  }
}

/** What the squared bridge counts behind each mass; behind the last it is zero. */
function trapezoids(masses: Float64Array): Float64Array {
  const weights = new Float64Array(masses.length);
  let h = 0;
  for (let k = 0; k + 1 < masses.length; k++) {
    h += masses[k]!;
    weights[k] = (masses[k]! + masses[k + 1]!) / (2 * h * (1 - h));
  }
  return weights;
}
