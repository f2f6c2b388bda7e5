import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { legacyPath, objectPath } from '../../../src/dvc/path.ts';
import type { ObjectRemote } from '../../../src/store/remotes/remote.ts';
import { createDirectoryRemote } from '../../../src/store/remotes/remote-directory.ts';
import { createMountedRemote } from '../../../src/store/remotes/remote-mounted.ts';
import { all, chunks, collect, md5 } from '../../support/bytes.ts';
import { describeRemote } from './remote-contract.ts';

const OPEN = { maxBytes: 1e9 };
const UNAVAILABLE = { code: 'store-unavailable', details: { reason: 'not-mounted' } };

const remoteAt = (folder: string, holds = false): ObjectRemote =>
  createMountedRemote(createDirectoryRemote(folder), { folder, holds });

describeRemote('mounted remote', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark mounted '));
  const over = async (path: string, bytes: Uint8Array): Promise<void> => {
    await chmod(path, 0o644);
    await writeFile(path, bytes);
  };
  return {
    remote: remoteAt(folder),
    spoil: (oid, bytes) => over(join(folder, objectPath(oid)), bytes),
    legacy: (oid) => readFile(join(folder, legacyPath(oid))).catch(() => null),
    spoilLegacy: (oid, bytes) => over(join(folder, legacyPath(oid)), bytes),
    async writeLegacy(name, bytes) {
      await mkdir(join(folder, name.slice(0, 2)), { recursive: true });
      await writeFile(join(folder, legacyPath(name)), bytes);
    },
    leftovers: async () => await readdir(join(folder, 'tmp')).catch(() => []),
    close: () => rm(folder, { recursive: true }),
  };
});

describe('a remote whose folder goes away', () => {
  let parent: string;
  let folder: string;
  let remote: ObjectRemote;
  const oid = md5('foo');

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'tidemark-mounted-'));
    folder = join(parent, 'remote');
    remote = remoteAt(folder);
    await remote.put(chunks('foo'), OPEN);
  });
  afterEach(async () => {
    await rm(parent, { recursive: true });
  });

  /** As a volume does: an empty folder is left. */
  const unmount = async (): Promise<void> => {
    await rename(folder, join(parent, 'away'));
    await mkdir(folder);
  };

  test.each<[string, (remote: ObjectRemote) => Promise<unknown>]>([
    ['probe', (one) => one.probe()],
    ['put', (one) => one.put(chunks('bar'), OPEN)],
    ['putWhole', (one) => one.putWhole(new TextEncoder().encode('bar'))],
    ['a part', (one) => one.parts.put('upl_a', 1, chunks('bar'), OPEN)],
    ['parts', (one) => one.parts.list('upl_a')],
    ['stat', (one) => one.stat(oid)],
    ['touchedAt', (one) => one.touchedAt(oid)],
    ['read', (one) => one.read(oid)],
    ['readGroup', (one) => one.readGroup([{ oid, size: 3, sha256: '0'.repeat(64) }], () => null)],
    ['list', (one) => all(one.list())],
    ['remove', (one) => one.remove(oid)],
    ['removeLegacy', (one) => one.removeLegacy(oid)],
    ['link', async (one) => one.link?.(oid, join(parent, 'link'))],
  ])('%s takes nothing for lost and writes nothing', async (_, call) => {
    await unmount();
    await expect(call(remote)).rejects.toMatchObject(UNAVAILABLE);
    expect(await readdir(folder)).toEqual([]);
  });

  test('goes on when it is back', async () => {
    await unmount();
    await expect(remote.read(oid)).rejects.toMatchObject(UNAVAILABLE);
    await rm(folder, { recursive: true });
    await rename(join(parent, 'away'), folder);
    expect(String(await collect(await remote.read(oid)))).toBe('foo');
    expect(await remote.stat(md5('bar'))).toBeNull();
    expect(await remote.put(chunks('bar'), OPEN)).toMatchObject({ existed: false });
  });

  test('is not begun anew where objects should lie, unless somebody says so', async () => {
    await unmount();
    const started = remoteAt(folder, true);
    await expect(started.probe()).rejects.toMatchObject(UNAVAILABLE);
    await mkdir(join(folder, 'files/md5'), { recursive: true });
    await started.probe();
    await expect(started.read(oid)).rejects.toMatchObject({ code: 'not-found' });
  });
});
