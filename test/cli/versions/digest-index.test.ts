import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalFile } from '../../../src/cli/transfer/local-files.ts';
import { openDigestIndex } from '../../../src/cli/versions/digest-index.ts';

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'tidemark-index-'));
});
afterEach(() => rm(cache, { recursive: true }));

const MD5 = '5d41402abc4b2a76b9719d911017c592';
const file = (path: string, changed: Partial<LocalFile> = {}): LocalFile => ({
  path,
  file: `/data/${path}`,
  size: 5,
  stamp: '1/2/3',
  settled: true,
  ...changed,
});
const AWKWARD = 'a b\n\u00fc"\\\u2028.csv';

describe('the index of digests', () => {
  it('finds what has not changed, and nothing else', () => {
    openDigestIndex(cache, '/data').save([
      { ...file('a'), md5: MD5 },
      { ...file(AWKWARD), md5: MD5 },
    ]);
    const index = openDigestIndex(cache, '/data');
    expect([index.find(file('a')), index.find(file(AWKWARD))]).toEqual([MD5, MD5]);
    expect(index.find(file('a', { size: 6 }))).toBeUndefined();
    expect(index.find(file('a', { stamp: '1/2/4' }))).toBeUndefined();
    expect(index.find(file('b'))).toBeUndefined();
    expect(openDigestIndex(cache, '/other').find(file('a'))).toBeUndefined();
  });

  it('does away with what killed clients left beside it, and with nothing of one that writes', async () => {
    openDigestIndex(cache, '/data').save([{ ...file('a'), md5: MD5 }]);
    const [name = ''] = await readdir(join(cache, 'digests'));
    const at = (left: string) => join(cache, 'digests', left);
    for (const left of [`${name}.0a1b2c3d`, `${name}.now`, 'another.0a1b2c3d']) await writeFile(at(left), 'half');
    const old = new Date(Date.now() - 2 * 3_600_000);
    for (const left of [`${name}.0a1b2c3d`, 'another.0a1b2c3d', name]) await utimes(at(left), old, old);
    openDigestIndex(cache, '/data').save([{ ...file('b'), md5: MD5 }]);
    expect((await readdir(join(cache, 'digests'))).toSorted()).toEqual(
      [name, `${name}.now`, 'another.0a1b2c3d'].toSorted(),
    );
    expect(openDigestIndex(cache, '/data').find(file('b'))).toBe(MD5);
  });

  it('is made anew when it is cut short, changed or of another version', async () => {
    openDigestIndex(cache, '/data').save([{ ...file('a'), md5: MD5 }]);
    const [name = ''] = await readdir(join(cache, 'digests'));
    const stored = join(cache, 'digests', name);
    const whole = await readFile(stored);
    const found = () => openDigestIndex(cache, '/data').find(file('a'));
    for (let length = 0; length < whole.byteLength; length++) {
      await writeFile(stored, whole.subarray(0, length));
      expect(found(), `${length} bytes`).toBeUndefined();
    }
    for (let at = 0; at < whole.byteLength; at++) {
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      await writeFile(stored, flipped);
      expect(found(), `byte ${at}`).toBeUndefined();
    }
    await writeFile(stored, whole);
    expect(found()).toBe(MD5);
    await appendFile(stored, 'x');
    expect(found()).toBeUndefined();
    openDigestIndex(cache, '/data').save([{ ...file('a'), md5: MD5 }]);
    expect(found()).toBe(MD5);
    expect(await readdir(join(cache, 'digests'))).toEqual([name]);
  });

  it('is done without where there is no place for it', async () => {
    const none = openDigestIndex(undefined, '/data');
    none.save([{ ...file('a'), md5: MD5 }]);
    expect(none.find(file('a'))).toBeUndefined();
    await mkdir(join(cache, 'taken'));
    await writeFile(join(cache, 'taken', 'digests'), 'a file in its place');
    const blocked = openDigestIndex(join(cache, 'taken'), '/data');
    blocked.save([{ ...file('a'), md5: MD5 }]);
    expect(blocked.find(file('a'))).toBeUndefined();
  });
});
