/** Counts of both sides over the union of their values, in the order of the reference and then of first sight. */
export type PairedCounts = {
  readonly keys: readonly string[];
  readonly reference: Float64Array;
  readonly current: Float64Array;
};

export function pairedCounts(
  reference: ReadonlyMap<string, number>,
  current: ReadonlyMap<string, number>,
): PairedCounts {
  const keys = [...new Set([...reference.keys(), ...current.keys()])];
  return {
    keys,
    reference: Float64Array.from(keys, (key) => reference.get(key) ?? 0),
    current: Float64Array.from(keys, (key) => current.get(key) ?? 0),
  };
}

export function totalOf(counts: Iterable<number>): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
