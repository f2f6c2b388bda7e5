import { availableParallelism } from 'node:os';
import { styleText } from 'node:util';
import type { z } from 'zod';
import type { readType } from '../../../schemas/wire/compare.ts';
import type { decimalSign, saidDates, thousandsSign } from '../../../schemas/wire/reading.ts';
import { profileBody } from '../../domain/files/comparison-body.ts';
import type { LocalTable } from '../../domain/files/local-table.ts';
import { csvOf, keysOf, type LocalProfile, profileFiles } from '../../domain/files/profile-files.ts';
import { hasStoredProfile, storedBytes } from '../../domain/files/stored-profiles.ts';
import { type RowRelations, relateRows } from '../../domain/relations/relate-rows-task.ts';
import { TidemarkError } from '../../errors.ts';
import type { ColumnProfile } from '../../web/charts/column-bars.ts';
import { barsOf } from '../../web/charts/histogram.ts';
import { columnNotes, hintsByName, isSayable } from '../../web/column-notes.ts';
import { formatCount, formatInstant, formatNumber, formatShare, formatValue } from '../../web/format.ts';
import { bytes, countOfFiles, table } from '../terminal/terminal.ts';
import { checkOutput, writeOutput } from './output-file.ts';
import { sparkLine } from './spark-line.ts';
import { type TableSource, withTable } from './table-source.ts';

export type Delimiter = ',' | ';' | '\t' | '|';

/** How text tables are read where their bytes do not say it; null to look, or for the usual. */
export type CsvFlags = {
  /** What stands between fields. */
  readonly delimiter: Delimiter | null;
  /** Whether delimited text begins with a line of names. */
  readonly header: boolean | null;
  /** What stands before decimals, and between thousands. */
  readonly decimal: z.infer<typeof decimalSign> | null;
  readonly thousands: z.infer<typeof thousandsSign> | null;
  /** How dates are written, in all columns or by column. */
  readonly dates: z.infer<typeof saidDates> | null;
  /** What else stands in a cell without a value. */
  readonly missing: readonly string[] | null;
};

/** Types by the column's name. */
export type ReadTypes = Readonly<Record<string, z.infer<typeof readType>>>;

export type ProfileOptions = CsvFlags & {
  readonly columns: readonly string[] | null;
  /** Types of columns, where they are not what the bytes say. */
  readonly types: ReadTypes;
  /** Whether the keys that folders are named by are columns. */
  readonly partitions: boolean;
  /** Also count duplicate rows, and say how columns go together. */
  readonly relations: boolean;
  /** Where a page of its own goes. */
  readonly html: string | null;
  /** Where the profile is stored; null for nowhere. */
  readonly output: string | null;
};

/** Bytes that a native reader may take. */
export const READER_BYTES = 2 ** 30;

/** Ranges of a file that are read at once; more gain little beside a terminal. */
export const READER_THREADS = Math.min(4, availableParallelism());

/**
 * Shows what is in a table: a file, the tables of a folder, several of both as its parts, or a version of a service.
 * @throws TidemarkError `bad-path`, `unreadable-data`, `too-large`.
 */
export async function profile(source: TableSource, paths: readonly string[], options: ProfileOptions): Promise<void> {
  const { terminal } = source;
  if (options.html !== null) await checkOutput(options.html);
  if (options.output !== null) await checkOutput(options.output);
  const { shown, relations } = await withTable(source, paths, async (table) => {
    const read = await profileFiles(table, {
      memoryBytes: READER_BYTES,
      threads: READER_THREADS,
      types: options.types,
      csv: csvOptions(options),
      ...partitionsOption(options),
      onFile: (name) => terminal.progress(`reading  ${name}`),
    });
    const wanted = options.columns === null ? read : onlyColumns(read, options.columns);
    return { shown: wanted, relations: options.relations ? await relationsOf(table, read, options) : null };
  });
  if (options.html !== null) {
    const { profileDocument } = await import('../../web/documents/profile-document.tsx');
    await writeOutput(options.html, await profileDocument(shown, relations));
  }
  terminal.result(profileBody(shown, relations), () =>
    [showProfile(shown), ...(relations === null ? [] : ['', showRelations(relations)])].join('\n'),
  );
  if (options.html !== null) terminal.say(`The page is in ${options.html}.`);
  if (options.output === null) return;
  await writeOutput(options.output, storedBytes(shown));
  terminal.say(`The profile is in ${options.output}.`);
}

/** What is known of delimited text. */
export const csvOptions = ({ delimiter, header, decimal, thousands, dates, missing }: CsvFlags) => ({
  ...(delimiter === null ? {} : { delimiter }),
  ...(header === null ? {} : { header }),
  ...(decimal === null ? {} : { decimal }),
  ...(thousands === null ? {} : { thousands }),
  ...(dates === null ? {} : { dates }),
  ...(missing === null ? {} : { missing }),
});

/** Off is off; else a version may have a word of its own. */
export const partitionsOption = ({ partitions }: { readonly partitions: boolean }) =>
  partitions ? {} : { partitions };

async function relationsOf(
  table: LocalTable,
  { profile: found }: LocalProfile,
  options: ProfileOptions,
): Promise<RowRelations> {
  const { files, name } = table;
  const keys = keysOf(table, { ...partitionsOption(options), types: options.types });
  const csv = csvOf(table, { csv: csvOptions(options) });
  if (await hasStoredProfile(table)) {
    throw new TidemarkError(
      'bad-request',
      `--relations looks at rows, of which ${name} has none: it is a stored profile.`,
    );
  }
  return relateRows({
    files: files.map(({ file, path }, i) => ({ file, name: path, csv, keys: keys[i] ?? [] })),
    fields: found.columns.map(({ name, type }) => ({ name, type })),
    rows: found.rows,
    related: options.columns ?? undefined,
    memoryBytes: READER_BYTES,
    types: options.types,
  });
}

