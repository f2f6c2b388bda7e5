import { type ColumnPart, concatenate } from '../../formats/concatenate-columns.ts';
import type { TableReader } from '../../formats/table.ts';
import { openTable } from '../../formats/table-reader.ts';
import type { Column, ColumnType } from '../../stats/column.ts';

/** A reference as a compute child gets it. */
export type ReferenceFiles = {
  /** The version's oid: what has been read under it stays as it is for ever. */
  readonly oid: string;
  readonly files: readonly { readonly path: string; readonly file: string }[];
};

export type WantedColumn = { readonly name: string; readonly type: ColumnType };

/** The reference read last: the windows of a monitor are judged one after another against the same one. */
let kept: { readonly oid: string; readonly columns: Map<string, Column> } = { oid: '', columns: new Map() };

/**
 * Columns of a reference, in the order wanted, each over the rows of all its files. With `keep` they stay in
 * memory until another reference is read; without it they are let go, and what was kept as well.
 * @throws TidemarkError `unreadable-data`.
 */
export async function referenceColumns(
  reference: ReferenceFiles,
  wanted: readonly WantedColumn[],
  options: { readonly keep: boolean; readonly memoryBytes: number },
): Promise<Column[]> {
  if (kept.oid !== reference.oid || !options.keep) kept = { oid: reference.oid, columns: new Map() };
  const { columns } = kept;
  const missing = wanted.filter(({ name }) => !columns.has(name));
  if (missing.length > 0) {
    const read = await readColumns(reference, missing, options.memoryBytes);
    missing.forEach(({ name }, i) => {
      const column = read[i];
      if (column !== undefined) columns.set(name, column);
    });
  }
  const found = wanted.map(({ name }) => columns.get(name));
  if (!options.keep) kept = { oid: '', columns: new Map() };
  return found.filter((column) => column !== undefined);
}

async function readColumns(
  reference: ReferenceFiles,
  wanted: readonly WantedColumn[],
  memoryBytes: number,
): Promise<Column[]> {
  const parts: ColumnPart[][] = wanted.map(() => []);
  for (const { path, file } of reference.files) {
    const table = await openTable(file, { name: path, memoryBytes });
    try {
      await readParts(table, wanted, parts);
    } finally {
      await table.close();
    }
  }
  return wanted.map(({ type }, i) => concatenate(parts[i] ?? [], type));
}

/** A file of the version may lack a column that another one has: its rows count, without a value. */
async function readParts(
  table: TableReader,
  wanted: readonly WantedColumn[],
  parts: readonly ColumnPart[][],
): Promise<void> {
  const names = new Set(table.fields.map(({ name }) => name));
  const present = wanted.map(({ name }) => name).filter((name) => names.has(name));
  const first = table.fields[0]?.name;
  const read = present.length > 0 || first === undefined ? present : [first];
  for await (const batch of table.batches(read)) {
    wanted.forEach(({ name }, i) => {
      parts[i]?.push({ rows: batch.rows, column: batch.columns[present.indexOf(name)] ?? null });
    });
  }
}
