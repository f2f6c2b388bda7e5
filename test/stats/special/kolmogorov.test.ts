import { describe, expect, it } from 'vitest';
import { kolmogorovTail } from '../../../src/stats/special/kolmogorov.ts';
import { relativeError } from '../samples.ts';
import { expectFalling, REFERENCE_TAILS } from './kolmogorov-tails.ts';

describe('the finite-n Kolmogorov distribution', () => {
  // Those in between take sums of as many terms as there are rows, and have a file of their own.
  it('agrees with SciPy from n = 1 to 20,000, and beyond a million', () => {
    expect(REFERENCE_TAILS.length).toBeGreaterThan(250);
    for (const [n, d, p] of REFERENCE_TAILS) {
      if (n > 20_000 && n <= 1_000_000) continue;
      expect(relativeError(kolmogorovTail(n, d), p), `n ${n}, d ${d}, p ${p}`).toBeLessThan(2e-11);
    }
  });

  it('is 1 for what every sample reaches, and 0 for what none does', () => {
    // n! / nⁿ of the samples keep within one row of the line, which for 200 rows is none that a double would show.
    for (const t of [-1, 0, 0.4, 0.51, 0.9, 1]) expect(kolmogorovTail(200, t / 200)).toBe(1);
    expect(kolmogorovTail(2, 0.5 * 0.9)).toBeCloseTo(1 - (2 / 4) * 0.8 ** 2, 14);
    for (const d of [1, 1.2, 3]) expect([kolmogorovTail(5, d), kolmogorovTail(200, d)]).toEqual([0, 0]);
  });

  it('falls with d and stays a probability', () => {
    for (const n of [1, 3, 20, 140, 141, 1000]) expectFalling(n);
  });
});
