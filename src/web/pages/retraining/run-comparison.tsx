import { metricTitle } from '../../../domain/outcome/describe-metric.ts';
import { comparisonOf } from '../../../domain/run/announce.ts';
import type { RunRecord } from '../../../domain/run/runs.ts';
import { formatCount, formatNumber, formatTime } from '../../format.ts';
import { Section } from '../../parts.tsx';

/** What a run made beside the model that was in service, on the same labelled rows. */
export function RunComparison({ run }: Pick<RunRecord, 'run'>) {
  const comparison = comparisonOf(run);
  if (comparison === null) return null;
  const { metric, parts } = comparison;
  const title = metricTitle(metric);
  return (
    <Section
      title="Beside the model in service"
      aside={
        <span class="small soft">
          {comparison.better ? 'better' : 'not better'}: <bdi>{comparison.why}</bdi>
        </span>
      }
    >
      <div class="card flush scroll">
        <table>
          <thead>
            <tr>
              <th>{title} on</th>
              <th class="num">Rows</th>
              <th class="num">In service</th>
              <th class="num">New</th>
            </tr>
          </thead>
          <tbody>
            {parts.map((part) => (
              <tr>
                <td>
                  <bdi>{nameOf(part)}</bdi>
                </td>
                <td class="num">{formatCount(part.rows)}</td>
                <td class="num">{shown(part.champion[metric])}</td>
                <td class="num">{shown(part.challenger[metric])}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <p class="small soft pad">
          {comparison.held_out
            ? 'On rows that were held out: neither the new model nor its pipeline has seen their labels.'
            : 'On the rows that the new model learned from: that flatters it.'}
          {comparison.unanswered > 0 &&
            ` ${formatCount(comparison.unanswered)} rows had no answer and count for neither.`}
        </p>
      </div>
    </Section>
  );
}

type Part = NonNullable<ReturnType<typeof comparisonOf>>['parts'][number];

function nameOf({ kind, name, value }: Part): string {
  if (kind === 'all') return 'all rows';
  return kind === 'window'
    ? `the window of ${formatTime(new Date(value))}`
    : `${name} = ${value === '' ? '(none)' : value}`;
}

/** A value with its interval. */
function shown(found: Part['champion'][string] | undefined): string {
  if (found?.value == null) return '–';
  const { value, low, high } = found;
  return low === null || high === null
    ? formatNumber(value)
    : `${formatNumber(value)} (${formatNumber(low)} to ${formatNumber(high)})`;
}
