import { sampleKurtosis, sampleSkewness } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import type { Column, Field } from '../../src/stats/column.ts';
import type { CategoryProfile, ColumnProfile, NumberProfile, TimeProfile } from '../../src/stats/profile.ts';
import { createTableProfiler } from '../../src/stats/table-profiler.ts';
import { integers, numbers, profileOf, texts, times } from './columns.ts';
import { filled, REFERENCE, relativeError, sample, weyl } from './samples.ts';

function only(column: Column, options: Parameters<typeof profileOf>[1] = {}): ColumnProfile {
  return profileOf({ x: column }, options).columns[0]!;
}

function numberProfile(column: Column, options: Parameters<typeof profileOf>[1] = {}): NumberProfile {
  const profile = only(column, options);
  if (profile.kind !== 'number') throw new Error('not a column of numbers');
  return profile;
}

function textProfile(column: Column): CategoryProfile {
  const profile = only(column);
  if (profile.kind !== 'category') throw new Error('not a column of texts');
  return profile;
}

describe('a profile of numbers', () => {
  it('has NumPy’s quantiles and moments', () => {
    for (const row of REFERENCE.quantiles) {
      const profile = numberProfile(numbers(Array.from(sample(row.x))), { batchRows: 700 });
      expect(profile.quantiles?.rankError).toBe(0);
      expect(profile.quantiles?.values.map(({ p, value }) => [p, value])).toEqual(row.quantiles);
      expect(relativeError(profile.moments?.mean ?? 0, row.mean)).toBeLessThan(1e-14);
      for (const name of ['variance', 'populationStd', 'skewness', 'kurtosis'] as const) {
        const expected = row[name];
        if (expected !== undefined)
          expect(relativeError(profile.moments?.[name] ?? 0, expected), name).toBeLessThan(1e-12);
      }
    }
  });

  it('agrees with simple-statistics on skewness and kurtosis of a sample', () => {
    const values = Array.from(sample({ n: 3000, square: true }));
    const { n, m2, m3, m4 } = numberProfile(numbers(values), { batchRows: 999 }).moments!;
    const g1 = (Math.sqrt(n) * m3!) / m2! ** 1.5;
    expect((Math.sqrt(n * (n - 1)) / (n - 2)) * g1).toBeCloseTo(sampleSkewness(values), 10);
    const g2 = (n * m4!) / m2! ** 2 - 3;
    expect(((n - 1) / ((n - 2) * (n - 3))) * ((n + 1) * g2 + 6)).toBeCloseTo(sampleKurtosis(values), 10);
  });

  it('keeps its digits far from zero', () => {
    const values = Array.from(sample({ n: 10_000 }), (u) => 1e9 + u);
    const near = numberProfile(numbers(values.map((v) => v - 1e9)));
    const far = numberProfile(numbers(values), { batchRows: 77 });
    expect(relativeError(far.moments?.variance ?? 0, near.moments?.variance ?? 1)).toBeLessThan(1e-12);
  });

  it('counts nulls, NaN, infinities, zeros and negatives apart', () => {
    const profile = numberProfile(
      numbers([null, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, -3, 5, null, Number.NaN]),
    );
    expect(profile).toMatchObject({ rows: 10, nulls: 2, nan: 2, positiveInfinity: 1, negativeInfinity: 1, finite: 4 });
    expect(profile).toMatchObject({ zeros: 2, negatives: 1, min: -3, max: 5 });
    expect(profile.distinct).toMatchObject({ method: 'exact@1', value: 3 });
    expect(profile.top.values[0]).toEqual({ value: 0, count: 2 });
    expect(Object.is(profile.top.values[0]?.value, 0)).toBe(true);
  });

  it.each([
    ['no row', []],
    ['nulls only', [null, null]],
    ['NaN only', [Number.NaN, Number.NaN]],
    ['infinities only', [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]],
  ])('of %s has no statistics and says so', (_, values) => {
    const profile = numberProfile(numbers(values));
    expect(profile).toMatchObject({ rows: values.length, finite: 0, min: null, max: null });
    expect(profile).toMatchObject({ moments: null, quantiles: null, grid: null, bins: null });
    expect(profile.distinct.value).toBe(0);
  });

  it('of a constant has no shape, one bin and one edge', () => {
    const profile = numberProfile(numbers(filled(1000, 0.1)), { batchRows: 33 });
    expect(profile.moments).toMatchObject({ mean: 0.1, skewness: null, kurtosis: null });
    expect(profile.moments?.std).toBeLessThan(1e-16);
    expect(profile.grid).toMatchObject({ edges: [0.1], at: [1000], between: [], rankError: 0 });
    expect(profile.bins).toMatchObject({ edges: [0.1, 0.1], counts: [1000] });
  });

  it('of one row has no variance', () => {
    expect(numberProfile(numbers([7])).moments).toMatchObject({ n: 1, mean: 7, variance: null, std: null });
  });

  it('survives numbers at the end of the range as plain JSON', () => {
    const profile = numberProfile(numbers([1.7e308, -1.7e308, 1e308, 5e-324]));
    expect(profile.moments?.variance).toBeNull();
    expect(profile).toMatchObject({ min: -1.7e308, max: 1.7e308 });
    expect(JSON.parse(JSON.stringify(profile))).toEqual(profile);
  });

  it('keeps whole numbers beyond 2^53 exact', () => {
    const profile = numberProfile(integers([9007199254740993n, 9007199254740992n, -9223372036854775808n, 5n, null]));
    expect(profile).toMatchObject({ exactMin: '-9223372036854775808', exactMax: '9007199254740993', type: 'int64' });
    expect(profile.distinct.value).toBe(4);
    const small = numberProfile(integers([9007199254740993n, 5n]));
    expect(small).toMatchObject({ exactMin: '5', exactMax: '9007199254740993' });
    expect(numberProfile(integers([5n, 6n]))).toMatchObject({ exactMin: null, exactMax: null });
  });

  it('lists no top values of whole numbers that share a double', () => {
    const ids = Array.from({ length: 10 }, (_, i) => 9007199254740992n + BigInt(i));
    const { top, distinct } = numberProfile(integers([...ids, 7n, 7n, null]));
    expect(top).toMatchObject({ method: 'none@1', values: [], rest: 12, complete: false });
    expect(top.reason).toBe('integers beyond 2^53 are not told apart as numbers');
    expect(top.unlisted).toBeGreaterThanOrEqual(2);
    expect(distinct.value).toBe(11);
    const safe = numberProfile(integers([9007199254740991n, 9007199254740990n, 9007199254740990n]));
    expect(safe.top).toMatchObject({
      method: 'exact@1',
      values: [
        { value: 9007199254740990, count: 2 },
        { value: 9007199254740991, count: 1 },
      ],
    });
  });

  it('has a grid whose counts at and between edges are those of the sample', () => {
    const values = Array.from(sample({ n: 30_000 }), (u) => (u < 0.3 ? 0 : u));
    const grid = numberProfile(numbers(values)).grid!;
    expect(grid.edges.length).toBeLessThanOrEqual(1024);
    expect(grid.edges.length).toBeGreaterThan(600);
    expect(grid).toMatchObject({ rankError: 0, n: 30_000, under: 0, over: 0 });
    for (let i = 0; i < grid.edges.length; i++) {
      expect(grid.at[i]).toBe(values.filter((v) => v === grid.edges[i]).length);
    }
    const sorted = Float64Array.from(values).sort();
    for (const i of [0, 10, 400, grid.edges.length - 2]) {
      const inside = sorted.filter((v) => v > grid.edges[i]! && v < grid.edges[i + 1]!);
      expect(grid.between[i]).toBe(inside.length);
    }
  });

  it('stays within its stated rank error when the values do not fit', () => {
    const values = Array.from(sample({ n: 400_000, square: true }), (v) => v - 0.2);
    const profile = numberProfile(numbers(values), { bufferBytes: 1 });
    const { grid, quantiles, moments } = profile;
    expect(grid!.rankError).toBeGreaterThan(0);
    expect(grid!.rankError).toBeLessThan(0.002);
    const sorted = Float64Array.from(values).sort();
    const rank = (v: number): number => firstAbove(sorted, v) / sorted.length;
    let seen = 0;
    grid!.edges.forEach((edge, i) => {
      seen += grid!.at[i]!;
      expect(Math.abs(seen / grid!.n - rank(edge))).toBeLessThanOrEqual(grid!.rankError + 2 / grid!.n);
      seen += grid!.between[i] ?? 0;
    });
    expect(seen).toBe(400_000);
    for (const { p, value } of quantiles!.values)
      expect(Math.abs(rank(value) - p)).toBeLessThanOrEqual(quantiles!.rankError);
    expect(moments!.n).toBe(400_000);
    expect(relativeError(profile.distinct.value, 400_000)).toBeLessThan(4 * profile.distinct.error);
    expect(profile.bins!.counts.reduce((a, b) => a + b, 0)).toBe(400_000);
  });

  it('does not depend on the order of the rows or the size of the batches', () => {
    const values = Array.from(sample({ n: 20_000, levels: 3000 }));
    const shuffled = values.map((_, i) => values[(i * 7919) % 20_000]!);
    const one = numberProfile(numbers(values), { batchRows: 1000 });
    const other = numberProfile(numbers(shuffled), { batchRows: 6001 });
    expect({ ...other, moments: null }).toEqual({ ...one, moments: null });
    expect(relativeError(other.moments!.m2!, one.moments!.m2!)).toBeLessThan(1e-12);
  });
});

