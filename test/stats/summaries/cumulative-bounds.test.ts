import { describe, expect, it } from 'vitest';
import type { NumberProfile, PointGapGrid } from '../../../src/stats/profile.ts';
import { boundedAt, commonCumulatives, cumulativeBounds } from '../../../src/stats/summaries/cumulative-bounds.ts';
import { numbers, profileOf } from '../columns.ts';

const profile = (...values: (number | null)[]) => profileOf({ x: numbers(values) }).columns[0] as NumberProfile;
const { POSITIVE_INFINITY: inf, NaN: nan } = Number;
const exactly = (value: number) => ({ lower: value, value, upper: value });
const near = (lower: number, value: number, upper: number) => ({
  lower: expect.closeTo(lower, 12),
  value: expect.closeTo(value, 12),
  upper: expect.closeTo(upper, 12),
});

/** What a profile says below and at a point. */
function at(of: NumberProfile, point: number) {
  const { below, through } = cumulativeBounds(of).along(Float64Array.of(point));
  return { below: boundedAt(below, 0), through: boundedAt(through, 0) };
}

describe('the distribution function of a profile', () => {
  it('is known where all values are edges, infinities below and above everything', () => {
    const some = profile(-inf, 1, 1, 4, inf, inf, inf, 7, null, nan);
    const bounds = cumulativeBounds(some);
    expect(bounds.n).toBe(8);
    expect([...bounds.edges]).toEqual([1, 4, 7]);
    expect(at(some, 0)).toEqual({ below: exactly(1 / 8), through: exactly(1 / 8) });
    expect(at(some, 1)).toEqual({ below: exactly(1 / 8), through: exactly(3 / 8) });
    expect(at(some, 2)).toEqual({ below: exactly(3 / 8), through: exactly(3 / 8) });
    expect(at(some, 4)).toEqual({ below: exactly(3 / 8), through: exactly(4 / 8) });
    expect(at(some, 7)).toEqual({ below: exactly(4 / 8), through: exactly(5 / 8) });
    expect(at(some, 9)).toEqual({ below: exactly(5 / 8), through: exactly(5 / 8) });
  });

  it('has all numbers below what is beyond its only edge', () => {
    expect(at(profile(4, 4), 9)).toEqual({ below: exactly(1), through: exactly(1) });
    expect(at(profile(4, 4), 3)).toEqual({ below: exactly(0), through: exactly(0) });
  });

  it('is read at many points in one walk', () => {
    const some = profile(1, 1, 4, 7);
    const points = [0, 1, 1, 3, 4, 5, 7, 8];
    const { below, through } = cumulativeBounds(some).along(Float64Array.from(points));
    for (const [k, point] of points.entries()) {
      expect({ below: boundedAt(below, k), through: boundedAt(through, k) }).toEqual(at(some, point));
    }
  });

  /** Ten rows: two at 100, three between, one at 110, none between, four at 120. */
  const gapped = (rankError = 0): NumberProfile => {
    const some = profile(...Array.from({ length: 10 }, (_, i) => i));
    const grid: PointGapGrid = { ...some.grid!, rankError, edges: [100, 110, 120], at: [2, 1, 4], between: [3, 0] };
    return { ...some, grid };
  };

  it('lies between the counts at both ends of a gap, and is taken to rise evenly', () => {
    expect(at(gapped(), 104)).toEqual({
      below: near(0.2, 0.2 + 0.4 * 0.3, 0.5),
      through: near(0.2, 0.2 + 0.4 * 0.3, 0.5),
    });
    expect(at(gapped(), 110)).toEqual({ below: near(0.5, 0.5, 0.5), through: near(0.6, 0.6, 0.6) });
    expect(at(gapped(), 115)).toEqual({ below: near(0.6, 0.6, 0.6), through: near(0.6, 0.6, 0.6) });
  });

  it('is off by the error of the grid, but not before its first edge nor after its last', () => {
    const unsure = gapped(0.05);
    expect(at(unsure, 100)).toEqual({ below: near(0, 0, 0), through: near(0.15, 0.2, 0.25) });
    expect(at(unsure, 104)).toEqual({ below: near(0.15, 0.32, 0.55), through: near(0.15, 0.32, 0.55) });
    expect(at(unsure, 110)).toEqual({ below: near(0.45, 0.5, 0.55), through: near(0.55, 0.6, 0.65) });
    expect(at(unsure, 120)).toEqual({ below: near(0.55, 0.6, 0.65), through: near(0.95, 1, 1) });
    expect(at(unsure, 121)).toEqual({ below: near(1, 1, 1), through: near(1, 1, 1) });
    expect(at(gapped(0.3), 100).through).toEqual(near(0, 0.2, 0.5));
  });
});

describe('two distribution functions side by side', () => {
  it('are read at all edges of either, each once', () => {
    const [x, y] = [cumulativeBounds(profile(1, 3, 3, 8)), cumulativeBounds(profile(0, 3, 5))];
    for (const [a, b] of [
      [x, y],
      [y, x],
    ] as const) {
      const { edges, f, g } = commonCumulatives(a, b);
      expect([...edges]).toEqual([0, 1, 3, 5, 8]);
      expect(f).toEqual(a.along(edges));
      expect(g).toEqual(b.along(edges));
    }
    const none = cumulativeBounds(profile(null));
    expect([...commonCumulatives(x, none).edges]).toEqual([1, 3, 8]);
    expect([...commonCumulatives(none, x).edges]).toEqual([1, 3, 8]);
    expect([...commonCumulatives(none, none).edges]).toEqual([]);
  });
});
