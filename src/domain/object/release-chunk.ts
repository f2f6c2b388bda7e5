import { giveBackChunk } from '../../store/objects/chunk-memory.ts';

/** Smaller ones may be parts of a pool, and do not matter. */
const SMALLEST = 16 * 1024;

/**
 * Gives the memory of a chunk back at once; nothing may read it any more. Chunks lie outside of the heap, and V8
 * marks the whole heap each time that a few dozen MiB of dead ones have gathered: with large files that took more
 * time than their digests.
 */
export function releaseChunk(chunk: Uint8Array): void {
  const { buffer, byteLength } = chunk;
  if (giveBackChunk(chunk) || byteLength < SMALLEST || byteLength !== buffer.byteLength) return;
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
