import { errorsOf, type LookedAt } from './slice-chance.ts';
import type { SliceColumn } from './slice-columns.ts';
import type { SliceCounts } from './slice-counts.ts';

/**
 * Whether the rows of a slice that fulfil one condition more carry more of the drift than its other rows do. What a row
 * carries is what `pulls` says of its bins. If the condition has nothing to do with the drift, its rows are as good as drawn
 * from the slice, and of k of K rows without replacement the mean has the variance of all of them times 1/k - 1/K.
 * Without this the best of many parts of a slice, which hold somewhat more of its drift by chance, would be named instead of
 * it. Cost O(rows · targets²).
 */
export class SliceSplit {
  readonly #all: SliceCounts;
  /** The rows of the slice. */
  readonly #slice: SliceCounts;
  readonly #pulls: readonly (readonly [Float64Array, Float64Array])[];
  /** Variances and covariances of the slice's mean pulls of each side, by target. */
  readonly #errors: readonly (readonly number[][])[];

  /** `rows`: those of the slice; `all`: the counts of all that are looked at; `slice`: its own. */
  constructor(targets: readonly SliceColumn[], looked: LookedAt & { readonly slice: SliceCounts }) {
    this.#all = looked.all;
    this.#slice = looked.slice;
    this.#pulls = targets.map((_, t) => looked.all.pulls(t));
    this.#errors = errorsOf(targets, looked);
  }

  /**
   * How much more drift of these targets, by their places, the rows inside carry than as many of the slice, in standard
   * errors. NaN where all of its rows carry the same.
   */
  excess(inside: SliceCounts, targets: readonly number[]): number {
    let [more, variance] = [0, 0];
    for (const side of [0, 1] as const) {
      const [k, rows, size] = [rowsOf(inside, side), rowsOf(this.#slice, side), rowsOf(this.#all, side)];
      // Of no row, or one, there is no part.
      if (rows < 2) continue;
      for (const t of targets) {
        const pulls = this.#pulls[t]![side];
        more += (inside.pulled(t, side, pulls) - (k / rows) * this.#slice.pulled(t, side, pulls)) / size;
        for (const u of targets) variance += (k * (rows - k) * this.#errors[side]![t]![u]!) / (size * size);
      }
    }
    return more / Math.sqrt(variance);
  }
}

const rowsOf = ({ n, m }: SliceCounts, side: 0 | 1): number => (side === 0 ? n : m);
