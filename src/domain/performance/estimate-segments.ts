import type { Estimate } from '../../../schemas/wire/performance.ts';
import { rowsByValue, type SegmentsAsked, type SegmentTexts } from '../outcome/segment-outcomes.ts';
import type { Estimated } from './estimated.ts';

/**
 * What the metrics of each segment's rows are expected to be, by an estimate of the window's rows at some places. The
 * reference teaches what scores mean in all of its rows: where a segment's scores mean something else, its estimate says
 * so no more than its scores do. Pure.
 */
export function estimateSegments(
  keys: readonly SegmentTexts[],
  given: SegmentsAsked & { readonly estimate: (rows: readonly number[]) => Pick<Estimated, 'metrics' | 'reason'> },
): NonNullable<Estimate['segments']> {
  const { most, fewest, estimate } = given;
  return keys.map(({ by, texts }) => {
    const bySize = rowsByValue(texts);
    const left = bySize.slice(most);
    return {
      by,
      values: bySize.slice(0, most).map(([value, own]) => {
        if (own.length < fewest) {
          const reason = `${own.length} rows are too few: it takes ${fewest}`;
          return { value, rows: own.length, metrics: {}, reason };
        }
        const { metrics, reason } = estimate(own);
        return { value, rows: own.length, metrics, reason };
      }),
      left_out: { values: left.length, rows: left.reduce((sum, [, own]) => sum + own.length, 0) },
    };
  });
}
