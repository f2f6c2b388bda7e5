import fc from 'fast-check';
import { combineMeans, combineVariances } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { mergeProfiles } from '../../src/stats/merge-profiles.ts';
import type { ColumnProfile, NumberProfile, TableProfile } from '../../src/stats/profile.ts';
import { integers, numbers, profileOf, texts, times } from './columns.ts';
import { relativeError, sample } from './samples.ts';

function close(a: number | null | undefined, b: number | null | undefined, scale = 1): void {
  if (a === null || a === undefined || b === null || b === undefined) expect(a).toBe(b);
  else expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-12 * Math.max(scale, Math.abs(b)));
}

function expectEqual(merged: ColumnProfile, whole: ColumnProfile): void {
  if (merged.kind !== 'number' || whole.kind !== 'number') {
    expect(merged).toEqual(whole);
    return;
  }
  expect({ ...merged, moments: null }).toEqual({ ...whole, moments: null });
  const scale = (whole.moments?.m2 ?? 1) * 10;
  close(merged.moments?.mean, whole.moments?.mean);
  close(merged.moments?.m2, whole.moments?.m2);
  close(merged.moments?.m3, whole.moments?.m3, scale * 10);
  close(merged.moments?.m4, whole.moments?.m4, scale * 100);
}

/** How many sorted values are at most `v`. */
function countUpTo(sorted: Float64Array, v: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= v) low = middle + 1;
    else high = middle;
  }
  return low;
}

function first(table: TableProfile): ColumnProfile {
  return table.columns[0]!;
}

