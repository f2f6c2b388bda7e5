import { jensenShannonDivergence } from '../distances/jensen-shannon.ts';
import type { Bucket } from './interpolated-histogram.ts';

/**
 * TFDV's Jensen-Shannon divergence (base 2, without the root) of two histograms with other edges: each is cut at the
 * edges of both, as if its values were spread evenly inside a bucket. Points stay points, and infinities are never
 * shared: those of one side are nothing that the other has. Null when a side has no values. Source: its
 * `anomalies/metrics.cc`. Cost O(buckets²), of which there are few.
 */
export function histogramDivergence(a: readonly Bucket[], b: readonly Bucket[]): number | null {
  const edges = [...new Set([...a, ...b].filter(isRange).flatMap(({ low, high }) => [low, high]))].sort(
    (x, y) => x - y,
  );
  const points = [...new Set([...a, ...b].filter(isPoint).map(({ low }) => low))];
  const cells = (side: readonly Bucket[]): number[] => [
    ...edges.slice(1).map((high, i) => between(side, edges[i]!, high)),
    ...points.map((point) => countOf(side.filter((one) => isPoint(one) && one.low === point))),
  ];
  const infinities = [a, b].map((side) => countOf(side.filter((one) => !hasEnds(one))));
  return jensenShannonDivergence([...cells(a), infinities[0]!, 0], [...cells(b), 0, infinities[1]!]);
}

const hasEnds = ({ low, high }: Bucket): boolean => Number.isFinite(low) && Number.isFinite(high);
const isRange = (bucket: Bucket): boolean => hasEnds(bucket) && bucket.low !== bucket.high;
const isPoint = (bucket: Bucket): boolean => hasEnds(bucket) && bucket.low === bucket.high;

const countOf = (buckets: readonly Bucket[]): number => buckets.reduce((sum, { count }) => sum + count, 0);

/** What of the buckets lies between two neighbouring edges, which none of them crosses. */
function between(buckets: readonly Bucket[], low: number, high: number): number {
  const covering = buckets.filter((bucket) => bucket.low <= low && high <= bucket.high);
  return covering.reduce((sum, bucket) => sum + ((high - low) / (bucket.high - bucket.low)) * bucket.count, 0);
}
