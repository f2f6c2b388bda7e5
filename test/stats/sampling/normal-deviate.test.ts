import { describe, expect, it } from 'vitest';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';

describe('normalDeviate', () => {
  it('has the moments of a standard normal variable', () => {
    const random = xoshiro128(8);
    const [n, sums] = [40_000, [0, 0, 0, 0]];
    for (let i = 0; i < n; i++) {
      const z = normalDeviate(random);
      for (let k = 0; k < 4; k++) sums[k]! += z ** (k + 1) / n;
    }
    // Standard errors 0.005, 0.007, 0.019 and 0.049.
    expect(Math.abs(sums[0]!)).toBeLessThan(0.02);
    expect(Math.abs(sums[1]! - 1)).toBeLessThan(0.03);
    expect(Math.abs(sums[2]!)).toBeLessThan(0.08);
    expect(Math.abs(sums[3]! - 3)).toBeLessThan(0.2);
  });

  it('is the radius of one uniform number in the direction of the next', () => {
    const given = [1 - Math.exp(-2), 0.5, 0, 0.3];
    const random = (): number => given.shift()!;
    expect(normalDeviate(random)).toBeCloseTo(-2, 12);
    // The logarithm of 0 would be infinite.
    expect(normalDeviate(random)).toBeCloseTo(0, 12);
  });
});