const SHOWN_PAIRS = 20;

function showRelations({ duplicates, correlations, sampledRows, leftOut }: RowRelations): string {
  const { duplicates: count, error } = duplicates;
  const header = ['COLUMNS', 'ROWS', 'MUTUAL INFORMATION', 'PEARSON', 'SPEARMAN', "CRAMÉR'S V"];
  const lines = correlations
    .slice(0, SHOWN_PAIRS)
    .map(({ columns, rows, mutualInformation, pearson, spearman, cramersV }) => [
      columns.join(', '),
      formatCount(rows),
      `${formatNumber(mutualInformation)} bits`,
      formatNumber(pearson),
      formatNumber(spearman),
      formatNumber(cramersV),
    ]);
  const estimate = error > 0 ? `≈ ${formatCount(count)} (± ${formatCount(error)})` : formatCount(count);
  return [
    `duplicate rows: ${estimate}; pairs of columns over ${formatCount(sampledRows)} rows`,
    table([header, ...lines]),
    ...(leftOut.length === 0
      ? []
      : [`not held against others (times, vectors, or beyond the sixtieth): ${someOf(leftOut)}`]),
  ].join('\n');
}

const NAMED = 20;

const someOf = (names: readonly string[]): string =>
  names.length <= NAMED ? names.join(', ') : `${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more`;

/** @throws TidemarkError `bad-request` for a name that there is not: left out silently it would look like one without values. */
function onlyColumns(found: LocalProfile, names: readonly string[]): LocalProfile {
  const known = found.profile.columns.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const list = known.slice(0, 20).join(', ');
    throw new TidemarkError(
      'bad-request',
      `${found.name} has no column "${unknown.slice(0, 100)}"; there are ${list}.`,
    );
  }
  const wanted = ({ name }: { readonly name: string }): boolean => names.includes(name);
  return {
    ...found,
    profile: { ...found.profile, columns: found.profile.columns.filter(wanted) },
    schema: { ...found.schema, columns: found.schema.columns.filter(wanted) },
  };
}

function showProfile({ name, files, profile: found, schema, warnings }: LocalProfile): string {
  const size = files.reduce((sum, file) => sum + file.bytes, 0);
  const formats = [...new Set(files.map(({ format }) => format))].join(', ');
  const about = `${name}  ${formats}  ${countOfFiles(files.length)}  ${bytes(size)}  ${formatCount(found.rows)} rows  ${found.columns.length} columns`;
  const header = [
    'COLUMN',
    'TYPE',
    'MISSING',
    'DISTINCT',
    'MIN',
    'MEAN',
    'MAX',
    'SHAPE',
    'MOST FREQUENT',
    'WHAT STANDS OUT',
  ];
  const hints = hintsByName(schema);
  const notes = warnings.map(({ path, column, detail }) => `! ${[path, column].filter(Boolean).join(' ')}: ${detail}`);
  return [
    styleText('bold', about, { stream: process.stdout }),
    '',
    table([
      header,
      ...found.columns.map((column) =>
        lineOf(column, columnNotes(column, hints.get(column.name) ?? [], isSayable(files))),
      ),
    ]),
    ...notes,
    ...howToSay(files, [...hints.values()].flat()),
  ].join('\n');
}

/** What a column says is to be said, and where: of delimited text alone, since any other format says what its values are. */
function howToSay(files: LocalProfile['files'], hints: readonly string[]): string[] {
  const said = hints.some((hint) => hint === 'written-dates' || hint === 'written-numbers');
  if (!said || !isSayable(files)) return [];
  return [
    'Say it with --dates, --decimal and --thousands; of a dataset once for all, tidemark dataset NAME --dates day-first.',
  ];
}

function lineOf(column: ColumnProfile, notes: readonly string[]): string[] {
  const missing = column.nulls + (column.kind === 'number' || column.kind === 'vector' ? column.nan : 0);
  const bars = barsOf(column);
  return [
    column.name,
    column.type,
    missing === 0 ? '0' : formatShare(missing / column.rows),
    `${column.distinct.error > 0 ? '≈' : ''}${formatCount(column.distinct.value)}`,
    ...spreadOf(column),
    bars === null ? '' : sparkLine(bars.shares),
    topOf(column),
    notes.join(', '),
  ];
}

function spreadOf(column: ColumnProfile): [string, string, string] {
  if (column.kind === 'number') {
    const { exactMin, min, moments, exactMax, max } = column;
    return [exactMin ?? formatNumber(min), formatNumber(moments?.mean), exactMax ?? formatNumber(max)];
  }
  if (column.kind === 'vector') {
    const { min, moments, max } = column.norm;
    return [formatNumber(min), formatNumber(moments?.mean), formatNumber(max)];
  }
  if (column.kind === 'category') return ['–', '–', '–'];
  return [formatInstant(column.min), '–', formatInstant(column.max)];
}

const LISTED = 3;
const LONGEST = 18;

function topOf(column: ColumnProfile): string {
  return column.top.values
    .slice(0, LISTED)
    .map(({ value, count }) => {
      const share = formatShare(count / Math.max(1, column.rows));
      return `${shortened(formatValue(column.kind, value))} ${share}`;
    })
    .join(', ');
}

const shortened = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);
