import { describe, expect, it } from 'vitest';
import type { CategoryColumn } from '../../../src/stats/column.ts';
import { collectorOptions, createColumnProfiler } from '../../../src/stats/column-profiler.ts';
import { CategoryProfiler } from '../../../src/stats/summaries/category-profiler.ts';
import { CountedTexts } from '../../../src/stats/summaries/counted-texts.ts';
import { numbers, texts } from '../columns.ts';
import { encodedTexts, wordedTexts } from '../encoded-texts.ts';

const FIELD = { name: 't', type: 'text' } as const;
const OPTIONS = collectorOptions([FIELD], { counted: true });

const ids = (from: number, rows: number) =>
  texts(Array.from({ length: rows }, (_, i) => (i % 50 === 7 ? `réf ${from + i}` : `row-${from + i}`)));

function profilesOf(parts: readonly CategoryColumn[]) {
  const [counted, full] = [new CountedTexts(), new CategoryProfiler('text')];
  for (const part of parts) {
    counted.add(part);
    full.add(part);
  }
  return { counted: counted.finish('t'), full: full.finish('t') };
}

describe('a column of texts that is only counted', () => {
  const nothing = new CategoryProfiler('text').finish('t');

  it('tells how many there are and of which shapes, where each has one row', () => {
    for (const form of [(column: CategoryColumn) => column, encodedTexts]) {
      const { counted, full } = profilesOf([ids(0, 5_000), ids(5_000, 300), ids(5_300, 4_000)].map(form));
      expect(full.distinct.method).toBe('hyperloglog/p14@1');
      expect(counted).toEqual({ ...nothing, rows: 9_300, distinct: full.distinct, shapes: full.shapes });
    }
  });

  it('counts texts by their words where these are had', () => {
    const plain = (from: number) => texts(Array.from({ length: 3_000 }, (_, i) => `id ${from + i}`));
    const { counted, full } = profilesOf([plain(0), plain(2_000)]);
    expect(profilesOf([wordedTexts(plain(0)), wordedTexts(plain(2_000))]).counted).toEqual(counted);
    expect(counted.distinct).toEqual(full.distinct);
  });

  it('tells how many there are where some are alike', () => {
    const { counted, full } = profilesOf([ids(0, 5_000), texts(['a', 'b', 'c', 'a']), ids(2_000, 5_000)]);
    expect(counted).toEqual({ ...nothing, rows: 10_004, distinct: full.distinct });
  });

  it('tells no fewer than there are where there are few, or rows without one', () => {
    const few = profilesOf([texts(['a', 'b', 'a', 'a', 'b']), ids(0, 100), texts(['a', 'a', 'c'])]);
    expect(few.counted).toEqual({ ...nothing, rows: 108, distinct: { ...nothing.distinct, value: 104 } });
    const gaps = profilesOf([texts(['a', null, 'b', 'c']), ids(0, 10)]);
    expect(gaps.counted).toEqual({ ...nothing, rows: 14, nulls: 1, distinct: { ...nothing.distinct, value: 13 } });
    expect(profilesOf([]).counted).toMatchObject({ rows: 0, distinct: { value: 0 }, shapes: null });
  });

  it('counts texts of a batch of which half are different, those that a row has', () => {
    const half = texts(['a', 'b', 'a', 'b']);
    expect(profilesOf([half, half]).counted).toMatchObject({ rows: 8, distinct: { value: 2 } });
    const fewer = texts(['a', 'b', 'a', 'b', 'a']);
    expect(profilesOf([fewer, half]).counted).toMatchObject({ rows: 9, distinct: { value: 4 } });
    const unused = { ...half, dictionary: [...half.dictionary, 'c', 'd', 'e'] };
    for (const column of [unused, encodedTexts(unused)])
      expect(profilesOf([column]).counted).toMatchObject({ rows: 4, distinct: { value: 2 } });
  });

  it('does not look which texts a row has, where a list of few comes again', () => {
    const half = encodedTexts(texts(['a', 'b', 'a', 'b', 'a', 'b', 'a', 'b']));
    const list = encodedTexts(texts(['a', 'b', 'c'])).encoded!;
    const again: CategoryColumn = { ...half, length: 7, codes: Int32Array.of(0, 0, -1, 1, 0, -1, 1), encoded: list };
    const { counted } = profilesOf([half, again]);
    expect(counted).toEqual({ ...nothing, rows: 15, nulls: 2, distinct: { ...nothing.distinct, value: 5 } });
    const gaps: CategoryColumn = { ...again, codes: Int32Array.of(-1, 0, -1, -1, 1, -1, -1) };
    expect(profilesOf([half, gaps]).counted).toMatchObject({ rows: 15, nulls: 5, distinct: { value: 4 } });
    // Of which texts rows have is looked at as long as they may name them.
    const often = encodedTexts(texts(['a', 'b', 'a', 'b']));
    expect(profilesOf([often, again]).counted).toMatchObject({ rows: 11, nulls: 2, distinct: { value: 4 } });
    const fewer: CategoryColumn = { ...again, length: 3, codes: Int32Array.of(-1, -1, 0) };
    expect(profilesOf([half, fewer]).counted).toMatchObject({ rows: 11, nulls: 2, distinct: { value: 3 } });
    const all: CategoryColumn = { ...again, length: 4, codes: Int32Array.of(-1, -1, -1, 0) };
    expect(profilesOf([half, all]).counted).toMatchObject({ rows: 12, nulls: 3, distinct: { value: 3 } });
  });

  it('is the same of several parts that were counted apart', () => {
    for (const parts of [
      [ids(0, 5_000), ids(4_000, 2_000)],
      [ids(0, 9), texts(['a', 'b', 'a']), ids(3, 20)],
      [texts(['a', 'a', 'a']), ids(0, 9)],
      [ids(0, 9), texts(['a', 'a', 'a'])],
      [ids(0, 9), texts([null, 'a'])],
      [ids(0, 9), texts([])],
    ]) {
      const [whole, joined] = [createColumnProfiler(FIELD, OPTIONS), createColumnProfiler(FIELD, OPTIONS)];
      for (const part of parts) {
        whole.add(part);
        const apart = createColumnProfiler(FIELD, OPTIONS);
        apart.add(part);
        joined.absorb(structuredClone(apart.state()));
      }
      const found = whole.finish('t');
      expect(found).toEqual(profilesOf(parts).counted);
      expect(joined.finish('t')).toEqual(found);
    }
  });

  it('takes nothing else', () => {
    const profiler = createColumnProfiler(FIELD, OPTIONS);
    expect(() => profiler.add(numbers([1]))).toThrow(TypeError);
    expect(() => profiler.absorb(new CategoryProfiler('text').state())).toThrow(TypeError);
    expect(() => createColumnProfiler(FIELD, collectorOptions([FIELD])).absorb(new CountedTexts().state())).toThrow(
      TypeError,
    );
  });

  it('takes no column of another kind', () => {
    expect(() => createColumnProfiler(FIELD, OPTIONS).add(numbers([1]))).toThrow('was announced as text');
  });
});
