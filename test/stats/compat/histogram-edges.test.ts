import { describe, expect, it } from 'vitest';
import { countInEdges, doaneEdges } from '../../../src/stats/compat/histogram-edges.ts';

const edgesOf = (...values: number[]): number[] => [...doaneEdges(Float64Array.from(values))];
const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 12));

describe('the edges of Doane', () => {
  it('are those of NumPy', () => {
    // By `numpy.histogram_bin_edges(…, 'doane')`.
    expect(edgesOf(1, 2, 2, 3, 3, 3, 4, 7, 11, 19.5)).toEqual(
      near([
        1, 3.642857142857143, 6.285714285714286, 8.928571428571429, 11.571428571428571, 14.214285714285714,
        16.857142857142858, 19.5,
      ]),
    );
    expect(edgesOf(-3, 0.1, 0.2, 0.25, 0.7, 0.9, 1.4, 8, 9, 9.5, 21)).toEqual(
      near([
        -3, 0.4285714285714284, 3.8571428571428568, 7.285714285714285, 10.714285714285714, 14.142857142857142,
        17.57142857142857, 21,
      ]),
    );
    expect(edgesOf(1, 2, 3, 4, 5, 6)).toEqual([1, 2.25, 3.5, 4.75, 6]);
    expect(edgesOf(1, 2, 6)).toEqual([1, 2.25, 3.5, 4.75, 6]);
    expect(edgesOf(0, 0, 0, 0, 9)).toEqual([0, 1.5, 3, 4.5, 6, 7.5, 9]);
  });

  it('are one bin of two values, and one of width 1 of the same value', () => {
    expect(edgesOf(1, 5)).toEqual([1, 5]);
    expect(edgesOf(4, 4, 4)).toEqual([3.5, 4.5]);
    expect(edgesOf(4)).toEqual([3.5, 4.5]);
  });

  it('end with the largest value itself', () => {
    // Some steps of a part of 0.7 from 0.2 do not quite make 0.9.
    const edges = edgesOf(0.2, 0.3, 0.5, 0.9);
    expect([edges[0], edges.at(-1)]).toEqual([0.2, 0.9]);
  });
});

describe('counts in edges', () => {
  const counts = (values: number[], ...edges: number[]) => [
    ...countInEdges(Float64Array.from(values), Float64Array.from(edges)),
  ];

  it('hold their lower end, the last its upper one as well, and nothing outside', () => {
    expect(counts([0, 1, 1, 2, 2, 3, 5], 1, 2, 3)).toEqual([2, 3]);
    expect(counts([0, 1, 1, 2, 2, 3, 5], 0, 6)).toEqual([7]);
    expect(counts([0, 1], 2, 3, 4)).toEqual([0, 0]);
    expect(counts([], 0, 1)).toEqual([0]);
    expect(counts([5, 6], 0, 1, 2)).toEqual([0, 0]);
  });
});
