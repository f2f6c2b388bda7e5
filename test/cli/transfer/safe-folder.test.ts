import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareFile, prepareFolder } from '../../../src/cli/transfer/safe-folder.ts';

let base: string;
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'tidemark-safe-'));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

describe('a file that a version names', () => {
  it('has its folders made below the base', () => {
    expect(prepareFile(base, 'a/b/c.csv', new Set())).toBe(join(base, 'a/b/c.csv'));
    expect(existsSync(join(base, 'a/b'))).toBe(true);
    expect(prepareFile(base, '.gitignore', new Set())).toBe(join(base, '.gitignore'));
  });

  it('may be none: its folder alone is made, as safely', () => {
    prepareFolder(base, 'bare/folder');
    expect(existsSync(join(base, 'bare/folder'))).toBe(true);
    expect(() => prepareFolder(base, '../bare')).toThrow('outside of its folder');
  });

  it.each(['../x', '/x', 'a/../../x', 'a//b', ''])('does not lead out by %j', (path) => {
    expect(() => prepareFile(base, path, new Set())).toThrow('outside of its folder');
  });

  it.each(['.git/config', 'a/.git/hooks/post-checkout', '.GIT/config', '.dvc/config', '.hg/hgrc', '.git'])(
    'steers no tool by %j',
    (path) => {
      expect(() => prepareFile(base, path, new Set())).toThrow('take for its own');
      expect(existsSync(join(base, path.split('/')[0] ?? ''))).toBe(path.startsWith('a/'));
    },
  );

  it('does not lead out through a link', () => {
    symlinkSync(tmpdir(), join(base, 'link'));
    expect(() => prepareFile(base, 'link/x', new Set())).toThrow('is a link');
  });
});