function firstAbove(sorted: Float64Array, v: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (sorted[mid]! <= v) low = mid + 1;
    else high = mid;
  }
  return low;
}

describe('a profile of texts', () => {
  it('has lengths, empty texts, counts by frequency', () => {
    const profile = textProfile(texts(['b', 'a', 'b', '', null, 'ccc', 'a', 'b']));
    expect(profile).toMatchObject({ rows: 8, nulls: 1, empty: 1, lengths: { min: 0, max: 3, mean: 8 / 7 } });
    expect(profile.top).toMatchObject({ method: 'exact@1', complete: true, rest: 0, error: 0 });
    expect(profile.top.values).toEqual([
      { value: 'b', count: 3 },
      { value: 'a', count: 2 },
      { value: '', count: 1 },
      { value: 'ccc', count: 1 },
    ]);
    expect(profile.distinct).toEqual({ method: 'exact@1', value: 4, error: 0, registers: null });
  });

  it('has booleans as two categories', () => {
    const profile = textProfile(texts(['true', 'false', null, 'true'], 'boolean'));
    expect(profile).toMatchObject({ type: 'boolean', nulls: 1, lengths: null, distinct: { value: 2 } });
    expect(profile.top.values).toEqual([
      { value: 'true', count: 2 },
      { value: 'false', count: 1 },
    ]);
  });

  it('estimates the different ones of many and keeps the frequent ones within the stated error', () => {
    const values = Array.from({ length: 60_000 }, (_, i) => (i % 3 === 0 ? 'often' : `id-${i}`));
    const profile = textProfile(texts(values));
    expect(profile.distinct.method).toBe('hyperloglog/p14@1');
    expect(relativeError(profile.distinct.value, 40_001)).toBeLessThan(4 * profile.distinct.error);
    expect(profile.top).toMatchObject({ method: 'misra-gries/4096@1', complete: false });
    const often = profile.top.values.find(({ value }) => value === 'often');
    expect(often?.count).toBeGreaterThanOrEqual(20_000 - profile.top.error);
    expect(often?.count).toBeLessThanOrEqual(20_000);
    expect(profile.top.error).toBeLessThanOrEqual(2 * (60_000 / 4097));
    expect(profile.top.values.reduce((sum, { count }) => sum + count, profile.top.rest)).toBe(60_000);
  });

  it('lists nothing of a column of identifiers', () => {
    const profile = textProfile(texts(Array.from({ length: 30_000 }, (_, i) => `key-${i}`)));
    expect(profile.top).toMatchObject({ method: 'none@1', values: [], rest: 30_000, reason: 'no value is frequent' });
  });

  it('of nulls only has no lengths', () => {
    expect(textProfile(texts([null, null]))).toMatchObject({ lengths: null, distinct: { value: 0 }, top: { rest: 0 } });
  });
});

