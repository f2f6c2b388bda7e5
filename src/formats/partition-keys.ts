/**
 * Values that stand in the names of folders, as `year=2026/month=01/part-0.parquet`: columns of the table whose files
 * lie there, each with one value in a file. Spark, Hive, pandas, pyarrow and DuckDB write and read such folders.
 */
import type { ColumnBatch, ColumnType, Field, VectorType } from '../stats/column.ts';
import { settleType } from './columns/asked-types.ts';
import { columnPositions } from './columns/batch-plan.ts';
import { repeated } from './columns/repeated-column.ts';
import { cellEvidence, columnTypeOf, readsAs, SEEN } from './csv/types.ts';
import type { AskedTypes, TableReader, TableWarning } from './table.ts';

const KEYED = /(?:^|\/)([^/=]+)=([^/]*)(?=\/)/gu;
/** What is written where there is no value. */
const NO_VALUE = '__HIVE_DEFAULT_PARTITION__';
const NAMED = 10;

/** A column of one file that has one value; plain data. */
export type PartitionKey = {
  readonly name: string;
  readonly type: Exclude<ColumnType, VectorType>;
  /** The value as the folder's name has it; null for none. */
  readonly text: string | null;
};

/**
 * The types of the keys of one table, which all of their values decide as those of a column of delimited text do: `01`
 * stays text, as it does for DuckDB.
 */
export class PartitionTypes {
  readonly #evidence = new Map<string, number>();
  readonly #asked: AskedTypes | undefined;

  constructor(asked?: AskedTypes) {
    this.#asked = asked;
  }

  add(path: string): void {
    for (const [name, text] of valuesOf(path)) {
      this.#evidence.set(name, (this.#evidence.get(name) ?? 0) | evidenceOf(text));
    }
  }

  /**
   * The keys of one of the files, in the order of its folders; where one stands in another of the same key, the inner one
   * counts. @throws TidemarkError `unreadable-data` for a type asked for that a value is not of.
   */
  keysOf(path: string): PartitionKey[] {
    return Array.from(valuesOf(path), ([name, text]) => ({ name, text, type: this.#typeOf(name) }));
  }

  #typeOf(name: string): PartitionKey['type'] {
    const evidence = this.#evidence.get(name) ?? SEEN.text;
    const found = { type: columnTypeOf(evidence), fits: (type: ColumnType) => readsAs(evidence, type) };
    // Neither a word nor a number is a vector.
    return settleType(name, found, this.#asked) as PartitionKey['type'];
  }
}

/** The keys of each file of one table, by its place. @throws as `keysOf`. */
export function partitionKeys(paths: readonly string[], asked?: AskedTypes): PartitionKey[][] {
  const types = new PartitionTypes(asked);
  for (const path of paths) types.add(path);
  return paths.map((path) => types.keysOf(path));
}

function valuesOf(path: string): Map<string, string | null> {
  const values = new Map<string, string | null>();
  for (const [, name = '', text = ''] of path.matchAll(KEYED)) {
    values.set(decoded(name), text === NO_VALUE ? null : decoded(text));
  }
  return values;
}

/** Signs that no folder may have in its name are escaped as in addresses; what is no such escape stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The words that mean "missing" in a table are values here, which have a sign of their own for that. */
function evidenceOf(text: string | null): number {
  if (text === null) return 0;
  const bytes = Buffer.from(text);
  const evidence = cellEvidence(bytes, 0, bytes.length, null);
  return evidence === 0 || (evidence & (SEEN.mark | SEEN.question)) !== 0 ? SEEN.text : evidence;
}

/** The keys that are columns: where the file has one of that name itself, what its bytes say counts. */
export const keysBeside = (keys: readonly PartitionKey[], fields: readonly { readonly name: string }[]) =>
  keys.filter(({ name }) => fields.every((field) => field.name !== name));

/** A table of one file with the keys of its folders as columns behind its own. */
export function withKeys(table: TableReader, given: readonly PartitionKey[]): TableReader {
  const keys = keysBeside(given, table.fields);
  if (keys.length === 0) return table;
  const own = table.fields.length;
  const fields: Field[] = [...table.fields, ...keys.map(({ name, type }) => ({ name, type }))];
  return {
    ...table,
    fields,
    batches: (columns, options) => {
      const positions = columnPositions(fields, columns);
      const named = positions.filter((position) => position < own).map((position) => fields[position]!.name);
      return joined(table.batches(named, options), { positions, keys, own });
    },
  };
}

type Joining = { readonly positions: readonly number[]; readonly keys: readonly PartitionKey[]; readonly own: number };

async function* joined(
  batches: AsyncIterable<ColumnBatch>,
  { positions, keys, own }: Joining,
): AsyncGenerator<ColumnBatch> {
  for await (const { rows, columns } of batches) {
    let read = 0;
    yield {
      rows,
      columns: positions.map((position) => (position < own ? columns[read++]! : repeated(keys[position - own]!, rows))),
    };
  }
}

/**
 * A warning of keys that files have as columns themselves: what the files say counts, though others, as Spark and DuckDB,
 * take what the folders say. Null where there are none.
 * @param names those of all keys that some file has
 */
export function partitionWarning(names: Iterable<string>): TableWarning | null {
  const both = [...new Set(names)];
  if (both.length === 0) return null;
  const detail = `Files have columns of their own that their folders are named by too, ${both.slice(0, NAMED).join(', ')}: the values in the files count, not the folders'.`;
  return { code: 'partition-keys', detail };
}
