import { describeMovedSlice, describeRelation } from '../../../domain/report/describe-slice.ts';
import { formatNumber, formatP } from '../../format.ts';
import { State } from '../../layout.tsx';
import type { TableFindingView } from '../../report-body.ts';
import { ColumnShares } from './column-shares.tsx';
import { MeasureName } from './measure-name.tsx';

/** What measures of whole rows found: how far apart the tables are, how surprising that is, and in which columns. */
export function TableFindings({ findings }: { findings: readonly TableFindingView[] }) {
  return (
    <div class="card flush scroll">
      <table>
        <thead>
          <tr>
            <th>Measure</th>
            <th class="num">Value</th>
            <th class="num">Mean without drift</th>
            <th class="num">95 % without drift</th>
            <th class="num">p</th>
            <th>Verdict</th>
            <th>Where it is</th>
          </tr>
        </thead>
        <tbody>
          {findings.map((finding) => (
            <tr>
              <MeasureName finding={finding} />
              <td class="num strong">
                {formatNumber(finding.value)}
                {finding.low !== null && finding.high !== null && (
                  <div class="small soft nowrap">
                    {formatNumber(finding.low)} – {formatNumber(finding.high)}
                  </div>
                )}
              </td>
              <td class="num soft">{formatNumber(finding.null_mean)}</td>
              <td class="num soft">{formatNumber(finding.null_95)}</td>
              <td class="num">{formatP(finding.p)}</td>
              <td>{finding.limit == null ? <span class="soft">shown</span> : <State of={verdictOf(finding)} />}</td>
              <Where finding={finding} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The rows that it is of, the two columns that it is between, or the columns that it is in. */
function Where({ finding }: { finding: TableFindingView }) {
  const told = describeMovedSlice(finding) ?? describeRelation(finding);
  if (told !== null) return <td class="small">{told}</td>;
  return (
    <td class="small nowrap">
      <ColumnShares columns={finding.contributions.slice(0, 4)} />
    </td>
  );
}

const verdictOf = ({ drift, q }: TableFindingView): string =>
  drift === true ? 'drift' : q == null ? 'not_comparable' : 'no_drift';
