import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ObjectRemote } from '../../../src/store/remotes/remote.ts';
import { createDirectoryRemote } from '../../../src/store/remotes/remote-directory.ts';
import { all, chunks, collect, md5, noise } from '../../support/bytes.ts';

/** A disk that loses what was written: the next `failing` calls that make a file's bytes durable tell of it. */
const disk = vi.hoisted(() => ({ failing: 0, asked: 0 }));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return {
    ...real,
    open: async (...given: Parameters<typeof real.open>) => {
      const handle = await real.open(...given);
      for (const name of ['sync', 'datasync'] as const) {
        const sync = handle[name].bind(handle);
        handle[name] = async () => {
          disk.asked++;
          if (disk.failing-- > 0) throw Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' });
          await sync();
        };
      }
      return handle;
    },
  };
});

let folder: string;
let remote: ObjectRemote;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-eio-'));
  remote = createDirectoryRemote(folder);
  Object.assign(disk, { failing: 0, asked: 0 });
});
afterEach(() => rm(folder, { recursive: true }));

const put = (bytes: Uint8Array) => remote.put(chunks(bytes), { maxBytes: 1e9 });

describe('a disk that is asked to keep an object', () => {
  test('is asked for its bytes and its name, and once for each folder that it is the first in', async () => {
    const asked = async (bytes: Uint8Array) => {
      disk.asked = 0;
      await put(bytes);
      return disk.asked;
    };
    const [first, ...others] = Array.from({ length: 50 }, (_, i) => noise(100, i + 1));
    // The bytes; `files` in the root, `md5` in that, the folder in that; the name.
    expect(await asked(first as Uint8Array)).toBe(5);
    const seen = new Set([md5(first as Uint8Array).slice(0, 2)]);
    for (const bytes of others) {
      const folder = md5(bytes).slice(0, 2);
      expect(await asked(bytes)).toBe(seen.has(folder) ? 2 : 3);
      seen.add(folder);
    }
    expect(seen.size).toBeLessThan(50);
  });
});

describe('a disk that cannot keep the bytes of an upload', () => {
  test.each([100, 20_000_000])(
    'of %i makes it fail, is not asked again for them, and leaves no object',
    async (size) => {
      const bytes = noise(size);
      disk.failing = 1;
      await expect(put(bytes)).rejects.toMatchObject({ code: 'store-unavailable', retryAfter: 5 });
      // What an fsync has lost, a second one on the same file would call safe.
      expect(disk.failing).toBeLessThanOrEqual(0);
      if (size === 100) expect(disk.asked).toBe(1);
      expect([await all(remote.list()), await readdir(join(folder, 'tmp'))]).toEqual([[], []]);
      expect(await put(bytes)).toMatchObject({ oid: md5(bytes), existed: false });
      expect(md5(await collect(await remote.read(md5(bytes))))).toBe(md5(bytes));
    },
  );
});
