import { type PooledBlock, type PooledTwin, type PooledVisitor, walkPooled } from '../summaries/pooled-blocks.ts';

/**
 * The first Wasserstein distance ∫ |F - G| between two sorted, non-empty samples of finite values, exact (as
 * SciPy's `wasserstein_distance`): the distribution functions are constant between neighbouring values of the
 * pooled sample. In the unit of the values. Cost O(n + m).
 */
export function wasserstein(x: Float64Array, y: Float64Array): number {
  const sum = new WassersteinSum();
  walkPooled(x, y, [sum]);
  return sum.distance;
}

/** The same of samples of finite values that are gone through for other measures as well. */
export class WassersteinSum implements PooledVisitor {
  /** The sum and what its rounding lost, the last value, and the difference behind it. */
  readonly #sums = new Float64Array(4);
  readonly twin: PooledTwin = { name: 'distance', sums: this.#sums };

  get distance(): number {
    return this.#sums[0]! + this.#sums[1]!;
  }

  add({ length, values, difference }: PooledBlock): void {
    const sums = this.#sums;
    let [sum, carry, value, before] = [sums[0]!, sums[1]!, sums[2]!, sums[3]!];
    for (let k = 0; k < length; k++) {
      // Neumaier's compensation: a million small areas would otherwise lose the last four digits.
      const area = Math.abs(before) * (values[k]! - value);
      const next = sum + area;
      carry += sum >= area ? sum - next + area : area - next + sum;
      sum = next;
      value = values[k]!;
      before = difference[k]!;
    }
    [sums[0], sums[1], sums[2], sums[3]] = [sum, carry, value, before];
  }
}

/** Mean and 95 % point of W1 / σ under no drift, for sizes n and m: measured on normal data, others lie near. */
export function wassersteinNull(n: number, m: number): { mean: number; point95: number } {
  const scale = Math.sqrt(1 / n + 1 / m);
  return { mean: 1.26 * scale, point95: 2.03 * scale };
}
