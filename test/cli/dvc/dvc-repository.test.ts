import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findRepository, isInside } from '../../../src/cli/dvc/dvc-repository.ts';
import { findPointers } from '../../../src/cli/dvc/find-pointers.ts';
import { ignoreInGit } from '../../../src/cli/dvc/git-ignore.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tidemark-repository-'));
  mkdirSync(at('.dvc'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const at = (...names: string[]) => join(root, ...names);
function write(path: string, text: string): void {
  mkdirSync(join(at(path), '..'), { recursive: true });
  writeFileSync(at(path), text);
}

describe('a repository', () => {
  test('is the nearest folder with a .dvc folder', () => {
    write('inner/.dvc/config', '');
    write('inner/deep/a', '');
    expect(findRepository(at('x', 'y'))?.root).toBe(root);
    expect(findRepository(at('inner', 'deep', 'a'))?.root).toBe(at('inner'));
    rmSync(at('.dvc'), { recursive: true });
    writeFileSync(at('.dvc'), 'a file');
    expect(findRepository(at('x'))?.root).not.toBe(root);
    expect([isInside('/a/b', '/a'), isInside('/ab', '/a'), isInside('/a', '/a'), isInside('/a', '/')]).toEqual([
      ...[true, false, true, true],
    ]);
  });

  test('says where its cache is, and how it links', () => {
    expect(findRepository(root)).toEqual({
      root,
      cache: at('.dvc', 'cache'),
      linkTypes: ['reflink', 'copy'],
      usesGit: true,
    });
    write(
      '.dvc/config',
      '[\'remote "x"\']\n    dir = /not/this\n[cache]\n    dir = ../shared\n    type = "hardlink,symlink"\n',
    );
    write('.dvc/config.local', '[core]\n    no_scm = True\n[cache]\n    type = copy\n');
    expect(findRepository(root)).toEqual({ root, cache: at('shared'), linkTypes: ['copy'], usesGit: false });
    write('.dvc/config.local', '[cache]\n    dir = ssh://host/cache\n');
    expect(findRepository(root)).toMatchObject({ cache: null, linkTypes: ['hardlink', 'symlink'] });
  });

  test('has pointers, but for those that are data or left out', () => {
    const pointer = (path: string, oid = 'a'.repeat(32)) => `outs:\n- md5: ${oid}\n  hash: md5\n  path: ${path}\n`;
    write('data.dvc', pointer('data', `${'a'.repeat(32)}.dir`));
    write('data/of.dvc', 'not ours');
    write('sub/x.csv.dvc', pointer('x.csv'));
    write('sub/dvc.lock', 'stages: {}\n');
    write('cold/y.dvc', pointer('y'));
    write('inner/.dvc/config', '');
    write('inner/z.dvc', pointer('z'));
    write('.dvcignore', 'cold\n');
    const repository = findRepository(root);
    if (repository === null) throw new Error('there is a repository');
    expect(findPointers(repository, at('sub')).sort()).toEqual(['../data.dvc', 'dvc.lock', 'x.csv.dvc']);
  });
});

describe('data beside a .dvc file', () => {
  const lines = (path = '.gitignore') => readFileSync(at(path), 'utf8');

  test('are ignored by git, once, by the line that dvc writes', () => {
    execFileSync('git', ['init', '-q'], { cwd: root });
    write('sub/.gitignore', '/other');
    for (const name of ['a.csv', 'a.csv', '[odd] #1!.csv']) ignoreInGit(at('sub', name));
    expect(lines('sub/.gitignore')).toBe('/other\n/a.csv\n/\\[odd\\] \\#1\\!.csv\n');
    write('.gitignore', '*.bin\n');
    ignoreInGit(at('x.bin'));
    expect(lines()).toBe('*.bin\n');
    write('.dvc/config', '[core]\n    no_scm = true\n');
    ignoreInGit(at('y.csv'));
    expect(lines()).toBe('*.bin\n');
  });

  test('are left alone where there is no git', () => {
    ignoreInGit(at('a.csv'));
    expect(() => lines()).toThrow(/ENOENT/);
  });
});
