import { type Metric, shareMetric } from './metric.ts';
import { type RankedQuery, tiedRuns } from './ranked-query.ts';

/**
 * Share of the queries with a relevant row (label above 0) among their first `top`, with Wilson's interval. Where
 * the cut goes through rows of equal score, a query counts by the chance that one of its relevant rows is taken.
 * Cost O(n).
 */
export function hitRate(queries: readonly RankedQuery[], top: number): Metric {
  const hits = queries.reduce((sum, query) => sum + hitChance(query, top), 0);
  return shareMetric(`hit_rate/top-${top}@1`, hits, queries.length);
}

function hitChance({ labels, scores }: RankedQuery, top: number): number {
  for (const [from, to] of tiedRuns(scores)) {
    if (from >= top) break;
    let relevant = 0;
    for (let place = from; place < to; place++) relevant += Number(labels[place]! > 0);
    if (relevant === 0) continue;
    // P(none of the places that count is relevant), drawn without replacement.
    let miss = 1;
    for (let drawn = 0; drawn < Math.min(to, top) - from; drawn++) {
      miss *= Math.max(0, to - from - relevant - drawn) / (to - from - drawn);
    }
    return 1 - miss;
  }
  return 0;
}
