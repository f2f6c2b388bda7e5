import { describe, expect, it } from 'vitest';
import { durbinCdf } from '../../../src/stats/special/durbin.ts';
import { pelzGoodCdf } from '../../../src/stats/special/pelz-good.ts';

describe('Pelz and Good’s series', () => {
  it('errs by less than 0.065 / n², measured by Durbin’s matrix', () => {
    for (const n of [141, 300, 1000]) {
      for (const z2 of [0.15, 0.25, 0.285, 0.327, 0.5, 1, 2, 2.2]) {
        const d = Math.sqrt(z2 / n);
        expect(Math.abs(pelzGoodCdf(n, d) - durbinCdf(n, d)), `n ${n}, z² ${z2}`).toBeLessThan(0.065 / n ** 2);
      }
    }
  });

  it('is 0 and 1 far from the middle, where powers of z leave the range of numbers or many terms count', () => {
    expect(pelzGoodCdf(1e6, 1e-40)).toBe(0);
    for (const z of [4, 6, 10, 30]) expect(pelzGoodCdf(1e6, z / 1000)).toBeCloseTo(1, 10);
  });
});
