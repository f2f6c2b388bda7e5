import { describe, expect, it } from 'vitest';
import { type Grid, gridOfSorted } from '../../../src/stats/summaries/point-gap-grid.ts';
import { subtractGrids } from '../../../src/stats/summaries/subtract-grids.ts';

const gridOf = (...values: number[]): Grid => gridOfSorted(Float64Array.from(values).sort());

/** Edges with rows before them and at them, and what may be wrong. */
const grid = (n: number, edges: readonly (readonly [edge: number, before: number, at: number])[], error = 0): Grid => ({
  n,
  error,
  complete: false,
  edges: Float64Array.from(edges, ([edge]) => edge),
  before: Float64Array.from(edges, ([, before]) => before),
  at: Float64Array.from(edges, ([, , at]) => at),
});

describe('a grid less that of a part', () => {
  it('is that of the rest where both list all values', () => {
    expect(subtractGrids(gridOf(1, 2, 2, 3, 5, 5, 5), gridOf(2, 3, 5, 5))).toEqual(gridOf(1, 2, 5));
    expect(subtractGrids(gridOf(1, 2), gridOf())).toEqual(gridOf(1, 2));
    expect(subtractGrids(gridOf(1, 2), gridOf(1, 2))).toEqual(gridOf());
  });

  it('is not that of all values where one side does not list its own', () => {
    const part = grid(4, [
      [2.5, 0, 1],
      [6.5, 3, 1],
    ]);
    expect(subtractGrids(gridOf(1, 2, 3, 4, 5, 6, 7, 8), part)).toMatchObject({ n: 4, complete: false });
    const gapped = grid(8, [
      [1, 0, 1],
      [9, 7, 1],
    ]);
    expect(subtractGrids(gapped, gridOf(5))).toMatchObject({ n: 7, complete: false });
  });

  it('is none where the part has a value that the whole lacks, or more rows of one', () => {
    expect(subtractGrids(gridOf(1, 2, 3), gridOf(2.5))).toBeNull();
    expect(subtractGrids(gridOf(1, 2, 3), gridOf(2, 2))).toBeNull();
    expect(subtractGrids(gridOf(1, 2, 3), gridOf(0))).toBeNull();
  });

  it('divides the rows of a gap in proportion, and says by how many that may be wrong', () => {
    const whole = grid(40, [
      [100, 0, 1],
      [104, 10, 1],
      [110, 39, 1],
    ]);
    const part = grid(12, [
      [100, 0, 1],
      [110, 11, 1],
    ]);
    // Ten rows between: four tenths of them are below 104, and at most six tenths of them are not as is said.
    expect(subtractGrids(whole, part)).toEqual({
      n: 28,
      error: 2 + 6,
      complete: false,
      edges: Float64Array.of(100, 104, 110),
      before: Float64Array.of(0, 10 - (1 + 4), 28),
      at: Float64Array.of(0, 1, 0),
    });
    // Nearer to the lower end the larger share is above.
    const near = grid(40, [
      [100, 0, 1],
      [102, 10, 1],
      [110, 39, 1],
    ]);
    expect(subtractGrids(near, part)).toMatchObject({ error: 2 + 8, before: Float64Array.of(0, 10 - (1 + 2), 28) });
  });

  it('adds the errors of both, and takes rows outside of the part for its own or none', () => {
    const whole = grid(
      30,
      [
        [0, 0, 2],
        [5, 10, 2],
        [9, 28, 2],
      ],
      1,
    );
    const part = grid(
      4,
      [
        [5, 0, 1],
        [6, 3, 1],
      ],
      0.5,
    );
    // None of the part is before 5, all of it before 9.
    expect(subtractGrids(whole, part)).toEqual({
      n: 26,
      error: 1 + 0.5 + 2,
      complete: false,
      edges: Float64Array.of(0, 5, 9),
      before: Float64Array.of(0, 10, 24),
      at: Float64Array.of(2, 1, 2),
    });
  });

  it('is none where the part has more rows than both errors allow', () => {
    const whole = (at: number) =>
      grid(30, [
        [0, 0, 2],
        [5, 10, at],
        [9, 28, 2],
      ]);
    const part = grid(8, [[5, 0, 8]]);
    // Of whole rows alone four may be missing.
    expect(subtractGrids(whole(4), part)?.at[1]).toBe(0);
    expect(subtractGrids(whole(3.9), part)).toBeNull();
    // So may cumulative rows fall, which are then taken for level.
    const falling = (before: number) =>
      subtractGrids(
        grid(30, [
          [0, 0, 2],
          [5, 20, 1],
          [9, 28, 2],
        ]),
        grid(30, [
          [5, 0, 0],
          [9, before, 1],
        ]),
      );
    expect([...falling(12)!.before]).toEqual([0, 20, 20]);
    expect(falling(12.1)).toBeNull();
  });

  it('has no more rows on an edge than there is room for before the next', () => {
    const whole = grid(30, [
      [0, 0, 6],
      [5, 8, 6],
      [9, 24, 6],
    ]);
    const part = grid(8, [
      [4, 0, 4],
      [6, 4, 4],
    ]);
    // Four before 5, the gap between 4 and 6 being empty: four are left before it, of six on 0.
    expect(subtractGrids(whole, part)).toMatchObject({
      before: Float64Array.of(0, 4, 16),
      at: Float64Array.of(4, 6, 6),
    });
    const middle = grid(30, [
      [0, 0, 2],
      [5, 10, 6],
      [9, 18, 2],
    ]);
    const late = grid(8, [
      [6, 0, 4],
      [8, 4, 4],
    ]);
    // All of the part lies between 5 and 9, where ten rows are before either: none can be on 5.
    expect(subtractGrids(middle, late)).toMatchObject({
      before: Float64Array.of(0, 10, 10),
      at: Float64Array.of(2, 0, 2),
    });
    const all = subtractGrids(
      whole,
      grid(28, [
        [0, 0, 1],
        [8, 26, 1],
      ]),
    );
    // Of 30 rows 28 are gone, and two left for the last edge.
    expect(all).toMatchObject({ n: 2 });
    expect(all!.at[2]).toBeLessThanOrEqual(2);
  });
});
