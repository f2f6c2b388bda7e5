import type { StoredPerformance } from '../../../../schemas/wire/performance.ts';
import { metricTitle } from '../../../domain/outcome/describe-metric.ts';
import { segmentText } from '../../../domain/segment/judge-segments.ts';
import { formatCount, formatNumber } from '../../format.ts';

/** Metrics that have a column of their own. */
const SHOWN = 4;

type Segments = readonly {
  readonly by: string;
  readonly values: readonly {
    readonly value: string | null;
    readonly rows: number;
    readonly metrics: StoredPerformance['metrics'];
    readonly reason: string | null;
  }[];
  readonly left_out: { readonly values: number; readonly rows: number };
}[];

type Props = { segments: Segments; names: readonly string[]; title: string; counted: string };

/** By the labels that have come. */
export function SegmentPerformance({ segments, names }: { segments: Measured; names: readonly string[] }) {
  const counted = segments.map(({ by, values, left_out: { labelled, ...left } }) => ({
    by,
    values: values.map(({ labelled: rows, ...value }) => ({ ...value, rows })),
    left_out: { ...left, rows: labelled },
  }));
  return <SegmentMetrics segments={counted} names={names} title="By segment" counted="labels" />;
}

type Measured = NonNullable<StoredPerformance['segments']>;

/** How well the model did in each segment of a window, or is expected to have. `counted`: what the rows of it are. */
export function SegmentMetrics({ segments, names, title, counted }: Props) {
  const rows = segments.flatMap(({ by, values }) => values.map((value) => ({ by, ...value })));
  const known = names.filter((name) => rows.some(({ metrics }) => metrics[name]?.value != null)).slice(0, SHOWN);
  if (rows.length === 0) return null;
  const left = segments.filter(({ left_out: out }) => out.values > 0);
  return (
    <div class="card flush scroll">
      <table>
        <thead>
          <tr>
            <th>{title}</th>
            <th class="num">{capital(counted)}</th>
            {known.map((name) => (
              <th class="num">{metricTitle(name)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ by, value, rows: count, metrics, reason }) => (
            <tr>
              <td>
                <bdi>{segmentText(by, value)}</bdi>
                {reason !== null && <div class="small soft">{reason}</div>}
              </td>
              <td class="num">{formatCount(count)}</td>
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
          {formatCount(out.rows)} {counted}.
        </p>
      ))}
    </div>
  );
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
