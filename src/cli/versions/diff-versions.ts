import { existsSync } from 'node:fs';
import { z } from 'zod';
import { diffView } from '../../../schemas/wire/diff.ts';
import { isTidemarkError, TidemarkError } from '../../errors.ts';
import type { Client } from '../client/client.ts';
import { ask } from '../client/computation.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { bytes, countOfFiles, type Terminal, table } from '../terminal/terminal.ts';
import { parseTarget } from './target.ts';

// A newer service may say more than this client knows.
const answer = z.looseObject(diffView.shape);
type Diff = z.output<typeof answer>;

export type DiffVersions = {
  readonly from: string;
  readonly to: string;
  /** Changed files, and rows of each kind, that are listed. */
  readonly limit: number;
  /** Compare rows too. */
  readonly rows: boolean;
  /** The column that names a row, or several with commas between them. */
  readonly by?: string | undefined;
};

/**
 * Shows what changed from one version to another: files, schema, statistics and drift.
 * @returns whether anything did.
 * @throws TidemarkError `not-found` for a version that does not exist.
 */
export async function diffVersions(client: Client, terminal: Terminal, given: DiffVersions): Promise<number> {
  const { dataset, ref } = parseTarget(given.to);
  const against = given.from.includes('@') ? given.from : `${given.from}@latest`;
  const path = `/v1/datasets/${encodeURIComponent(dataset)}/versions/${encodeURIComponent(ref)}/diff`;
  const limit = String(given.limit);
  const rows = given.rows || given.by !== undefined ? { rows: 'true', key: given.by, samples: limit } : {};
  const asked = ask({ client, terminal }, answer, ['GET', path, { query: { against, limit, ...rows } }]);
  const found = await asked.catch((error: unknown) => {
    throw pathFirst(given, error);
  });
  terminal.result(found, () => shown(found).join('\n\n'));
  return found.identical ? EXIT.done : EXIT.differs;
}

/** A version that there is not may be the path, in the place that `git diff` has for it. */
function pathFirst({ from, to }: DiffVersions, cause: unknown): unknown {
  if (!isTidemarkError(cause, 'not-found') || !existsSync(to)) return cause;
  return new TidemarkError('bad-path', `${cause.message} A path stands first: tidemark diff ${to} ${from}`, { cause });
}

function shown(diff: Diff): string[] {
  const { from, to } = diff;
  const head = `${from.dataset}@${from.ref} → ${to.dataset}@${to.ref}`;
  if (diff.identical) return [`${head}  the same ${countOfFiles(to.files)}, ${bytes(to.bytes)}`];
  return [head, filesOf(diff), ...contentOf(diff), ...(diff.rows === undefined ? [] : rowsOf(diff.rows))];
}

const MARKS = { added: '+', removed: '-', renamed: '>', changed: '~' } as const;

function filesOf({ files }: Diff): string {
  const counts = (['added', 'removed', 'renamed', 'changed'] as const)
    .filter((change) => files[change].files > 0)
    .map((change) => `${files[change].files} ${change}`);
  const lines = files.items.map(({ change, path, from, to }) => [
    MARKS[change],
    from !== null && to !== null && from.path !== to.path ? `${from.path} → ${to.path}` : path,
    [...new Set([from, to].flatMap((side) => (side === null ? [] : [bytes(side.size)])))].join(' → '),
  ]);
  const listed = files.items.length;
  const all = counts.reduce((sum, text) => sum + Number.parseInt(text, 10), 0);
  return [
    `Files: ${counts.join(', ')}, ${files.unchanged} unchanged`,
    table([['', 'PATH', 'SIZE'], ...lines]),
    ...(all > listed ? [`and ${all - listed} more (--limit)`] : []),
  ].join('\n');
}

