import type { Oid } from '../../dvc/hash.ts';
import type { ObjectRemote } from '../remotes/remote.ts';
import { type ByteSpan, bearsSum, SUMMED_BYTES, touchedBlocks } from './block-sums.ts';
import { dropChunk, takeChunk } from './chunk-memory.ts';
import { corrupt, verified } from './object-verify.ts';

type Proved = { readonly oid: Oid; readonly sha256: string; readonly size: number };

type Part = {
  readonly object: Proved;
  /** Not empty. */
  readonly range: ByteSpan;
  /** The key and the sums of the blocks that it touches. */
  readonly sums: Uint8Array;
};

/**
 * A part of an object of more than one block, or all of it. The blocks that it touches are read whole, and each is
 * compared with its sum before any of it is given. Memory is one block.
 * @throws TidemarkError `not-found`; `object-corrupt` in place of the first block that is wrong.
 */
export async function openProvedRange(
  remote: Pick<ObjectRemote, 'read'>,
  part: Part,
): Promise<AsyncIterable<Uint8Array>> {
  const { object, range } = part;
  const touched = touchedBlocks(range, object.size).bytes;
  // Of what is read to its end it is seen also when there is more.
  const asked = touched.end === object.size ? { start: touched.start } : touched;
  return compared(await remote.read(object.oid, asked), part, touched);
}

/**
 * A part of an object of one block: it is small enough to be read whole, and judged by its digest.
 * @throws TidemarkError `not-found`; `object-corrupt` in place of the first byte.
 */
export async function openCutRange(
  remote: Pick<ObjectRemote, 'read'>,
  { object, range }: Omit<Part, 'sums'>,
): Promise<AsyncIterable<Uint8Array>> {
  return cut(verified(await remote.read(object.oid), object), range);
}

async function* cut(source: AsyncIterable<Uint8Array>, range: ByteSpan): AsyncGenerator<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  yield Buffer.concat(chunks).subarray(range.start, range.end);
}

async function* compared(
  source: AsyncIterable<Uint8Array>,
  { object, range, sums }: Part,
  touched: ByteSpan,
): AsyncGenerator<Uint8Array> {
  let at = touched.start;
  const first = at / SUMMED_BYTES;
  for await (const block of inBlocks(source)) {
    if (!bearsSum(sums, { first, number: at / SUMMED_BYTES }, block)) throw corrupt(object);
    const wanted = block.subarray(Math.max(range.start - at, 0), range.end - at);
    // Before it is given: whoever takes a whole block may do away with its memory.
    at += block.byteLength;
    yield wanted;
  }
  if (at !== touched.end) throw corrupt(object);
}

/** Chunks as whole blocks; a chunk that is one goes through as it is. */
async function* inBlocks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let block = new Uint8Array(0);
  let filled = 0;
  for await (const chunk of source) {
    if (filled === 0 && chunk.byteLength === SUMMED_BYTES) {
      yield chunk;
      continue;
    }
    for (let taken = 0; taken < chunk.byteLength; ) {
      // Another one for each: whoever took the last may do away with it.
      if (filled === 0) block = takeChunk();
      const part = chunk.subarray(taken, taken + SUMMED_BYTES - filled);
      block.set(part, filled);
      filled += part.byteLength;
      taken += part.byteLength;
      if (filled < SUMMED_BYTES) continue;
      yield block;
      filled = 0;
    }
    dropChunk(chunk);
  }
  if (filled > 0) yield block.subarray(0, filled);
}
