import { describeMeasure } from '../../domain/monitor/describe-measure.ts';
import { formatNumber } from '../format.ts';
import type { ReportColumn } from '../report-body.ts';

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
            const { title, description } = describeMeasure(finding.measure);
            const decided = column.effect?.measure === finding.measure;
            return (
              <tr>
                <td class="measure">
                  <span class="strong">{title}</span> {decided && <span class="tag">decided</span>}
                  <div class="small soft">{finding.reason ?? description}</div>
                </td>
                <td class="num strong">{formatNumber(finding.value)}</td>
                <td class="num soft">{formatNumber(finding.null_mean)}</td>
                <td class="num soft">{formatNumber(finding.null_95)}</td>
                <td class="num">{formatNumber(finding.limit)}</td>
                <td class="num">{formatNumber(finding.p)}</td>
                <td class="num">{formatNumber(finding.q)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
