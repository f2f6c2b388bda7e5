import { describe, expect, it } from 'vitest';
import { chiSquareContingency } from '../../../src/stats/hypothesis-tests/chi-square-contingency.ts';
import { REFERENCE, relativeError } from '../samples.ts';

const SET_B = { reference: [420, 310, 180, 70, 20, 0], current: [300, 270, 140, 60, 0, 30] };

describe('chiSquareContingency', () => {
  it('agrees with SciPy, with Yates’ correction only for two columns', () => {
    for (const { x, y, statistic, df, p } of REFERENCE.tables) {
      const result = chiSquareContingency(x, y);
      expect(result?.df).toBe(df);
      expect(result?.yates).toBe(df === 1);
      expect(relativeError(result?.statistic ?? 0, statistic)).toBeLessThan(1e-13);
      expect(relativeError(result?.p ?? 0, p)).toBeLessThan(1e-12);
    }
  });

  it('has the published values of set B', () => {
    const result = chiSquareContingency(SET_B.reference, SET_B.current);
    expect(result?.statistic).toBeCloseTo(57.00944960212202, 10);
    expect(result?.df).toBe(5);
    expect(relativeError(result?.p ?? 0, 5.03432796e-11)).toBeLessThan(1e-8);
  });

  it('is not possible without rows on a side or with one column', () => {
    expect(chiSquareContingency([0, 0], [1, 2])).toBeNull();
    expect(chiSquareContingency([1, 2], [0, 0])).toBeNull();
    expect(chiSquareContingency([5, 0], [7, 0])).toBeNull();
    expect(chiSquareContingency([5], [7])).toBeNull();
  });

  it('moves by no more than the deviation itself', () => {
    expect(chiSquareContingency([10, 10], [10, 11])).toMatchObject({ statistic: 0, p: 1, yates: true });
  });

  it('leaves out columns that are empty on both sides', () => {
    expect(chiSquareContingency([3, 0, 9], [5, 0, 5])).toEqual(chiSquareContingency([3, 9], [5, 5]));
  });
});
