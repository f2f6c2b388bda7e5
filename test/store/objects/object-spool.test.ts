import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BLOCK_BYTES, giveBackBlock, takeBlock } from '../../../src/store/objects/object-blocks.ts';
import { openSpool } from '../../../src/store/objects/object-spool.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-spool-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** Bytes that differ from page to page and from block to block. */
function fill(block: Uint8Array, seed: number): Uint8Array {
  for (let i = 0; i < block.byteLength; i++) block[i] = (i >> 7) + i * 31 + seed;
  return block;
}

describe.each([true, false])('a spool with durable: %s', (durable) => {
  test('keeps blocks of every size and place in memory in their order, read-only', async () => {
    const aligned = takeBlock();
    fill(aligned, 1);
    const parts = [
      aligned.subarray(0, 256 * 1024),
      aligned,
      aligned.subarray(4096, 8192),
      // From here on nothing lies where a disk would take it from.
      aligned.subarray(0, 1000),
      aligned.subarray(0, 8192),
      fill(new Uint8Array(BLOCK_BYTES), 2),
      fill(new Uint8Array(3), 3),
    ];
    const spool = await openSpool(folder, { durable });
    for (const part of parts) await spool.write(part);
    await spool.finish();
    expect(Buffer.compare(await readFile(spool.path), Buffer.concat(parts))).toBe(0);
    expect((await stat(spool.path)).mode & 0o777).toBe(0o444);
    giveBackBlock(aligned);
  });

  test('takes whole sectors that lie askew in memory', async () => {
    const askew = fill(new Uint8Array(new SharedArrayBuffer(3 * BLOCK_BYTES)), 4).subarray(1, 1 + 2 * BLOCK_BYTES);
    const spool = await openSpool(folder, { durable });
    await spool.write(askew);
    await spool.finish();
    expect(Buffer.compare(await readFile(spool.path), askew)).toBe(0);
  });

  test('is gone when it is discarded, also while it is written to', async () => {
    const block = takeBlock();
    const spool = await openSpool(folder, { durable });
    const writing = spool.write(block);
    await spool.discard();
    await writing;
    expect(await readdir(folder)).toEqual([]);
    giveBackBlock(block);
  });
});
