import { describe, expect, it } from 'vitest';
import type { NumberColumn } from '../../../src/stats/column.ts';
import { collectorOptions, createColumnProfiler } from '../../../src/stats/column-profiler.ts';
import { CountedIntegers } from '../../../src/stats/summaries/counted-integers.ts';
import { NumberProfiler } from '../../../src/stats/summaries/number-profiler.ts';
import { integers, numbers, texts } from '../columns.ts';

const FIELD = { name: 'n', type: 'int64' } as const;
const OPTIONS = collectorOptions([FIELD], { counted: true });

const counting = (from: number, rows: number) =>
  numbers(
    Array.from({ length: rows }, (_, i) => from + i),
    'int64',
  );

function profilesOf(parts: readonly NumberColumn[]) {
  const [counted, full] = [new CountedIntegers('int64', OPTIONS), new NumberProfiler('int64', OPTIONS)];
  for (const part of parts) {
    counted.add(part);
    full.add(part);
  }
  return { counted: counted.finish('n'), full: full.finish('n') };
}

describe('a column of whole numbers that is only counted', () => {
  const nothing = new NumberProfiler('int64', OPTIONS).finish('n');
  const bounded = (rows: number, nulls: number, value: number) => ({
    ...nothing,
    rows,
    nulls,
    distinct: { ...nothing.distinct, value },
  });

  it('has its profile as long as it may name rows', () => {
    for (const parts of [
      [counting(5, 900), counting(905, 30)],
      [numbers([3, -1e6, 7], 'int64')],
      [numbers([1, 2, 3, 4, 5, 6, 7, 8, 9, 9], 'int64')],
      [integers([2n ** 60n, 2n ** 60n + 1n, 2n ** 60n + 2n])],
      [numbers([0.25, 0.5, 0.75])],
    ]) {
      const { counted, full } = profilesOf(parts);
      expect(counted).toEqual(full);
    }
  });

  it('tells no fewer than there are where numbers repeat, or rows have none', () => {
    expect(profilesOf([numbers([1, 2, 1, 2, 1], 'int64')]).counted).toEqual(bounded(5, 0, 2));
    expect(profilesOf([numbers([0, 9, 0, 9, 0], 'int64'), counting(0, 3)]).counted).toMatchObject({ rows: 8, min: 0 });
    expect(profilesOf([numbers([4, 4], 'int64'), counting(0, 30)]).counted).toEqual(bounded(32, 0, 31));
    expect(profilesOf([numbers([1, null, 3], 'int64'), counting(10, 2)]).counted).toEqual(bounded(5, 1, 5));
    expect(profilesOf([]).counted).toEqual(nothing);
  });

  it('is the same of several parts that were counted apart', () => {
    for (const parts of [
      [counting(0, 500), counting(400, 200)],
      [counting(0, 9), numbers([1, 1, 1], 'int64')],
      [numbers([1, 1, 1], 'int64'), counting(0, 9)],
      [counting(0, 9), numbers([null, 3], 'int64')],
      [counting(0, 9), numbers([0.5, 1.5])],
      [numbers([4, 4, 4], 'int64'), numbers([1.5, 1.5])],
    ]) {
      const [whole, joined] = [createColumnProfiler(FIELD, OPTIONS), createColumnProfiler(FIELD, OPTIONS)];
      for (const part of parts) {
        whole.add(part);
        const apart = createColumnProfiler(FIELD, OPTIONS);
        apart.add(part);
        joined.absorb(structuredClone(apart.state()));
      }
      const [one, other] = [whole.finish('n'), joined.finish('n')];
      expect([other.rows, other.nulls, other.type]).toEqual([one.rows, one.nulls, one.type]);
      // Either knows all of its values, or how many there are at most.
      const { full } = profilesOf(parts);
      expect(one.type).toBe(full.type);
      for (const found of [one, other]) {
        if (found.kind === 'number' && found.min !== null) expect(found).toEqual(full);
        else expect(found.distinct.value).toBeGreaterThanOrEqual(full.distinct.value);
      }
    }
  });

  it('has its profile of parts that may name rows together', () => {
    const parts = [counting(0, 500), counting(500, 200)];
    const joined = new CountedIntegers('int64', OPTIONS);
    for (const part of parts) {
      const apart = new CountedIntegers('int64', OPTIONS);
      apart.add(part);
      joined.absorb(structuredClone(apart.state()));
    }
    expect(joined.finish('n')).toEqual(profilesOf(parts).full);
  });

  it('takes nothing else', () => {
    const profiler = createColumnProfiler(FIELD, OPTIONS);
    expect(() => profiler.add(texts(['a']))).toThrow('was announced as int64');
    expect(() => profiler.absorb(new NumberProfiler('int64', OPTIONS).state())).toThrow('was announced as int64');
    expect(() =>
      createColumnProfiler(FIELD, collectorOptions([FIELD])).absorb(new CountedIntegers('int64', OPTIONS).state()),
    ).toThrow(TypeError);
  });
});
