import { normalTwoSidedQuantile } from '../special/normal.ts';
import { isSparse, total } from './relabelling-law.ts';

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
 * 95 % point of the largest change under no drift: the widest interval of a share, Bonferroni over the k shares (so on the
 * safe side). Of a share p it is normal with the variance p (1 - p) (1/n + 1/m); of one with few rows it is what
 * relabelling them gives, whose tail is longer. Cost O(k), and O(t) at most for each size t of sparse share.
 */
export function lInfinityPoint95(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const sizes = { n: total(x), m: total(y) };
  const { n, m } = sizes;
  let used = 0;
  for (let i = 0; i < x.length; i++) if (x[i]! + y[i]! > 0) used++;
  if (used < 2 || n === 0 || m === 0) return 0;
  const level = 0.05 / used;
  const sparse = new Set<number>();
  let widest = 0;
  for (let i = 0; i < x.length; i++) {
    const rows = x[i]! + y[i]!;
    const p = rows / (n + m);
    widest = Math.max(widest, p * (1 - p));
    if (rows > 0 && isSparse(rows, n, m)) sparse.add(rows);
  }
  let point = normalTwoSidedQuantile(level) * Math.sqrt(widest * (1 / n + 1 / m));
  for (const rows of sparse) point = Math.max(point, relabelledPoint(rows, sizes, level));
  return point;
}

/**
 * What |x / n - y / m| exceeds with a chance of at most `level`, half of it for each end, where each of the rows belongs to
 * the smaller sample as often as its share. The end of many there is the farther one.
 */
function relabelledPoint(rows: number, { n, m }: { n: number; m: number }, level: number): number {
  const [few, many] = [Math.min(n, m), Math.max(n, m)];
  const f = few / (n + m);
  let chance = (1 - f) ** rows;
  let below = chance;
  let k = 0;
  while (k < rows && 1 - below > level / 2) {
    chance *= ((rows - k) / (k + 1)) * (f / (1 - f));
    below += chance;
    k++;
  }
  return Math.abs(k / few - (rows - k) / many);
}
