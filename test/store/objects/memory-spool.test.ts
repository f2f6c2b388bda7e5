import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemorySpool } from '../../../src/store/objects/memory-spool.ts';
import { noise } from '../../support/bytes.ts';

const LIMIT = 256 * 1024;

describe('bytes on their way', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidemark-memory-spool-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it.each([[[]], [[noise(0)]], [[noise(LIMIT, 1)]]])('stay in memory while they are few', async (blocks) => {
    const spool = createMemorySpool(folder);
    for (const block of blocks) {
      const lent = block.slice();
      await spool.write(lent);
      lent.fill(0);
    }
    expect(await spool.finish()).toEqual({ bytes: blocks[0] ?? noise(0) });
    expect(await readdir(folder)).toEqual([]);
    await spool.discard();
  });

  it.each([
    ['in several blocks', [noise(10, 1), noise(LIMIT, 2), noise(3, 3)]],
    ['in one', [noise(LIMIT + 1, 4)]],
  ])('go to the disk when they are more, %s, until they are discarded', async (_, blocks) => {
    const spool = createMemorySpool(folder);
    for (const block of blocks) await spool.write(block);
    const spooled = await spool.finish();
    const path = 'path' in spooled ? spooled.path : '';
    expect((await readFile(path)).equals(Buffer.concat(blocks))).toBe(true);
    await spool.discard();
    await spool.discard();
    expect(await readdir(folder)).toEqual([]);
  });

  it('say so where there is no place for them', async () => {
    await writeFile(join(folder, 'file'), '');
    const spool = createMemorySpool(join(folder, 'file', 'below'));
    await expect(spool.write(noise(LIMIT + 1))).rejects.toMatchObject({ code: 'store-unavailable' });
    await spool.discard();
  });
});
