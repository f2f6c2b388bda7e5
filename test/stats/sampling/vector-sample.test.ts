import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleVectors, VectorSample } from '../../../src/stats/sampling/vector-sample.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { numbers, vectors } from '../columns.ts';

const row = fc.option(fc.array(fc.constantFrom(0, 1, 2.5, Number.NaN), { minLength: 2, maxLength: 2 }), { nil: null });

describe('VectorSample', () => {
  it('is all finite vectors in their order while they are few, with the others counted', () => {
    const found = sampleVectors(vectors([[1, 2], null, [Number.NaN, 1], [3, 4], [1, Number.POSITIVE_INFINITY]], 2));
    expect(found).toMatchObject({
      kind: 'vector',
      type: 'vector[2]',
      length: 2,
      dimension: 2,
      valid: null,
      whole: { rows: 5, nulls: 1, nan: 2 },
    });
    expect([...found.values]).toEqual([1, 2, 3, 4]);
    expect(sampleVectors(found)).toEqual(found);
    // More place than values must not show.
    expect([...sampleVectors(vectors([[1], [2], [3]], 1)).values]).toEqual([1, 2, 3]);
  });

  it('depends on the rows and their order, not on how they come in parts', () => {
    fc.assert(
      fc.property(fc.array(fc.array(row, { maxLength: 10 }), { maxLength: 5 }), (parts) => {
        const sample = new VectorSample('vector[2]');
        for (const part of parts) sample.add(part.length, vectors(part, 2));
        expect(sample.finish()).toEqual(sampleVectors(vectors(parts.flat(), 2)));
      }),
      { numRuns: 60, seed: 3 },
    );
  });

  it('keeps a fair choice of many', () => {
    const dimension = 4000;
    const rows = 3000;
    const part = 100;
    const sample = new VectorSample(`vector[${dimension}]`);
    for (let from = 0; from < rows; from += part) {
      const values = new Float64Array(part * dimension);
      for (let i = 0; i < part; i++) values[i * dimension] = from + i;
      sample.add(part, { kind: 'vector', type: `vector[${dimension}]`, length: part, dimension, values, valid: null });
    }
    const { length, values, whole } = sample.finish();
    expect(whole).toEqual({ rows, nulls: 0, nan: 0 });
    expect(length).toBe(1000);
    const kept = Array.from({ length }, (_, i) => values[i * dimension] ?? Number.NaN);
    expect(new Set(kept).size).toBe(length);
    // The mean of 1,000 of 3,000 numbers has a deviation of 22.
    expect(Math.abs(kept.reduce((sum, v) => sum + v, 0) / length - rows / 2)).toBeLessThan(90);
    expect(kept.filter((v) => v >= rows - 300).length).toBeGreaterThan(60);
  });

  it('puts the i-th row at a place that is drawn from i, when that is kept', () => {
    const rows = 10_200;
    const found = sampleVectors(
      vectors(
        Array.from({ length: rows }, (_, i) => [i]),
        1,
      ),
    );
    const random = xoshiro128(6);
    const kept = Array.from({ length: 10_000 }, (_, i) => i);
    for (let i = 10_000; i < rows; i++) {
      const place = Math.floor(random() * (i + 1));
      if (place < 10_000) kept[place] = i;
    }
    expect([...found.values]).toEqual(kept);
    expect(found.whole).toEqual({ rows, nulls: 0, nan: 0 });
  });

  it('has no values in a part without the column, or of another length', () => {
    const sample = new VectorSample('vector[2]');
    sample.add(3, null);
    sample.add(2, numbers([1, 2]));
    sample.add(1, vectors([[1, 2, 3]], 3));
    expect(sample.finish()).toMatchObject({ length: 0, whole: { rows: 6, nulls: 6, nan: 0 } });
  });
});
