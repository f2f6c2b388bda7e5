import type { StoredPerformance } from '../../../schemas/wire/performance.ts';
import { metricTitle } from '../../domain/outcome/describe-metric.ts';
import { segmentText } from '../../domain/segment/judge-segments.ts';
import { formatCount, formatNumber } from '../format.ts';

/** Metrics that have a column of their own. */
const SHOWN = 4;

type Props = { segments: NonNullable<StoredPerformance['segments']>; names: readonly string[] };

/** How well the model did in each segment of a window, by the labels that have come. */
export function SegmentPerformance({ segments, names }: Props) {
  const rows = segments.flatMap(({ by, values }) => values.map((value) => ({ by, ...value })));
  const known = names.filter((name) => rows.some(({ metrics }) => metrics[name]?.value != null)).slice(0, SHOWN);
  if (rows.length === 0) return null;
  const left = segments.filter(({ left_out: out }) => out.values > 0);
  return (
    <div class="card flush scroll">
      <table>
        <thead>
          <tr>
            <th>By segment</th>
            <th class="num">Labels</th>
            {known.map((name) => (
              <th class="num">{metricTitle(name)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ by, value, labelled, metrics, reason }) => (
            <tr>
              <td>
                <bdi>{segmentText(by, value)}</bdi>
                {reason !== null && <div class="small soft">{reason}</div>}
              </td>
              <td class="num">{formatCount(labelled)}</td>
              {known.map((name) => (
                <td class="num">
                  <span class="strong">{formatNumber(metrics[name]?.value)}</span>
                  {metrics[name]?.low != null && metrics[name].high != null && (
                    <div class="small soft nowrap">
                      {formatNumber(metrics[name].low)} – {formatNumber(metrics[name].high)}
                    </div>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {left.map(({ by, left_out: out }) => (
        <p class="small soft pad">
          {formatCount(out.values)} more values of <bdi>{by}</bdi> are not measured by themselves:{' '}
          {formatCount(out.labelled)} labels.
        </p>
      ))}
    </div>
  );
}
