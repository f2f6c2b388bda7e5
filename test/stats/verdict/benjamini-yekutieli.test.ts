import { expect, it } from 'vitest';
import { benjaminiHochberg } from '../../../src/stats/verdict/benjamini-hochberg.ts';
import { benjaminiYekutieli } from '../../../src/stats/verdict/benjamini-yekutieli.ts';
import { MEASURE_VALUES } from '../measure-values.ts';
import { relativeError } from '../samples.ts';

it('adjusts as SciPy does, never below Benjamini and Hochberg', () => {
  for (const [p, expected] of MEASURE_VALUES.benjaminiYekutieli) {
    const [q, hochberg] = [benjaminiYekutieli(p), benjaminiHochberg(p)];
    q.forEach((value, i) => {
      expect(relativeError(value, expected[i]!)).toBeLessThan(1e-12);
      expect(value).toBeGreaterThanOrEqual(hochberg[i]!);
    });
  }
  expect(benjaminiYekutieli([])).toEqual([]);
});
