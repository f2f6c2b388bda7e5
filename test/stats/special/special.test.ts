import { describe, expect, it } from 'vitest';
import { chiSquareQuantile, chiSquareTail } from '../../../src/stats/special/chi-square.ts';
import { gammaQ } from '../../../src/stats/special/gamma.ts';
import { kolmogorovTail } from '../../../src/stats/special/kolmogorov.ts';
import { REFERENCE, relativeError } from '../samples.ts';

describe('the upper incomplete gamma function', () => {
  it('agrees with SciPy to 1e-12, relatively, far into the tail', () => {
    expect(REFERENCE.gammaQ.length).toBe(100);
    for (const [a, x, q] of REFERENCE.gammaQ)
      expect(relativeError(gammaQ(a, x), q), `Q(${a}, ${x})`).toBeLessThan(1e-12);
  });

  it('has a tail where a difference from 1 would be 0', () => {
    expect(relativeError(chiSquareTail(200, 5), 2.8e-41)).toBeLessThan(0.02);
  });

  it('has its limits', () => {
    expect(gammaQ(3, 0)).toBe(1);
    expect(gammaQ(3, Number.POSITIVE_INFINITY)).toBe(0);
    expect(gammaQ(Number.NaN, 1)).toBeNaN();
  });
});

describe('chi-square quantiles', () => {
  it('agree with SciPy to 1e-12', () => {
    for (const [df, tail, x] of REFERENCE.chiSquareQuantiles) {
      expect(relativeError(chiSquareQuantile(tail, df), x), `df ${df}, tail ${tail}`).toBeLessThan(1e-12);
    }
  });
});

describe('the finite-n Kolmogorov distribution', () => {
  it('agrees with SciPy to 1e-9 or better from n = 1 to 2,500,000', () => {
    expect(REFERENCE.kolmogorov.length).toBeGreaterThan(250);
    for (const [n, d, p] of REFERENCE.kolmogorov) {
      expect(relativeError(kolmogorovTail(n, d), p), `n ${n}, d ${d}, p ${p}`).toBeLessThan(2e-11);
    }
  });

  it('falls with d and stays a probability', () => {
    for (const n of [1, 3, 20, 140, 141, 1000, 150_000]) {
      let last = 1;
      for (let d = 0; d <= 1; d += 1 / 64) {
        const p = kolmogorovTail(n, d);
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p, `n ${n}, d ${d}`).toBeLessThanOrEqual(last + 1e-12);
        last = p;
      }
      expect(kolmogorovTail(n, 1)).toBe(0);
    }
  });
});
