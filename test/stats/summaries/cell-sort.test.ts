import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { cellSort } from '../../../src/stats/summaries/cell-sort.ts';

const KINDS: Readonly<Record<string, (random: () => number) => number>> = {
  uniform: (random) => random(),
  normal: normalDeviate,
  exponential: (random) => -Math.log(1 - random()),
  'far from zero': (random) => 1e9 + random(),
  rounded: (random) => Math.round(1e4 * random()) / 100,
  'of two values': (random) => Number(random() < 0.3),
  constant: () => -7.25,
  'mostly zero': (random) => (random() < 0.7 ? 0 : normalDeviate(random)),
  'of heavy tails': (random) => Math.tan(Math.PI * (random() - 0.5)),
  'skewed over many powers': (random) => Math.exp(30 * normalDeviate(random)),
  'with infinities': (random) => [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][Math.floor(900 * random())] ?? 1,
  'at the ends of the doubles': (random) => (random() < 0.5 ? -1 : 1) * Number.MAX_VALUE * random(),
  'hardly apart': (random) => 5e-324 * Math.floor(9 * random()),
  'crowded in one fine cell': (random) => (random() < 0.9 ? Math.floor(2048 * random()) : 7 + 1e-9 * random()),
};

describe('cellSort', () => {
  it.each(Object.entries(KINDS))('sorts values that are %s as the native sort does', (_, draw) => {
    const random = xoshiro128(9);
    for (const n of [0, 1, 100, 8_192, 50_000]) {
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
