import { repeated } from '../../formats/columns/repeated-column.ts';
import type { PartitionKey } from '../../formats/partition-keys.ts';
import { mergeProfiles } from '../../stats/merge-profiles.ts';
import type { TableProfile } from '../../stats/profile.ts';
import { createTableProfiler } from '../../stats/table-profiler.ts';

/**
 * The profile of a file with the keys of its folders as columns behind its own. Of a key there is one value, so that the
 * profile of as many rows as the file has is put together from that of one, without looking at a row.
 * @param keys those that are no columns of the file itself
 */
export function withKeyProfiles(file: TableProfile, keys: readonly PartitionKey[]): TableProfile {
  if (keys.length === 0) return file;
  return { ...file, columns: [...file.columns, ...profileOfRows(keys, file.rows).columns] };
}

/** By doubling, as a number is written in binary digits: each merge of equal values is exact. */
function profileOfRows(keys: readonly PartitionKey[], rows: number): TableProfile {
  let doubled = profileOf(keys, 1);
  let found: TableProfile | null = null;
  for (let left = rows; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) found = found === null ? doubled : mergeProfiles(found, doubled);
    if (left > 1) doubled = mergeProfiles(doubled, doubled);
  }
  return found ?? profileOf(keys, 0);
}

function profileOf(keys: readonly PartitionKey[], rows: number): TableProfile {
  const profiler = createTableProfiler(keys.map(({ name, type }) => ({ name, type })));
  profiler.add({ rows, columns: keys.map((key) => repeated(key, rows)) });
  return profiler.finish();
}
