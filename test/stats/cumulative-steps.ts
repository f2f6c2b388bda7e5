import type { Bounded, CumulativeBounds } from '../../src/stats/summaries/cumulative-bounds.ts';

/** A number that is known. */
export const known = (value: number): Bounded => ({ lower: value, value, upper: value });

export const between = (lower: number, value: number, upper: number): Bounded => ({ lower, value, upper });

/** A distribution function that is known at single points alone: below and through each. */
export function cumulativeSteps(
  n: number,
  at: Readonly<Record<number, readonly [below: Bounded, through: Bounded]>>,
): CumulativeBounds {
  const edges = Float64Array.from(Object.keys(at).map(Number)).sort();
  const read = (point: number) => {
    const last = edges.filter((edge) => edge <= point).at(-1);
    if (last === undefined) return { below: known(0), through: known(0) };
    const [below, through] = at[last]!;
    return last === point ? { below, through } : { below: through, through };
  };
  const series = (points: Float64Array, side: 'below' | 'through') => ({
    lower: points.map((point) => read(point)[side].lower),
    value: points.map((point) => read(point)[side].value),
    upper: points.map((point) => read(point)[side].upper),
  });
  return {
    n,
    edges,
    along: (points) => ({ below: series(points, 'below'), through: series(points, 'through') }),
  };
}
