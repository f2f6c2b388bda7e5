import { describe, expect, it } from 'vitest';
import { chiSquareQuantile, chiSquareTail, chiSquareUpperPoint } from '../../../src/stats/special/chi-square.ts';
import { REFERENCE, relativeError } from '../samples.ts';

describe('chi-square quantiles', () => {
  it('agree with SciPy to 1e-12', () => {
    for (const [df, tail, x] of REFERENCE.chiSquareQuantiles) {
      expect(relativeError(chiSquareQuantile(tail, df), x), `df ${df}, tail ${tail}`).toBeLessThan(1e-12);
    }
  });
});

describe('the point by halving', () => {
  it('is that of Newton’s steps', () => {
    for (const df of [0.3, 1, 2, 7.5, 60, 4000]) {
      for (const tail of [0.999, 0.5, 0.05, 1e-12, 1e-200]) {
        const point = chiSquareUpperPoint(tail, df);
        expect(relativeError(chiSquareTail(point, df), tail), `df ${df}, tail ${tail}`).toBeLessThan(1e-9);
        expect(relativeError(chiSquareQuantile(tail, df), point), `df ${df}, tail ${tail}`).toBeLessThan(1e-12);
      }
    }
  });
});
