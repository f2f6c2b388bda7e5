import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileFinder, findFiles, findTree } from '../../../src/cli/transfer/local-files.ts';

let root: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'tidemark-left-out-')));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const at = (...names: string[]) => join(root, ...names);
const NOW = 1_800_000_000_000;

async function files(...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(join(at(path), '..'), { recursive: true });
    await writeFile(at(path), path);
  }
}

const found = (path: string) =>
  findTree(at(path), NOW)
    .files.map((file) => file.path)
    .sort();

describe('what DVC would not see', () => {
  test('is not found: its own folders and those of git and hg, in a repository or not', async () => {
    await files(
      'd/a',
      'd/.git/config',
      'd/.hg/x',
      'd/.dvc/config.local',
      'd/.gitignore',
      'd/x.dvc',
      'd/sub/.git',
      'd/sub/.hg',
    );
    const seen = ['.gitignore', 'a', 'sub/.hg', 'x.dvc'];
    expect(found('d')).toEqual(seen);
    await mkdir(at('.dvc'));
    // A folder with a .dvc folder is a repository of its own.
    await rm(at('d', '.dvc'), { recursive: true });
    expect(found('d')).toEqual(seen);
  });

  test('is said by the .dvcignore files from the root of the repository down', async () => {
    await files('.dvc/config', 'data/a.csv', 'data/a.tmp', 'data/keep.tmp', 'data/sub/b.csv', 'data/sub/b.log');
    await files('data/gone/x', 'other/data/gone/x', 'inner/.dvc/config', 'inner/y');
    await writeFile(at('.dvcignore'), '*.tmp\n/data/gone/\n');
    await writeFile(at('data', '.dvcignore'), '!keep.tmp\n*.log\n');
    const seen = ['.dvcignore', 'a.csv', 'keep.tmp', 'sub/b.csv'];
    expect(found('data')).toEqual(seen);
    expect(findFiles(at('data'), NOW)).toHaveLength(4);
    expect(found('data/sub')).toEqual(['b.csv']);
    // The repository in the repository is left out, unless it is what is asked for.
    expect(found('.')).toEqual(['.dvcignore', ...seen.map((path) => `data/${path}`), 'other/data/gone/x'].sort());
    expect(found('inner')).toEqual(['y']);
  });

  test('is refused by name when it is all that is asked for', async () => {
    await files('.dvc/config', 'data/a.csv', 'data/a.tmp', 'cold/x');
    await writeFile(at('.dvcignore'), '*.tmp\ncold\n');
    for (const path of ['data/a.tmp', 'cold', 'cold/x', '.dvc/config']) {
      expect(() => findTree(at(path), NOW)).toThrow(/left out by a \.dvcignore/);
    }
    expect(findFiles(at('cold'), NOW)).toEqual([]);
  });
});

describe('a link', () => {
  test('is followed to a file of the same folder, and into the cache of DVC', async () => {
    await files('.dvc/config', 'data/a.csv', '.dvc/cache/files/md5/ab/cd', 'away/files/md5/ef/01');
    await symlink('a.csv', at('data', 'same.csv'));
    await symlink(at('.dvc/cache/files/md5/ab/cd'), at('data', 'cached.csv'));
    const tree = findTree(at('data'), NOW);
    expect(Object.fromEntries(tree.files.map((file) => [file.path, file.size]))).toEqual({
      'a.csv': 10,
      'same.csv': 10,
      'cached.csv': 26,
    });
    const find = fileFinder(at('data'), NOW);
    expect(find('cached.csv')?.stamp).toBe(tree.files.find((file) => file.path === 'cached.csv')?.stamp);
    expect(findTree(at('data', 'cached.csv'), NOW).files[0]?.size).toBe(26);

    await rm(at('data', 'cached.csv'));
    await symlink(at('away/files/md5/ef/01'), at('data', 'far.csv'));
    expect(() => found('data')).toThrow(/far\.csv is a link/);
    await writeFile(at('.dvc/config'), '[core]\n    dir = x\n[cache]\n    dir = ../away\n');
    expect(found('data')).toContain('far.csv');
  });

  test.each([
    ['out of the folder', '../b'],
    ['to a folder', 'sub'],
    ['to nothing', 'none'],
    ['to itself', 'link'],
    ['to what git keeps', '.git/config'],
  ])('%s is refused', async (_, target) => {
    await files('b', 'data/sub/x', 'data/.git/config');
    await symlink(target, at('data', 'link'));
    expect(() => found('data')).toThrow(/link is a link (?:to .*|that leads to no file); put there what/);
    expect(fileFinder(at('data'), NOW)('link')).toBeNull();
  });

  test('is told with what it leads to, and what is no file with what it is', async () => {
    await files('b', 'data/a');
    await symlink('../b', at('data', 'link'));
    expect(() => found('data')).toThrow(`link is a link to ${at('b')}; put there what`);
    await rm(at('data', 'link'));
    const server = createServer().listen(at('data', 'heard'));
    await once(server, 'listening');
    expect(() => found('data')).toThrow('heard is a socket and no file');
    server.close();
  });

  test('that is left out may lead anywhere', async () => {
    await files('.dvc/config', 'b', 'data/a');
    await writeFile(at('.dvcignore'), 'link\n');
    await symlink('../b', at('data', 'link'));
    expect(found('data')).toEqual(['a']);
  });
});

describe('a name that is not UTF-8', () => {
  const make = (script: string) => execFileSync('sh', ['-c', script], { cwd: root });

  test('is refused, for the file would be missed', async () => {
    await files('data/a', 'data/\ufffd.csv');
    // That one is the character itself.
    expect(found('data')).toEqual(['a', '\ufffd.csv']);
    make(`: > "data/$(printf '\\377').bin"`);
    expect(() => found('data')).toThrow(/data\/\\xff\.bin is not UTF-8; rename it/);
    expect(() => findFiles(at('data'), NOW)).toThrow(/not UTF-8/);
  });

  test('of a folder is refused too', async () => {
    await files('data/a');
    make(`mkdir "data/$(printf 'r\\351sum\\351')"`);
    expect(() => found('data')).toThrow(/data\/r\\xe9sum\\xe9 is not UTF-8/);
  });
});
