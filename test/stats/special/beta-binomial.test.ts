import { describe, expect, it } from 'vitest';
import { betaBinomialDensity, betaBinomialPoint, betaBinomialTail } from '../../../src/stats/special/beta-binomial.ts';

const LAWS = [
  { m: 1, a: 1, b: 1 },
  { m: 40, a: 1, b: 1 },
  { m: 40, a: 1, b: 300 },
  { m: 300, a: 70.5, b: 1 },
  { m: 2000, a: 12.25, b: 88.5 },
] as const;

describe('the beta-binomial law', () => {
  it.each(LAWS)('of $m draws at $a and $b adds up to 1, from either end', (law) => {
    const all = Array.from({ length: law.m + 1 }, (_, k) => betaBinomialDensity(k, law));
    expect(all.reduce((sum, density) => sum + density, 0)).toBeCloseTo(1, 12);
    let above = 0;
    for (let k = law.m; k >= 0; k--) {
      above += all[k]!;
      expect(betaBinomialTail(k, law)).toBeCloseTo(above, 11);
    }
    expect(betaBinomialTail(0, law)).toBe(1);
    expect(betaBinomialTail(law.m + 1, law)).toBe(0);
  });

  it.each(LAWS)('of $m draws at $a and $b has points that are the least ones', (law) => {
    for (const tail of [0.5, 0.05, 0.001]) {
      const k = betaBinomialPoint(tail, law);
      expect(betaBinomialTail(k + 1, law)).toBeLessThanOrEqual(tail * (1 + 1e-9));
      if (k > 0) expect(betaBinomialTail(k, law)).toBeGreaterThan(tail * (1 - 1e-9));
    }
  });

  it('is a ratio of whole numbers where a and b are whole', () => {
    const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
    const choose = (n: number, k: number): number => factorial(n) / factorial(k) / factorial(n - k);
    const beta = (a: number, b: number): number => (factorial(a - 1) * factorial(b - 1)) / factorial(a + b - 1);
    for (const { m, a, b } of [
      { m: 6, a: 2, b: 3 },
      { m: 5, a: 1, b: 7 },
      { m: 8, a: 4, b: 1 },
    ]) {
      const exact = Array.from({ length: m + 1 }, (_, k) => (choose(m, k) * beta(k + a, m - k + b)) / beta(a, b));
      for (const [k, density] of exact.entries()) {
        expect(betaBinomialDensity(k, { m, a, b }) / density).toBeCloseTo(1, 12);
        const above = exact.slice(k).reduce((sum, one) => sum + one, 0);
        expect(betaBinomialTail(k, { m, a, b }) / above).toBeCloseTo(1, 12);
      }
    }
  });

  it.each(LAWS)('of $m draws at $a and $b keeps the digits of far tails', (law) => {
    let above = 0;
    for (let k = law.m; k > 0; k--) {
      above += betaBinomialDensity(k, law);
      expect(betaBinomialTail(k, law) / above).toBeCloseTo(1, 10);
    }
    expect(betaBinomialTail(-1, law)).toBe(1);
    expect(betaBinomialTail(law.m, law)).toBeCloseTo(betaBinomialDensity(law.m, law), 15);
  });

  it('is exceeded by no more than the tail at its point, whatever the tail', () => {
    const law = { m: 6, a: 2, b: 3 };
    const tails = Array.from({ length: 8 }, (_, k) => betaBinomialTail(k, law));
    for (let k = 0; k <= 6; k++) {
      expect(betaBinomialPoint(tails[k + 1]! * (1 + 1e-9) + 1e-300, law)).toBe(k);
      if (k < 6) expect(betaBinomialPoint(tails[k + 1]! * (1 - 1e-9), law)).toBe(k + 1);
    }
    expect(betaBinomialPoint(0, law)).toBe(6);
    expect(betaBinomialPoint(1, law)).toBe(0);
  });

  it('is uniform at 1 and 1, and has nothing to draw where nothing is drawn', () => {
    expect(betaBinomialDensity(7, { m: 40, a: 1, b: 1 })).toBeCloseTo(1 / 41, 14);
    expect(betaBinomialDensity(0, { m: 0, a: 1, b: 1 })).toBe(1);
    expect(betaBinomialPoint(0.05, { m: 0, a: 3, b: 2 })).toBe(0);
  });
});
