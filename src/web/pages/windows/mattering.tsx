import type { Mattering } from '../../../../schemas/wire/importance.ts';
import { metricTitle } from '../../../domain/outcome/describe-metric.ts';
import { formatNumber, formatP, formatShare } from '../../format.ts';

const FROM: Readonly<Record<NonNullable<Mattering['importance_from']>, string>> = {
  declared: 'Importance is as the monitor declares it.',
  score: 'Importance was learnt from the scores in the reference.',
  prediction: 'Importance was learnt from the predictions in the reference.',
  label: 'Importance was learnt from the labels in the reference.',
};

type MatteringProps = { readonly mattering: Mattering; readonly hrefOf: (column: string) => string };

/** Which of the columns that drifted matter to the model. */
export function MatteringTable({ mattering, hrefOf }: MatteringProps) {
  const { columns, importance_from: from, reason } = mattering;
  return (
    <div class="card flush scroll">
      <table>
        <thead>
          <tr>
            <th>Column</th>
            <th class="num">Importance</th>
            <th class="num">Drift, in its limit</th>
            <th class="num">Importance × drift</th>
            <th>With performance</th>
          </tr>
        </thead>
        <tbody>
          {columns.map(({ column, importance, drift, weight, correlation }) => (
            <tr>
              <td>
                <a class="strong" href={hrefOf(column)}>
                  <bdi>{column}</bdi>
                </a>
              </td>
              <td class="num">{importance === null ? '–' : formatShare(importance)}</td>
              <td class="num">{formatNumber(drift)}</td>
              <td class="num strong">{formatNumber(weight)}</td>
              <td class="small">{correlation === null ? '–' : describe(correlation)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="small soft pad">{from === null ? `Importance is not known: ${reason ?? ''}.` : FROM[from]}</p>
    </div>
  );
}

function describe(correlation: NonNullable<Mattering['columns'][number]['correlation']>): string {
  const { metric, value, p, windows, estimated } = correlation;
  const how = estimated ? ', estimated where labels lack' : '';
  return `rank correlation ${formatNumber(value)} with worse ${metricTitle(metric)} over ${windows} windows${how} (p ${formatP(p)})`;
}
