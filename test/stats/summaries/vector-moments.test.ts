import { describe, expect, it } from 'vitest';
import { describeComponents, momentsOfComponents } from '../../../src/stats/summaries/vector-components.ts';
import {
  combineVectorMoments,
  noVectorMoments,
  spreadAbout,
  type VectorMoments,
  vectorMomentsOf,
} from '../../../src/stats/summaries/vector-moments.ts';

const of = (...vectors: number[][]): VectorMoments =>
  vectorMomentsOf(Float64Array.from(vectors.flat()), vectors.length, vectors[0]?.length ?? 2);
const rounded = (values: Iterable<number>) => Array.from(values, (value) => expect.closeTo(value, 10));

describe('moments of vectors', () => {
  it('are the mean, the squares about it and the range of every component', () => {
    const { n, mean, m2, min, max } = of([1, 8], [2, -8], [6, 0]);
    expect(n).toBe(3);
    expect([...mean]).toEqual([3, 0]);
    expect([...m2]).toEqual([14, 128]);
    expect([[...min], [...max]]).toEqual([
      [1, -8],
      [6, 8],
    ]);
    // Of the first ones alone, however many there are.
    expect(vectorMomentsOf(Float64Array.of(1, 8, 2, -8, 6, 0), 2, 2)).toEqual(of([1, 8], [2, -8]));
    expect(vectorMomentsOf(Float64Array.of(1, 8), 0, 2)).toEqual(noVectorMoments(2));
  });

  it('keep their digits far from zero', () => {
    const far = 2 ** 52;
    const { mean, m2 } = of(...Array.from({ length: 6 }, (_, i) => [far + Number(i === 0), 1]));
    expect(mean[0]).toBe(far);
    expect(m2[0]).toBeCloseTo(5 / 6, 9);
    // Ten tenths add up to less than one, which the rest of the deviations makes good.
    expect(of(...Array.from({ length: 10 }, () => [0.1])).mean[0]).toBe(0.1);
    const third = of([0.1], [0.1], [0.1]);
    expect(third.m2[0]).toBeLessThan(1e-30);
    expect(third.m2[0]).toBeGreaterThanOrEqual(0);
  });

  it('of parts combine to those of the whole', () => {
    const [a, b] = [of([1, 8], [2, -8], [6, 0]), of([9, 4], [-9, 4])];
    const [found, whole] = [combineVectorMoments(a, b), of([1, 8], [2, -8], [6, 0], [9, 4], [-9, 4])];
    expect(found.n).toBe(5);
    for (const name of ['mean', 'm2', 'min', 'max'] as const) expect([...found[name]]).toEqual(rounded(whole[name]));
    expect(combineVectorMoments(noVectorMoments(2), a)).toBe(a);
    expect(combineVectorMoments(a, noVectorMoments(2))).toBe(a);
  });
});

describe('the spread about the centroid', () => {
  it('is the root of the variances together, and none where it is rounding', () => {
    expect(spreadAbout(of([1, 8], [2, -8], [6, 0]))).toBeCloseTo(Math.sqrt((14 + 128) / 3), 12);
    const about = (spread: number) => spreadAbout({ ...of([3, 4], [3, 4]), m2: Float64Array.of(2 * spread ** 2, 0) });
    expect(about(1.01 * 5e-14)).toBeGreaterThan(0);
    expect(about(0.99 * 5e-14)).toBe(0);
    expect(spreadAbout(of([0, 0], [0, 0]))).toBe(0);
  });
});

describe('moments of vectors as they are stored', () => {
  it('have the variance of a sample, and come back', () => {
    const moments = of([1, 8], [2, -8], [6, 0]);
    const stored = describeComponents(moments);
    expect(stored).toEqual({
      method: 'component-moments@1',
      n: 3,
      mean: [3, 0],
      variance: [7, 64],
      min: [1, -8],
      max: [6, 8],
    });
    expect(momentsOfComponents(stored, 2)).toEqual(moments);
    const single = describeComponents(of([1, 8]));
    expect(single?.variance).toBeNull();
    expect(momentsOfComponents(single, 2)).toEqual(of([1, 8]));
    expect(describeComponents(noVectorMoments(2))).toBeNull();
    expect(momentsOfComponents(null, 2)).toEqual(noVectorMoments(2));
  });

  it('have null for what is beyond a double, and no minus zero', () => {
    const stored = describeComponents({ ...of([1, 8], [2, -8]), m2: Float64Array.of(Number.POSITIVE_INFINITY, 2) });
    expect(stored?.variance).toEqual([null, 2]);
    expect([...momentsOfComponents(stored, 2).m2]).toEqual([Number.NaN, 2]);
    const zero = describeComponents(of([-0, -0]))!;
    expect([...zero.mean, ...zero.min, ...zero.max].every((value) => Object.is(value, 0))).toBe(true);
  });
});
