import { describe, expect, it } from 'vitest';
import { levene } from '../../../src/stats/hypothesis-tests/levene.ts';
import { pairsWith } from '../measure-values.ts';
import { relativeError, sample } from '../samples.ts';

describe('levene', () => {
  it.each([
    ['levene', 'mean'],
    ['brownForsythe', 'median'],
  ] as const)('has the exact values of %s', (key, centre) => {
    for (const { x, y, name, expected } of pairsWith(key)) {
      const test = levene([x, y], centre)!;
      // A statistic of 1e-30 is one of 0, rounded.
      expect(Math.abs(test.statistic - expected.w), name).toBeLessThan(1e-9 * expected.w + 1e-20);
      expect(relativeError(test.p, expected.p), name).toBeLessThan(1e-7);
    }
  });

  it('sees spread, not location', () => {
    const [x, wide] = [sample({ n: 200 }).sort(), sample({ n: 200, plastic: true, scale: 3 }).sort()];
    expect(levene([x, wide], 'median')!.p).toBeLessThan(1e-20);
    expect(levene([x, x.map((v) => v + 9)], 'median')!.p).toBeCloseTo(1, 6);
    expect(levene([x, x, wide], 'mean')!.d1).toBe(2);
  });

  it('cannot be had where no deviation varies', () => {
    const two = Float64Array.of(1, 2);
    expect(levene([two, two], 'mean')).toBeNull();
    expect(levene([Float64Array.of(1, 2, 4)], 'mean')).toBeNull();
    expect(levene([Float64Array.of(1, 2, 4), Float64Array.of(7)], 'median')).not.toBeNull();
    expect(levene([Float64Array.of(-1e200, 0, 0, 1e200), two], 'mean')).toBeNull();
    expect(levene([Float64Array.of(4, 4, 4), Float64Array.of(5, 5)], 'median')).toBeNull();
    expect(levene([Float64Array.of(1, 2, 4), Float64Array.of()], 'mean')).toBeNull();
    expect(levene([Float64Array.of(), Float64Array.of(1, 2, 4)], 'median')).toBeNull();
    expect(levene([Float64Array.of(1), Float64Array.of(2)], 'mean')).toBeNull();
  });
});
