import { expect, it } from 'vitest';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import type { Matrix } from '../../../src/stats/table/matrix.ts';
import { landmarkMmd, medianBandwidth, randomFeatureMmd } from '../../../src/stats/table/maximum-mean-discrepancy.ts';

const drawn = (random: () => number, spread = 1): Matrix => ({
  rows: 150,
  columns: 10,
  values: Float64Array.from({ length: 1500 }, () => spread * normalDeviate(random)),
});

it('the discrepancy by landmarks sees a change of spread that random features under one kernel do not, and as rarely one that there is not', () => {
  const random = xoshiro128(7);
  const seen = { healthy: 0, landmarks: 0, features: 0 };
  for (let i = 0; i < 60; i++) {
    const [x, same, wider] = [drawn(random), drawn(random), drawn(random, 1.13)];
    const of = (y: Matrix, test: typeof landmarkMmd): number => {
      const chance = xoshiro128(8);
      return test({ x, y }, { bandwidth: medianBandwidth({ x, y }, chance), random: chance })!.p;
    };
    if (of(same, landmarkMmd) < 0.05) seen.healthy++;
    if (of(wider, landmarkMmd) < 0.05) seen.landmarks++;
    if (of(wider, randomFeatureMmd) < 0.05) seen.features++;
  }
  expect(seen.healthy).toBeLessThanOrEqual(8);
  expect(seen.landmarks).toBeGreaterThan(1.3 * seen.features);
  expect(seen.landmarks).toBeGreaterThan(25);
});
