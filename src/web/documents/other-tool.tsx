import type { TableComparison } from '../../../schemas/wire/compare.ts';
import { formatNumber, toolVerdict } from '../format.ts';

/** What another tool says of the same tables, by its own defaults. */
export function OtherTool({ said }: { said: NonNullable<TableComparison['as']> }) {
  return (
    <>
      <p>{toolVerdict(said)}</p>
      <div class="card flush scroll">
        <table>
          <thead>
            <tr>
              <th>Column</th>
              <th>Method</th>
              <th class="num">Score</th>
              <th class="num">Threshold</th>
              <th>Drift</th>
              <th>Besides</th>
            </tr>
          </thead>
          <tbody>
            {said.columns.map(({ column, method, score, threshold, drift, details, reason }) => (
              <tr>
                <td class="strong">
                  <bdi>{column}</bdi>
                </td>
                <td>{method ?? '–'}</td>
                <td class="num">{formatNumber(score)}</td>
                <td class="num">{formatNumber(threshold)}</td>
                <td>{drift === null ? '–' : drift ? 'yes' : 'no'}</td>
                <td class="small">{[reason, ...detailsOf(details)].filter((text) => text !== null).join('; ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

const detailsOf = (details: Readonly<Record<string, number | string | null>>): string[] =>
  Object.entries(details).map(([name, value]) => `${name} ${typeof value === 'string' ? value : formatNumber(value)}`);
