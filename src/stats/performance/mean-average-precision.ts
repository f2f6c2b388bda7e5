import { type Metric, meanAndError, noMetric, normalMetric } from './metric.ts';
import { prAuc } from './pr-auc.ts';
import type { RankedQuery } from './ranked-query.ts';

const METHOD = 'map@1';

/**
 * Mean over the queries of the average precision at which their relevant rows (label above 0) are found, and its
 * normal interval; queries without one are left out. Cost O(n log n).
 */
export function meanAveragePrecision(queries: readonly RankedQuery[]): Metric {
  const found = queries.flatMap(({ labels, scores }) => {
    const { value } = prAuc(
      labels.map((label) => Number(label > 0)),
      scores,
    );
    return value === null ? [] : [value];
  });
  if (found.length === 0) return noMetric(METHOD, 0, 'no query has a relevant row');
  const { mean, error } = meanAndError(Float64Array.from(found), found.length);
  return normalMetric(METHOD, found.length, { value: mean, error, least: 0, most: 1 });
}
