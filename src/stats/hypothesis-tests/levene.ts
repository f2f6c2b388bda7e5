import { fTail } from '../special/f.ts';
import { momentsOf } from '../summaries/moments.ts';

export type Levene = { readonly statistic: number; readonly d1: number; readonly d2: number; readonly p: number };

/** What deviations are measured from: Levene's (1960) mean, or Brown and Forsythe's (1974) median, which is robust. */
export type LeveneCentre = 'mean' | 'median';

/**
 * Levene's test that samples of finite values have the same spread: the one-way F test on absolute deviations from each
 * sample's centre, as SciPy's `levene`. Samples must be sorted for the median. Null when a sample is empty, there
 * are no more rows than samples, or the deviations do not vary. Cost O(N).
 */
export function levene(samples: readonly Float64Array[], centre: LeveneCentre): Levene | null {
  const k = samples.length;
  const size = samples.reduce((sum, sample) => sum + sample.length, 0);
  if (k < 2 || samples.some((sample) => sample.length === 0)) return null;
  const groups = samples.map((sample) => {
    const deviations = absoluteDeviations(sample, centre);
    return momentsOf(deviations, deviations.length);
  });
  const mean = groups.reduce((sum, group) => sum + group.n * (group.mean + group.low), 0) / size;
  const between = groups.reduce((sum, group) => sum + group.n * (group.mean + group.low - mean) ** 2, 0);
  const within = groups.reduce((sum, group) => sum + group.m2, 0);
  if (!(within > 0) || !Number.isFinite(within)) return null;
  const [d1, d2] = [k - 1, size - k];
  const statistic = (d2 * between) / (d1 * within);
  return { statistic, d1, d2, p: fTail(statistic, { d1, d2 }) };
}

/** How far each finite value is from the sample's centre. The sample must be sorted for the median, and not be empty. */
export function absoluteDeviations(sample: Float64Array, centre: LeveneCentre): Float64Array {
  const n = sample.length;
  if (centre === 'median') {
    // The median lies `above` the value below it; apart, since their sum may not be a double beyond 2^53.
    const below = sample[(n - 1) >> 1]!;
    const above = (sample[n >> 1]! - below) / 2;
    return sample.map((v) => Math.abs(v - below - above));
  }
  const { mean, low } = momentsOf(sample, n);
  return sample.map((v) => Math.abs(v - mean - low));
}
