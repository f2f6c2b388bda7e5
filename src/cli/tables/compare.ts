import { styleText } from 'node:util';
import { type TableComparison, tableComparison } from '../../../schemas/wire/compare.ts';
import { type Adjustment, compareFiles, compatTool } from '../../domain/files/compare-files.ts';
import { comparisonBody } from '../../domain/files/comparison-body.ts';
import {
  calibrationText,
  conditionText,
  formatCount,
  formatNumber,
  formatP,
  formatShare,
  leftOutText,
  NO_SLICE,
  NOTHING_TO_EXPLAIN,
  neededText,
  sliceShares,
  toolVerdict,
} from '../../web/format.ts';
import {
  hasDrifted,
  type ReportColumn,
  readColumns,
  readTable,
  type TableFindingView,
  worstFirst,
} from '../../web/report-body.ts';
import { ask } from '../client/computation.ts';
import { exitOf } from '../terminal/exit-codes.ts';
import { type Terminal, table } from '../terminal/terminal.ts';
import { checkOutput, writeOutput } from './output-file.ts';
import {
  type CsvFlags,
  csvOptions,
  partitionsOption,
  READER_BYTES,
  READER_THREADS,
  type ReadTypes,
} from './profile.ts';
import { sparkLine } from './spark-line.ts';
import { isLocal, noTable, type TableSource, withTables } from './table-source.ts';

export type CompareOptions = CsvFlags & {
  readonly columns: readonly string[] | null;
  readonly exclude: readonly string[];
  readonly categories: readonly string[];
  /** Types of columns, where they are not what the bytes say. */
  readonly types: ReadTypes;
  /** Whether the keys that folders are named by are columns. */
  readonly partitions: boolean;
  readonly alpha: number | null;
  readonly minimumRows: number | null;
  /** The smallest effect that matters, by measure. */
  readonly limits: Readonly<Record<string, number>>;
  /** Instead of the standard measures; null for those. */
  readonly measures: readonly string[] | null;
  readonly adjustment: Adjustment | null;
  /** The share of healthy tables that may alarm, by which limits are found out; null for the usual limits. */
  readonly falseAlarms: number | null;
  /** A column whose values are judged apart as well; null for none. */
  readonly segment: string | null;
  /** Also look for the groups of rows that carry the drift. */
  readonly slices: boolean;
  readonly html: string | null;
  /** Another tool whose own figures are shown too. */
  readonly as: string | null;
  /** How much columns count; null where all count alike. */
  readonly weights: Readonly<Record<string, number>> | null;
  /** The share of their weight that has to drift; null where any column does. */
  readonly driftedShare: number | null;
};

export type Sides = { readonly reference: string; readonly current: string };

/**
 * Judges one table against another: files or folders of this machine, which needs no service, or versions of one. Two
 * versions are compared by the service, which has their bytes.
 * @returns 0 without drift, 3 with it, 4 where there are too few rows to say.
 * @throws TidemarkError `bad-path`, `bad-request`, `unreadable-data`, `too-large`.
 */
export async function compare(source: TableSource, sides: Sides, options: CompareOptions): Promise<number> {
  const { terminal } = source;
  if (options.html !== null) await checkOutput(options.html);
  const remote = !isLocal(sides.reference) && !isLocal(sides.current);
  const body = remote ? await compareThere(source, sides, options) : await compareHere(source, sides, options);
  const columns = worstFirst(readColumns(body.columns));
  const wholeRows = readTable(body.table);
  if (options.html !== null) {
    const { comparisonDocument } = await import('../../web/documents/comparison-document.tsx');
    await writeOutput(options.html, await comparisonDocument(body, { columns, table: wholeRows }));
  }
  terminal.result(body, () => showComparison(body, columns, wholeRows));
  if (options.html !== null) terminal.say(`The page is in ${options.html}.`);
  return exitOf(body.verdict);
}

async function compareHere(source: TableSource, sides: Sides, options: CompareOptions): Promise<TableComparison> {
  const found = await withTables(source, [sides.reference, sides.current], ([reference, current], folder) => {
    if (reference === undefined || current === undefined) throw new Error('two names give two tables');
    return compareFiles({ reference, current }, inputOf(options, { terminal: source.terminal, folder }));
  });
  for (const { path, column, detail } of [found.reference, found.current].flatMap(({ warnings }) => warnings)) {
    // Of columns the profile tells.
    if (column === undefined) source.terminal.say(`! ${path}: ${detail}`);
  }
  return tableComparison.parse(comparisonBody(found));
}

