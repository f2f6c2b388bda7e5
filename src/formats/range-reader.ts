/** The door to tables that can be read in one pass and in ranges: plan, read each range, settle what they say. */
import type { ByteSpan } from './byte-source.ts';
import { headOf } from './byte-source.ts';
import { type CsvOutcome, type CsvPlan, planCsv, readCsvRange, settleCsv } from './csv-ranges.ts';
import { DEFAULT_LIMITS, type OpenOptions } from './table.ts';
import { formatOf } from './table-format.ts';
import type { RangeReading, Settled } from './table-ranges.ts';

export type TablePlan = CsvPlan;
export type TableOutcome = CsvOutcome;

/**
 * How to read the file in ranges, with guessed types; null for formats that are not read so.
 * Throws TidemarkError `unreadable-data` or `too-large`.
 */
export async function planTable(path: string, options: OpenOptions = {}): Promise<TablePlan | null> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const format = formatOf(headOf(path, 8).head, options.name ?? path, options.format);
  if (format !== 'csv' && format !== 'tsv') return null;
  const given = options.csv ?? {};
  return await planCsv({ path, format, limits, options: format === 'tsv' ? { delimiter: '\t', ...given } : given });
}

/** The wanted columns of one range. */
export function readRange(plan: TablePlan, span: ByteSpan, wanted: readonly number[]): RangeReading<TableOutcome> {
  return readCsvRange(plan, span, wanted);
}

/** What the ranges, in order, say together; null when they do not fit together and the file must be read in order. */
export function settleTable(plan: TablePlan, outcomes: readonly TableOutcome[]): Settled | null {
  return settleCsv(plan, outcomes);
}
