import type { VectorComponents } from '../profile.ts';
import { noVectorMoments, type VectorMoments } from './vector-moments.ts';

/** The moments as they are stored; null without a finite vector. */
export function describeComponents({ n, mean, m2, min, max }: VectorMoments): VectorComponents | null {
  if (n === 0) return null;
  const list = (values: Float64Array): (number | null)[] =>
    Array.from(values, (value) => (Number.isFinite(value) ? value + 0 : null));
  return {
    method: 'component-moments@1',
    n,
    mean: list(mean),
    variance: n > 1 ? list(m2.map((value) => value / (n - 1))) : null,
    min: list(min),
    max: list(max),
  };
}

/** The moments back from their stored form; what was beyond a double stays so. */
export function momentsOfComponents(components: VectorComponents | null, dimension: number): VectorMoments {
  if (components === null) return noVectorMoments(dimension);
  const { n, mean, variance, min, max } = components;
  const values = (list: readonly (number | null)[]): Float64Array => Float64Array.from(list, (v) => v ?? Number.NaN);
  const m2 = variance === null ? new Float64Array(dimension) : values(variance).map((value) => value * (n - 1));
  return { n, mean: values(mean), m2, min: values(min), max: values(max) };
}
