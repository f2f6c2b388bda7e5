/**
 * Benjamini and Hochberg's (1995) adjusted p-values: q_(i) = min over j >= i of p_(j) K / j, at most 1. Rejecting
 * every q < α keeps the expected share of false rejections below α for independent (and positively dependent)
 * tests. Same order as given. Cost O(K log K).
 */
export function benjaminiHochberg(p: readonly number[]): number[] {
  const order = p.map((_, i) => i).sort((a, b) => p[b]! - p[a]! || b - a);
  const q = p.map(() => 1);
  let least = 1;
  for (let rank = 0; rank < order.length; rank++) {
    const i = order[rank]!;
    least = Math.min(least, (p[i]! * p.length) / (p.length - rank));
    q[i] = least;
  }
  return q;
}
