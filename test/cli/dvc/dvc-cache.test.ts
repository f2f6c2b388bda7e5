import { linkSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DvcCache } from '../../../src/cli/dvc/dvc-cache.ts';
import { takeCached } from '../../../src/cli/dvc/dvc-cached.ts';
import type { LinkType } from '../../../src/cli/dvc/dvc-repository.ts';
import { createHashing } from '../../../src/cli/transfer/hash-files.ts';
import { stampAt } from '../../../src/cli/transfer/local-files.ts';
import { md5Of } from '../../support/datasets.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tidemark-dvc-cache-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const MD5 = md5Of('bytes');
const at = (...names: string[]) => join(root, ...names);
const object = () => at('cache', 'files', 'md5', MD5.slice(0, 2), MD5.slice(2));
const cacheOf = (...linkTypes: LinkType[]) => new DvcCache({ linkTypes }, at('cache'));
const modeOf = (file: string) => statSync(file).mode & 0o777;

function workspaceFile(): { file: string; stamp: string } {
  writeFileSync(at('a.csv'), 'bytes');
  return { file: at('a.csv'), stamp: stampAt(at('a.csv')) ?? '' };
}

describe('keeping', () => {
  test.each<[LinkType[], boolean]>([
    [['reflink', 'copy'], false],
    [['copy'], false],
    [['symlink'], false],
    [['hardlink'], true],
    [[], false],
  ])('by %j protects the object, and what is linked to it alone', (types, linked) => {
    const file = workspaceFile();
    const mode = modeOf(file.file);
    expect(cacheOf(...types).keep(file, MD5)).toBe(true);
    expect(readFileSync(object(), 'utf8')).toBe('bytes');
    expect(modeOf(object())).toBe(0o444);
    expect(statSync(object()).ino === statSync(file.file).ino).toBe(linked);
    expect(modeOf(file.file)).toBe(linked ? 0o444 : mode);
    // It is held now.
    expect(cacheOf(...types).keep({ ...file, stamp: 'another' }, MD5)).toBe(true);
  });

  test('passes over what has changed', () => {
    const file = workspaceFile();
    expect(cacheOf('copy').keep({ ...file, stamp: 'another' }, MD5)).toBe(false);
    expect(cacheOf('copy').find(MD5, Date.now())).toBeNull();
  });

  test('says what stands in the way', () => {
    writeFileSync(at('cache'), 'a file');
    expect(() => cacheOf('copy').keepBytes(Buffer.from('bytes'), MD5)).toThrow(/kept in the cache of dvc: .*cache/);
  });
});

describe('taking', () => {
  const hashing = createHashing();
  const wanted = [
    { path: 'sub/one', md5: MD5, size: 5 },
    { path: 'two', md5: MD5, size: 5 },
    { path: 'absent', md5: md5Of('others'), size: 6 },
  ];
  const take = async (...types: LinkType[]) => {
    const stamps = new Map<string, string>();
    const onFile = ({ path }: { path: string }, stamp: string) => void stamps.set(path, stamp);
    const taken = await takeCached(cacheOf(...types), wanted, { hashing, base: at('work'), prefix: 'data/', onFile });
    return [[...taken].map((file) => file.path), [...stamps.keys()]];
  };

  test.each<[LinkType]>([['reflink'], ['hardlink'], ['symlink'], ['copy']])(
    'by %s brings what is held',
    async (type) => {
      cacheOf('copy').keepBytes(Buffer.from('bytes'), MD5);
      const both = ['sub/one', 'two'];
      expect(await take(type)).toEqual([both, both]);
      const file = at('work', 'data', 'sub', 'one');
      expect(readFileSync(file, 'utf8')).toBe('bytes');
      expect(lstatSync(file).isSymbolicLink()).toBe(type === 'symlink');
      expect(statSync(file).ino === statSync(object()).ino).toBe(type === 'hardlink' || type === 'symlink');
      // Its owner may write to what is a copy, and to nothing that others share.
      expect((modeOf(file) & 0o200) !== 0).toBe(type === 'reflink' || type === 'copy');
    },
  );

  test('believes no name', async () => {
    cacheOf('copy').keepBytes(Buffer.from('BYTES'), MD5);
    expect(await take('copy')).toEqual([[], []]);
    expect(readFileSync(object(), 'utf8')).toBe('BYTES');
  });

  test('writes over a file that is linked to the cache, and not through it', async () => {
    cacheOf('copy').keepBytes(Buffer.from('bytes'), MD5);
    mkdirSync(at('work', 'data'), { recursive: true });
    cacheOf('copy').keepBytes(Buffer.from('older'), md5Of('older'));
    const older = cacheOf('copy').find(md5Of('older'), Date.now())?.file ?? '';
    linkSync(older, at('work', 'data', 'two'));
    await take('copy');
    expect(readFileSync(at('work', 'data', 'two'), 'utf8')).toBe('bytes');
    expect(readFileSync(older, 'utf8')).toBe('older');
  });
});
