import fc from 'fast-check';
import { expect, it } from 'vitest';
import { placeOf } from '../../../src/stats/summaries/place-of.ts';
import { pooledValues } from '../../../src/stats/summaries/pooled-values.ts';

const values = fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 12 });
const sorted = (list: readonly number[]): Float64Array => Float64Array.from(list).sort();

it('has each value of two sorted samples once, and how often either side has it', () => {
  fc.assert(
    fc.property(values, values, (a, b) => {
      const found = pooledValues(sorted(a), sorted(b));
      const all = [...new Set([...a, ...b])].sort((x, y) => x - y);
      const count = (side: readonly number[], value: number): number => side.filter((v) => v === value).length;
      expect([...found.values]).toEqual(all);
      expect([...found.x]).toEqual(all.map((value) => count(a, value)));
      expect([...found.y]).toEqual(all.map((value) => count(b, value)));
      expect([found.n, found.m]).toEqual([a.length, b.length]);
    }),
  );
});

it('finds where a sorted sample passes a value', () => {
  fc.assert(
    fc.property(values, fc.integer({ min: -5, max: 5 }), (list, value) => {
      expect(placeOf(sorted(list), (v) => v > value)).toBe(list.filter((v) => v <= value).length);
      expect(placeOf(sorted(list), (v) => v >= value)).toBe(list.filter((v) => v < value).length);
    }),
  );
});
