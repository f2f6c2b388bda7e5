import { type CipherGCM, createCipheriv } from 'node:crypto';
import type { Digests } from '../../dvc/hash.ts';

/** Bytes of an object that one sum covers; only its last block may have fewer. */
export const SUMMED_BYTES = 1024 ** 2;
const SUM_BYTES = 16;

/**
 * GMAC (NIST SP 800-38D) under a key that everybody knows: a checksum of 128 bits, and no proof against somebody who
 * chooses the bytes. It finds what a disk or a wire does to a block; who may write into the store is stopped by the
 * SHA-256 of the whole. It is here because a processor computes it some ten times faster than a SHA-256, so that it
 * costs an upload next to nothing beside the two digests that it needs anyway.
 */
const KEY = Buffer.from('tidemark/blocks1');
const NONCE = Buffer.alloc(12);

/** What one pass over an object's bytes yields. */
export type SummedDigests = Digests & {
  /** Null for an object of one block. */
  readonly blockSums: Uint8Array | null;
};

/** Takes an object's bytes in order; `sums` ends it. */
export type BlockSummer = {
  readonly update: (chunk: Uint8Array) => void;
  /** The sums of the blocks one after the other; null for an object of one block, which is proved by its digest. */
  readonly sums: () => Uint8Array | null;
};

export function createBlockSummer(): BlockSummer {
  const sums: Uint8Array[] = [];
  let open: CipherGCM | null = null;
  let filled = 0;
  const close = (): void => {
    if (open !== null) sums.push(sumOf(open));
    open = null;
    filled = 0;
  };
  return {
    update(chunk) {
      for (let at = 0; at < chunk.byteLength; ) {
        const part = chunk.subarray(at, at + SUMMED_BYTES - filled);
        open ??= begin();
        open.setAAD(part);
        filled += part.byteLength;
        at += part.byteLength;
        if (filled === SUMMED_BYTES) close();
      }
    },
    sums() {
      close();
      return sums.length > 1 ? Buffer.concat(sums) : null;
    },
  };
}

/** The source, whose bytes are summed before they are handed on: whoever takes them may do away with them. */
export async function* summed(source: AsyncIterable<Uint8Array>, summer: BlockSummer): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    summer.update(chunk);
    yield chunk;
  }
}

/** Bytes `[start, end)`. */
export type ByteSpan = { readonly start: number; readonly end: number };

/** The blocks that a part of an object touches, and where their sums lie among those of all. */
export function touchedBlocks(range: ByteSpan, size: number): { readonly bytes: ByteSpan; readonly sums: ByteSpan } {
  const [first, end] = [Math.floor(range.start / SUMMED_BYTES), Math.ceil(range.end / SUMMED_BYTES)];
  return {
    bytes: { start: first * SUMMED_BYTES, end: Math.min(end * SUMMED_BYTES, size) },
    sums: { start: first * SUM_BYTES, end: end * SUM_BYTES },
  };
}

/** True when these are the bytes of the block whose sum is the one at `index`, whole. */
export function bearsSum(sums: Uint8Array, index: number, block: Uint8Array): boolean {
  const sum = sumOf(begin().setAAD(block));
  return sum.equals(sums.subarray(index * SUM_BYTES, (index + 1) * SUM_BYTES));
}

const begin = (): CipherGCM => createCipheriv('aes-128-gcm', KEY, NONCE);

function sumOf(cipher: CipherGCM): Buffer {
  cipher.final();
  return cipher.getAuthTag();
}
