import { describe, expect, it } from 'vitest';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { risingRows } from '../../../src/stats/table/rising-rows.ts';
import { KINDS } from '../kinds-of-numbers.ts';

describe('rows in the order of their numbers', () => {
  it('have equal ones as they lie, zeros of both signs among them, and none without a number', () => {
    const { NaN: none, POSITIVE_INFINITY: most } = Number;
    const values = Float64Array.of(3, 0, -most, none, -0, most, 0, -3, Number.MIN_VALUE, -Number.MIN_VALUE, none, 3);
    expect([...risingRows(values)]).toEqual([2, 7, 9, 1, 4, 6, 8, 0, 11, 5]);
    expect(Object.is(values[4], -0)).toBe(true);
    expect([...risingRows(Float64Array.of(none))]).toEqual([]);
    expect([...risingRows(new Float64Array(0))]).toEqual([]);
  });

  it.each(Object.keys(KINDS))('are as a stable sort has them where they are %s', (kind) => {
    const random = xoshiro128(3);
    const values = Float64Array.from({ length: 3_000 }, (_, i) => (i % 17 === 3 ? Number.NaN : KINDS[kind]!(random)));
    const rows = [...values.keys()].filter((row) => !Number.isNaN(values[row]));
    const compare = (a: number, b: number): number => Number(a > b) - Number(a < b);
    expect([...risingRows(values)]).toEqual(rows.sort((i, j) => compare(values[i]!, values[j]!)));
  });
});
