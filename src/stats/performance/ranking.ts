import { hitRate } from './hit-rate.ts';
import { meanAveragePrecision } from './mean-average-precision.ts';
import type { Metric } from './metric.ts';
import { ndcg } from './ndcg.ts';
import type { RankedQuery } from './ranked-query.ts';

export type RankingOutcomes = {
  /** Which query a row answers, as a code from 0; -1 where that is not known (such rows are left out). */
  readonly queries: Int32Array;
  /** Relevance, 0 or more; NaN where there is no label. */
  readonly labels: Float64Array;
  /** What the rows of a query are ranked by, the highest first; NaN where there is none. */
  readonly scores: Float64Array;
};

export type RankingPerformance = {
  /** Rows with query, label and score. */
  readonly labelled: number;
  readonly queries: number;
  readonly metrics: Readonly<Record<'ndcg' | 'map' | 'hit_rate', Metric>>;
};

/** The places that count. */
const TOP = 10;

/**
 * Performance of a ranking, each query one unit: means over the queries with their intervals. Only labelled rows
 * are ranked, so a query whose labels have come in part is judged on that part. Cost O(n log n).
 */
export function rankingPerformance(outcomes: RankingOutcomes): RankingPerformance {
  const ranked = rankedQueries(outcomes);
  return {
    labelled: ranked.reduce((sum, { labels }) => sum + labels.length, 0),
    queries: ranked.length,
    metrics: { ndcg: ndcg(ranked, TOP), map: meanAveragePrecision(ranked), hit_rate: hitRate(ranked, TOP) },
  };
}

function rankedQueries({ queries, labels, scores }: RankingOutcomes): RankedQuery[] {
  const byQuery = new Map<number, number[]>();
  for (const [row, query] of queries.entries()) {
    if (query < 0 || !(labels[row]! >= 0) || !Number.isFinite(labels[row]) || !Number.isFinite(scores[row])) continue;
    const rows = byQuery.get(query);
    if (rows === undefined) byQuery.set(query, [row]);
    else rows.push(row);
  }
  return [...byQuery.values()].map((rows) => {
    rows.sort((a, b) => scores[b]! - scores[a]!);
    return {
      labels: Float64Array.from(rows, (row) => labels[row]!),
      scores: Float64Array.from(rows, (row) => scores[row]!),
    };
  });
}
