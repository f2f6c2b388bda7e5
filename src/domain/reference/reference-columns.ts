import { type ColumnPart, concatenate } from '../../formats/columns/concatenate-columns.ts';
import type { TableReader } from '../../formats/table.ts';
import { type FileReading, openTableFile } from '../../formats/table-file.ts';
import { type Column, type ColumnType, isVectorType } from '../../stats/column.ts';
import { VectorSample } from '../../stats/sampling/vector-sample.ts';

/** A reference as a compute child gets it. */
export type ReferenceFiles = {
  /** The version's oid: what has been read under it stays as it is for ever. */
  readonly oid: string;
  readonly files: readonly (FileReading & { readonly path: string; readonly file: string })[];
};

export type WantedColumn = { readonly name: string; readonly type: ColumnType };

/** The reference read last: the windows of a monitor are judged one after another against the same one. */
let kept: { readonly read: string; readonly columns: Map<string, Column> } = { read: '', columns: new Map() };

/**
 * Columns of a reference, in the order wanted, each over the rows of all its files; of vectors as many random ones as a
 * comparison looks at, whose rows are no other column's. With `keep` they stay in
 * memory until another reference is read; without it they are let go, and what was kept as well.
 * @throws TidemarkError `unreadable-data`.
 */
export async function referenceColumns(
  reference: ReferenceFiles,
  wanted: readonly WantedColumn[],
  options: { readonly keep: boolean; readonly memoryBytes: number },
): Promise<Column[]> {
  const read = readAs(reference);
  if (kept.read !== read || !options.keep) kept = { read, columns: new Map() };
  const { columns } = kept;
  const missing = wanted.filter(({ name }) => !columns.has(name));
  if (missing.length > 0) {
    const found = await readColumns(reference, missing, options.memoryBytes);
    missing.forEach(({ name }, i) => {
      const column = found[i];
      if (column !== undefined) columns.set(name, column);
    });
  }
  const found = wanted.map(({ name }) => columns.get(name));
  if (!options.keep) kept = { read: '', columns: new Map() };
  return found.filter((column) => column !== undefined);
}

/** The same bytes may be read otherwise by another version: all of its files, and of their folders' keys all or none. */
const readAs = ({ oid, files }: ReferenceFiles): string =>
  JSON.stringify([oid, files[0]?.csv ?? {}, files.some(({ keys = [] }) => keys.length > 0)]);

async function readColumns(
  reference: ReferenceFiles,
  wanted: readonly WantedColumn[],
  memoryBytes: number,
): Promise<Column[]> {
  const taken = wanted.map(({ type }) => taking(type));
  for (const { path, ...file } of reference.files) {
    const table = await openTableFile({ ...file, name: path }, { memoryBytes });
    try {
      await readParts(table, wanted, taken);
    } finally {
      await table.close();
    }
  }
  return taken.map(({ finish }) => finish());
}

/** A column that is read part by part. */
type Taking = { readonly add: (rows: number, column: Column | null) => void; readonly finish: () => Column };

function taking(type: ColumnType): Taking {
  if (isVectorType(type)) {
    const sample = new VectorSample(type);
    return { add: (rows, column) => sample.add(rows, column), finish: () => sample.finish() };
  }
  const parts: ColumnPart[] = [];
  return { add: (rows, column) => parts.push({ rows, column }), finish: () => concatenate(parts, type) };
}

/** A file of the version may lack a column that another one has: its rows count, without a value. */
async function readParts(table: TableReader, wanted: readonly WantedColumn[], taken: readonly Taking[]): Promise<void> {
  const names = new Set(table.fields.map(({ name }) => name));
  const present = wanted.map(({ name }) => name).filter((name) => names.has(name));
  const first = table.fields[0]?.name;
  const read = present.length > 0 || first === undefined ? present : [first];
  for await (const batch of table.batches(read)) {
    wanted.forEach(({ name }, i) => {
      taken[i]?.add(batch.rows, batch.columns[present.indexOf(name)] ?? null);
    });
  }
}
