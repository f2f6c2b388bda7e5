import type { TableWarning } from './table.ts';

/** Folders of one table, named `key=value`: what a partitioned Parquet data set is written as. */
const KEYED = /(?:^|\/)([^/=]+)=[^/]*(?=\/)/gu;

const NAMED = 10;

/** The keys that the folders of a path are named by. */
export function partitionKeys(path: string): string[] {
  return [...path.matchAll(KEYED)].flatMap(([, key]) => (key === undefined ? [] : [key]));
}

/**
 * A warning of values that stand in the names of folders alone, such as `year=2026/part-0.parquet`: they are read from
 * no file, so no column has them. Null where there are none.
 * @param keys those of all files of one table
 * @param columns those that the files have: a key that is among them is no loss
 */
export function partitionWarning(keys: Iterable<string>, columns: Iterable<string>): TableWarning | null {
  const lost = new Set(keys);
  for (const column of columns) lost.delete(column);
  if (lost.size === 0) return null;
  const named = [...lost].slice(0, NAMED).join(', ');
  const detail = `The values of ${named} stand in the names of folders alone, so no column has them; write them into the files too, and they are looked at.`;
  return { code: 'partition-keys', detail };
}
