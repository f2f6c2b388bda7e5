import { describe, expect, it } from 'vitest';
import { devianceTerm, gammaQ, stirlingError } from '../../../src/stats/special/gamma.ts';
import { REFERENCE, relativeError } from '../samples.ts';

describe('the upper incomplete gamma function', () => {
  it('agrees with SciPy to 1e-12, relatively, far into the tail', () => {
    expect(REFERENCE.gammaQ.length).toBe(100);
    for (const [a, x, q] of REFERENCE.gammaQ)
      expect(relativeError(gammaQ(a, x), q), `Q(${a}, ${x})`).toBeLessThan(1e-12);
  });

  it('has a tail where a difference from 1 would be 0', () => {
    // Chi-square of 200 with five degrees of freedom.
    expect(relativeError(gammaQ(2.5, 100), 2.8e-41)).toBeLessThan(0.02);
  });

  it('has its limits', () => {
    expect(gammaQ(3, 0)).toBe(1);
    expect(gammaQ(3, Number.POSITIVE_INFINITY)).toBe(0);
    expect(gammaQ(3, -1)).toBe(1);
    for (const x of [0, 1, Number.POSITIVE_INFINITY, Number.NaN]) expect(gammaQ(Number.NaN, x)).toBeNaN();
    expect(gammaQ(3, Number.NaN)).toBeNaN();
  });
});

describe('Stirling’s error', () => {
  it('is what his formula lacks of the logarithm of a factorial, and its series goes on where the difference ends', () => {
    let logFactorial = 0;
    for (let n = 1; n <= 40; n++) {
      logFactorial += Math.log(n);
      const formula = (n + 0.5) * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI);
      expect(stirlingError(n)).toBeCloseTo(logFactorial - formula, 12);
    }
    // A difference of logarithms would have none of these digits; the next term of the series is below 1e-27.
    expect(stirlingError(1e6) * 12e6).toBeCloseTo(1 - 1 / 30e12, 15);
    // Its terms up to the fifth at 16, summed in fractions.
    const exact = 1 / 192 - 1 / (360 * 16 ** 3) + 1 / (1260 * 16 ** 5) - 1 / (1680 * 16 ** 7) + 1 / (1188 * 16 ** 9);
    expect(stirlingError(16) / exact).toBeCloseTo(1, 14);
  });
});

describe('the deviance term', () => {
  it('is x ln(x / m) + m - x, also where little is left of it', () => {
    for (const [x, m] of [
      [3, 5],
      [10, 2],
      [7, 7.5],
      [100, 130],
    ] as const) {
      expect(devianceTerm(x, m, x - m)).toBeCloseTo(x * Math.log(x / m) + m - x, 12);
    }
    expect(devianceTerm(0, 4, -4)).toBe(4);
    expect(devianceTerm(4, 4, 0)).toBe(0);
    // d² / (2 m) - d³ / (6 m²): a difference of the logarithms would have four digits of it.
    for (const d of [1e-3, -1e-3]) {
      const m = 1000;
      const series = d ** 2 / (2 * m) - d ** 3 / (6 * m ** 2) + d ** 4 / (12 * m ** 3);
      expect(relativeError(devianceTerm(m + d, m, d), series)).toBeLessThan(1e-12);
    }
  });
});
