import { normalTwoSidedQuantile } from '../special/normal.ts';

/** The largest absolute difference of two shares, and its place. */
export type LInfinity = { readonly value: number; readonly index: number };

/** max |x_i / n - y_i / m| over vectors of counts; the first of equals. Null when a side has no rows. Cost O(k). */
export function lInfinity(x: ArrayLike<number>, y: ArrayLike<number>): LInfinity | null {
  let n = 0;
  let m = 0;
  for (let i = 0; i < x.length; i++) {
    n += x[i]!;
    m += y[i]!;
  }
  if (n === 0 || m === 0) return null;
  let value = 0;
  let index = 0;
  for (let i = 0; i < x.length; i++) {
    const difference = Math.abs(x[i]! / n - y[i]! / m);
    if (difference > value) {
      value = difference;
      index = i;
    }
  }
  return { value, index };
}

/**
 * 95 % point of the largest change under no drift: the widest normal interval of a share p with variance
 * p (1 - p) (1/n + 1/m), Bonferroni over the k shares (so on the safe side).
 */
export function lInfinityPoint95(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let n = 0;
  let m = 0;
  let used = 0;
  for (let i = 0; i < x.length; i++) {
    n += x[i]!;
    m += y[i]!;
    if (x[i]! + y[i]! > 0) used++;
  }
  if (used < 2 || n === 0 || m === 0) return 0;
  let widest = 0;
  for (let i = 0; i < x.length; i++) {
    const p = (x[i]! + y[i]!) / (n + m);
    widest = Math.max(widest, p * (1 - p));
  }
  return normalTwoSidedQuantile(0.05 / used) * Math.sqrt(widest * (1 / n + 1 / m));
}
