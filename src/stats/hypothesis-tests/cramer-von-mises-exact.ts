import type { PooledValues } from '../summaries/pooled-values.ts';

/** Ways of dealing by the whole number Σ t_k (i_k m - j_k n)² that they give. */
type Ways = Map<number, number>;

/**
 * P(T >= observed) over all C(N, n) equally likely ways of dealing the pooled rows to sides of n and m, tied rows
 * among them: a walk over the different values, which after each of them holds, for every number i of rows on the
 * first side, how many ways lead to each sum. It counts in whole numbers, so nothing is rounded (N <= 40).
 * Without ties it gives the tables of Anderson (1962). Cost O(N³) states at most, for small samples only.
 */
export function exactCramerVonMises({ x, y, n, m }: PooledValues): number {
  let states: (Ways | undefined)[] = [new Map([[0, 1]])];
  let seen = 0;
  let first = 0;
  let observed = 0;
  for (let k = 0; k < x.length; k++) {
    const tied = x[k]! + y[k]!;
    seen += tied;
    first += x[k]!;
    observed += tied * (first * m - (seen - first) * n) ** 2;
    states = deal(states, { tied, seen, n, m });
  }
  let extreme = 0;
  let all = 0;
  for (const [value, ways] of states[n] ?? []) {
    all += ways;
    if (value >= observed) extreme += ways;
  }
  return extreme / all;
}

type Step = { readonly tied: number; readonly seen: number; readonly n: number; readonly m: number };

function deal(states: readonly (Ways | undefined)[], { tied, seen, n, m }: Step): (Ways | undefined)[] {
  const next: (Ways | undefined)[] = [];
  for (const [i, ways] of states.entries()) {
    if (ways === undefined) continue;
    let choices = 1;
    for (let a = 0; a <= tied && i + a <= n; a++) {
      const to = i + a;
      if (seen - to <= m) {
        const target = next[to] ?? new Map<number, number>();
        next[to] = target;
        const step = tied * (to * m - (seen - to) * n) ** 2;
        for (const [value, count] of ways) target.set(value + step, (target.get(value + step) ?? 0) + count * choices);
      }
      choices = (choices * (tied - a)) / (a + 1);
    }
  }
  return next;
}