function contentOf({ content }: Diff): string[] {
  if (content.schema === undefined || content.rows === undefined) return [content.reason ?? 'No statistics.'];
  return [
    `Rows: ${content.rows.from} → ${content.rows.to}`,
    schemaOf(content.schema),
    columnsOf(content.columns ?? []),
    'Statistics and drift are those of the stored profiles; a range holds the value of the data.',
  ].filter((part) => part !== '');
}

function schemaOf(schema: NonNullable<Diff['content']['schema']>): string {
  const shape = (side: { type: string; nullable: boolean }) => `${side.type}${side.nullable ? ', nullable' : ''}`;
  const rows = [
    ...schema.added.map((column) => ['+', column.name, shape(column)]),
    ...schema.removed.map((column) => ['-', column.name, shape(column)]),
    ...schema.changed.map(({ name, from, to }) => ['~', name, `${shape(from)} → ${shape(to)}`]),
  ];
  const reordered = schema.reordered ? ['The columns stand in another order.'] : [];
  if (rows.length === 0) return ['Schema: the same', ...reordered].join('\n');
  return ['Schema:', table([['', 'COLUMN', 'TYPE'], ...rows]), ...reordered].join('\n');
}

function columnsOf(columns: NonNullable<Diff['content']['columns']>): string {
  const rows = columns.flatMap(({ name, from, to, drift }) => {
    if (from === null || to === null || drift === null) return [];
    const missing = (side: { nulls: number; nan?: number | undefined; rows: number }) =>
      side.rows === 0 ? '–' : `${number(((side.nulls + (side.nan ?? 0)) / side.rows) * 100)} %`;
    const distance = drift.findings.find((finding) => finding.limit !== null);
    return [
      [
        name,
        drift.verdict.replaceAll('_', ' '),
        distance === undefined ? '' : range(distance.lower, distance.upper),
        `${missing(from)} → ${missing(to)}`,
        `${number(from.mean)} → ${number(to.mean)}`,
        `${number(from.distinct)} → ${number(to.distinct)}`,
      ],
    ];
  });
  return rows.length === 0 ? '' : table([['COLUMN', 'VERDICT', 'DISTANCE', 'MISSING', 'MEAN', 'DISTINCT'], ...rows]);
}

type Rows = NonNullable<Diff['rows']>;
type Shown = Rows['samples']['added'][number][string];

function rowsOf(rows: Rows): string[] {
  const { key, added, removed, changed, unchanged, columns, samples, repeated_keys: repeated } = rows;
  const shown = (value: Shown | undefined): string =>
    value === null || value === undefined ? 'absent' : String(value);
  const keyOf = (row: Record<string, Shown>): string =>
    (key ?? Object.keys(row)).map((name) => shown(row[name])).join(', ');
  const lines = [
    ...samples.added.map((row) => ['+', keyOf(row), '']),
    ...samples.removed.map((row) => ['-', keyOf(row), '']),
    ...samples.changed.map((row) => [
      '~',
      keyOf(row.key),
      row.columns.map(({ name, from, to }) => `${name}: ${shown(from)} → ${shown(to)}`).join(', '),
    ]),
  ];
  const what = key === null ? 'whole' : `by ${key.join(', ')}`;
  return [
    [
      `Rows, ${what}: ${added} added, ${removed} removed, ${changed} changed, ${unchanged} unchanged`,
      ...columns.map(({ name, changed: n }) => `  ${name} differs in ${n}`),
      ...(key === null || repeated.from + repeated.to === 0
        ? []
        : [`  ${repeated.from} and ${repeated.to} keys stand more than once; their rows are paired, equal ones first`]),
    ].join('\n'),
    ...(lines.length === 0 ? [] : [table([['', key === null ? 'ROW' : key.join(', '), 'CHANGE'], ...lines])]),
  ];
}

const number = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : String(Number(value.toPrecision(4)));

const range = (lower: number | null, upper: number | null): string =>
  number(lower) === number(upper) ? number(lower) : `${number(lower)} to ${number(upper)}`;
