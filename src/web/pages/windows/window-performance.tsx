import type { z } from 'zod';
import { type Estimate, storedEstimate, storedPerformance } from '../../../../schemas/wire/performance.ts';
import type { WindowDetail } from '../../../domain/monitor/read-windows.ts';
import { inReadingOrder, metricTitle } from '../../../domain/outcome/describe-metric.ts';
import { formatCount, formatNumber, formatShare } from '../../format.ts';
import { State } from '../../layout.tsx';
import { Section } from '../../parts.tsx';
import { SegmentMetrics, SegmentPerformance } from './segment-performance.tsx';

type Performance = z.infer<typeof storedPerformance>;
type Metric = Performance['metrics'][string];

/** How well the model did in a window: by the labels that have come, and as estimated without them. */
export function WindowPerformance({ detail }: { detail: WindowDetail }) {
  const { performance: row, estimate: estimated } = detail;
  const measured = row === null ? null : storedPerformance.parse(row.metrics);
  const estimate = estimated === null ? null : storedEstimate.parse(estimated.estimate);
  const names = metricNames(measured, estimate);
  const judgement = measured?.judgement;
  if (row === null || (names.length === 0 && judgement === undefined)) return null;
  return (
    <Section
      title="Performance"
      aside={
        <span class="small soft">
          {formatCount(row.labelled)} of {formatCount(row.rows)} predictions have a label (
          {formatShare(row.labelled / Math.max(1, row.rows))})
        </span>
      }
    >
      {judgement !== undefined && (
        <p>
          <State of={judgement.verdict} /> {judgement.why} {measured?.alarm?.why}
        </p>
      )}
      {measured?.prior_shift !== undefined && (
        <p>
          <State of={measured.prior_shift.verdict} /> {measured.prior_shift.why}
        </p>
      )}
      {names.length > 0 && <Metrics names={names} measured={measured} estimate={estimate} />}
      {measured?.segments !== undefined && <SegmentPerformance segments={measured.segments} names={names} />}
      {estimate?.segments !== undefined && (
        <SegmentMetrics segments={estimate.segments} names={names} title="By segment, without labels" counted="rows" />
      )}
      {estimate !== null && <Assumptions estimate={estimate} />}
    </Section>
  );
}

/** Those that are judged come first, then what has any value. */
function metricNames(measured: Performance | null, estimate: Estimate | null): string[] {
  const judged = [...(measured?.judgement?.comparisons ?? []), ...(estimate?.comparisons ?? [])];
  const known = [...Object.entries(measured?.metrics ?? {}), ...Object.entries(estimate?.metrics ?? {})];
  const names = [
    ...judged.map(({ metric }) => metric),
    ...inReadingOrder(known.filter(([, { value }]) => value !== null).map(([name]) => name)),
  ];
  return [...new Set(names)].filter((name) => known.some(([of, { value }]) => of === name && value !== null));
}

type MetricsProps = {
  names: readonly string[];
  measured: Performance | null;
  estimate: Estimate | null;
};

function Metrics({ names, measured, estimate }: MetricsProps) {
  return (
    <div class="card flush scroll">
      <table>
        <thead>
          <tr>
            <th>Metric</th>
            <th class="num">By labels</th>
            <th class="num">Without labels</th>
            <th class="num">Reference</th>
            <th class="num">Limit</th>
            <th>Verdict</th>
          </tr>
        </thead>
        <tbody>
          {names.map((name) => {
            const byLabels = measured?.judgement?.comparisons.find(({ metric }) => metric === name);
            const without = estimate?.comparisons.find(({ metric }) => metric === name);
            const judged = byLabels ?? without;
            return (
              <tr>
                <td class="strong">{metricTitle(name)}</td>
                <Value metric={measured?.metrics[name]} />
                <Value metric={estimate?.metrics[name]} />
                <td class="num soft">{formatNumber(judged?.reference)}</td>
                <td class="num soft">{formatNumber(judged?.limit)}</td>
                <td>{judged !== undefined && <State of={judged.verdict} />}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Value({ metric }: { metric: Metric | undefined }) {
  return (
    <td class="num">
      <span class="strong">{formatNumber(metric?.value)}</span>
      {metric?.low != null && metric.high != null && (
        <div class="small soft nowrap">
          {formatNumber(metric.low)} – {formatNumber(metric.high)}
        </div>
      )}
    </td>
  );
}

/** What an estimate rests on stands beside it: it is no measurement. */
function Assumptions({ estimate }: { estimate: Estimate }) {
  if (estimate.reason !== null) return <p class="small soft">Not estimated without labels: {estimate.reason}.</p>;
  const checks = inReadingOrder(Object.keys(estimate.check)).slice(0, 3);
  return (
    <div class="small soft">
      <p>
        Estimated without labels by {estimate.method}, with bands that hold the value by labels 95 times in 100 as long
        as this holds:
      </p>
      <ul>
        {estimate.assumptions.map((assumption) => (
          <li>{assumption}</li>
        ))}
      </ul>
      {checks.length > 0 && (
        <p>
          On rows of the reference that it did not learn from:{' '}
          {checks
            .map((name) => {
              const found = estimate.check[name];
              return `${metricTitle(name)} ${formatNumber(found?.estimated)} estimated, ${formatNumber(found?.realised)} true`;
            })
            .join('; ')}
          .
        </p>
      )}
    </div>
  );
}
