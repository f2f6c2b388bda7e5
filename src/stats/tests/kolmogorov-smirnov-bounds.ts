import { kolmogorovTail } from '../special/kolmogorov.ts';
import { type Bounded, type CumulativeBounds, commonEdges } from '../summaries/cumulative-bounds.ts';

/** The least and the most that two bounded numbers differ by. */
function difference(x: Bounded, y: Bounded): Bounded {
  return {
    lower: Math.max(0, x.lower - y.upper, y.lower - x.upper),
    value: Math.abs(x.value - y.value),
    upper: Math.max(x.upper - y.lower, y.upper - x.lower),
  };
}

/**
 * The two-sided two-sample Kolmogorov-Smirnov distance sup |F - G| from two stored profiles: what `value` is without
 * the data lies between `lower` and `upper` for certain. At each common edge, from either side, the distance is at
 * least what the bounds leave between F and G; between two edges both functions rise from one's bounds to the other's.
 * The p-values are the finite-n Kolmogorov tail at round(n m / (n + m)) of those distances, so `p.upper` belongs to
 * `lower`. Null when a side has no numbers. Cost O(edges log edges).
 */
export function kolmogorovSmirnovBounds(
  x: CumulativeBounds,
  y: CumulativeBounds,
): { readonly d: Bounded; readonly p: Bounded } | null {
  if (x.n === 0 || y.n === 0) return null;
  let lower = 0;
  let value = 0;
  let upper = 0;
  let last: { readonly f: Bounded; readonly g: Bounded } | null = null;
  for (const edge of commonEdges(x, y)) {
    const f = x.at(edge);
    const g = y.at(edge);
    for (const gap of [difference(f.below, g.below), difference(f.through, g.through)]) {
      lower = Math.max(lower, gap.lower);
      value = Math.max(value, gap.value);
      upper = Math.max(upper, gap.upper);
    }
    if (last !== null) {
      upper = Math.max(upper, f.below.upper - last.g.lower, g.below.upper - last.f.lower);
    }
    last = { f: f.through, g: g.through };
  }
  if (last === null) ({ lower, value, upper } = difference(x.at(0).below, y.at(0).below));
  upper = Math.min(1, upper);
  const size = Math.max(1, Math.round((x.n * y.n) / (x.n + y.n)));
  const tail = (d: number): number => Math.min(1, Math.max(0, kolmogorovTail(size, d)));
  return { d: { lower, value, upper }, p: { lower: tail(upper), value: tail(value), upper: tail(lower) } };
}
