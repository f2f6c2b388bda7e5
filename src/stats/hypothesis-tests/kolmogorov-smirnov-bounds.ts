import {
  type Bounded,
  type BoundedSeries,
  type CommonCumulatives,
  type CumulativeBounds,
  commonCumulatives,
} from '../summaries/cumulative-bounds.ts';
import { kolmogorovSmirnovTail } from './kolmogorov-smirnov.ts';

/** Without an edge on either side every number is infinite, and each point between is like any other. */
const ANYWHERE = Float64Array.of(0);

/**
 * The two-sided two-sample Kolmogorov-Smirnov distance sup |F - G| from two stored profiles: what `value` is without
 * the data lies between `lower` and `upper` for certain. At each common edge, from either side, the distance is at
 * least what the bounds leave between F and G; between two edges both functions rise from one's bounds to the other's.
 * The p-values are those of such distances (`kolmogorovSmirnovTail`), so `p.upper` belongs to `lower`. Null when a side has no
 * numbers. Cost O(edges), and that of the tail.
 */
export function kolmogorovSmirnovBounds(
  x: CumulativeBounds,
  y: CumulativeBounds,
  { edges, f, g }: CommonCumulatives = commonCumulatives(x, y),
): { readonly d: Bounded; readonly p: Bounded } | null {
  if (x.n === 0 || y.n === 0) return null;
  let lower = 0;
  let value = 0;
  let upper = 0;
  const take = (a: BoundedSeries, b: BoundedSeries, k: number): void => {
    lower = Math.max(lower, a.lower[k]! - b.upper[k]!, b.lower[k]! - a.upper[k]!);
    value = Math.max(value, Math.abs(a.value[k]! - b.value[k]!));
    upper = Math.max(upper, a.upper[k]! - b.lower[k]!, b.upper[k]! - a.lower[k]!);
  };
  for (let k = 0; k < edges.length; k++) {
    take(f.below, g.below, k);
    take(f.through, g.through, k);
    if (k === 0) continue;
    upper = Math.max(upper, f.below.upper[k]! - g.through.lower[k - 1]!, g.below.upper[k]! - f.through.lower[k - 1]!);
  }
  if (edges.length === 0) {
    const [before, other] = [x.along(ANYWHERE), y.along(ANYWHERE)];
    take(before.below, other.below, 0);
  }
  upper = Math.min(1, upper);
  const tail = (d: number): number => kolmogorovSmirnovTail(d, { n: x.n, m: y.n });
  return { d: { lower, value, upper }, p: { lower: tail(upper), value: tail(value), upper: tail(lower) } };
}
