import { describe, expect, it } from 'vitest';
import { cauchyCombination } from '../../../src/stats/hypothesis-tests/cauchy-combination.ts';

describe('cauchyCombination', () => {
  it('is the p of one test, and of several that agree', () => {
    for (const p of [1e-290, 1e-20, 1e-3, 0.2, 0.7]) {
      expect(cauchyCombination([{ p, weight: 3 }]) / p).toBeCloseTo(1, 12);
      const three = [1, 2, 3].map((weight) => ({ p, weight }));
      expect(cauchyCombination(three) / p).toBeCloseTo(1, 10);
    }
    expect(cauchyCombination([])).toBe(1);
  });

  it('costs a lone test its weight, and is not carried off by one that saw nothing at all', () => {
    const found = cauchyCombination([
      { p: 1e-9, weight: 0.25 },
      { p: 1, weight: 0.75 },
    ]);
    expect(found / 4e-9).toBeCloseTo(1, 3);
  });
});
