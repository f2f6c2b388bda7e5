import { chiSquareQuantile } from '../special/chi-square.ts';
import { total } from './relabelling-law.ts';

/**
 * Population stability index Σ (r - w) ln(r / w) over the shares of bins, natural logarithm. A bin that is empty
 * on one side counts as half a row there (share 0.5 / n), the others stay as they are: a plain PSI wherever no
 * bin is empty, and no cliff when a single row appears. Bins empty on both sides are left out. Null when a side
 * has no rows. Cost O(k).
 */
export function psi(reference: ArrayLike<number>, window: ArrayLike<number>): number | null {
  const n = total(reference);
  const m = total(window);
  if (n === 0 || m === 0) return null;
  let sum = 0;
  for (let i = 0; i < reference.length; i++) {
    const r = reference[i]!;
    const w = window[i]!;
    if (r === 0 && w === 0) continue;
    const p = (r === 0 ? 0.5 : r) / n;
    const q = (w === 0 ? 0.5 : w) / m;
    sum += (p - q) * Math.log(p / q);
  }
  return sum;
}

/**
 * Mean and 95 % point of PSI under no drift with `bins` non-empty bins and sizes n and m: PSI / (1/n + 1/m)
 * is nearly chi-square with bins - 1 degrees of freedom (Yurdakul and Naranjo 2020).
 */
export function psiNull(bins: number, n: number, m: number): { mean: number; point95: number } {
  const scale = 1 / n + 1 / m;
  if (bins < 2) return { mean: 0, point95: 0 };
  return { mean: (bins - 1) * scale, point95: chiSquareQuantile(0.05, bins - 1) * scale };
}
