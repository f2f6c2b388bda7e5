import { type Metric, noMetric, normalMetric } from './metric.ts';

/** The positives caught in the highest-scored share of the rows. */
export type GainPoint = {
  /** Share of the rows, from the highest score down. */
  readonly share: number;
  /** Share of the positives among them. */
  readonly gain: number;
  /** Gain over share: 1 is what chance finds. */
  readonly lift: number;
};

const SHARES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
const TOP = 0.1;
const METHOD = { gain: `gain/top-${TOP}@1`, lift: `lift/top-${TOP}@1` };

/** Positives among the `rows` rows that are scored highest; rows tied at the cut count by their share. */
function positivesAbove(sorted: { labels: ArrayLike<number>; scores: ArrayLike<number> }, rows: number): number {
  const { labels, scores } = sorted;
  let hits = 0;
  for (let i = 0; i < rows; ) {
    let tied = 0;
    let j = i;
    for (; j < labels.length && scores[j] === scores[i]; j++) tied += labels[j]!;
    hits += tied * Math.min(1, (rows - i) / (j - i));
    i = j;
  }
  return hits;
}

/** Of the share of hits among the top rows over that of positives among all, the one being part of the other. */
function relativeError({ n, rows, positives, hits }: Record<'n' | 'rows' | 'positives' | 'hits', number>): number {
  const missed = 1 - hits / rows;
  return Math.sqrt(Math.max(0, missed / hits + (1 - positives / n) / positives - (2 * missed) / positives));
}

export type Lift = { readonly gain: Metric; readonly lift: Metric; readonly curve: readonly GainPoint[] };

/**
 * Cumulative gain and lift: of the tenth of the rows that is scored highest (at least one row), and as a curve over the
 * tenths. The intervals are normal, by the delta method on the share of hits among the top rows over that of positives
 * among all. `labels` are 1 and 0, `scores` finite. Cost O(n log n).
 */
export function liftAtTop(labels: ArrayLike<number>, scores: ArrayLike<number>): Lift {
  const n = labels.length;
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  const sorted = { labels: order.map((i) => labels[i]!), scores: order.map((i) => scores[i]!) };
  const positives = sorted.labels.reduce((sum, label) => sum + label, 0);
  if (positives === 0) {
    const reason = 'no label is positive';
    return { gain: noMetric(METHOD.gain, n, reason), lift: noMetric(METHOD.lift, n, reason), curve: [] };
  }
  const curve = SHARES.map((share) => {
    const rows = Math.max(1, Math.round(share * n));
    const gain = positivesAbove(sorted, rows) / positives;
    return { share: rows / n, gain, lift: (gain * n) / rows };
  });
  const { share, gain, lift } = curve[0]!;
  const relative = relativeError({ n, rows: share * n, positives, hits: gain * positives });
  return {
    gain: normalMetric(METHOD.gain, n, { value: gain, error: gain * relative, least: 0, most: 1 }),
    lift: normalMetric(METHOD.lift, n, { value: lift, error: lift * relative, least: 0 }),
    curve,
  };
}
