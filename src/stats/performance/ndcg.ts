import { type Metric, meanAndError, noMetric, normalMetric } from './metric.ts';
import { type RankedQuery, tiedRuns } from './ranked-query.ts';

/** What the places from `from` to `to` - 1 are worth together; those from `top` on are worth nothing. */
function discounts(from: number, to: number, top: number): number {
  let sum = 0;
  for (let place = from; place < Math.min(to, top); place++) sum += 1 / Math.log2(place + 2);
  return sum;
}

/** Σ label / log2(place + 1) over the first `top` places, tied rows sharing theirs (McSherry and Najork 2008). */
function discountedGain({ labels, scores }: RankedQuery, top: number): number {
  let gain = 0;
  for (const [from, to] of tiedRuns(scores)) {
    let sum = 0;
    for (let place = from; place < to; place++) sum += labels[place]!;
    gain += (sum / (to - from)) * discounts(from, to, top);
  }
  return gain;
}

/**
 * Normalised discounted cumulative gain (Järvelin and Kekäläinen 2002, with the label itself as the gain): a query's
 * discounted gain over that of the best order, its mean over the queries that have a relevant row, and the normal
 * interval of that. Cost O(n log n).
 */
export function ndcg(queries: readonly RankedQuery[], top: number): Metric {
  const method = `ndcg/linear/top-${top}@1`;
  const found = queries.flatMap((query) => {
    const best = Float64Array.from(query.labels).sort().reverse();
    const ideal = discountedGain({ labels: best, scores: best }, top);
    return ideal === 0 ? [] : [discountedGain(query, top) / ideal];
  });
  if (found.length === 0) return noMetric(method, 0, 'no query has a relevant row');
  const { mean, error } = meanAndError(Float64Array.from(found), found.length);
  return normalMetric(method, found.length, { value: mean, error, least: 0, most: 1 });
}
