import { type CipherGCM, createCipheriv, randomBytes } from 'node:crypto';
import type { Digests } from '../../dvc/hash.ts';

/** Bytes of an object that one sum covers; only its last block may have fewer. */
export const SUMMED_BYTES = 1024 ** 2;
const SUM_BYTES = 16;
const KEY_BYTES = 16;

/**
 * GMAC (NIST SP 800-38D) of each block, under a key of the object's own, which lies before its sums in the database,
 * and with the number of the block as the nonce. It proves the bytes to the service against whatever a disk or a wire
 * does to them, and against anybody who can write into the store but cannot read the database: without the key no
 * block can be made that bears its sum, be it another block of the same object. Who can write into the database could
 * write another SHA-256 there as well. A processor computes it some ten times faster than a SHA-256, so that it costs
 * an upload next to nothing, and so that what is read whole is proved by it; the scrub reads by the SHA-256.
 */
const CIPHER = 'aes-128-gcm';
const NONCE_BYTES = 12;

/** A new object's key. */
const newBlockKey = (): Uint8Array => randomBytes(KEY_BYTES);

/** What one pass over an object's bytes yields. */
export type SummedDigests = Digests & {
  /** Null for an object of one block. */
  readonly blockSums: Uint8Array | null;
};

/** Takes an object's bytes in order; `sums` ends it. */
export type BlockSummer = {
  readonly update: (chunk: Uint8Array) => void;
  /** The key, and the sums of the blocks one after the other; null for an object of one block: its digest proves it. */
  readonly sums: () => Uint8Array | null;
};

export function createBlockSummer(key = newBlockKey()): BlockSummer {
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
        open ??= begin(key, sums.length);
        open.setAAD(part);
        filled += part.byteLength;
        at += part.byteLength;
        if (filled === SUMMED_BYTES) close();
      }
    },
    sums() {
      close();
      return sums.length > 1 ? Buffer.concat([key, ...sums]) : null;
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

/** The blocks that a part of an object touches, and where their sums lie behind the key. */
export function touchedBlocks(range: ByteSpan, size: number): { readonly bytes: ByteSpan; readonly sums: ByteSpan } {
  const [first, end] = [Math.floor(range.start / SUMMED_BYTES), Math.ceil(range.end / SUMMED_BYTES)];
  return {
    bytes: { start: first * SUMMED_BYTES, end: Math.min(end * SUMMED_BYTES, size) },
    sums: { start: KEY_BYTES + first * SUM_BYTES, end: KEY_BYTES + end * SUM_BYTES },
  };
}

/** Where the key lies. */
export const KEY_SPAN: ByteSpan = { start: 0, end: KEY_BYTES };

/** The key and the sums of some blocks, of those of all. */
export function sumsWithin(sums: Uint8Array, { start, end }: ByteSpan): Uint8Array {
  return Buffer.concat([sums.subarray(KEY_SPAN.start, KEY_SPAN.end), sums.subarray(start, end)]);
}

/**
 * True when these are the bytes of a block, whole.
 * @param sums the key and the sums of the blocks from number `first` on.
 */
export function bearsSum(sums: Uint8Array, { first, number }: { first: number; number: number }, block: Uint8Array) {
  const at = KEY_BYTES + (number - first) * SUM_BYTES;
  if (sums.byteLength < at + SUM_BYTES) return false;
  const sum = sumOf(begin(sums.subarray(0, KEY_BYTES), number).setAAD(block));
  return sum.equals(sums.subarray(at, at + SUM_BYTES));
}

function begin(key: Uint8Array, number: number): CipherGCM {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUIntBE(number, NONCE_BYTES - 6, 6);
  return createCipheriv(CIPHER, key, nonce);
}

function sumOf(cipher: CipherGCM): Buffer {
  cipher.final();
  return cipher.getAuthTag();
}
