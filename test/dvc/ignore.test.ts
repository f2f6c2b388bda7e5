import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isLeftOut, parseIgnore } from '../../src/dvc/ignore.ts';

const said = (text: string, path: string) => {
  const isFolder = path.endsWith('/');
  return isLeftOut(parseIgnore(text), path.replace(/\/$/, '').split('/'), isFolder);
};

/** What `dvc check-ignore` says of a path by itself, its folders not looked at. */
const LEFT_OUT: readonly (readonly [string, string])[] = [
  ['*.tmp', 'a.tmp'],
  ['*.tmp', 'deep/er/a.tmp'],
  ['  *.tmp  ', 'a.tmp'],
  ['foo', 'foo'],
  ['foo', 'a/foo/'],
  ['foo', 'foo/below'],
  ['/foo', 'foo'],
  ['foo/', 'foo/'],
  ['foo/', 'a/foo/'],
  ['a/b', 'a/b'],
  ['a/*', 'a/b'],
  ['a/*', 'a/b/c'],
  ['a/**', 'a/'],
  ['a/**', 'a/b/c'],
  ['**/b', 'b'],
  ['**/b', 'x/y/b'],
  ['a/**/b', 'a/b'],
  ['a/**/b', 'a/x/y/b'],
  ['**', 'anything/at/all'],
  ['?.csv', 'é.csv'],
  ['[a-c]x', 'bx'],
  ['[!a-c]x', 'dx'],
  ['[^a-c]x', 'dx'],
  ['[]x]', ']'],
  ['[a-]', '-'],
  ['\\#x', '#x'],
  ['\\!x', '!x'],
  ['a\\*', 'a*'],
  ['*a*b*c', 'xaybzc'],
  ['\ufefffirst', 'first'],
  ['!a\na', 'a'],
  ['x\ra\r\ny', 'a'],
];

const KEPT: readonly (readonly [string, string])[] = [
  ['*.tmp', 'a.tmp.csv'],
  ['/foo', 'a/foo'],
  ['foo/', 'foo'],
  ['a/b', 'x/a/b'],
  ['a/**', 'a'],
  ['a/**/b', 'a/xb'],
  ['/', 'a'],
  ['# a', 'a'],
  ['?', 'ab'],
  ['[a-c]x', 'dx'],
  ['[!a-c]x', 'ax'],
  ['[a', '[a'],
  ['a\\', 'a'],
  ['a\\*', 'ab'],
  ['a//b', 'a/b'],
  ['a\n!a', 'a'],
  ['a/\n!a/', 'a/'],
];

describe('a rule', () => {
  test.each(LEFT_OUT)('%j leaves out %j', (text, path) => {
    expect(said(text, path)).toBe(true);
  });

  test.each(KEPT)('%j keeps %j', (text, path) => {
    expect(said(text, path)).not.toBe(true);
  });

  test('that speaks of nothing says nothing, so that those above it may', () => {
    expect(said('*.csv\n!*.txt', 'a')).toBeNull();
    expect(said('*.csv\n!*.txt', 'a.txt')).toBe(false);
  });

  test('of many stars takes no time', () => {
    expect(said(`${'*a'.repeat(60)}b`, 'a'.repeat(250))).toBeNull();
    expect(said(`${'**/a/'.repeat(60)}b`, 'a/'.repeat(250))).toBeNull();
  });

  test('of plain characters is that name', () => {
    const name = fc.stringMatching(/^[a-z]{1,4}$/);
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(said(a, b) === true).toBe(a === b);
      }),
    );
  });
});
