import type { SliceColumn } from './slice-columns.ts';
import type { SliceCounts } from './slice-counts.ts';

/** The standard error of a drift that rows are left out of, by the counts of those rows. */
type ErrorWithout = (inside: SliceCounts) => number;

/**
 * What becomes of the drift Σ (p - q)² / h of columns, by chance, where rows are left out that have nothing to do with it.
 * In the first order it is a mean over the rows of each side, of what `pulls` says of their bins, and of n rows without k of
 * them the variance of a mean grows by k / (n - k). In the second order it is chi-square: with v = 1/n + 1/m, and w of
 * the rows that are left, 2 df (w - v)². Cost O(rows · targets²).
 */
export class SliceChance {
  readonly #all: SliceCounts;
  /** Variances and covariances of the means of each side, by target. */
  readonly #errors: readonly (readonly number[][])[];

  /** @param rows 1 for those that are looked at, the `n` of the reference first; @param all their counts */
  constructor(targets: readonly SliceColumn[], { rows, n, all }: LookedAt) {
    this.#all = all;
    this.#errors = errorsOf(targets, { rows, n, all });
  }

  /** Of the drift of these targets together, by their places. */
  of(targets: readonly number[]): ErrorWithout {
    const { n, m } = this.#all;
    const [reference, window] = this.#errors.map((errors) =>
      sum(targets.flatMap((t) => targets.map((u) => errors[t]![u]!))),
    );
    const degrees = sum(targets.map((t) => this.#all.filled(t) - 1));
    return (inside) => {
      const [left, leftAfter] = [n - inside.n, m - inside.m];
      const first = (reference! * inside.n) / left + (window! * inside.m) / leftAfter;
      return Math.sqrt(first + 2 * degrees * (1 / left + 1 / leftAfter - 1 / n - 1 / m) ** 2);
    };
  }
}

/** The rows that are looked at, the `n` of the reference first, and the counts that their pulls are taken of. */
export type LookedAt = { readonly rows: Uint8Array; readonly n: number; readonly all: SliceCounts };

/** Variances and covariances of the mean pulls of the rows of each side, by target. Cost O(rows · targets²). */
export function errorsOf(targets: readonly SliceColumn[], { rows, n, all }: LookedAt): number[][][] {
  const pulls = targets.map((_, t) => all.pulls(t));
  return [0, 1].map((side) => {
    const span = side === 0 ? { from: 0, to: n } : { from: n, to: rows.length };
    const deviations = targets.map(({ codes }, t) => deviationsOf(pulls[t]![side]!, codes, { rows, ...span }));
    return deviations.map((a) => deviations.map((b) => covarianceOfMeans(a, b)));
  });
}

type Rows = { readonly rows: Uint8Array; readonly from: number; readonly to: number };

/** What each row that is looked at adds, about their mean. */
function deviationsOf(pulls: Float64Array, codes: Uint8Array, { rows, from, to }: Rows): Float64Array {
  const added: number[] = [];
  for (let row = from; row < to; row++) if (rows[row] === 1) added.push(pulls[codes[row]!]!);
  const mean = sum(added) / added.length;
  return Float64Array.from(added, (one) => one - mean);
}

function covarianceOfMeans(a: Float64Array, b: Float64Array): number {
  const n = a.length;
  return a.reduce((total, one, i) => total + one * b[i]!, 0) / (n * (n - 1));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
