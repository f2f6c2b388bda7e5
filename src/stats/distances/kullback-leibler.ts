import { divergenceLaw, gammaPoint95, total } from './relabelling-law.ts';

/**
 * Kullback-Leibler divergence Σ p ln(p / q) from the reference's shares p to the window's q, natural logarithm: the price,
 * in nats a row, of taking the window's law for the reference's. A bin that is empty in the window counts as half a row
 * there, with the surplus of its share added, Σ p ln(p / q) - p + q, so that the value stays finite, is never
 * negative, and is the plain divergence wherever the window has no empty bin. Not symmetric. Null when a side
 * has no rows. Cost O(k).
 */
export function kullbackLeibler(reference: ArrayLike<number>, window: ArrayLike<number>): number | null {
  const n = total(reference);
  const m = total(window);
  if (n === 0 || m === 0) return null;
  let sum = 0;
  for (let i = 0; i < reference.length; i++) {
    if (reference[i]! + window[i]! > 0) sum += part(reference[i]! / n, (window[i]! === 0 ? 0.5 : window[i]!) / m);
  }
  return Math.max(0, sum);
}

function part(p: number, q: number): number {
  return p === 0 ? q : p * Math.log(p / q) - p + q;
}

/**
 * Mean and 95 % point under no drift: a well-filled bin adds (1/n + 1/m) / 2 times chi-square, a sparse one what
 * relabelling its rows would. Null when a side has no rows. Cost as `divergenceLaw`.
 */
export function kullbackLeiblerNull(
  reference: ArrayLike<number>,
  window: ArrayLike<number>,
): { mean: number; point95: number } | null {
  const n = total(reference);
  const m = total(window);
  const law = divergenceLaw(reference, window, {
    scale: (1 / n + 1 / m) / 2,
    part: (x, y) => part(x / n, (y === 0 ? 0.5 : y) / m),
  });
  return law === null ? null : { mean: law.mean, point95: gammaPoint95(law) };
}
