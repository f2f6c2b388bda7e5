import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Column } from '../../src/stats/column.ts';
import { mergeProfiles } from '../../src/stats/merge-profiles.ts';
import type { TableProfile } from '../../src/stats/profile.ts';
import { xoshiro128 } from '../../src/stats/sampling/xoshiro128.ts';
import { subtractProfiles, type TableDifference } from '../../src/stats/subtract-profiles.ts';
import { numbers, profileOf, texts, times, vectors } from './columns.ts';

const left = (whole: TableProfile, part: TableProfile): TableDifference => {
  const found = subtractProfiles(whole, part);
  if ('columns' in found) return found;
  throw new Error(`${found.column}: ${found.why}`);
};

const cell = fc.oneof(
  fc.constant(null),
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 1e6 + 0.25),
);

const byCount = (values: readonly { value: string | number; count: number }[]) =>
  values.toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));

describe('a profile less that of a part', () => {
  it('is that of the rest, where all values are listed', () => {
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 60 }), fc.array(cell, { maxLength: 60 }), (first, second) => {
        const columns = (cells: readonly (number | null)[]): Record<string, Column> => ({
          x: numbers(cells),
          t: texts(cells.map((v) => (v === null ? null : `t${v}`))),
          at: times(cells.map((v) => (v === null || !Number.isFinite(v) ? null : v * 1000))),
        });
        const [rest, part, whole] = [first, second, [...first, ...second]].map((cells) => profileOf(columns(cells)));
        const found = left(whole!, part!);
        expect(found.rows).toBe(first.length);
        for (const [i, column] of found.columns.entries()) {
          const expected = rest!.columns[i]!;
          expect(column.rows).toBe(expected.rows);
          expect(column.counts['nulls']).toBe(expected.nulls);
          if (expected.kind === 'number') {
            const { nan, finite, zeros, negatives, positiveInfinity } = expected;
            expect(column.counts).toMatchObject({ nan, finite, zeros, negatives, positiveInfinity });
            expect(column.quantiles).toEqual(expected.quantiles);
            const { grid, moments } = expected;
            const all = grid?.edges.map((value, k) => ({ value, count: grid.at[k]! })) ?? [];
            expect(column.values).toEqual(byCount(all));
            for (const [told, true_] of [
              [column.mean, moments?.mean],
              [column.std, moments?.std],
            ] as const) {
              if (told !== null) expect(Math.abs(told.value - true_!)).toBeLessThanOrEqual(told.error + 1e-300);
            }
          }
          if (expected.kind === 'category') expect(column.values).toEqual(byCount(expected.top.values));
        }
      }),
      { numRuns: 200, seed: 3 },
    );
  });

  it('keeps ranks within the error it states, and mean and deviation within theirs', () => {
    const random = xoshiro128(5);
    const draw = (n: number, scale: number, shift: number) =>
      Array.from({ length: n }, () => shift + scale * (random() + random() - random()));
    for (const [shift, scale] of [
      [0, 1],
      [1e6, 1],
      [3, 1e-3],
      [-2, 50],
    ] as const) {
      const [rest, part] = [draw(6000, scale, shift), draw(4000, 2 * scale, shift + scale)];
      const merged = mergeProfiles(profileOf({ x: numbers(rest) }), profileOf({ x: numbers(part) }));
      for (const whole of [profileOf({ x: numbers([...rest, ...part]) }), merged]) {
        const [column] = left(whole, profileOf({ x: numbers(part) })).columns;
        const { quantiles, mean, std, refused } = column!;
        expect(quantiles!.rankError).toBeLessThan(0.02);
        for (const { p, value } of quantiles!.values) {
          const below = rest.filter((v) => v < value).length / rest.length;
          const through = rest.filter((v) => v <= value).length / rest.length;
          expect(below - quantiles!.rankError - 1e-3).toBeLessThanOrEqual(p);
          expect(through + quantiles!.rankError + 1e-3).toBeGreaterThanOrEqual(p);
        }
        const [exact] = profileOf({ x: numbers(rest) }).columns;
        if (exact?.kind !== 'number') throw new Error('numbers are numbers');
        expect(Math.abs(mean!.value - exact.moments!.mean!)).toBeLessThanOrEqual(mean!.error);
        expect(Math.abs(std!.value - exact.moments!.std!)).toBeLessThanOrEqual(std!.error);
        expect(std!.error).toBeLessThan(0.01 * std!.value);
        expect(refused.map(({ what }) => what)).toEqual(['values, their number, minimum and maximum']);
      }
    }
  });

  it('states the rounding of means about 0 and of squares of many rows', () => {
    const random = xoshiro128(11);
    // Whole numbers: their sums are exact.
    const draw = (n: number) => Array.from({ length: n }, () => Math.floor(2001 * random()) - 1000);
    const [rest, part] = [draw(27_000), draw(3_000)];
    const meanOf = rest.reduce((sum, v) => sum + v, 0) / rest.length;
    const squares = rest.reduce((sum, v) => sum + v * v, 0) - rest.length * meanOf * meanOf;
    for (const order of [[...rest, ...part], [...rest, ...part].sort((a, b) => a - b)]) {
      const [column] = left(profileOf({ x: numbers(order) }), profileOf({ x: numbers(part) })).columns;
      const { mean, std } = column!;
      expect(Math.abs(mean!.value - meanOf)).toBeLessThanOrEqual(mean!.error);
      expect(mean!.error).toBeLessThan(1e-8);
      expect(Math.abs(std!.value - Math.sqrt(squares / (rest.length - 1)))).toBeLessThanOrEqual(std!.error);
      expect(std!.error).toBeLessThan(1e-8 * std!.value);
    }
  });

  it('refuses by name what no profile can say', () => {
    const same = (n: number, v: number) => Array.from({ length: n }, () => v);
    const ids = (n: number, from: number) => texts(Array.from({ length: n }, (_, i) => `id ${from + i}`));
    const whole = profileOf({
      id: ids(9000, 0),
      v: vectors(
        same(9000, 1).map(() => [1, 2]),
        2,
      ),
      x: numbers(same(9000, 1)),
    });
    const part = profileOf({
      id: ids(5000, 0),
      v: vectors(
        same(5000, 1).map(() => [1, 2]),
        2,
      ),
      x: texts(ids(5000, 0).dictionary),
    });
    const [id, v, x] = left(whole, part).columns;
    expect(id).toMatchObject({ values: null, refused: [{ what: 'values and their number' }] });
    expect(v).toMatchObject({ counts: { finite: 4000 }, refused: [{ what: 'moments' }] });
    expect(x).toMatchObject({ rows: 4000, counts: {}, refused: [{ what: 'all but rows' }] });
    // 10^8 deviations away, two rows of the rest have lost all digits of their spread.
    const far = [...Array.from({ length: 50_000 }, (_, i) => (i % 2) * 1e8), 1, 1 + 1e-7];
    const [column] = left(profileOf({ far: numbers(far) }), profileOf({ far: numbers(far.slice(0, -2)) })).columns;
    const why = 'too little of it is left for a sure digit';
    expect(column).toMatchObject({ std: null, refused: [{ what: 'deviation', why }] });
  });

  it('is none where the second is no part of the first, and of a part without a column it is all', () => {
    const [few, more] = [profileOf({ x: numbers([1, 2]) }), profileOf({ x: numbers([1, 2, 3]) })];
    expect(subtractProfiles(few, more)).toEqual({ column: null, why: 'it has 3 rows, the whole 2' });
    expect(subtractProfiles(more, profileOf({ y: numbers([1]) }))).toMatchObject({ column: 'y' });
    expect(subtractProfiles(more, profileOf({ x: numbers([7]) }))).toMatchObject({ column: 'x' });
    expect(subtractProfiles(more, profileOf({ x: numbers([Number.NaN]) }))).toMatchObject({ column: 'x' });
    expect(subtractProfiles(more, profileOf({ x: numbers([1, 1]) }))).toMatchObject({ column: 'x' });
    const [t, u] = [profileOf({ t: texts(['a', 'b']) }), profileOf({ t: texts(['c']) })];
    expect(subtractProfiles(t, u)).toMatchObject({ column: 't', why: 'it has more rows of some value' });
    const both = mergeProfiles(more, profileOf({ y: numbers([5, 6]) }));
    const [x, y] = left(both, profileOf({ y: numbers([5, 6]) })).columns;
    expect(x).toMatchObject({ rows: 3, counts: { nulls: 0, finite: 3 }, mean: { value: 2 } });
    expect(y).toMatchObject({ rows: 3, counts: { nulls: 3, finite: 0 }, mean: null, values: [] });
  });
});
