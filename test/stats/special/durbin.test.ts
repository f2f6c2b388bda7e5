import { describe, expect, it } from 'vitest';
import { durbinCdf } from '../../../src/stats/special/durbin.ts';
import { logGamma } from '../../../src/stats/special/gamma.ts';
import { relativeError } from '../samples.ts';
import { REFERENCE_TAILS } from './kolmogorov-tails.ts';

describe('Durbin’s matrix', () => {
  it('has SciPy’s distribution, also where powers leave the range of numbers', () => {
    // A matrix has twice n d columns: small ones say as much as large ones, of few rows and of a thousand.
    // Of more than 140 rows SciPy has it where n d^1.5 is at most 1.4.
    const small = REFERENCE_TAILS.filter(
      ([n, d]) => n <= 1000 && n * d > 0.5 && n * d <= 10 && n * d * d <= 4 && (n <= 140 || n * d ** 1.5 <= 1.4),
    );
    expect(small.length).toBeGreaterThan(50);
    expect(Math.max(...small.map(([n]) => n))).toBeGreaterThan(140);
    for (const [n, d, p] of small) expect(1 - durbinCdf(n, d), `n ${n}, d ${d}`).toBeCloseTo(p, 11);
  });

  it('is a polynomial in d for few rows', () => {
    // Up to one row off the line: (n! / nⁿ) (2 n d - 1)ⁿ; and 1 - 2 (1 - d)ⁿ from all but one on.
    for (const t of [0.6, 0.8, 1]) expect(durbinCdf(4, t / 4)).toBeCloseTo((24 / 256) * (2 * t - 1) ** 4, 13);
    // Far below the numbers that it is scaled to, and still one.
    const log = (n: number, t: number) => logGamma(n + 1) - n * Math.log(n) + n * Math.log(2 * t - 1);
    for (const n of [95, 200, 400]) {
      expect(relativeError(durbinCdf(n, 0.9 / n), Math.exp(log(n, 0.9)))).toBeLessThan(1e-10);
    }
    for (const d of [0.7, 0.85]) expect(durbinCdf(3, d)).toBeCloseTo(1 - 2 * (1 - d) ** 3, 13);
    expect(durbinCdf(0, 0.5)).toBe(0);
  });
});
