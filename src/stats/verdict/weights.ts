import type { JudgePolicy } from './judgement.ts';

/** How much a column counts; 1 where nothing is said of it. */
export function weightOf({ weights }: Pick<JudgePolicy, 'weights'>, name: string): number {
  return weights !== undefined && Object.hasOwn(weights, name) ? (weights[name] ?? 1) : 1;
}

type Adjust = (p: readonly number[]) => number[];

/**
 * Adjusted p-values where some hypotheses count more than others: each p is divided by its weight over the mean weight
 * before it is adjusted (Genovese, Roeder and Wasserman 2006), which keeps the false discovery rate and moves power to
 * what matters. What has no weight takes none from the others: its q is that among all, as if all counted alike.
 */
export function adjustWeighted(p: readonly number[], weights: readonly number[], adjust: Adjust): number[] {
  const counting = p.map((_, i) => i).filter((i) => weights[i]! > 0);
  const mean = counting.reduce((sum, i) => sum + weights[i]!, 0) / Math.max(1, counting.length);
  const weighted = adjust(counting.map((i) => Math.min(1, p[i]! / (weights[i]! / mean))));
  const q = counting.length === p.length ? p.map(() => 1) : adjust(p);
  for (const [k, i] of counting.entries()) q[i] = weighted[k]!;
  return q;
}