describe('a profile of times', () => {
  it('has bounds, a grid and bins in milliseconds', () => {
    const start = Date.UTC(2024, 0, 1);
    const rows = Array.from({ length: 1000 }, (_, i) => (i === 7 ? null : start + i * 60_000));
    const profile = only(times(rows)) as TimeProfile;
    expect(profile).toMatchObject({ kind: 'time', rows: 1000, nulls: 1, min: start, max: start + 999 * 60_000 });
    expect(profile.grid?.n).toBe(999);
    expect(profile.bins?.counts.length).toBe(20);
  });
});

describe('a table', () => {
  it('refuses a batch that does not fit its fields', () => {
    expect(() => profileOf({ a: { ...numbers([1]), type: 'text' } as unknown as Column })).toThrow(TypeError);
  });

  it('is plain JSON', () => {
    const profile = profileOf({
      a: numbers(Array.from({ length: 5000 }, (_, i) => weyl(i, 0.618))),
      b: texts(Array.from({ length: 5000 }, (_, i) => `v${i % 7}`)),
    });
    expect(profile.format).toBe('tidemark.profile/3');
    expect(JSON.parse(JSON.stringify(profile))).toEqual(profile);
  });
});

describe('a profiler of a table', () => {
  const fields: Field[] = [
    { name: 'x', type: 'float64' },
    { name: 't', type: 'text' },
  ];
  const columns = () => [numbers([1, 2, null]), texts(['a', null, 'b'])];

  it('counts the rows of its batches, with or without columns', () => {
    const profiler = createTableProfiler(fields);
    profiler.add({ rows: 3, columns: columns() });
    profiler.add({ rows: 3, columns: columns() });
    const { rows, columns: found } = profiler.finish();
    expect(rows).toBe(6);
    expect(found.map((column) => [column.name, column.rows, column.nulls])).toEqual([
      ['x', 6, 2],
      ['t', 6, 2],
    ]);
    const none = createTableProfiler([]);
    none.add({ rows: 5, columns: [] });
    expect(none.finish()).toEqual({ format: 'tidemark.profile/3', rows: 5, columns: [] });
  });

  it('hands out what each column holds', () => {
    const profiler = createTableProfiler(fields);
    profiler.add({ rows: 3, columns: columns() });
    expect(profiler.states()).toMatchObject([
      { kind: 'number', counts: { rows: 3, nulls: 1 } },
      { kind: 'category', rows: 3, nulls: 1 },
    ]);
  });

  it('takes no batch of fewer or more columns', () => {
    for (const given of [[], columns().slice(1), [...columns(), numbers([1])]]) {
      expect(() => createTableProfiler(fields).add({ rows: 3, columns: given })).toThrow(
        new TypeError(`a batch has ${given.length} columns, the table 2`),
      );
    }
  });
});
