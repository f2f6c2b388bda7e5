import { describe, expect, it } from 'vitest';
import { histogramDivergence } from '../../../src/stats/compat/histogram-divergence.ts';
import type { Bucket } from '../../../src/stats/compat/interpolated-histogram.ts';
import { jensenShannonDivergence } from '../../../src/stats/distances/jensen-shannon.ts';

type Given = readonly (readonly [low: number, high: number, count: number])[];
const buckets = (given: Given): Bucket[] => given.map(([low, high, count]) => ({ low, high, count }));
const divergence = (a: Given, b: Given) => histogramDivergence(buckets(a), buckets(b));

describe('the divergence of two histograms', () => {
  it('cuts each at the edges of both, values evenly spread inside a bucket', () => {
    // Half of each lies where the other has half.
    expect(divergence([[0, 2, 8]], [[1, 3, 2]])).toBeCloseTo(0.5, 12);
    const uneven = divergence(
      [
        [0, 4, 8],
        [4, 5, 2],
      ],
      [
        [1, 2, 3],
        [2, 10, 8],
      ],
    );
    // Edges 0, 1, 2, 4, 5, 10.
    expect(uneven).toBeCloseTo(jensenShannonDivergence([2, 2, 4, 2, 0], [0, 3, 2, 1, 5])!, 12);
    // Edges are in the order of numbers, not of texts.
    const wide = divergence([[2, 100, 98]], [[10, 20, 5]]);
    expect(wide).toBeCloseTo(jensenShannonDivergence([8, 10, 80], [0, 5, 0])!, 12);
  });

  it('leaves points by themselves, apart from what is around them', () => {
    expect(divergence([[5, 5, 3]], [[5, 5, 7]])).toBe(0);
    expect(divergence([[5, 5, 3]], [[0, 10, 3]])).toBe(1);
    expect(divergence([[5, 5, 3]], [[6, 6, 3]])).toBe(1);
    const mixed = divergence(
      [
        [5, 5, 3],
        [5, 6, 1],
        [5, 5, 1],
      ],
      [
        [5, 5, 2],
        [7, 7, 2],
      ],
    );
    expect(mixed).toBeCloseTo(jensenShannonDivergence([1, 4, 0], [0, 2, 2])!, 12);
  });

  it('shares no infinities', () => {
    const inf = Number.POSITIVE_INFINITY;
    const both = divergence(
      [
        [0, 1, 6],
        [inf, inf, 2],
      ],
      [
        [0, 1, 6],
        [inf, inf, 1],
        [-inf, -inf, 1],
      ],
    );
    expect(both).toBeCloseTo(jensenShannonDivergence([6, 2, 0], [6, 0, 2])!, 12);
    expect(divergence([[-inf, 0, 3]], [[0, inf, 3]])).toBe(1);
  });

  it('is none where a side has nothing', () => {
    expect(divergence([], [[0, 1, 4]])).toBeNull();
    expect(divergence([[0, 1, 4]], [])).toBeNull();
  });
});
