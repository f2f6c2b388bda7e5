import { dropChunk } from '../../store/objects/chunk-memory.ts';

/** Gives the memory of a chunk back at once; nothing may read it any more. */
export const releaseChunk: (chunk: Uint8Array) => void = dropChunk;
