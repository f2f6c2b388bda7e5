import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLargeFiles, type LargeFile } from '../../src/cli/large-files.ts';
import { md5, noise } from '../support/bytes.ts';

let folder: string;
const files = createLargeFiles();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-large-files-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Adds bytes in chunks of odd lengths that are overwritten as soon as they were taken. */
async function add(file: LargeFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength; at += 70_001) {
    const chunk = bytes.slice(at, at + 70_001);
    const full = file.add(chunk);
    chunk.fill(0);
    if (full !== null) await full;
  }
}

describe('large files', () => {
  it('that are written at the same time have the bytes that were added, and their digests', async () => {
    const contents = [0, 1, 524_288, 3_000_000, 5_000_017].map((size, i) => noise(size, i + 1));
    await Promise.all(
      contents.map(async (bytes, i) => {
        const path = join(folder, `together-${i}`);
        await writeFile(path, '');
        const file = await files.open(path, 0);
        await add(file, bytes);
        expect(await file.digest()).toBe(md5(bytes));
        await file.close();
        expect((await readFile(path)).equals(bytes)).toBe(true);
      }),
    );
  });

  it('go on behind the bytes that are kept, and lose what lay behind these', async () => {
    const bytes = noise(2_000_000, 9);
    const path = join(folder, 'kept');
    await writeFile(path, Buffer.concat([bytes.subarray(0, 1_234_567), Buffer.from('left over')]));
    const file = await files.open(path, 1_234_567);
    expect(file.size).toBe(1_234_567);
    await add(file, bytes.subarray(1_234_567));
    expect(await file.digest()).toBe(md5(bytes));
    expect((await readFile(path)).equals(bytes)).toBe(true);
  });

  it('that are given up have what was added by then', async () => {
    const bytes = noise(800_000, 5);
    const path = join(folder, 'given-up');
    await writeFile(path, '');
    const file = await files.open(path, 0);
    await add(file, bytes);
    await file.close();
    expect((await readFile(path)).equals(bytes)).toBe(true);
  });

  it('say what the system says', async () => {
    await expect(files.open(join(folder, 'absent', 'x'), 0)).rejects.toMatchObject({ code: 'ENOENT' });
    // A device that is always full.
    const full = await files.open('/dev/full', 0);
    await add(full, noise(1_000_000));
    await expect(full.digest()).rejects.toMatchObject({ code: 'ENOSPC' });
    await full.close();
  });
});
