/** Which format a file has: said by the caller, by its first bytes, or by its name, in this order. */
import { isArrowFile } from './arrow/messages.ts';
import { compressionOf } from './byte-source.ts';
import type { TableFormat } from './table.ts';
import { unreadable } from './unreadable.ts';

const EXTENSIONS: ReadonlyMap<string, TableFormat> = new Map([
  ['csv', 'csv'],
  ['txt', 'csv'],
  ['data', 'csv'],
  ['tsv', 'tsv'],
  ['tab', 'tsv'],
  ['ndjson', 'ndjson'],
  ['jsonl', 'ndjson'],
  ['json', 'json'],
  ['parquet', 'parquet'],
  ['pq', 'parquet'],
  ['arrow', 'arrow'],
  ['arrows', 'arrow'],
  ['ipc', 'arrow'],
  ['feather', 'arrow'],
]);

/** What archives, and workbooks, begin with; no text does. */
const ZIP = [0x50, 0x4b, 0x03, 0x04];

/** The format that a name's extension says; `.gz` and `.zst` before it are looked through. */
export function formatOfName(name: string): TableFormat | undefined {
  const plain = name.toLowerCase().replace(/\.(?:gz|gzip|zst|zstd)$/, '');
  const dot = plain.lastIndexOf('.');
  return dot < 0 ? undefined : EXTENSIONS.get(plain.slice(dot + 1));
}

/**
 * The format of compressed bytes that have to be inflated before they can be read, since theirs are read from several
 * places; null for all others. Only a name tells.
 */
export function inflatedFormat(head: Uint8Array, name: string, given?: TableFormat): 'parquet' | 'arrow' | null {
  const format = given ?? formatOfName(name);
  if (compressionOf(head) === 'none' || (format !== 'parquet' && format !== 'arrow')) return null;
  return format;
}

/** The format of the file. Throws `unreadable-data` when nothing tells, or when name and bytes contradict. */
export function formatOf(head: Uint8Array, name: string, given?: TableFormat): TableFormat {
  const binary = formatOfBytes(head);
  const format = given ?? binary ?? formatOfName(name);
  if (ZIP.every((byte, i) => head[i] === byte)) {
    throw unreadable(
      'The file is a ZIP archive, as workbooks of Excel are too: take the table out of it, as CSV say. To compress it, use .gz or .zst.',
    );
  }
  if (format === undefined) {
    throw unreadable(
      'The format is not known; name the file .csv, .tsv, .ndjson, .json, .parquet or .arrow, or say the format.',
    );
  }
  if ((format === 'parquet') !== (binary === 'parquet')) {
    throw unreadable(
      format === 'parquet'
        ? 'The file does not begin with PAR1, so it is no Parquet file.'
        : `The file is Parquet, not ${format}.`,
    );
  }
  return format;
}

/** The format that the first bytes show, for those that begin with a mark of their own. */
export function formatOfBytes(head: Uint8Array): TableFormat | undefined {
  const magic = Buffer.from(head.subarray(0, 4)).toString('latin1');
  if (magic === 'PAR1' || magic === 'PARE') return 'parquet';
  if (isArrowFile(head)) return 'arrow';
  return head.length >= 4 && head.subarray(0, 4).every((b) => b === 0xff) ? 'arrow' : undefined;
}
