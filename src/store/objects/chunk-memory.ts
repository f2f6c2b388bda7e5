/** What a file is read in at once. As long as a block that has a sum of its own, so that one can be judged in place. */
export const CHUNK_BYTES = 1024 ** 2;

/** More than so many at once are made, and forgotten. */
const KEPT = 16;

const free: ArrayBuffer[] = [];

/** Those that were handed out. A chunk of other memory is none of ours, however long it is. */
const out = new WeakSet<ArrayBuffer>();

/**
 * Memory for a chunk of `CHUNK_BYTES`, which is the caller's. Fresh memory is cleared by the system page by page, which
 * takes several times as long as to read a file into it, so that what is given back is handed out again.
 */
export function takeChunk(): Uint8Array<ArrayBuffer> {
  const memory = free.pop() ?? new ArrayBuffer(CHUNK_BYTES);
  out.add(memory);
  return new Uint8Array(memory);
}

/**
 * Ends the use of a chunk that was taken here: nothing may read it any more. What never comes back is collected.
 * @returns whether it was one.
 */
export function giveBackChunk({ buffer }: Uint8Array): boolean {
  // Removed, so that one that is given back twice is not handed out twice.
  if (!(buffer instanceof ArrayBuffer) || !out.delete(buffer)) return false;
  if (free.length < KEPT) free.push(buffer);
  // Given back at once, for V8 looks for it late.
  else buffer.transfer(0);
  return true;
}

/** Smaller ones may be parts of a pool, and do not matter. */
const SMALLEST = 16 * 1024;

/**
 * Gives the memory of a chunk back at once, whosever it is; nothing may read it any more. Chunks lie outside of the heap,
 * and V8 marks the whole heap each time that a few dozen MiB of dead ones have gathered: with large files that took
 * more time than their digests.
 */
export function dropChunk(chunk: Uint8Array): void {
  const { buffer, byteLength } = chunk;
  if (giveBackChunk(chunk) || byteLength < SMALLEST || byteLength !== buffer.byteLength) return;
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
