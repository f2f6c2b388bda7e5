import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Column, Field } from '../../src/stats/column.ts';
import { type ColumnState, collectorOptions, createColumnProfiler } from '../../src/stats/column-profiler.ts';
import type { ColumnProfile } from '../../src/stats/profile.ts';
import { integers, numbers, texts, times, vectors } from './columns.ts';
import { relativeError, sample } from './samples.ts';

const options = { capacity: 1 << 17, edges: 4096 };

function stateOf(column: Column): ColumnState {
  const profiler = createColumnProfiler({ name: 'x', type: column.type }, options);
  profiler.add(column);
  // States cross between threads.
  return structuredClone(profiler.state());
}

function whole(column: Column): ColumnProfile {
  const profiler = createColumnProfiler({ name: 'x', type: column.type }, options);
  profiler.add(column);
  return profiler.finish('x');
}

function merged(...parts: readonly Column[]): ColumnProfile {
  const profiler = createColumnProfiler({ name: 'x', type: parts[0]!.type }, options);
  for (const part of parts) profiler.absorb(stateOf(part));
  return profiler.finish('x');
}

/** Sums of floating-point numbers depend on their order; all else is the same. */
function expectSame(found: ColumnProfile, expected: ColumnProfile): void {
  if (found.kind === 'number' && expected.kind === 'number') {
    expect({ ...found, moments: null }).toEqual({ ...expected, moments: null });
    expect(found.moments?.n).toBe(expected.moments?.n);
    const scale = Math.sqrt((expected.moments?.m2 ?? 0) / (expected.moments?.n ?? 1)) || 1;
    expect(Math.abs((found.moments?.mean ?? 0) - (expected.moments?.mean ?? 0))).toBeLessThan(1e-12 * scale);
    expect(relativeError(found.moments?.m2 ?? 1, expected.moments?.m2 ?? 1)).toBeLessThan(1e-12);
  } else expect(found).toEqual(expected);
}

describe('the states of parts, absorbed one after the other', () => {
  it('give the profile of the whole: few rows of any kind', () => {
    const number = fc.option(fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constantFrom(Number.NaN, -0, 1e9)), {
      nil: null,
    });
    const text = fc.option(fc.constantFrom('', 'a', 'bb', '😀'), { nil: null });
    const cut = fc.integer({ min: 0, max: 50 });
    fc.assert(
      fc.property(fc.array(number, { maxLength: 50 }), cut, (values, at) => {
        expectSame(merged(numbers(values.slice(0, at)), numbers(values.slice(at))), whole(numbers(values)));
        const instants = values.map((v) => (Number.isNaN(v) ? null : v));
        expectSame(merged(times(instants.slice(0, at)), times(instants.slice(at))), whole(times(instants)));
      }),
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 50 }), cut, (values, at) => {
        expectSame(merged(texts(values.slice(0, at)), texts(values.slice(at))), whole(texts(values)));
      }),
    );
  });

  it.each([
    ['many different numbers', Array.from(sample({ n: 100_000 }))],
    [
      'a table that overflows in the second part only',
      Array.from({ length: 100_000 }, (_, i) => (i < 60_000 ? i % 9 : i)),
    ],
    [
      'a table that overflows in the first part only',
      Array.from({ length: 100_000 }, (_, i) => (i < 60_000 ? i : i % 9)),
    ],
    [
      'two tables too large together',
      Array.from({ length: 100_000 }, (_, i) => (i % 3_000) + (i < 50_000 ? 0 : 3_000)),
    ],
    ['two tables that are one', Array.from({ length: 100_000 }, (_, i) => (i % 3_000) + (i < 50_000 ? 0 : 1_000))],
  ])('give the profile of the whole: %s', (_, values) => {
    expectSame(merged(numbers(values.slice(0, 55_000)), numbers(values.slice(55_000))), whole(numbers(values)));
    const parts = [0, 1, 2, 3, 4].map((k) => numbers(values.slice(k * 20_000, (k + 1) * 20_000)));
    expectSame(merged(...parts), whole(numbers(values)));
  });

  it('keep whole numbers beyond 2^53', () => {
    const low = Array.from({ length: 60 }, (_, i) => BigInt(i));
    const high = Array.from({ length: 60 }, (_, i) => 9007199254740992n + BigInt(i));
    expectSame(merged(integers(low), integers(high)), whole(integers([...low, ...high])));
    expectSame(merged(integers(high), integers(low)), whole(integers([...high, ...low])));
  });

  it('count many texts within the stated errors', () => {
    const values = Array.from({ length: 60_000 }, (_, i) => (i % 4 === 0 ? 'often' : `k${i}`));
    const found = merged(texts(values.slice(0, 9_000)), texts(values.slice(9_000, 9_100)), texts(values.slice(9_100)));
    expect(found.distinct).toEqual(whole(texts(values)).distinct);
    const often = found.top.values.find(({ value }) => value === 'often')!;
    expect(often.count).toBeLessThanOrEqual(15_000);
    expect(often.count).toBeGreaterThanOrEqual(15_000 - found.top.error);
  });

  it('stay within the stated rank error when the values do not fit', () => {
    const values = Array.from(sample({ n: 400_000, square: true }));
    const parts = [0, 1, 2, 3, 4, 5, 6, 7].map((k) => numbers(values.slice(k * 50_000, (k + 1) * 50_000)));
    const found = merged(...parts);
    if (found.kind !== 'number') throw new Error('not numbers');
    const sorted = Float64Array.from(values).sort();
    expect(found.quantiles!.rankError).toBeGreaterThan(0);
    expect(found.quantiles!.rankError).toBeLessThan(0.004);
    for (const { p, value } of found.quantiles!.values) {
      const rank = sorted.filter((v) => v <= value).length / sorted.length;
      expect(Math.abs(rank - p)).toBeLessThanOrEqual(found.quantiles!.rankError);
    }
  });
});

