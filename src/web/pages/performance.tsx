import type { WindowDetail } from '../../domain/monitor/read-windows.ts';
import { Series, type SeriesMarker, type SeriesPoint } from '../charts/series.tsx';
import { formatNumber, formatShare, formatTime } from '../format.ts';
import { leadingMetric, metricOf, metricTitle } from '../measured.ts';
import { Section } from '../parts.tsx';

type PerformanceProps = {
  windows: readonly WindowDetail[];
  task: string;
  markers: readonly SeriesMarker[];
  hrefOf: (start: Date) => string;
};

/** How well the model did, window by window, from the labels that have come. */
export function Performance({ windows, task, markers, hrefOf }: PerformanceProps) {
  const leading = leadingMetric(task);
  const names = leading === 'roc_auc' ? ['roc_auc', 'accuracy'] : [leading];
  const shown = names.filter((name) => windows.some((detail) => metricOf(detail, name)?.value != null));
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
          <span>by the labels that have come, with 95 % intervals</span>
        </span>
      }
    >
      <div class={shown.length > 1 ? 'pair' : ''}>
        {shown.map((name) => (
          <div class="card">
            <h3>{metricTitle(name)}</h3>
            <div class="scroll">
              <Series
                points={performancePoints(windows, name, hrefOf)}
                label={`${metricTitle(name)} over ${windows.length} windows`}
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

export function performancePoints(
  windows: readonly WindowDetail[],
  name: string,
  hrefOf: (start: Date) => string,
): SeriesPoint[] {
  return windows.map((detail) => {
    const { start, verdict } = detail.window;
    const { performance } = detail;
    const labelled =
      performance === null ? '' : `, ${formatShare(performance.labelled / Math.max(1, performance.rows))} labelled`;
    const metric = metricOf(detail, name);
    const interval = metric?.low == null ? '' : ` (${formatNumber(metric.low)} to ${formatNumber(metric.high)})`;
    return {
      at: start,
      value: metric?.value ?? null,
      low: metric?.low ?? null,
      high: metric?.high ?? null,
      drift: verdict === 'drift',
      href: hrefOf(start),
      title: `${formatTime(start)}: ${metricTitle(name)} ${formatNumber(metric?.value)}${interval}${labelled}`,
    };
  });
}
