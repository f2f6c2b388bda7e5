import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { cellSort } from '../../../src/stats/summaries/cell-sort.ts';
import { KINDS } from '../kinds-of-numbers.ts';

describe('cellSort', () => {
  it.each(Object.entries(KINDS))('sorts values that are %s as the native sort does', (_, draw) => {
    const random = xoshiro128(9);
    for (const n of [0, 1, 100, 8_192, 15_000]) {
      const values = Float64Array.from({ length: n }, () => draw(random) + 0);
      const expected = values.slice().sort();
      expect(cellSort(values)).toBe(values);
      expect(values).toEqual(expected);
      // Sorted already, and the other way round.
      expect(cellSort(values.slice())).toEqual(expected);
      expect(cellSort(values.slice().reverse())).toEqual(expected);
    }
  });

  it('sorts whatever there is, in a part of an array as well', () => {
    const some = fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(some, fc.integer({ min: 8_192, max: 9_000 }), (few, n) => {
        const whole = Float64Array.from({ length: n + 3 }, (_, i) => few[(i * 7) % few.length]! + 0 + (i % 5));
        const expected = whole.slice(3).sort();
        cellSort(whole.subarray(3));
        expect(whole.subarray(3)).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });
});
