import { hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { TidemarkError } from '../../../errors.ts';
import { isMissing } from '../../../store/objects/durable-files.ts';
import { storeFailure } from '../../../store/objects/object-failure.ts';

/** Where the bytes of a batch lie on the local disk, as a compute child gets it. */
export type LocalBatch = {
  readonly oid: string;
  readonly path: string;
  /** Of its first byte. */
  readonly start: number;
  /** Bytes. */
  readonly size: number;
  /** What they have to be; null for a copy that was verified when it was made. */
  readonly digest: { readonly algorithm: 'md5' | 'sha256'; readonly hex: string } | null;
};

/**
 * The bytes of a batch, in memory of their own, verified. Without a wait: the process has nothing else to do.
 * @throws TidemarkError `object-corrupt` with its oid where they are wrong or lost; `store-unavailable`.
 */
export function localBatchBytes(batch: LocalBatch): Uint8Array<ArrayBuffer> {
  const bytes = read(batch);
  const { digest } = batch;
  if (bytes !== null && (digest === null || hash(digest.algorithm, bytes) === digest.hex)) return bytes;
  throw wrongOrLost(batch.oid);
}

/** Null where there are fewer, or no such file. What is announced is not allocated before it is there. */
function read({ path, start, size }: LocalBatch): Uint8Array<ArrayBuffer> | null {
  let file: number | null = null;
  try {
    file = openSync(path, 'r');
    const found = fstatSync(file);
    if (!found.isFile() || found.size < start + size) return null;
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; ) {
      const count = readSync(file, bytes, at, size - at, start + at);
      if (count === 0) return null;
      at += count;
    }
    return bytes;
  } catch (error) {
    if (isMissing(error)) return null;
    throw storeFailure(error, 'reading a batch');
  } finally {
    if (file !== null) closeSync(file);
  }
}

/** A batch whose bytes are not there as they were stored. */
export function wrongOrLost(oid: string): TidemarkError {
  return new TidemarkError(
    'object-corrupt',
    `The stored bytes of ${oid}, a batch of predictions, are wrong or lost; send the batch again.`,
    { details: { oid } },
  );
}
