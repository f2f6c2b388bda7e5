import { describe, expect, it } from 'vitest';
import { logBinomialDensity } from '../../../src/stats/special/binomial.ts';

describe('the logarithm of the binomial density', () => {
  it('is that of the terms of (p + q)^n', () => {
    const odds = { p: 0.3, q: 0.7 };
    let choose = 1;
    for (let x = 0; x <= 12; x++) {
      expect(Math.exp(logBinomialDensity(x, 12, odds))).toBeCloseTo(choose * 0.3 ** x * 0.7 ** (12 - x), 14);
      choose *= (12 - x) / (x + 1);
    }
    expect(logBinomialDensity(0, 0, { p: 1, q: 0 })).toBe(0);
  });

  it('keeps the digits of a share that is nearly nothing', () => {
    expect(logBinomialDensity(0, 3, { p: 1e-20, q: 1 })).toBeCloseTo(-3e-20, 33);
    expect(logBinomialDensity(3, 3, { p: 1, q: 1e-20 })).toBeCloseTo(-3e-20, 33);
    expect(logBinomialDensity(0, 3, { p: 1, q: 1e-20 })).toBeCloseTo(3 * Math.log(1e-20), 12);
  });

  it('is the same of successes and of failures, where the deviation is a difference of large numbers', () => {
    const [n, p, q] = [1e15 + 3, 0.00123, 1 - 0.00123];
    const mean = Math.round(n * p);
    for (const x of [mean - 3_000_001, mean + 30_000_007]) {
      const [one, other] = [logBinomialDensity(x, n, { p, q }), logBinomialDensity(n - x, n, { p: q, q: p })];
      expect(Math.abs(one - other)).toBeLessThan(1e-12);
    }
  });
});
