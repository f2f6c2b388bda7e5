import { createCipheriv } from 'node:crypto';
import { closeSync, createReadStream, openSync, writeSync } from 'node:fs';

export const MEBIBYTE = 2 ** 20;

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

/** The file behind a number of its own, so that each round sends an object that nobody has seen. */
export async function* numberedFile(path: string, round: number): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`round ${String(round).padStart(9, '0')}\n`);
  yield* createReadStream(path, { highWaterMark: MEBIBYTE }) as AsyncIterable<Uint8Array>;
}

/** Bytes that `numberedFile` puts before the file. */
export const NUMBER_BYTES = 16;
