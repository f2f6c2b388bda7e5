/** What is carried in one go, small enough that several of them fit into memory. */
export const BATCH_BYTES = 4 * 1024 ** 2;
export const BATCH_FILES = 1000;
/** A larger file goes by itself and is never whole in memory. */
const SMALL_BYTES = 1024 ** 2;

/** Small files that go together, or a large one alone. */
export type Batch<T> =
  | { readonly kind: 'small'; readonly files: readonly T[] }
  | { readonly kind: 'large'; readonly file: T };

/** Files in batches, the large ones first, since they take longest. */
export function batchesOf<T extends { readonly size: number }>(files: Iterable<T>): Batch<T>[] {
  const large: Batch<T>[] = [];
  const small: Batch<T>[] = [];
  let open: T[] = [];
  let bytes = 0;
  for (const file of files) {
    if (file.size > SMALL_BYTES) {
      large.push({ kind: 'large', file });
      continue;
    }
    if (open.length === BATCH_FILES || (open.length > 0 && bytes + file.size > BATCH_BYTES)) {
      small.push({ kind: 'small', files: open });
      open = [];
      bytes = 0;
    }
    open.push(file);
    bytes += file.size;
  }
  if (open.length > 0) small.push({ kind: 'small', files: open });
  return [...large, ...small];
}

/** How many batches are at some stage at once: while some are stored, others are read. */
const AT_ONCE = 8;
/** Large files are digested side by side, and whatever is left over for the end has few beside it. */
const LARGE_AT_ONCE = 10;

/** How many of these batches go at once. */
export const widthOf = (batches: readonly Batch<unknown>[]): number =>
  batches.every(({ kind }) => kind === 'large') ? LARGE_AT_ONCE : AT_ONCE;
