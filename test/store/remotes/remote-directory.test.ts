import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { legacyPath, objectPath } from '../../../src/dvc/path.ts';
import { createDirectoryRemote } from '../../../src/store/remotes/remote-directory.ts';
import { all, chunks, collect, md5 } from '../../support/bytes.ts';
import { describeRemote } from './remote-contract.ts';

const OPEN = { maxBytes: 1e9 };

describeRemote('directory remote', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark remote '));
  return {
    remote: createDirectoryRemote(folder),
    async spoil(oid, bytes) {
      const path = join(folder, objectPath(oid));
      await chmod(path, 0o644);
      await writeFile(path, bytes);
    },
    legacy: (oid) => readFile(join(folder, legacyPath(oid))).catch(() => null),
    async spoilLegacy(oid, bytes) {
      const path = join(folder, legacyPath(oid));
      await chmod(path, 0o644);
      await writeFile(path, bytes);
    },
    async writeLegacy(name, bytes) {
      await mkdir(join(folder, name.slice(0, 2)), { recursive: true });
      await writeFile(join(folder, legacyPath(name)), bytes);
    },
    leftovers: async () => await readdir(join(folder, 'tmp')).catch(() => []),
    close: () => rm(folder, { recursive: true }),
  };
});

describe('a directory remote', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidemark-remote-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  test('lays objects out as DVC does, read-only', async () => {
    await createDirectoryRemote(folder).put(chunks('[]'), { ...OPEN, directory: true });
    const path = join(folder, 'files/md5/d7/51713988987e9331980363e24189ce.dir');
    expect(await readFile(path, 'utf8')).toBe('[]');
    expect((await stat(path)).mode & 0o777).toBe(0o444);
    expect((await stat(path)).nlink).toBe(1);
  });

  test('serves what dvc has put there itself, and lists nothing else', async () => {
    const remote = createDirectoryRemote(folder);
    await mkdir(join(folder, 'files/md5/ac'), { recursive: true });
    await mkdir(join(folder, 'files/md5/ff/x'), { recursive: true });
    await mkdir(join(folder, 'ab'), { recursive: true });
    await writeFile(join(folder, objectPath(md5('foo'))), 'foo');
    await writeFile(join(folder, 'files/md5/ac/notes.txt'), 'x');
    await writeFile(join(folder, 'files/md5/stray'), 'x');
    await writeFile(join(folder, 'ab', 'c'.repeat(30)), 'legacy');
    expect(await all(remote.list())).toEqual([{ oid: md5('foo'), size: 3 }]);
    expect(String(await collect(await remote.read(md5('foo'))))).toBe('foo');
  });

  test('sweeps parts by their age, and what a killed process left of one', async () => {
    const remote = createDirectoryRemote(folder);
    await remote.parts.put('upl_a', 1, chunks('old'), OPEN);
    await remote.parts.put('upl_a', 2, chunks('young'), OPEN);
    await remote.parts.put('upl_b', 1, chunks('old'), OPEN);
    const left = join(folder, 'uploads', 'upl_b', 'spool-00000000-0000-0000-0000-000000000000');
    await writeFile(left, 'half');
    for (const file of [left, ...['upl_a', 'upl_b'].map((name) => join(folder, 'uploads', name, '000001'))]) {
      await utimes(file, 1000, 1000);
    }
    expect(await remote.parts.sweep(2_000_000)).toBe(3);
    expect([...(await remote.parts.list('upl_a')).keys()]).toEqual([2]);
    expect(await readdir(join(folder, 'uploads'))).toEqual(['upl_a']);
  });

  test('knows when the bytes of an object were touched by whomever', async () => {
    const remote = createDirectoryRemote(folder);
    const { oid } = await remote.put(chunks('foo'), OPEN);
    const before = (await remote.touchedAt(oid)) ?? 0;
    expect(before).toBeGreaterThan(Date.now() - 3_600_000);
    const file = join(folder, 'files/md5', oid.slice(0, 2), oid.slice(2));
    await chmod(file, 0o644);
    // What is written into a file cannot hide behind its old time. A file system's clock may stand still for a moment.
    const touched = async (): Promise<number> => {
      await writeFile(file, 'fop');
      await utimes(file, 0, 0);
      return (await remote.touchedAt(oid)) ?? 0;
    };
    await expect.poll(touched).toBeGreaterThan(before);
    expect(await remote.touchedAt(md5('bar'))).toBeNull();
  });

  test('is empty, not broken, before its folder exists', async () => {
    const remote = createDirectoryRemote(join(folder, 'not', 'yet'));
    expect(await all(remote.list())).toEqual([]);
    expect(await remote.stat(md5('foo'))).toBeNull();
    expect(await remote.sweep(0, Date.now())).toBe(0);
    await remote.probe();
    expect(await remote.put(chunks('foo'), OPEN)).toMatchObject({ existed: false });
  });

  test('sweeps what a killed upload left, once it is old enough, and nothing else', async () => {
    const remote = createDirectoryRemote(folder);
    const abandoned = join(folder, 'tmp', 'spool-00000000-0000-0000-0000-000000000000');
    await mkdir(join(folder, 'tmp'));
    await writeFile(abandoned, 'half');
    // Of a group.
    await writeFile(`${abandoned}-17`, 'half');
    await writeFile(join(folder, 'tmp', 'mine'), 'x');
    const begun = Date.parse('2026-01-01T00:00:00Z');
    for (const name of await readdir(join(folder, 'tmp'))) {
      await utimes(join(folder, 'tmp', name), begun / 1000, begun / 1000);
    }
    expect(await remote.sweep(60_000, begun + 60_000)).toBe(0);
    expect(await remote.sweep(60_000, begun + 60_001)).toBe(2);
    expect(await readdir(join(folder, 'tmp'))).toEqual(['mine']);
  });

  test('says that the store is not available when its folder is a file, and recovers', async () => {
    const path = join(folder, 'file');
    await writeFile(path, 'x');
    const remote = createDirectoryRemote(path);
    await expect(remote.probe()).rejects.toMatchObject({ code: 'store-unavailable' });
    await expect(remote.put(chunks('foo'), OPEN)).rejects.toMatchObject({ code: 'store-unavailable' });
    await rm(path);
    await remote.probe();
    expect(await remote.put(chunks('foo'), OPEN)).toMatchObject({ existed: false });
  });

  test('gives up on a folder that lies where an object should', async () => {
    const remote = createDirectoryRemote(folder);
    await mkdir(join(folder, objectPath(md5('foo'))), { recursive: true });
    await expect(remote.put(chunks('foo'), OPEN)).rejects.toMatchObject({ code: 'store-unavailable' });
    await expect(remote.read(md5('foo'))).rejects.toMatchObject({ code: 'not-found' });
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  });

  test('links an object on the same file system', async () => {
    const remote = createDirectoryRemote(join(folder, 'remote'));
    await remote.put(chunks('foo'), OPEN);
    expect(await remote.link?.(md5('foo'), join(folder, 'copy'))).toBe(true);
    expect(await readFile(join(folder, 'copy'), 'utf8')).toBe('foo');
    await expect(remote.link?.(md5('bar'), join(folder, 'other'))).rejects.toMatchObject({ code: 'not-found' });
  });

  test('follows a symbolic link as its folder', async () => {
    await mkdir(join(folder, 'real'));
    await symlink(join(folder, 'real'), join(folder, 'link'));
    await createDirectoryRemote(join(folder, 'link')).put(chunks('foo'), OPEN);
    expect(await createDirectoryRemote(join(folder, 'real')).stat(md5('foo'))).toEqual({ size: 3 });
  });
});
