import type { AlertEvidence } from '../../../../schemas/wire/events.ts';
import { describeMeasure } from '../../../domain/report/describe-measure.ts';
import { Meter } from '../../charts/meter.tsx';
import { formatNumber } from '../../format.ts';

type WorstProps = { evidence: AlertEvidence; hrefOf: (column: string) => string };

/** The columns that an alert names, as of the last window it took into account. */
export function WorstColumns({ evidence, hrefOf }: WorstProps) {
  const { worst_columns, truncated } = evidence;
  if (worst_columns.length === 0) return <p class="card empty">No column drifts in the last window.</p>;
  return (
    <div class="card flush scroll">
      <table>
        <tbody>
          {worst_columns.map(({ column, measure, effect, limit, why }) => {
            const title = measure === null ? '' : describeMeasure(measure).title;
            return (
              <tr>
                <td>
                  <a class="strong" href={hrefOf(column)} title={why}>
                    <bdi>{column}</bdi>
                  </a>
                </td>
                <td>
                  {effect !== null && limit !== null && (
                    <div class="effect">
                      <Meter
                        value={Math.abs(effect)}
                        limit={limit}
                        drift
                        label={`${title} ${formatNumber(effect)}, limit ${formatNumber(limit)}`}
                      />
                      <span class="small soft">
                        {title} {formatNumber(effect)}
                      </span>
                    </div>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {truncated > 0 && <p class="small soft pad">and {truncated} more</p>}
    </div>
  );
}
