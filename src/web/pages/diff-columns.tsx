import type { ColumnDiff, ContentDiff } from '../../domain/dataset/diff.ts';
import { describeMeasure } from '../../domain/report/describe-measure.ts';
import { pairedBarsOf } from '../charts/histogram.ts';
import { MiniPair } from '../charts/spark.tsx';
import { formatCount, formatInstant, formatNumber, formatShare } from '../format.ts';
import { State } from '../layout.tsx';
import { Section } from '../parts.tsx';

type Ready = Extract<ContentDiff, { state: 'ready' }>;
type Profile = NonNullable<ColumnDiff['from']>;

/** Schema and columns of a diff, by the stored profiles of both versions. */
export function DiffColumns({ content }: { content: Ready }) {
  const both = content.columns.filter((column) => column.from !== null && column.to !== null);
  return (
    <>
      <Section title="Schema">
        <SchemaChanges schema={content.schema} />
      </Section>
      <Section
        title="Columns"
        aside={
          <span class="legend">
            <span>
              <i class="is-ref" />
              before
            </span>
            <span>
              <i class="is-cur" />
              after
            </span>
          </span>
        }
      >
        <p class="small soft">
          From the stored profiles of both versions, without reading the data again. Where a profile leaves a value
          open, the range that holds it is given.
        </p>
        <div class="card flush scroll">
          <table class="profile">
            <thead>
              <tr>
                <th>Column</th>
                <th>Drift</th>
                <th>Shape</th>
                <th class="num">Effect</th>
                <th class="num">Missing</th>
                <th class="num">Distinct</th>
                <th class="num">Mean</th>
                <th class="num">Min</th>
                <th class="num">Max</th>
              </tr>
            </thead>
            <tbody>
              {both.map((column) => (
                <ColumnRow column={column} />
              ))}
            </tbody>
          </table>
        </div>
      </Section>
    </>
  );
}

function SchemaChanges({ schema }: Pick<Ready, 'schema'>) {
  const { added, removed, changed, reordered } = schema;
  if (added.length + removed.length + changed.length === 0) {
    return <p class="card empty">{reordered ? 'The same columns in another order.' : 'The same columns and types.'}</p>;
  }
  const shape = (side: { type: string; nullable: boolean; presence: string }): string =>
    [side.type, side.nullable ? 'nullable' : '', side.presence === 'optional' ? 'not in every file' : '']
      .filter((word) => word !== '')
      .join(', ');
  const rows = [
    ...added.map((column) => ({ change: 'added', name: column.name, text: shape(column) })),
    ...removed.map((column) => ({ change: 'removed', name: column.name, text: shape(column) })),
    ...changed.map(({ name, from, to }) => ({ change: 'changed', name, text: `${shape(from)} → ${shape(to)}` })),
  ];
  return (
    <div class="card flush scroll">
      <table>
        <thead>
          <tr>
            <th>Change</th>
            <th>Column</th>
            <th>Type</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ change, name, text }) => (
            <tr>
              <td class="soft">{change}</td>
              <td>
                <bdi class="strong">{name}</bdi>
              </td>
              <td>{text}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {reordered && <p class="small soft pad">The columns that both have stand in another order.</p>}
    </div>
  );
}

function ColumnRow({ column }: { column: ColumnDiff }) {
  const { name, from, to, judgement } = column;
  if (from === null || to === null) return null;
  // The few texts that a column of identifiers happens to list most are no picture of it.
  const listed = judgement?.verdict === 'not_comparable' && to.kind === 'category';
  const pair = listed ? null : pairedBarsOf(from, to);
  return (
    <tr>
      <td>
        <bdi class="strong">{name}</bdi>
      </td>
      <td title={judgement?.why}>{judgement !== null && <State of={judgement.verdict} />}</td>
      <td>
        {pair === null ? (
          <span class="faint">–</span>
        ) : (
          <MiniPair from={pair.from} to={pair.to} label={`Shares of ${name} before and after`} />
        )}
      </td>
      <td class="num">
        <Effect judgement={judgement} />
      </td>
      <Change values={[missingShare(from), missingShare(to)]} format={formatShare} />
      <Change values={[from.distinct.value, to.distinct.value]} format={formatCount} />
      <Change values={[mean(from), mean(to)]} format={formatNumber} />
      <Change values={[from, to]} format={(side) => end(side, 'min')} />
      <Change values={[from, to]} format={(side) => end(side, 'max')} />
    </tr>
  );
}

/** The effect that stands furthest above its limit, as far as the profiles tell it. */
function Effect({ judgement }: Pick<ColumnDiff, 'judgement'>) {
  const effects = (judgement?.findings ?? []).filter(({ limit, value }) => limit !== null && value !== null);
  const [first] = effects.toSorted((a, b) => loudness(b) - loudness(a));
  if (first === undefined) return <span class="faint">–</span>;
  const low = formatNumber(first.lower);
  const high = formatNumber(first.upper);
  return (
    <span title={describeMeasure(first.measure).title}>
      {low === high ? low : `${low} to ${high}`} <span class="faint">/ {formatNumber(first.limit)}</span>
    </span>
  );
}

const loudness = ({ value, limit }: { value: number | null; limit: number | null }): number =>
  Math.abs(value ?? 0) / Math.max(limit ?? 1, 1e-12);

/** Before and after; once where nothing changed. */
function Change<T>({ values: [from, to], format }: { values: readonly [T, T]; format: (value: T) => string }) {
  const [before, after] = [format(from), format(to)];
  return <td class="num nowrap">{before === after ? <span class="soft">{after}</span> : `${before} → ${after}`}</td>;
}

function missingShare(side: Profile): number {
  const missing = side.nulls + (side.kind === 'number' || side.kind === 'vector' ? side.nan : 0);
  return side.rows === 0 ? 0 : missing / side.rows;
}

function mean(side: Profile): number | null {
  if (side.kind === 'vector') return side.norm.moments?.mean ?? null;
  return side.kind === 'number' ? (side.moments?.mean ?? null) : null;
}

function end(side: Profile, which: 'min' | 'max'): string {
  if (side.kind === 'number') return (which === 'min' ? side.exactMin : side.exactMax) ?? formatNumber(side[which]);
  if (side.kind === 'vector') return formatNumber(side.norm[which]);
  return side.kind === 'time' ? formatInstant(side[which]) : '–';
}
