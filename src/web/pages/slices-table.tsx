import type { DriftSlice } from '../../stats/table/drift-slices.ts';
import { conditionText, formatShare, NO_SLICE } from '../format.ts';
import { ColumnShares } from './column-shares.tsx';

/** The groups of rows that carry the drift: how many there are on each side, and how much goes with them. */
export function SlicesTable({ slices }: { slices: readonly DriftSlice[] }) {
  if (slices.length === 0) return <p class="card soft">{NO_SLICE}</p>;
  return (
    <div class="card flush scroll">
      <table>
        <thead>
          <tr>
            <th>Rows where</th>
            <th class="num">Of the reference</th>
            <th class="num">Of the window</th>
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
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
