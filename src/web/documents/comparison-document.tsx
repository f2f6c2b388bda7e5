import type { TableComparison } from '../../../schemas/wire/compare.ts';
import { PairedBars, PairedTable } from '../charts/paired-bars.tsx';
import { formatCount, formatNumber, formatP, leftOutText, neededText } from '../format.ts';
import { State } from '../layout.tsx';
import { Findings } from '../pages/findings/findings.tsx';
import { SlicesTable } from '../pages/findings/slices-table.tsx';
import { TableFindings } from '../pages/findings/table-findings.tsx';
import { Section } from '../parts.tsx';
import { pairedBins } from '../report-bins.ts';
import { hasDrifted, type ReportColumn, type TableFindingView } from '../report-body.ts';
import { CalibratedLimits } from './calibrated-limits.tsx';
import { ComparisonHeadline } from './comparison-headline.tsx';
import { standalone, WithoutSection, withSection } from './document.tsx';
import { OtherTool } from './other-tool.tsx';

/** One table judged against another, as one page: the worst columns first, each with its picture and its numbers. */
export function comparisonDocument(
  found: TableComparison,
  { columns, table }: { columns: readonly ReportColumn[]; table: readonly TableFindingView[] },
): Promise<string> {
  const { reference, current, schema, skipped, verdict, why, segments } = found;
  const slices = found.slices?.map(({ support, whole_rows, ...slice }) => ({
    ...slice,
    ...support,
    ...(whole_rows !== undefined && { wholeRows: whole_rows }),
  }));
  const body = (
    <>
      <ComparisonHeadline {...{ reference, current, verdict, why, skipped }} {...schema} />
      <Overview columns={columns} />
      {found.needed != null && <p class="small soft">{neededText(found.needed, 'current table')}</p>}
      {table.length > 0 && (
        <Section title="Whole rows">
          <TableFindings findings={table} />
        </Section>
      )}
      {segments !== undefined && (
        <Section title="Segments">
          <Segments segments={segments} />
          {leftOutText(found.segments_left_out).map((text) => (
            <p class="small soft">{text}</p>
          ))}
        </Section>
      )}
      {found.policy.calibration !== undefined && (
        <Section title="Limits">
          <CalibratedLimits calibration={found.policy.calibration} />
        </Section>
      )}
      {found.as !== undefined && (
        <Section title={`As ${found.as.tool} ${found.as.version} has it`}>
          <OtherTool said={found.as} />
        </Section>
      )}
      {slices !== undefined && (
        <Section title="Which rows carry it">
          <SlicesTable slices={slices} drifted={hasDrifted(columns, table)} current="current table" />
        </Section>
      )}
      {withSection(columns).map((column, i) => (
        <div id={anchorOf(i)}>
          <Section title={column.name} aside={<State of={column.verdict} />}>
            <p>{column.why}</p>
            <Distributions column={column} />
            {column.findings.length > 0 && (
              <details>
                <summary class="small soft">Every measure</summary>
                <Findings column={column} />
              </details>
            )}
          </Section>
        </div>
      ))}
      <WithoutSection columns={columns.length} />
    </>
  );
  return standalone(`${reference.name} → ${current.name}`, body);
}

const anchorOf = (i: number): string => `column-${i}`;

function Segments({ segments }: { segments: NonNullable<TableComparison['segments']> }) {
  return (
    <div class="card flush scroll">
      <table>
        <thead>
          <tr>
            <th>Segment</th>
            <th>Verdict</th>
            <th class="num">Rows of the reference</th>
            <th class="num">Of the current table</th>
            <th>Why</th>
          </tr>
        </thead>
        <tbody>
          {segments.map(({ value, rows, verdict, why }) => (
            <tr>
              <td class="strong">
                <bdi>{value ?? '(none)'}</bdi>
              </td>
              <td>
                <State of={verdict} />
              </td>
              <td class="num">{formatCount(rows.reference)}</td>
              <td class="num">{formatCount(rows.current)}</td>
              <td class="small">{why}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Overview({ columns }: { columns: readonly ReportColumn[] }) {
  const sections = withSection(columns).length;
  return (
    <div class="card flush scroll">
      <table>
        <thead>
          <tr>
            <th>Column</th>
            <th>Verdict</th>
            <th class="num">Effect</th>
            <th class="num">Limit</th>
            <th class="num">q</th>
          </tr>
        </thead>
        <tbody>
          {columns.map((column, i) => (
            <tr>
              <td>
                {i < sections ? (
                  <a href={`#${anchorOf(i)}`}>
                    <bdi>{column.name}</bdi>
                  </a>
                ) : (
                  <bdi>{column.name}</bdi>
                )}
              </td>
              <td>
                <State of={column.verdict} />
              </td>
              <td class="num strong">{formatNumber(column.effect?.value)}</td>
              <td class="num">{formatNumber(column.effect?.limit)}</td>
              <td class="num">{formatP(column.q)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Distributions({ column }: { column: ReportColumn }) {
  const bins = pairedBins(column);
  if (bins.length === 0) return null;
  const rows = { reference: column.counts.reference.rows, window: column.counts.window.rows };
  return (
    <div class="card narrow">
      <div class="scroll">
        <PairedBars
          bins={bins}
          label={`Shares of ${column.name} in the reference and in the current table`}
          current="current table"
        />
      </div>
      <PairedTable bins={bins} rows={rows} current="current table" />
    </div>
  );
}
