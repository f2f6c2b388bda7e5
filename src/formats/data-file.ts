import type { TableFormat } from './table.ts';
import { formatOfName } from './table-format.ts';

/** For people: the endings that a table may have. */
export const DATA_ENDINGS = '.csv, .tsv, .data, .ndjson, .jsonl, .json, .parquet or .arrow, each also with .gz or .zst';

/**
 * What kind of table a file's name promises, or null for a file that is none. A `.txt` can be opened as a table
 * where somebody asks for it; in a folder it is far more often a README.
 */
export function dataFormat(path: string): TableFormat | null {
  if (/\.txt(?:\.\w+)?$/i.test(path)) return null;
  return formatOfName(path) ?? null;
}
