import { storedPerformance } from '../../../../schemas/wire/performance.ts';
import type { WindowDetail } from '../../../domain/monitor/read-windows.ts';
import { metricTitle } from '../../../domain/outcome/describe-metric.ts';
import { Series, type SeriesMarker, type SeriesPoint } from '../../charts/series.tsx';
import { formatNumber, formatShare, formatTime } from '../../format.ts';
import { estimateOf, leadingMetric, metricOf } from '../../measured.ts';
import { Section } from '../../parts.tsx';

type PerformanceProps = {
  windows: readonly WindowDetail[];
  task: string;
  markers: readonly SeriesMarker[];
  hrefOf: (start: Date) => string;
};

/**
 * How well the model did, window by window: by the labels that have come, and beside it, on a chart of its own, as estimated
 * without them.
 */
export function Performance({ windows, task, markers, hrefOf }: PerformanceProps) {
  const leading = leadingMetric(task === 'other' ? (foundTask(windows) ?? task) : task);
  const names = leading === 'roc_auc' ? ['roc_auc', 'accuracy'] : [leading];
  const charts = names.flatMap((name) => [
    { title: metricTitle(name), points: performancePoints(windows, name, hrefOf) },
    { title: `${metricTitle(name)}, estimated without labels`, points: estimatePoints(windows, name, hrefOf) },
  ]);
  const shown = charts.filter(({ points }) => points.some(({ value }) => value !== null));
  if (shown.length === 0) return null;
  return (
    <Section
      title="Performance"
      aside={
        <span class="legend">
          <span>
            <i class="is-drift" />
            the window drifted
          </span>
          <span>with 95 % intervals</span>
        </span>
      }
    >
      <div class={shown.length > 1 ? 'pair' : ''}>
        {shown.map(({ title, points }) => (
          <div class="card">
            <h3>{title}</h3>
            <div class="scroll">
              <Series
                points={points}
                label={`${title} over ${windows.length} windows`}
                markers={markers}
                fromZero={false}
                width={560}
              />
            </div>
          </div>
        ))}
      </div>
    </Section>
  );
}

/** What the model does where nobody said: as the newest window that was measured found it. */
function foundTask(windows: readonly WindowDetail[]): string | null {
  const row = windows.findLast(({ performance }) => performance !== null)?.performance;
  return row == null ? null : storedPerformance.parse(row.metrics).task;
}

export function performancePoints(
  windows: readonly WindowDetail[],
  name: string,
  hrefOf: (start: Date) => string,
): SeriesPoint[] {
  return windows.map((detail) => {
    const { performance } = detail;
    const labelled =
      performance === null ? '' : `, ${formatShare(performance.labelled / Math.max(1, performance.rows))} labelled`;
    return pointOf(detail, { title: metricTitle(name), metric: metricOf(detail, name), note: labelled, hrefOf });
  });
}

function estimatePoints(
  windows: readonly WindowDetail[],
  name: string,
  hrefOf: (start: Date) => string,
): SeriesPoint[] {
  return windows.map((detail) =>
    pointOf(detail, { title: metricTitle(name), metric: estimateOf(detail, name), note: ', estimated', hrefOf }),
  );
}

type Pointing = {
  readonly title: string;
  readonly metric: ReturnType<typeof metricOf>;
  readonly note: string;
  readonly hrefOf: (start: Date) => string;
};

function pointOf({ window }: WindowDetail, { title, metric, note, hrefOf }: Pointing): SeriesPoint {
  const { start, verdict } = window;
  const interval = metric?.low == null ? '' : ` (${formatNumber(metric.low)} to ${formatNumber(metric.high)})`;
  return {
    at: start,
    value: metric?.value ?? null,
    low: metric?.low ?? null,
    high: metric?.high ?? null,
    drift: verdict === 'drift',
    href: hrefOf(start),
    title: `${formatTime(start)}: ${title} ${formatNumber(metric?.value)}${interval}${note}`,
  };
}
