import { describeMeasure } from '../../../domain/report/describe-measure.ts';
import { Meter } from '../../charts/meter.tsx';
import { formatNumber, formatP } from '../../format.ts';
import { State } from '../../layout.tsx';
import { type ReportColumn, worstFirst } from '../../report-body.ts';

const COLUMNS = 200;

/** What became of each column of a window. */
export function ReportColumns({
  columns,
  hrefOf,
}: {
  columns: readonly ReportColumn[];
  hrefOf: (column: string) => string;
}) {
  const sorted = worstFirst(columns);
  return (
    <div class="card flush scroll">
      <table>
        <thead>
          <tr>
            <th>Column</th>
            <th>Verdict</th>
            <th>Effect against its limit</th>
            <th class="num">q</th>
            <th>Why</th>
          </tr>
        </thead>
        <tbody>
          {sorted.slice(0, COLUMNS).map((column) => (
            <tr>
              <td>
                <a class="strong" href={hrefOf(column.name)}>
                  <bdi>{column.name}</bdi>
                </a>
                {column.role !== 'feature' && column.role !== column.name && (
                  <span class="small soft"> {column.role}</span>
                )}
              </td>
              <td>
                <State of={column.verdict} />
              </td>
              <td>
                <Effect column={column} />
              </td>
              <td class="num">{formatP(column.q)}</td>
              <td class="why small">{column.why}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {sorted.length > COLUMNS && <p class="small soft pad">and {sorted.length - COLUMNS} calmer columns</p>}
    </div>
  );
}

function Effect({ column }: { column: ReportColumn }) {
  const { effect, verdict } = column;
  if (effect === null) return <span class="faint">–</span>;
  const { title } = describeMeasure(effect.measure);
  return (
    <div class="effect">
      <Meter
        value={Math.abs(effect.value)}
        limit={effect.limit}
        drift={verdict === 'drift'}
        label={`${title} ${formatNumber(effect.value)}, limit ${formatNumber(effect.limit)}`}
      />
      <span class="small soft nowrap">
        {title} {formatNumber(effect.value)}
      </span>
    </div>
  );
}
