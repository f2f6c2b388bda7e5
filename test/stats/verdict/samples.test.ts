import { describe, expect, it } from 'vitest';
import { asCategories, emptyColumn, nullsOf, numberSample, rowsOf } from '../../../src/stats/verdict/samples.ts';
import { numbers, texts, vectors } from '../columns.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

describe('a sample of numbers', () => {
  it('is sorted, with infinities at its ends and without what is no number', () => {
    const { sorted, finite, ...counts } = numberSample(numbers([3, null, -inf, inf, nan, -2, null, inf, 0]));
    expect([...sorted]).toEqual([-inf, -2, 0, 3, inf, inf]);
    expect([...finite]).toEqual([-2, 0, 3]);
    expect(counts).toEqual({ rows: 9, nulls: 2, nan: 1 });
  });

  it('may be of infinities alone, or of nothing', () => {
    for (const values of [[inf, inf], [-inf], [-inf, inf], [null, nan], []]) {
      const { sorted, finite } = numberSample(numbers(values));
      expect(sorted).toHaveLength(values.filter((v) => v !== null && !Number.isNaN(v)).length);
      expect(finite).toHaveLength(0);
    }
  });

  it('knows no negative zero', () => {
    expect(Object.is(numberSample(numbers([-0])).sorted[0], 0)).toBe(true);
  });
});

describe('the rows of a column', () => {
  it('are those of the whole where it is a sample', () => {
    const column = vectors([[1, 2], null, [3, 4]], 2);
    expect([rowsOf(column), nullsOf(column)]).toEqual([3, 1]);
    const sampled = { ...column, whole: { rows: 900, nulls: 70, nan: 2 } };
    expect([rowsOf(sampled), nullsOf(sampled)]).toEqual([900, 70]);
  });

  it('are without a value where the mask or the code says so', () => {
    expect(nullsOf(texts(['a', null, 'b', null]))).toBe(2);
    expect(nullsOf(texts(['a']))).toBe(0);
    expect(nullsOf(numbers([1, nan]))).toBe(0);
    expect(nullsOf(numbers([null, 1, null, null]))).toBe(3);
  });
});

describe('a column without any value', () => {
  it('has so many rows of that kind', () => {
    for (const kind of ['number', 'category'] as const) {
      const empty = emptyColumn(kind, 11);
      expect(empty.kind).toBe(kind);
      expect([rowsOf(empty), nullsOf(empty)]).toEqual([11, 11]);
    }
    expect(emptyColumn('category', 2)).toEqual({ ...texts([null, null]), type: 'text' });
    expect(emptyColumn('number', 2)).toEqual(numbers([null, null]));
  });
});

describe('numbers as categories', () => {
  it('are labelled as they are written, and what is no number has no category', () => {
    const found = asCategories(numbers([2.5, null, -0, 0, nan, 2.5, inf]));
    expect(found).toEqual({
      kind: 'category',
      type: 'text',
      length: 7,
      codes: Int32Array.of(0, -1, 1, 1, -1, 0, 2),
      dictionary: ['2.5', '0', 'Infinity'],
    });
  });
});
