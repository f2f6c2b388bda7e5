import type { TableFormat } from '../../formats/table.ts';

const FORMATS: ReadonlyMap<string, TableFormat> = new Map([
  ['csv', 'csv'],
  ['tsv', 'tsv'],
  ['ndjson', 'ndjson'],
  ['jsonl', 'ndjson'],
  ['json', 'json'],
  ['parquet', 'parquet'],
  ['pq', 'parquet'],
  ['arrow', 'arrow'],
  ['arrows', 'arrow'],
  ['feather', 'arrow'],
]);

/** For people: the endings that a table may have. */
export const DATA_ENDINGS = `${[...FORMATS.keys()].map((ending) => `.${ending}`).join(', ')}, each also with .gz or .zst`;

const COMPRESSION = /\.(?:gz|zst)$/;

/** What kind of table a file's name promises, or null for a file that is no table. */
export function dataFormat(path: string): TableFormat | null {
  const name = path
    .toLowerCase()
    .slice(path.lastIndexOf('/') + 1)
    .replace(COMPRESSION, '');
  const dot = name.lastIndexOf('.');
  return dot === -1 ? null : (FORMATS.get(name.slice(dot + 1)) ?? null);
}
