import type { Knowledge } from '../../../domain/dataset/read.ts';
import type { ColumnProfile } from '../../charts/column-bars.ts';
import { barsOf } from '../../charts/histogram.ts';
import { MiniBars } from '../../charts/spark.tsx';
import { columnNotes, hintsByName } from '../../column-notes.ts';
import { formatCount, formatInstant, formatNumber, formatShare, formatValue } from '../../format.ts';

type Ready = Extract<Knowledge, { state: 'ready' }>;

type Props = Pick<Ready, 'schema'> & {
  readonly columns: readonly ColumnProfile[];
  /** Whether it can be said how values are written. */
  readonly sayable?: boolean;
};

/** Columns of a version: the type of each, what is missing, its spread and its shape. */
export function ColumnsTable({ columns, schema, sayable = true }: Props) {
  const hints = hintsByName(schema);
  const required = new Set(schema.columns.filter((column) => !column.nullable).map(({ name }) => name));
  return (
    <div class="card flush scroll">
      <table class="profile">
        <thead>
          <tr>
            <th>Column</th>
            <th>Type</th>
            <th>Shape</th>
            <th class="num">Missing</th>
            <th class="num">Distinct</th>
            <th class="num">Min</th>
            <th class="num">Mean</th>
            <th class="num">Max</th>
            <th>Most frequent</th>
            <th>What stands out</th>
          </tr>
        </thead>
        <tbody>
          {columns.map((column) => (
            <tr>
              <td>
                <bdi class="strong">{column.name}</bdi>
              </td>
              <td class="nowrap">
                <span class="soft">{column.type}</span>
                {!required.has(column.name) && <span class="small faint"> nullable</span>}
              </td>
              <td>
                <Shape column={column} />
              </td>
              <td class="num">
                <Missing column={column} />
              </td>
              <td class="num">
                {column.distinct.error > 0 && '≈ '}
                {formatCount(column.distinct.value)}
              </td>
              <Spread column={column} />
              <td class="soft top">
                <TopValues column={column} />
              </td>
              <td class="small soft">
                <bdi>{columnNotes(column, hints.get(column.name) ?? [], sayable).join(', ')}</bdi>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Shape({ column }: { column: ColumnProfile }) {
  const bars = barsOf(column);
  if (bars === null) return <span class="faint">–</span>;
  const picture = column.kind === 'vector' ? `Size of the components of ${column.name}` : `Histogram of ${column.name}`;
  const words =
    bars.labels.length === 0
      ? picture
      : `Shares of ${column.name}: ${bars.labels.map((label, i) => `${short(label)} ${formatShare(bars.shares[i])}`).join(', ')}`;
  return <MiniBars shares={bars.shares} label={words} apart={bars.labels.length > 0} />;
}

function Missing({ column }: { column: ColumnProfile }) {
  const nan = column.kind === 'number' || column.kind === 'vector' ? column.nan : 0;
  const missing = column.nulls + nan;
  if (missing === 0 || column.rows === 0) return <span class="faint">0</span>;
  return <span title={`${formatCount(missing)} rows`}>{formatShare(missing / column.rows)}</span>;
}

function Spread({ column }: { column: ColumnProfile }) {
  if (column.kind === 'number') {
    return (
      <>
        <td class="num">{column.exactMin ?? formatNumber(column.min)}</td>
        <td class="num">{formatNumber(column.moments?.mean)}</td>
        <td class="num">{column.exactMax ?? formatNumber(column.max)}</td>
      </>
    );
  }
  if (column.kind === 'vector') {
    const { min, moments, max } = column.norm;
    return (
      <>
        <td class="num">{formatNumber(min)}</td>
        <td class="num">{formatNumber(moments?.mean)}</td>
        <td class="num">{formatNumber(max)}</td>
      </>
    );
  }
  if (column.kind === 'time') {
    return (
      <>
        <td class="num">{formatInstant(column.min)}</td>
        <td class="num faint">–</td>
        <td class="num">{formatInstant(column.max)}</td>
      </>
    );
  }
  return (
    <>
      <td class="num faint">–</td>
      <td class="num faint">–</td>
      <td class="num faint">–</td>
    </>
  );
}

const SHOWN = 3;

function TopValues({ column }: { column: ColumnProfile }) {
  const values = column.top.values.slice(0, SHOWN);
  if (values.length === 0) return <span class="faint">–</span>;
  return (
    <>
      {values.map(({ value, count }, i) => (
        <>
          {i > 0 && ', '}
          <bdi>{short(formatValue(column.kind, value))}</bdi>{' '}
          <span class="faint">{formatShare(count / Math.max(1, column.rows))}</span>
        </>
      ))}
    </>
  );
}

const short = (text: string): string => (text.length > 24 ? `${text.slice(0, 23)}…` : text === '' ? '(empty)' : text);
