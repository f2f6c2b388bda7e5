import fc from 'fast-check';
import { expect, it } from 'vitest';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { radixSort } from '../../../src/stats/summaries/radix-sort.ts';
import { sample } from '../samples.ts';

it('sorts as the native sort does, to the sign of zero', () => {
  const bulk = sample({ n: 2_000 });
  fc.assert(
    fc.property(
      fc.float64Array({ noNaN: true, maxLength: 50 }),
      fc.constantFrom(1, -1, 1e300, 1e-320),
      (few, scale) => {
        const values = Float64Array.from([...few, ...bulk.map((v) => (v - 0.5) * scale)]);
        const expected = Float64Array.from(values).sort();
        expect(radixSort(values)).toEqual(expected);
      },
    ),
    { numRuns: 50 },
  );
});

it('sorts a part of an array and leaves the rest', () => {
  const values = Float64Array.from({ length: 4_000 }, (_, i) => 4_000 - i);
  radixSort(values.subarray(1_000, 3_000));
  expect(values[999]).toBe(3_001);
  expect(values.slice(1_000, 3_000)).toEqual(Float64Array.from({ length: 2_000 }, (_, i) => 1_001 + i));
  expect(values[3_000]).toBe(1_000);
});

it('sorts infinities and one repeated value', () => {
  const values = Float64Array.from(
    { length: 3_000 },
    (_, i) => [Number.POSITIVE_INFINITY, 7, Number.NEGATIVE_INFINITY][i % 3]!,
  );
  radixSort(values);
  expect([values[0], values[999], values[1_000], values[1_999], values[2_000]]).toEqual([
    Number.NEGATIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    7,
    7,
    Number.POSITIVE_INFINITY,
  ]);
  const same = new Float64Array(2_000).fill(-3.5);
  expect(radixSort(same)).toEqual(new Float64Array(2_000).fill(-3.5));
});

it('sorts values that are told apart by their last bits alone, many and few', () => {
  // Clusters that are 2^-20 apart differ in one digit of their high halves, the others in two and in three.
  for (const step of [2 ** -20, 2 ** -20 + 2 ** -12, 2 ** -20 + 2 ** -9]) {
    for (const alike of [1, 3, 20]) {
      const values = Float64Array.from({ length: 2_048 * alike }, (_, i) => {
        const cluster = 1 + (i % 2_048) * step;
        // Those of a cluster come in an order that is neither rising nor falling.
        return cluster + ((7 * i + Math.floor(i / 2_048)) % alike) * 2 ** -50;
      });
      const expected = Float64Array.from(values).sort();
      expect(radixSort(values)).toEqual(expected);
    }
  }
  const far = sample({ n: 5_000 }).map((v) => 1e6 + v);
  expect(radixSort(Float64Array.from(far))).toEqual(Float64Array.from(far).sort());
});

it('sorts few values, which are left to the native sort, and as many as are not', () => {
  const random = xoshiro128(5);
  for (const n of [0, 1, 2, 50, 1_023, 1_024, 1_025]) {
    const values = Float64Array.from({ length: n }, () => random() - 0.5);
    const expected = Array.from(values).sort((a, b) => a - b);
    expect(radixSort(values)).toBe(values);
    expect([...values]).toEqual(expected);
  }
});

it('is not disturbed by what more values left behind', () => {
  const clusters = (n: number, last: number) =>
    Float64Array.from(
      { length: n },
      (_, i) => 1 + Math.floor(i / 3) / 2 ** 20 + (i === n - 1 ? last : i % 3) * 2 ** -50,
    );
  radixSort(clusters(6_144, 2));
  // Behind these lies a value that is like the last one, but smaller.
  const values = clusters(6_001, 9);
  expect(radixSort(values.slice())).toEqual(values);
});
