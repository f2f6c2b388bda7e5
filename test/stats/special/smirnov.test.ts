import { describe, expect, it } from 'vitest';
import { smirnovTail } from '../../../src/stats/special/smirnov.ts';

describe('the one-sided Kolmogorov-Smirnov distribution', () => {
  it('is Smirnov’s sum, term by term for few rows', () => {
    for (const d of [0.01, 0.3, 0.5, 0.8]) expect(smirnovTail(1, d)).toBeCloseTo(1 - d, 14);
    // (1 - d)² + 2 d (1/2 - d) while d is at most a half.
    for (const d of [0.1, 0.25, 0.5]) expect(smirnovTail(2, d)).toBeCloseTo((1 - d) ** 2 + d * (1 - 2 * d), 14);
    expect(smirnovTail(2, 0.75)).toBeCloseTo(0.25 ** 2, 14);
  });

  it('is 1 for what every sample reaches, and 0 for what none does', () => {
    expect([-0.2, 0, 1, 1.5].map((d) => smirnovTail(5, d))).toEqual([1, 1, 0, 0]);
    expect([-0.2, 0, 1, 1.5].map((d) => smirnovTail(5e6, d))).toEqual([1, 1, 0, 0]);
  });
});
