import { normalTail } from '../special/normal.ts';
import { type Metric, noMetric, normalMetric } from './metric.ts';

const BINS = 10;
const METHOD = `calibration_error/equal-width-${BINS}@1`;

type Bin = { rows: number; gap: number; squares: number };

/**
 * Expected calibration error (Naeini et al. 2015): scores in ten bins of equal width over [0, 1], the last one closed;
 * Σ over the bins of |Σ (score - label)| / n. Its error is that of independent folded normals, one a bin (Leone et al.
 * 1961); small bins make the value itself too high, as with every binned estimate. `labels` are 1 and 0. Cost O(n).
 */
export function calibrationError(labels: ArrayLike<number>, scores: ArrayLike<number>): Metric {
  const n = labels.length;
  if (n === 0) return noMetric(METHOD, n, 'no row has both label and score');
  const bins = Array.from({ length: BINS }, (): Bin => ({ rows: 0, gap: 0, squares: 0 }));
  for (let i = 0; i < n; i++) {
    const bin = bins[Math.min(BINS - 1, Math.floor(scores[i]! * BINS))]!;
    const gap = scores[i]! - labels[i]!;
    bin.rows++;
    bin.gap += gap;
    bin.squares += gap * gap;
  }
  let value = 0;
  let variance = 0;
  for (const { rows, gap, squares } of bins) {
    value += Math.abs(gap) / n;
    if (rows > 0) variance += foldedVariance(gap / n, Math.sqrt(Math.max(0, squares - (gap * gap) / rows)) / n);
  }
  return normalMetric(METHOD, n, { value, error: Math.sqrt(variance), least: 0, most: 1 });
}

/** Variance of |X| for a normal X. */
function foldedVariance(mean: number, deviation: number): number {
  if (deviation === 0) return 0;
  const z = mean / deviation;
  const folded =
    deviation * Math.sqrt(2 / Math.PI) * Math.exp((-z * z) / 2) + Math.abs(mean) * (1 - 2 * normalTail(Math.abs(z)));
  return Math.max(0, mean * mean + deviation * deviation - folded * folded);
}
