import type { DriftSlice } from '../../../stats/table/drift-slices.ts';
import type { CurrentName } from '../../charts/paired-bars.tsx';
import { conditionText, formatShare, NO_SLICE, NOTHING_TO_EXPLAIN } from '../../format.ts';
import { ColumnShares } from './column-shares.tsx';

/** The groups of rows that carry the drift: how many there are on each side, and how much goes with them. */
export function SlicesTable({
  slices,
  drifted,
  current = 'window',
}: {
  slices: readonly DriftSlice[];
  drifted: boolean;
  current?: CurrentName;
}) {
  if (slices.length === 0) return <p class="card soft">{drifted ? NO_SLICE : NOTHING_TO_EXPLAIN}</p>;
  return (
    <div class="card flush scroll">
      <table>
        <thead>
          <tr>
            <th>Rows where</th>
            <th class="num">Of the reference</th>
            <th class="num">Of the {current}</th>
            <th class="num">Drift that goes with them</th>
            <th>Columns it is in</th>
          </tr>
        </thead>
        <tbody>
          {slices.map((slice) => (
            <tr>
              <td class="strong">
                <bdi>{slice.conditions.map(conditionText).join(' and ')}</bdi>
              </td>
              <td class="num">{formatShare(slice.reference)}</td>
              <td class="num">{formatShare(slice.window)}</td>
              <td class="num strong">{formatShare(slice.explained)}</td>
              <td class="small nowrap">
                <ColumnShares columns={slice.columns} />
                {slice.wholeRows !== undefined && slice.wholeRows > 0 && (
                  <div>how columns go together {formatShare(slice.wholeRows)}</div>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
