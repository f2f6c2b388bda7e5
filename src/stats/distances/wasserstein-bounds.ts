import { type Bounded, type CumulativeBounds, commonEdges } from '../summaries/cumulative-bounds.ts';

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
 * as evenly spread. Null when a side has no numbers. Cost O(edges log edges).
 */
export function wassersteinBounds(x: CumulativeBounds, y: CumulativeBounds): Bounded | null {
  if (x.n === 0 || y.n === 0) return null;
  const edges = commonEdges(x, y);
  let lower = 0;
  let value = 0;
  let upper = 0;
  for (let i = 0; i + 1 < edges.length; i++) {
    const width = edges[i + 1]! - edges[i]!;
    const [f, g] = [x.at(edges[i]!).through, y.at(edges[i]!).through];
    const [nextF, nextG] = [x.at(edges[i + 1]!).below, y.at(edges[i + 1]!).below];
    lower += width * Math.max(0, f.lower - nextG.upper, g.lower - nextF.upper);
    value += straight(f.value - g.value, nextF.value - nextG.value, width);
    upper += width * Math.max(nextF.upper - g.lower, nextG.upper - f.lower);
  }
  return { lower, value: Math.min(upper, Math.max(lower, value)), upper };
}
