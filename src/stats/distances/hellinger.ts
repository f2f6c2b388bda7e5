import { divergenceLaw, gammaPoint95, total } from './relabelling-law.ts';

/**
 * Hellinger distance √(½ Σ (√p - √q)²) between the shares of two vectors of counts: 0 for equal, 1 for disjoint, a metric.
 * It is √(1 - BC) with Bhattacharyya's coefficient, without that difference's cancellation. Null when a side has no
 * rows. Cost O(k).
 */
export function hellinger(x: ArrayLike<number>, y: ArrayLike<number>): number | null {
  const n = total(x);
  const m = total(y);
  if (n === 0 || m === 0) return null;
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += part(x[i]! / n, y[i]! / m);
  return Math.min(1, Math.sqrt(sum));
}

function part(p: number, q: number): number {
  const difference = Math.sqrt(p) - Math.sqrt(q);
  return (difference * difference) / 2;
}

/**
 * Mean (nearly) and 95 % point under no drift: a well-filled cell adds (1/n + 1/m) / 8 times chi-square to the squared
 * distance, a sparse one what relabelling its rows would. Null when a side has no rows. Cost as `divergenceLaw`.
 */
export function hellingerNull(x: ArrayLike<number>, y: ArrayLike<number>): { mean: number; point95: number } | null {
  const n = total(x);
  const m = total(y);
  const law = divergenceLaw(x, y, { scale: (1 / n + 1 / m) / 8, part: (a, b) => part(a / n, b / m) });
  return law === null ? null : { mean: Math.sqrt(law.mean), point95: Math.min(1, Math.sqrt(gammaPoint95(law))) };
}