async function compareThere(source: TableSource, sides: Sides, options: CompareOptions): Promise<TableComparison> {
  const version = (name: string): string => (name.includes('@') ? name : `${name}@latest`);
  const { exclude, categories, types, slices } = options;
  const json = {
    reference: version(sides.reference),
    current: version(sides.current),
    ...{ exclude, categories, types, slices, effects: options.limits },
    columns: options.columns ?? undefined,
    ...csvOptions(options),
    ...partitionsOption(options),
    measures: options.measures ?? undefined,
    alpha: options.alpha ?? undefined,
    minimum_rows: options.minimumRows ?? undefined,
    adjustment: options.adjustment ?? undefined,
    false_alarms: options.falseAlarms ?? undefined,
    segment: options.segment ?? undefined,
    as: options.as ?? undefined,
    weights: options.weights ?? undefined,
    drifted_share: options.driftedShare ?? undefined,
  };
  try {
    return await ask({ client: source.client(), terminal: source.terminal }, tableComparison, [
      'POST',
      '/v1/compare',
      { json },
    ]);
  } catch (error) {
    throw noTable(`${sides.reference} or ${sides.current}`, error);
  }
}

function inputOf(
  options: CompareOptions,
  { terminal, folder }: { readonly terminal: Terminal; readonly folder: string },
): Parameters<typeof compareFiles>[1] {
  return {
    include: options.columns,
    exclude: options.exclude,
    categories: options.categories,
    types: options.types,
    csv: csvOptions(options),
    ...partitionsOption(options),
    measures: options.measures,
    policy: {
      ...(options.adjustment === null ? {} : { adjustment: options.adjustment }),
      ...(options.alpha === null ? {} : { alpha: options.alpha }),
      ...(options.minimumRows === null ? {} : { minimumRows: options.minimumRows }),
      ...(options.weights === null ? {} : { weights: options.weights }),
      ...(options.driftedShare === null ? {} : { minimumDriftedShare: options.driftedShare }),
      limits: options.limits,
      slices: options.slices,
    },
    segment: options.segment,
    falseAlarms: options.falseAlarms,
    as: options.as === null ? null : compatTool(options.as),
    memoryBytes: READER_BYTES,
    threads: READER_THREADS,
    folder,
    onFile: (name) => terminal.progress(`reading  ${name}`),
  };
}

const COLOURS = { drift: 'red', no_drift: 'green', insufficient_data: 'yellow' } as const;

function showComparison(
  found: TableComparison,
  columns: readonly ReportColumn[],
  wholeRows: readonly TableFindingView[],
): string {
  const { reference, current, schema, skipped, verdict, why, slices, segments, policy } = found;
  const paint = (text: string): string => styleText(['bold', COLOURS[verdict]], text, { stream: process.stdout });
  const side = ({ name, rows }: TableComparison['current']): string => `${name} (${formatCount(rows)} rows)`;
  const header = ['COLUMN', 'VERDICT', 'EFFECT / LIMIT', 'q', 'REFERENCE', 'CURRENT', 'WHY'];
  return [
    `${side(reference)} → ${side(current)}`,
    `${paint(verdict.replaceAll('_', ' ').toUpperCase())}  ${why}`,
    '',
    table([header, ...columns.map(lineOf)]),
    ...(found.needed == null ? [] : ['', neededText(found.needed, 'current table')]),
    ...(wholeRows.length === 0 ? [] : ['', table([WHOLE_ROWS, ...wholeRows.map(wholeRowsLine)])]),
    ...(slices === undefined ? [] : ['', showSlices(slices, hasDrifted(columns, wholeRows))]),
    ...(segments === undefined ? [] : ['', showSegments(segments), ...leftOutText(found.segments_left_out)]),
    ...(found.as === undefined ? [] : ['', showCompat(found.as)]),
    ...(policy.calibration === undefined ? [] : ['', showCalibration(policy.calibration)]),
    ...listed('only in the reference', schema.removed),
    ...listed('only in the current table', schema.added),
    ...skipped.map(({ name, why: reason }) => `not compared  ${name}: ${reason}`),
  ].join('\n');
}

