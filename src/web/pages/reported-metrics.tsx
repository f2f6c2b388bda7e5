import { metricTitle } from '../../domain/outcome/describe-metric.ts';
import { formatNumber } from '../format.ts';

/** Numbers that a pipeline reported, by name; whatever is no number is left out. */
export function ReportedMetrics({ metrics }: { metrics: unknown }) {
  const known = Object.entries(typeof metrics === 'object' && metrics !== null ? metrics : {}).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  if (known.length === 0) return <span class="faint">–</span>;
  return (
    <>
      {known.slice(0, 4).map(([name, value], i) => (
        <>
          {i > 0 && ', '}
          <bdi>{metricTitle(name)}</bdi> {formatNumber(value)}
        </>
      ))}
    </>
  );
}
