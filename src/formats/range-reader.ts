/** The door to tables that can be read in one pass and in ranges: plan, read each range, settle what they say. */
import { type ByteSpan, byteSource, headOf } from './byte-source.ts';
import { type CsvOutcome, type CsvPlan, joinCsvOutcomes, planCsv, readCsvRange, settleCsv } from './csv/ranges.ts';
import { isObject } from './json/column-object.ts';
import { type JsonOutcome, type JsonPlan, planJson, readJsonRange, settleJson } from './json/ranges.ts';
import { DEFAULT_LIMITS, type OpenOptions } from './table.ts';
import { formatOf, inflatedFormat } from './table-format.ts';
import type { RangeReading, Settled } from './table-ranges.ts';

export type TablePlan = CsvPlan | JsonPlan;
export type TableOutcome = CsvOutcome | JsonOutcome;

/**
 * How to read the file in ranges, with guessed types; null for formats that are not read so.
 * Throws TidemarkError `unreadable-data` or `too-large`.
 */
export async function planTable(path: string, options: OpenOptions = {}): Promise<TablePlan | null> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const { head } = headOf(path, 8);
  const name = options.name ?? path;
  if (inflatedFormat(head, name, options.format) !== null) return null;
  const format = formatOf(head, name, options.format);
  const given = options.csv ?? {};
  if (format === 'csv') return await planCsv({ path, format, limits, options: given, asked: options.types });
  if (format === 'tsv')
    return await planCsv({ path, format, limits, options: { delimiter: '\t', ...given }, asked: options.types });
  if (format === 'json' && (await isObject(byteSource(path, limits.inflatedBytes)))) return null;
  if (format === 'ndjson' || format === 'json') return await planJson({ path, format, limits, asked: options.types });
  return null;
}

/** The wanted columns of one range. */
export function readRange(plan: TablePlan, span: ByteSpan, wanted: readonly number[]): RangeReading<TableOutcome> {
  return plan.kind === 'csv' ? readCsvRange(plan, span, wanted) : readJsonRange(plan, span, wanted);
}

/** What the ranges say when some columns were read first and others then; with nothing before, what is said now. */
export function joinOutcomes(before: readonly TableOutcome[], now: readonly TableOutcome[]): readonly TableOutcome[] {
  return now.map((outcome, i) => {
    const other = before[i];
    // Of records all columns are looked at, whichever are read.
    return outcome.kind === 'csv' && other?.kind === 'csv' ? joinCsvOutcomes(other, outcome) : outcome;
  });
}

/** What the ranges, in order, say together; null when they do not fit together and the file must be read in order. */
export function settleTable(plan: TablePlan, outcomes: readonly TableOutcome[]): Settled<TablePlan> | null {
  if (plan.kind === 'csv')
    return settleCsv(
      plan,
      outcomes.filter((outcome) => outcome.kind === 'csv'),
    );
  return settleJson(
    plan,
    outcomes.filter((outcome) => outcome.kind === 'json'),
  );
}
