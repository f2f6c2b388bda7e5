import { createCipheriv } from 'node:crypto';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';

export const MEBIBYTE = 2 ** 20;
/** Small enough to stay in a core's cache between reading it and sending it. */
const BLOCK = MEBIBYTE / 2;

/** Writes that many MiB of the keystream of AES-128-CTR: noise that the seed alone decides, at disk speed. */
export function writeRandomFile(path: string, mebibytes: number, seed: number): void {
  const key = Buffer.alloc(16);
  key.writeUInt32LE(seed);
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  const zeros = Buffer.alloc(MEBIBYTE);
  const file = openSync(path, 'w');
  try {
    for (let i = 0; i < mebibytes; i++) writeSync(file, cipher.update(zeros));
  } finally {
    closeSync(file);
  }
}

/**
 * The file behind a number of its own, so that each round sends an object that nobody has seen. One block serves for
 * all of it: whoever takes a part must be done with it before taking the next.
 */
export function* numberedFile(path: string, round: number): Generator<Uint8Array> {
  yield Buffer.from(`round ${String(round).padStart(9, '0')}\n`);
  const block = Buffer.allocUnsafeSlow(BLOCK);
  const file = openSync(path, 'r');
  try {
    for (let size = readSync(file, block); size > 0; size = readSync(file, block)) yield block.subarray(0, size);
  } finally {
    closeSync(file);
  }
}

/** Bytes that `numberedFile` puts before the file. */
export const NUMBER_BYTES = 16;