describe('mergeProfiles', () => {
  const cell = fc.option(
    fc.oneof(
      fc.integer({ min: -20, max: 20 }),
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0.5),
    ),
    { nil: null, freq: 5 },
  );
  const rows = fc.array(cell, { maxLength: 200 });

  it('of numbers with few values is the whole’s profile, moments to 1e-12', () => {
    fc.assert(
      fc.property(rows, rows, rows, (a, b, c) => {
        const whole = profileOf({ x: numbers([...a, ...b, ...c]) });
        const merged = mergeProfiles(...[a, b, c].map((part) => profileOf({ x: numbers(part) })));
        expect(merged.rows).toBe(whole.rows);
        expectEqual(first(merged), first(whole));
        const stored: TableProfile[] = [a, b, c].map((part) =>
          JSON.parse(JSON.stringify(profileOf({ x: numbers(part) }))),
        );
        expect(mergeProfiles(...stored)).toEqual(merged);
      }),
    );
  });

  it('of texts is the whole’s profile', () => {
    const words = fc.array(fc.option(fc.constantFrom('', 'a', 'b', 'cc', 'dé'), { nil: null }), { maxLength: 100 });
    fc.assert(
      fc.property(words, words, (a, b) => {
        const whole = first(profileOf({ x: texts([...a, ...b]) }));
        const merged = first(mergeProfiles(profileOf({ x: texts(a) }), profileOf({ x: texts(b) })));
        if (merged.kind !== 'category' || whole.kind !== 'category') throw new Error('not texts');
        close(merged.lengths?.mean, whole.lengths?.mean);
        expect({ ...merged, lengths: null }).toEqual({ ...whole, lengths: null });
      }),
    );
  });

  it('keeps to the stated rank error on continuous data, and agrees with simple-statistics', () => {
    const parts = [
      Array.from(sample({ n: 50_000 })),
      Array.from(sample({ n: 20_000, plastic: true, shift: 0.5 })),
      Array.from(sample({ n: 7_000, square: true, scale: 3 })),
    ];
    const merged = first(mergeProfiles(...parts.map((part) => profileOf({ x: numbers(part) })))) as NumberProfile;
    const all = Float64Array.from(parts.flat()).sort();
    const whole = first(profileOf({ x: numbers(Array.from(all)) })) as NumberProfile;
    expect(merged).toMatchObject({ finite: 77_000, min: whole.min, max: whole.max });
    const { grid, quantiles, distinct } = merged;
    expect(grid!.rankError).toBeGreaterThan(0);
    expect(grid!.rankError).toBeLessThan(0.004);
    let seen = 0;
    grid!.edges.forEach((edge, i) => {
      seen += grid!.at[i]!;
      const true_ = countUpTo(all, edge);
      expect(Math.abs(seen - true_)).toBeLessThanOrEqual(grid!.rankError * 77_000 + 1);
      seen += grid!.between[i] ?? 0;
    });
    for (const { p, value } of quantiles!.values) {
      const rank = countUpTo(all, value) / 77_000;
      expect(Math.abs(rank - p)).toBeLessThanOrEqual(quantiles!.rankError);
    }
    expect(relativeError(distinct.value, whole.distinct.value)).toBeLessThan(4 * distinct.error);
    const [a, b] = parts.map((part) => (first(profileOf({ x: numbers(part) })) as NumberProfile).moments!);
    const two = first(
      mergeProfiles(...parts.slice(0, 2).map((part) => profileOf({ x: numbers(part) }))),
    ) as NumberProfile;
    close(two.moments!.mean, combineMeans(a!.mean!, a!.n, b!.mean!, b!.n));
    const variance = combineVariances(a!.populationStd! ** 2, a!.mean!, a!.n, b!.populationStd! ** 2, b!.mean!, b!.n);
    close(two.moments!.populationStd! ** 2, variance);
  });

  it('takes the union of columns and counts the rows of a part without one as absent', () => {
    const merged = mergeProfiles(
      profileOf({ a: numbers([1, 2]), b: texts(['x', null]) }),
      profileOf({ b: texts(['y', 'y', 'x']), c: times([5, 6, 7]) }),
    );
    expect(merged.rows).toBe(5);
    expect(merged.columns.map(({ name, rows, nulls, absent }) => [name, rows, nulls, absent])).toEqual([
      ['a', 5, 3, 3],
      ['b', 5, 1, 0],
      ['c', 5, 2, 2],
    ]);
  });

  it('widens types and keeps what the parts said', () => {
    const int = profileOf({ x: numbers([1, 2], 'int64') });
    const float = profileOf({ x: numbers([1.5, 2.5]) });
    const text = profileOf({ x: texts(['a', '1']) });
    const bool = profileOf({ x: texts(['true'], 'boolean') });
    const none = profileOf({ x: texts([null, null]) });
    expect(first(mergeProfiles(int, float))).toMatchObject({
      kind: 'number',
      type: 'float64',
      types: ['float64', 'int64'],
    });
    expect(first(mergeProfiles(int, int)).type).toBe('int64');
    const mixed = first(mergeProfiles(int, text));
    expect(mixed).toMatchObject({ kind: 'category', type: 'text', types: ['int64', 'text'], rows: 4, nulls: 0 });
    expect(mixed.top.values).toContainEqual({ value: '1', count: 2 });
    expect(first(mergeProfiles(bool, text)).type).toBe('text');
    expect(first(mergeProfiles(bool, bool)).type).toBe('boolean');
    expect(first(mergeProfiles(int, none))).toMatchObject({
      kind: 'number',
      type: 'int64',
      rows: 4,
      nulls: 2,
      finite: 2,
    });
    const dates = profileOf({ x: times([0], 'date') });
    expect(first(mergeProfiles(dates, profileOf({ x: times([1]) }))).type).toBe('timestamp');
  });

  it('counts the different values of parts of which some are numbers or times, and others texts', () => {
    const many = Array.from({ length: 300 }, (_, i) => i);
    const text = profileOf({ x: texts(['u', 'u', 'v']) });
    for (const part of [numbers(many, 'int64'), times(many.map((day) => day * 86_400_000))]) {
      const { distinct } = first(mergeProfiles(profileOf({ x: part }), text));
      expect(Math.abs(distinct.value - 302)).toBeLessThanOrEqual(3 * distinct.error * 302);
      expect(distinct.registers).not.toBeNull();
    }
    // Few are listed, and so counted exactly.
    expect(first(mergeProfiles(profileOf({ x: numbers([1, 2], 'int64') }), text)).distinct).toMatchObject({
      value: 4,
      error: 0,
    });
  });

  it('keeps exact bounds of large whole numbers', () => {
    const merged = mergeProfiles(
      profileOf({ x: integers([9007199254740993n]) }),
      profileOf({ x: numbers([-4, 8], 'int64') }),
    );
    expect(first(merged)).toMatchObject({ exactMin: '-4', exactMax: '9007199254740993' });
  });

  it('lists no top values when one part has whole numbers that share a double', () => {
    const large = profileOf({ x: integers([9007199254740992n, 9007199254740993n]) });
    const small = profileOf({ x: numbers([8, 8], 'int64') });
    const none = { method: 'none@1', values: [], rest: 4, complete: false, reason: expect.stringContaining('2^53') };
    const merged = mergeProfiles(large, small);
    expect(first(merged).top).toMatchObject(none);
    expect(first(mergeProfiles(small, large)).top).toMatchObject(none);
    const widened = mergeProfiles(large, profileOf({ x: numbers([0.5, 8]) }));
    expect(first(widened)).toMatchObject({ type: 'float64', top: none });
    expect(first(mergeProfiles(widened, small)).top).toMatchObject({ ...none, rest: 6 });
    const texted = first(mergeProfiles(large, profileOf({ x: texts(['a', 'a']) })));
    expect(texted.top.values).not.toContainEqual({ value: '9007199254740992', count: 2 });
    expect(first(mergeProfiles(small, small)).top).toMatchObject({ values: [{ value: 8, count: 4 }], complete: true });
  });

  it('merges counts of many texts within the stated error', () => {
    const part = (k: number) =>
      profileOf({ x: texts(Array.from({ length: 20_000 }, (_, i) => (i % 4 === 0 ? 'often' : `${k}-${i}`))) });
    const merged = first(mergeProfiles(part(1), part(2)));
    const often = merged.top.values.find(({ value }) => value === 'often');
    expect(often?.count).toBeLessThanOrEqual(10_000);
    expect(often?.count).toBeGreaterThanOrEqual(10_000 - merged.top.error);
    expect(relativeError(merged.distinct.value, 30_001)).toBeLessThan(4 * merged.distinct.error);
  });

  it('of one profile is that profile, of none is empty', () => {
    const one = profileOf({ x: numbers([1]) });
    expect(mergeProfiles(one)).toBe(one);
    expect(mergeProfiles()).toEqual({ format: 'tidemark.profile/3', rows: 0, columns: [] });
  });
});
