/** The one door to tables: any file → a `TableReader`. */
import { type ByteSource, byteSource, headOf } from './byte-source.ts';
import { readAsAsked } from './columns/asked-types.ts';
import { openCsv } from './csv/csv.ts';
import type { CsvSource } from './csv/layout.ts';
import { inflatedFile } from './inflated-file.ts';
import { isObject, recordsOfColumns } from './json/column-object.ts';
import { openJson } from './json/ndjson.ts';
import type { PageTable } from './parquet/pages/page-table.ts';
import {
  type CsvOptions,
  DEFAULT_LIMITS,
  type OpenOptions,
  type TableFormat,
  type TableLimits,
  type TableReader,
} from './table.ts';
import { formatOf, inflatedFormat } from './table-format.ts';
import { utf16Source, windows1252Source } from './text/decoded-source.ts';
import { isNotUtf8 } from './text/text-encoding.ts';

/**
 * Opens the file at `path`, which may be gzip or zstd: Parquet and Arrow are then inflated into a temporary file until
 * the reader is closed. Text formats are read once before this resolves, because types come from all of their cells.
 *
 * Throws TidemarkError `unreadable-data` (what is wrong, where, what to do) or `too-large` (which limit).
 */
export async function openTable(path: string, options: OpenOptions = {}): Promise<TableReader> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const { head } = headOf(path, 8);
  const name = options.name ?? path;
  const inflated = inflatedFormat(head, name, options.format);
  if (inflated !== null) return await openInflated(byteSource(path, limits.inflatedBytes), inflated, options);
  const format = formatOf(head, name, options.format);
  const { types } = options;
  if (format === 'parquet' || format === 'arrow') {
    return readAsAsked(await openColumnar(path, format, { ...options, limits }), types);
  }
  const source = byteSource(path, limits.inflatedBytes);
  if (format === 'csv') return await openText({ source, format, options: options.csv ?? {}, limits }, types);
  if (format === 'tsv') return await openText({ source, format, options: tabbed(options.csv), limits }, types);
  if (format === 'json' && (await isObject(source))) return await openColumns(path, source, { ...options, limits });
  return await openJson({ source, format, limits }, types);
}

/** Their readers are loaded when they are asked for: to load DuckDB alone takes as long as to profile megabytes of text. */
async function openColumnar(
  path: string,
  format: 'parquet' | 'arrow',
  options: OpenOptions & { readonly limits: TableLimits },
): Promise<TableReader> {
  const { limits } = options;
  if (format === 'arrow') {
    const { openArrow } = await import('./arrow/arrow.ts');
    return await openArrow(path, limits);
  }
  const { openPages } = await import('./parquet/pages/page-table.ts');
  const pages = openPages(path, { limits, ...memoryOf(options) });
  if (pages !== null) return pages;
  const { openParquet } = await import('./parquet/parquet.ts');
  return await openParquet(path, { limits, ...memoryOf(options) });
}

/**
 * The same of a file whose columns can be read one by one at no more cost than together, in the types that its bytes say;
 * null for any other. Throws as above.
 */
export async function openByColumn(path: string, options: OpenOptions = {}): Promise<PageTable | null> {
  const { head } = headOf(path, 8);
  const name = options.name ?? path;
  if (inflatedFormat(head, name, options.format) !== null) return null;
  if (formatOf(head, name, options.format) !== 'parquet') return null;
  const { openPages } = await import('./parquet/pages/page-table.ts');
  return openPages(path, { limits: { ...DEFAULT_LIMITS, ...options.limits }, ...memoryOf(options) });
}

/** An object of columns; each is read at its own place, for which a compressed one is inflated into a temporary file. */
async function openColumns(
  path: string,
  source: ByteSource,
  { limits, types }: OpenOptions & { readonly limits: TableLimits },
): Promise<TableReader> {
  const plain = source.compression === 'none' ? { path, dispose: () => undefined } : await inflatedFile(source);
  try {
    const records = recordsOfColumns(plain.path, source.size, limits);
    const reader = await openJson({ source: records, format: 'ndjson', limits }, types);
    return { ...reader, format: 'json', close: () => reader.close().finally(plain.dispose) };
  } catch (error) {
    plain.dispose();
    throw error;
  }
}

/** Delimited text in UTF-8, in UTF-16 with its mark, or in what it most likely is when it is neither, which is told. */
async function openText(from: CsvSource, types: OpenOptions['types']): Promise<TableReader> {
  const decoded = await utf16Source(from.source);
  if (decoded !== null) return await openCsv({ ...from, source: decoded }, types);
  try {
    return await openCsv(from, types);
  } catch (error) {
    const found = isNotUtf8(error) ? await windows1252Source(from.source) : null;
    if (found === null) throw error;
    const detail = `The file is not UTF-8 and was read as Windows-1252 (Latin-1), by which ${found.letters} bytes are letters or signs beyond ASCII; check them, or save the file as UTF-8.`;
    const reader = await openCsv({ ...from, source: found.source }, types);
    return { ...reader, warnings: [{ code: 'guessed-encoding', count: found.letters, detail }, ...reader.warnings] };
  }
}

async function openInflated(source: ByteSource, format: TableFormat, options: OpenOptions): Promise<TableReader> {
  const { path, dispose } = await inflatedFile(source);
  try {
    const reader = await openTable(path, { ...options, format });
    return { ...reader, close: () => reader.close().finally(dispose) };
  } catch (error) {
    dispose();
    throw error;
  }
}

function memoryOf({ memoryBytes }: OpenOptions): { readonly memoryBytes?: number } {
  return memoryBytes === undefined ? {} : { memoryBytes };
}

function tabbed(options: CsvOptions = {}): CsvOptions {
  return { delimiter: '\t', ...options };
}
