import type { Bounded } from '../summaries/cumulative-bounds.ts';
import { jensenShannonDivergence } from './jensen-shannon.ts';

/** One cell's part of the base-2 divergence between the shares `p` and `q`. */
function part(p: number, q: number): number {
  const middle = (p + q) / 2;
  const term = (share: number): number => (share === 0 ? 0 : share * Math.log2(share / middle));
  return (term(p) + term(q)) / 2;
}

/**
 * The base-2 Jensen-Shannon distance between shares that are known within bounds. A cell's part is 0 where both
 * shares are equal and grows with each away from the other, so the bounds of a cell follow from the ends of its
 * shares, and those of the distance from their sum. `value` is the distance of the middle shares. Cost O(k).
 */
export function jensenShannonBounds(x: readonly Bounded[], y: readonly Bounded[]): Bounded {
  let lower = 0;
  let upper = 0;
  x.forEach((p, i) => {
    const q = y[i]!;
    if (p.upper < q.lower) lower += part(p.upper, q.lower);
    else if (q.upper < p.lower) lower += part(p.lower, q.upper);
    upper += Math.max(part(p.lower, q.upper), part(p.upper, q.lower));
  });
  const value = jensenShannonDivergence(
    x.map((share) => share.value),
    y.map((share) => share.value),
  );
  const root = (divergence: number): number => Math.sqrt(Math.min(1, Math.max(0, divergence)));
  const bounds = { lower: root(lower), upper: root(upper) };
  return { ...bounds, value: Math.min(bounds.upper, Math.max(bounds.lower, root(value ?? 0))) };
}
