import { formatNumber, formatP } from '../../format.ts';
import type { ReportColumn } from '../../report-body.ts';
import { MeasureName } from './measure-name.tsx';

/** Every measure on a column: its value, what no drift would give at these sizes, and what it is held against. */
export function Findings({ column }: { column: Pick<ReportColumn, 'findings' | 'effect'> }) {
  return (
    <div class="card flush scroll">
      <table>
        <thead>
          <tr>
            <th>Measure</th>
            <th class="num">Value</th>
            <th class="num">Mean without drift</th>
            <th class="num">95 % without drift</th>
            <th class="num">Limit</th>
            <th class="num">p</th>
            <th class="num">q</th>
          </tr>
        </thead>
        <tbody>
          {column.findings.map((finding) => {
            const decided = column.effect?.measure === finding.measure;
            return (
              <tr>
                <MeasureName finding={finding} decided={decided} />
                <td class="num strong">{formatNumber(finding.value)}</td>
                <td class="num soft">{formatNumber(finding.null_mean)}</td>
                <td class="num soft">{formatNumber(finding.null_95)}</td>
                <td class="num">{formatNumber(finding.limit)}</td>
                <td class="num">{formatP(finding.p)}</td>
                <td class="num">{formatP(finding.q)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
