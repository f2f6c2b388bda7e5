import type { z } from 'zod';
import type { diffView } from '../../../schemas/wire/diff.ts';
import type { ColumnDiff, VersionDiff } from '../../domain/dataset/diff.ts';
import type { RowDiff } from '../../domain/row-diff/diff-rows-task.ts';
import { writeCursor } from '../cursor.ts';

type View = z.infer<typeof diffView>;

const BASIS =
  'Stored profiles alone. A measure lies between `lower` and `upper` for certain; `value` takes what the profiles ' +
  'leave open as evenly spread.';

/**
 * @param limit the most changed files that a page shows; one more was asked for.
 * @param rows null when rows were not compared.
 */
export function viewDiff(diff: VersionDiff, limit: number, rows: RowDiff | null): View {
  const { from, to, files } = diff;
  const items = files.items.slice(0, limit);
  const last = files.items.length > limit ? items.at(-1) : undefined;
  const count = (change: 'added' | 'removed' | 'renamed' | 'changed') => {
    const { files: n, fromBytes, toBytes } = files.counts.get(change) ?? { files: 0, fromBytes: 0, toBytes: 0 };
    return { files: n, from_bytes: fromBytes, to_bytes: toBytes };
  };
  return {
    from: viewSide(from),
    to: viewSide(to),
    identical: files.counts.size === 0,
    files: {
      added: count('added'),
      removed: count('removed'),
      renamed: count('renamed'),
      changed: count('changed'),
      unchanged: files.unchanged,
      items: items.map(({ change, path, from: before, to: after }) => ({ change, path, from: before, to: after })),
      next: last === undefined ? null : writeCursor(last.path),
    },
    content: viewContent(diff),
    ...(rows === null ? {} : { rows: viewRows(rows) }),
  };
}

function viewRows(diff: RowDiff): NonNullable<View['rows']> {
  const { key, rows, repeatedKeys, samples, columns, ...counts } = diff;
  return {
    key: key === null ? null : [...key],
    ...rows,
    ...counts,
    repeated_keys: repeatedKeys,
    columns: [...columns],
    samples: {
      added: [...samples.added],
      removed: [...samples.removed],
      changed: samples.changed.map((row) => ({ key: row.key, columns: [...row.columns] })),
    },
  };
}

const viewSide = ({ dataset, version }: VersionDiff['from']): View['from'] => ({
  dataset,
  ref: `v${version.number}`,
  oid: version.oid,
  path: version.path,
  files: version.files,
  bytes: version.bytes,
});

function viewContent({ content }: VersionDiff): View['content'] {
  if (content.state !== 'ready') return { state: content.state, reason: content.reason, basis: BASIS };
  const { rows, schema, columns } = content;
  return {
    state: 'ready',
    basis: BASIS,
    rows,
    schema: {
      added: [...schema.added],
      removed: [...schema.removed],
      changed: [...schema.changed],
      reordered: schema.reordered,
    },
    columns: columns.map(viewColumn),
  };
}

type ColumnView = NonNullable<View['content']['columns']>[number];

function viewColumn({ name, from, to, judgement }: ColumnDiff): ColumnView {
  return {
    name,
    from: statisticsOf(from),
    to: statisticsOf(to),
    drift:
      judgement === null
        ? null
        : {
            verdict: judgement.verdict,
            why: judgement.why,
            q: judgement.q,
            findings: [...judgement.findings],
          },
  };
}

const TOP = 5;

function statisticsOf(profile: ColumnDiff['from']): ColumnView['from'] {
  if (profile === null) return null;
  const { type, rows, nulls, distinct } = profile;
  const common = { type, rows, nulls, distinct: distinct.value };
  if (profile.kind === 'category')
    return { ...common, top: profile.top.values.slice(0, TOP).map((item) => ({ ...item })) };
  if (profile.kind === 'vector') {
    const { min, max, moments } = profile.norm;
    return { ...common, nan: profile.nan, min, max, mean: moments?.mean ?? null, std: moments?.std ?? null };
  }
  const median = profile.quantiles?.values.find(({ p }) => p === 0.5)?.value ?? null;
  if (profile.kind === 'time') {
    return { ...common, min: instantOf(profile.min), median, max: instantOf(profile.max) };
  }
  return {
    ...common,
    nan: profile.nan,
    min: profile.exactMin ?? profile.min,
    median,
    max: profile.exactMax ?? profile.max,
    mean: profile.moments?.mean ?? null,
    std: profile.moments?.std ?? null,
  };
}

/** A point in time as text where a date can hold it, else its milliseconds. */
function instantOf(milliseconds: number | null): string | number | null {
  if (milliseconds === null) return null;
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? milliseconds : date.toISOString();
}
