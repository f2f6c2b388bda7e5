import { normalTail } from '../special/normal.ts';
import { type Metric, metric, noMetric, normalMetric, Z95 } from './metric.ts';

const BINS = 10;
const METHOD = `calibration_error/equal-width-${BINS}@2`;

type Bin = { rows: number; gap: number; squares: number; chance: number };

/**
 * Expected calibration error (Naeini et al. 2015): scores in ten bins of equal width over [0, 1], the last one closed;
 * Σ over the bins of |Σ (score - label)| / n. Its error is that of independent folded normals, one a bin (Leone et al.
 * 1961). Bins of few rows make the value itself too high, as with every binned estimate, by as much as the mean of a folded
 * normal exceeds its middle: the lower end allows for that, each bin's gap being at the lower end of its own interval, and
 * for so much that a one-sided 5 % test by the interval's width does. Where chance alone shows as much it is below 0. `labels` are 1 and 0. Cost O(n).
 */
export function calibrationError(labels: ArrayLike<number>, scores: ArrayLike<number>): Metric {
  const n = labels.length;
  if (n === 0) return noMetric(METHOD, n, 'no row has both label and score');
  const bins = Array.from({ length: BINS }, (): Bin => ({ rows: 0, gap: 0, squares: 0, chance: 0 }));
  for (let i = 0; i < n; i++) {
    const bin = bins[Math.min(BINS - 1, Math.floor(scores[i]! * BINS))]!;
    const gap = scores[i]! - labels[i]!;
    bin.rows++;
    bin.gap += gap;
    bin.squares += gap * gap;
    bin.chance += scores[i]! * (1 - scores[i]!);
  }
  let [value, variance, excess] = [0, 0, 0];
  for (const { rows, gap, squares, chance } of bins) {
    const size = Math.abs(gap) / n;
    value += size;
    if (rows === 0) continue;
    // A few rows that happen to be alike vary no less than ones of their probability do.
    const deviation = Math.sqrt(Math.max(chance, squares - (gap * gap) / rows)) / n;
    const folded = foldedMean(size, deviation);
    variance += Math.max(0, size * size + deviation * deviation - folded * folded);
    const least = Math.max(0, size - Z95 * deviation);
    excess += foldedMean(least, deviation) - least;
  }
  const error = Math.sqrt(variance);
  if (!(error > 0)) return normalMetric(METHOD, n, { value, error });
  const low = value - excess - Z95 * error;
  // Not cut off at 0, which would make the value seem surer than it is to whoever takes the error from the width.
  return metric(METHOD, n, { value, low, high: value + Z95 * error, most: 1 });
}

/** Mean of |X| for a normal X. */
function foldedMean(mean: number, deviation: number): number {
  if (deviation === 0) return mean;
  const z = mean / deviation;
  return deviation * Math.sqrt(2 / Math.PI) * Math.exp((-z * z) / 2) + mean * (1 - 2 * normalTail(z));
}