describe('what a column may keep', () => {
  const fields = (count: number, type: Field['type'] = 'float64'): Field[] =>
    Array.from({ length: count }, (_, i) => ({ name: `c${i}`, type }));

  it('is its part of the bytes that there are for all, within bounds', () => {
    expect(collectorOptions(fields(3))).toEqual({ capacity: 2 ** 20, edges: 4_096 });
    expect(collectorOptions(fields(100))).toEqual({ capacity: Math.floor(2 ** 24 / 100), edges: 4_096 });
    expect(collectorOptions(fields(101))).toEqual({ capacity: Math.floor(2 ** 24 / 101), edges: 2_048 });
    expect(collectorOptions(fields(5_000)).capacity).toBe(2 ** 14);
    expect(collectorOptions(fields(2, 'timestamp'), { bufferBytes: 16 * 20_000 }).capacity).toBe(20_000);
    // Texts keep no numbers.
    expect(collectorOptions([...fields(2), ...fields(7, 'text')], { bufferBytes: 16 * 20_000 }).capacity).toBe(20_000);
    expect(collectorOptions(fields(7, 'boolean'), { bufferBytes: 8 * 20_000 }).capacity).toBe(20_000);
    expect(collectorOptions([], { bufferBytes: 8 * 20_000 })).toEqual({ capacity: 20_000, edges: 4_096 });
    // One of many columns has no more than one of those many.
    expect(collectorOptions(fields(1), { table: fields(200) })).toEqual(collectorOptions(fields(200)));
  });
});

describe('a profiler of one kind of column', () => {
  const kinds: Record<string, Column> = {
    int64: numbers([1], 'int64'),
    float64: numbers([1]),
    text: texts(['a']),
    boolean: texts(['true'], 'boolean'),
    timestamp: times([1]),
    date: times([0], 'date'),
    'vector[2]': vectors([[1, 2]], 2),
  };
  const alike = (a: Column, b: Column): boolean => a.kind === b.kind;

  it('has a profile of that type, and takes no other', () => {
    for (const column of Object.values(kinds)) {
      expect(whole(column)).toMatchObject({ name: 'x', kind: column.kind, type: column.type, rows: 1 });
      for (const other of Object.values(kinds)) {
        const profiler = createColumnProfiler({ name: 'x', type: column.type }, options);
        if (alike(column, other)) {
          profiler.add(other);
          profiler.absorb(stateOf(other));
          expect(profiler.finish('x').rows).toBe(2);
          continue;
        }
        const told = (came: string): TypeError =>
          new TypeError(`column "x" was announced as ${column.type} and came as ${came}`);
        expect(() => profiler.add(other)).toThrow(told(other.type));
        expect(() => profiler.absorb(stateOf(other))).toThrow(told(other.kind));
      }
    }
    const profiler = createColumnProfiler({ name: 'x', type: 'vector[2]' }, options);
    expect(() => profiler.add(vectors([[1, 2, 3]], 3))).toThrow('announced as vector[2] and came as vector[3]');
  });
});
