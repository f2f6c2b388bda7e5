import { expect, it } from 'vitest';
import { benjaminiHochberg } from '../../../src/stats/verdict/benjamini-hochberg.ts';
import { REFERENCE } from '../samples.ts';

it('adjusts as SciPy’s false_discovery_control', () => {
  expect(REFERENCE.benjaminiHochberg.length).toBeGreaterThan(3);
  for (const { p, q } of REFERENCE.benjaminiHochberg) {
    benjaminiHochberg(p).forEach((value, i) => {
      expect(value).toBeCloseTo(q[i]!, 14);
    });
  }
});

it('of nothing is nothing', () => {
  expect(benjaminiHochberg([])).toEqual([]);
});
