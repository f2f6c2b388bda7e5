import type { TableComparison } from '../../../schemas/wire/compare.ts';
import { calibrationText, formatNumber } from '../format.ts';

/** The limits that were found out from the reference, by column and measure. */
export function CalibratedLimits({
  calibration,
}: {
  calibration: NonNullable<TableComparison['policy']['calibration']>;
}) {
  const columns = Object.entries(calibration.limits);
  const measures = [...new Set(columns.flatMap(([, limits]) => Object.keys(limits)))];
  return (
    <>
      <p>{calibrationText(calibration)}</p>
      <div class="card flush scroll">
        <table>
          <thead>
            <tr>
              <th>Column</th>
              {measures.map((measure) => (
                <th class="num">{measure}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {columns.map(([name, limits]) => (
              <tr>
                <td class="strong">
                  <bdi>{name}</bdi>
                </td>
                {measures.map((measure) => (
                  <td class="num">{formatNumber(limits[measure])}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
