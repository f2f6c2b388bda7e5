/** Bytes that the profilers of the columns that are read at once may take together. */
const GROUP_BYTES = 2 ** 28;
/** What a profiler keeps of a column at most, in values and in what it knows of them besides. */
const MOST_VALUES_BYTES = 2 ** 17;
const BESIDES_BYTES = 20 * 2 ** 10;

/**
 * Columns in groups that are read one after another, so that a table of ten thousand takes no more memory than one of
 * hundreds; a table of ordinary width is one group. `valueBytes` is what the values of one column take in one part, of
 * which `parts` are held at once. Without columns there is one group without any: the rows are still to be counted.
 */
export function columnGroups<Column>(
  columns: readonly Column[],
  { valueBytes, parts }: { readonly valueBytes: number; readonly parts: number },
): Column[][] {
  const each = parts * (Math.min(valueBytes, MOST_VALUES_BYTES) + BESIDES_BYTES);
  const size = Math.max(1, Math.floor(GROUP_BYTES / each));
  const groups = [columns.slice(0, size)];
  for (let from = size; from < columns.length; from += size) groups.push(columns.slice(from, from + size));
  return groups;
}
