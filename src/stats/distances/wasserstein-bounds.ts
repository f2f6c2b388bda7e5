import {
  type Bounded,
  type CommonCumulatives,
  type CumulativeBounds,
  commonCumulatives,
} from '../summaries/cumulative-bounds.ts';

/** ∫ |d| over a width on which d runs straight from `from` to `to`. */
function straight(from: number, to: number, width: number): number {
  const a = Math.abs(from);
  const b = Math.abs(to);
  if (a + b === 0) return 0;
  return from * to >= 0 ? ((a + b) / 2) * width : ((a * a + b * b) / (2 * (a + b))) * width;
}

/**
 * The first Wasserstein distance ∫ |F - G| between two columns without infinities, from their stored profiles, in the
 * unit of the values: it lies between `lower` and `upper` for certain, and `value` takes the rows between two edges
 * as evenly spread. Null when a side has no numbers. Cost O(edges).
 */
export function wassersteinBounds(
  x: CumulativeBounds,
  y: CumulativeBounds,
  { edges, f, g }: CommonCumulatives = commonCumulatives(x, y),
): Bounded | null {
  if (x.n === 0 || y.n === 0) return null;
  let lower = 0;
  let value = 0;
  let upper = 0;
  for (let i = 0; i + 1 < edges.length; i++) {
    const j = i + 1;
    const width = edges[j]! - edges[i]!;
    const aboveF = f.through.lower[i]! - g.below.upper[j]!;
    const aboveG = g.through.lower[i]! - f.below.upper[j]!;
    lower += width * Math.max(0, aboveF, aboveG);
    const from = f.through.value[i]! - g.through.value[i]!;
    value += straight(from, f.below.value[j]! - g.below.value[j]!, width);
    upper += width * Math.max(-aboveG, -aboveF);
  }
  return { lower, value: Math.min(upper, Math.max(lower, value)), upper };
}