const MOST_LIMITS = 30;

function showCalibration(calibration: NonNullable<TableComparison['policy']['calibration']>): string {
  const columns = Object.entries(calibration.limits);
  const measures = [...new Set(columns.flatMap(([, limits]) => Object.keys(limits)))];
  const lines = columns
    .slice(0, MOST_LIMITS)
    .map(([name, limits]) => [name, ...measures.map((measure) => formatNumber(limits[measure]))]);
  const left = columns.length - lines.length;
  return [
    calibrationText(calibration),
    table([['COLUMN', ...measures], ...lines]),
    ...(left === 0 ? [] : [`and ${left} more`]),
  ].join('\n');
}

function showSegments(segments: NonNullable<TableComparison['segments']>): string {
  const header = ['SEGMENT', 'VERDICT', 'ROWS OF REFERENCE', 'OF CURRENT', 'WHY'];
  const lines = segments.map(({ value, rows, verdict, why }) => [
    value ?? '(none)',
    verdict.replaceAll('_', ' '),
    formatCount(rows.reference),
    formatCount(rows.current),
    why,
  ]);
  return table([header, ...lines]);
}

function showSlices(slices: NonNullable<TableComparison['slices']>, drifted: boolean): string {
  if (slices.length === 0) return drifted ? NO_SLICE : NOTHING_TO_EXPLAIN;
  const header = ['ROWS WHERE', 'OF REFERENCE', 'OF CURRENT', 'DRIFT WITH THEM', 'IN COLUMNS'];
  const lines = slices.map(({ conditions, support, explained, columns, whole_rows }) => [
    conditions.map(conditionText).join(' and '),
    formatShare(support.reference),
    formatShare(support.window),
    formatShare(explained),
    sliceShares(columns, whole_rows).join(', '),
  ]);
  return table([header, ...lines]);
}

function showCompat(said: NonNullable<TableComparison['as']>): string {
  const { tool, version, columns } = said;
  const header = ['COLUMN', 'METHOD', 'SCORE', 'THRESHOLD', 'DRIFT', 'NOTE'];
  const lines = columns.map((column) => [
    column.column,
    column.method ?? '–',
    formatNumber(column.score),
    formatNumber(column.threshold),
    column.drift === null ? '–' : column.drift ? 'yes' : 'no',
    column.reason ?? '',
  ]);
  return `as ${tool} ${version}  ${toolVerdict(said)}\n${table([header, ...lines])}`;
}

const WHOLE_ROWS = ['WHOLE ROWS', 'VERDICT', 'VALUE', '95 % WITHOUT DRIFT', 'q', 'IN COLUMNS'];

function wholeRowsLine(finding: TableFindingView): string[] {
  const { measure, value, low, high, null_95, q, limit, drift, contributions, reason } = finding;
  const interval = low === null || high === null ? '' : ` (${formatNumber(low)} – ${formatNumber(high)})`;
  const where = contributions.slice(0, 4).map(({ name, share }) => `${name} ${formatShare(share)}`);
  return [
    measure,
    limit == null ? 'shown' : drift === true ? 'drift' : 'no drift',
    `${formatNumber(value)}${interval}`,
    formatNumber(null_95),
    formatP(q),
    reason ?? where.join(', '),
  ];
}

const listed = (what: string, names: readonly string[]): string[] =>
  names.length === 0 ? [] : [`${what}  ${names.join(', ')}`];

function lineOf(column: ReportColumn): string[] {
  const { name, verdict, effect, q, why, bins } = column;
  const shares = (which: 'reference' | 'window'): number[] => {
    const total = bins.reduce((sum, bin) => sum + bin[which], 0);
    return bins.map((bin) => (total === 0 ? 0 : bin[which] / total));
  };
  const [reference, window] = [shares('reference'), shares('window')];
  // On one scale, so that the two lines can be held against each other.
  const top = Math.max(0, ...reference, ...window);
  const ratio = effect === null ? '' : `${(Math.abs(effect.value) / Math.max(effect.limit, 1e-12)).toFixed(1)}×`;
  const held = effect === null ? '–' : `${formatNumber(effect.value)} / ${formatNumber(effect.limit)}  ${ratio}`;
  return [name, verdict.replaceAll('_', ' '), held, formatP(q), sparkLine(reference, top), sparkLine(window, top), why];
}
