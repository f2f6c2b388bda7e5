import { describe, expect, it } from 'vitest';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';

/** The number of 53 bits that two words of 32 make. */
const fromWords = (high: number, low: number): number =>
  ((high >>> 5) * 67_108_864 + (low >>> 6)) / 9_007_199_254_740_992;

describe('xoshiro128', () => {
  it('goes through the published steps of its state', () => {
    // xoshiro128++ from the state 1, 2, 3, 4 (reference implementation).
    const words = [
      641, 1573767, 3222811527, 3517856514, 836907274, 4247214768, 3867114732, 1355841295, 495546011, 621204420,
    ];
    const random = xoshiro128({ state: [1, 2, 3, 4] });
    for (let i = 0; i < words.length; i += 2) expect(random()).toBe(fromWords(words[i]!, words[i + 1]!));
  });

  it('gives the numbers of a seed for ever, since stored reports are replayed with them', () => {
    // A second implementation, in whole-number arithmetic, gives the same.
    const random = xoshiro128(42);
    expect([random(), random(), random()]).toEqual([0.09419436751386345, 0.3548542392062164, 0.7622221497924372]);
    expect(xoshiro128(0)()).toBe(0.9841397993058318);
    expect(xoshiro128(2 ** 32 + 42)()).toBe(0.09419436751386345);
  });

  it('has the mean, variance and serial independence of uniform numbers', () => {
    const random = xoshiro128(42);
    const values = Array.from({ length: 100_000 }, random);
    const average = values.reduce((a, b) => a + b, 0) / values.length;
    const variance = values.reduce((sum, v) => sum + (v - 0.5) ** 2, 0) / values.length;
    const serial = values.reduce((sum, v, i) => sum + (v - 0.5) * ((values[i - 1] ?? 0.5) - 0.5), 0) / values.length;
    expect(Math.abs(average - 0.5)).toBeLessThan(0.004);
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.002);
    expect(Math.abs(serial)).toBeLessThan(0.001);
    expect(Math.min(...values.slice(0, 9999))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values.slice(0, 9999))).toBeLessThan(1);
  });
});
