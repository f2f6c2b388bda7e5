import { normalTwoSidedQuantile } from '../special/normal.ts';
import { total } from './relabelling-law.ts';

/** The largest difference of two counts over all rows, and its place. */
export type NormalisedAbsoluteDifference = { readonly value: number; readonly index: number };

/**
 * max |x_k - y_k| / (Σ x + Σ y) over vectors of counts (TensorFlow Data Validation): compares the counts themselves, so
 * it also sees that there are more rows or fewer, and samples of different size differ without any drift. Null when
 * there are no rows. Cost O(k).
 */
export function normalisedAbsoluteDifference(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
): NormalisedAbsoluteDifference | null {
  const rows = total(x) + total(y);
  if (rows === 0) return null;
  let value = 0;
  let index = 0;
  for (let i = 0; i < x.length; i++) {
    const difference = Math.abs(x[i]! - y[i]!) / rows;
    if (difference > value) {
      value = difference;
      index = i;
    }
  }
  return { value, index };
}

/**
 * 95 % point under no drift of the shapes at these sizes: of t rows in a cell, t n / (n + m) are expected on the first
 * side with the hypergeometric variance; normal, Bonferroni over the k cells (so on the safe side). Cost O(k).
 */
export function normalisedAbsoluteDifferencePoint95(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const n = total(x);
  const m = total(y);
  const rows = n + m;
  let used = 0;
  for (let i = 0; i < x.length; i++) if (x[i]! + y[i]! > 0) used++;
  if (used === 0 || rows < 2) return 0;
  const z = normalTwoSidedQuantile(0.05 / used);
  let widest = 0;
  for (let i = 0; i < x.length; i++) {
    const t = x[i]! + y[i]!;
    const deviation = Math.sqrt((t / rows) * ((rows - t) / rows) * ((n * m) / (rows - 1)));
    widest = Math.max(widest, (t * Math.abs(n - m)) / rows + 2 * z * deviation);
  }
  return widest / rows;
}
