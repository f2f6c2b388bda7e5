import { describe, expect, it } from 'vitest';
import { kolmogorovTail } from '../../../src/stats/special/kolmogorov.ts';
import { relativeError } from '../samples.ts';
import { expectFalling, REFERENCE_TAILS } from './kolmogorov-tails.ts';

describe('the finite-n Kolmogorov distribution of many rows', () => {
  it('agrees with SciPy from n = 20,000 to a million', () => {
    for (const [n, d, p] of REFERENCE_TAILS) {
      if (n <= 20_000 || n > 1_000_000) continue;
      expect(relativeError(kolmogorovTail(n, d), p), `n ${n}, d ${d}, p ${p}`).toBeLessThan(2e-11);
    }
  });

  it('falls with d and stays a probability', () => {
    expectFalling(150_000);
  });
});
