/**
 * Hashes in the order of their first 32 bits. Rows that go into an index in its own order touch each of its
 * pages once, which is several times faster than in random order.
 */
export function bySortedHash(hashes: readonly string[]): string[] {
  if (hashes.length > POSITIONS) return hashes.toSorted();
  // The position rides in the low bits of a number that sorts by the hash: typed arrays sort without a comparator.
  const keys = Float64Array.from(hashes, (hash, i) => Number.parseInt(hash.slice(0, 8), 16) * POSITIONS + i).sort();
  return Array.from(keys, (key) => hashes[key % POSITIONS] ?? '');
}

/** 2^32 hashes times 2^21 positions still are exact in a double. */
const POSITIONS = 2 ** 21;

/** Consecutive parts of at most `size` items. */
export function* slices<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}
