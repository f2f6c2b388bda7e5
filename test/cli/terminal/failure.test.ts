import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { failureOf, failureText, lastResort, unwritten } from '../../../src/cli/terminal/failure.ts';
import { TidemarkError } from '../../../src/errors.ts';

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return null;
}

const absent = thrownBy(() => readFileSync('/nowhere/at all'));
const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

describe('a failure of the file system', () => {
  test('is told in words, by the path that it befell', () => {
    expect(lastResort(absent)).toBe('/nowhere/at all: no such file or directory (ENOENT).');
    expect(failureOf(absent, 'It cannot be read')).toMatchObject({
      code: 'bad-path',
      message: 'It cannot be read: /nowhere/at all: no such file or directory (ENOENT).',
    });
  });

  test('of a move is told by the place that it was to', () => {
    const moved = Object.assign(new Error("EISDIR: illegal operation on a directory, rename '/a/x' -> '/a/y'"), {
      code: 'EISDIR',
    });
    expect(lastResort(moved)).toBe('/a/y: illegal operation on a directory (EISDIR).');
  });

  test('that has no path, from a thread, is one too', () => {
    expect(failureOf(full, 'It cannot be written')).toMatchObject({
      code: 'storage-full',
      message: 'It cannot be written: no space left on device (ENOSPC).',
    });
    expect(unwritten(full, '/data')).toMatchObject({ message: expect.stringContaining('below /data: no space') });
  });
});

test('what is said already is not said again', () => {
  const said = new TidemarkError('conflict', 'Said.');
  expect(failureOf(said, 'x')).toBe(said);
  expect(lastResort(said)).toBe('Said.');
});

test('what nobody foresaw is one line', () => {
  expect(lastResort(new TypeError('x is not a function'))).toMatch(/^unexpected: x is not a function \(TIDEMARK_DEBUG/);
  expect(lastResort('odd')).toContain('odd');
});

describe('what a command says when it fails', () => {
  const errors = Array.from({ length: 12 }, (_, i) => ({ code: 'wrong', detail: `row ${i}` }));
  const refused = new TidemarkError('invalid-body', 'It is wrong.', { details: { errors } });

  test('is lines for people, with the first places that are wrong', () => {
    expect(failureText(refused, false).split('\n')).toEqual([
      'tidemark: It is wrong.',
      ...errors.slice(0, 10).map(({ detail }) => `  ${detail}`),
      '',
    ]);
  });

  test('says where it is wrong, and nothing twice', () => {
    const told = (...issues: object[]) =>
      failureText(
        new TidemarkError('invalid-body', 'The body at /keep is wrong.', { details: { errors: issues } }),
        false,
      );
    expect(told({ code: 'a', pointer: '/keep', detail: 'is too long' })).toContain('\n  /keep: is too long\n');
    expect(told({ code: 'a', line: 7, field: 'age', detail: 'no number' })).toContain('\n  line 7 age: no number\n');
    expect(told({ code: 'missing', field: 'a.csv', detail: 'ab12' })).toContain('\n  a.csv: ab12\n');
    expect(told({ code: 'a', pointer: '/keep', detail: 'The body at /keep is wrong' })).toBe(
      'tidemark: The body at /keep is wrong.\n',
    );
  });

  test('is one object for a machine, with all of them', () => {
    const text = failureText(refused, true);
    expect(text.endsWith('}\n')).toBe(true);
    expect(JSON.parse(text)).toEqual({ error: { code: 'invalid-body', message: 'It is wrong.', errors } });
    expect(JSON.parse(failureText(new Error('odd'), true))).toMatchObject({ error: { code: 'internal', errors: [] } });
  });
});
