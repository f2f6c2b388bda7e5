import type { ColumnDiff } from '../../../domain/dataset/diff.ts';
import { describeMeasure } from '../../../domain/report/describe-measure.ts';
import { pairedBarsOf } from '../../charts/histogram.ts';
import { MiniPair } from '../../charts/spark.tsx';
import { formatCount, formatInstant, formatNumber, formatRange, formatShare } from '../../format.ts';
import { State } from '../../layout.tsx';

type Profile = NonNullable<ColumnDiff['from']>;

/** A column that both profiles have. */
export type ProfilePair = Pick<ColumnDiff, 'name' | 'judgement'> & { readonly from: Profile; readonly to: Profile };

/** Columns of two profiles side by side: shape, effect and the figures that people look for first. */
export function ProfilePairs({ columns }: { columns: readonly ProfilePair[] }) {
  return (
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
          {columns.map((column) => (
            <PairRow {...column} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function PairRow({ name, from, to, judgement }: ProfilePair) {
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
function Effect({ judgement }: Pick<ProfilePair, 'judgement'>) {
  const effects = (judgement?.findings ?? []).filter(({ limit, value }) => limit !== null && value !== null);
  const [first] = effects.toSorted((a, b) => loudness(b) - loudness(a));
  if (first === undefined) return <span class="faint">–</span>;
  return (
    <span title={describeMeasure(first.measure).title}>
      {formatRange(first.lower, first.upper, formatNumber)} <span class="faint">/ {formatNumber(first.limit)}</span>
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
