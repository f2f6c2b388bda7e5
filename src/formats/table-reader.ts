/** The one door to tables: any file → a `TableReader`. */
import { openArrow } from './arrow/arrow.ts';
import { byteSource, headOf } from './byte-source.ts';
import { readAsAsked } from './columns/asked-types.ts';
import { openCsv } from './csv/csv.ts';
import { openJson } from './json/ndjson.ts';
import { openParquet } from './parquet/parquet.ts';
import { type CsvOptions, DEFAULT_LIMITS, type OpenOptions, type TableReader } from './table.ts';
import { formatOf } from './table-format.ts';

/**
 * Opens the file at `path`. CSV, TSV, NDJSON and JSON may be gzip or zstd. Text formats are read once before
 * this resolves, because types come from all of their cells.
 *
 * Throws TidemarkError `unreadable-data` (what is wrong, where, what to do) or `too-large` (which limit).
 */
export async function openTable(path: string, options: OpenOptions = {}): Promise<TableReader> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const { head } = headOf(path, 8);
  const format = formatOf(head, options.name ?? path, options.format);
  const { types } = options;
  if (format === 'parquet') return readAsAsked(await openParquet(path, { limits, ...memoryOf(options) }), types);
  if (format === 'arrow') return readAsAsked(await openArrow(path, limits), types);
  const source = byteSource(path, limits.inflatedBytes);
  if (format === 'csv') return await openCsv({ source, format, options: options.csv ?? {}, limits }, types);
  if (format === 'tsv') return await openCsv({ source, format, options: tabbed(options.csv), limits }, types);
  return await openJson({ source, format, limits }, types);
}

function memoryOf({ memoryBytes }: OpenOptions): { readonly memoryBytes?: number } {
  return memoryBytes === undefined ? {} : { memoryBytes };
}

function tabbed(options: CsvOptions = {}): CsvOptions {
  return { delimiter: '\t', ...options };
}
