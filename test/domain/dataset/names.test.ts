import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkTag, isOidPrefix, parseRef } from '../../../src/domain/dataset/ref.ts';
import { contentRoot } from '../../../src/domain/object/content-root.ts';
import { dataFormat } from '../../../src/formats/data-file.ts';

describe('a ref', () => {
  it.each([
    ['latest', { kind: 'latest' }],
    ['v1', { kind: 'number', number: 1 }],
    ['v120', { kind: 'number', number: 120 }],
    ['v0', { kind: 'name', name: 'v0' }],
    ['v01', { kind: 'name', name: 'v01' }],
    ['v9999999999', { kind: 'name', name: 'v9999999999' }],
    ['prod', { kind: 'name', name: 'prod' }],
  ])('%s is read', (text, ref) => {
    expect(parseRef(text)).toEqual(ref);
  });

  it('may be the beginning of an oid from four digits on', () => {
    expect(['abc', 'abcd', 'ABCD', 'abcg', `${'a'.repeat(32)}.dir`].map(isOidPrefix)).toEqual([
      false,
      true,
      false,
      false,
      true,
    ]);
  });
});

describe('a tag', () => {
  it('is a word that has no other meaning', () => {
    for (const name of ['prod', '2026-01', 'v1.2.3', 'a', 'deadbeef']) expect(checkTag(name)).toBe(name);
    const refused = [
      '',
      '.',
      '-x',
      '../x',
      'a b',
      'latest',
      'Latest',
      'HEAD',
      'v7',
      'V7',
      'a'.repeat(101),
      'a'.repeat(32),
    ];
    for (const name of refused) expect(() => checkTag(name)).toThrow('cannot be the name of a tag');
  });
});

describe('the root of a version', () => {
  it('is the SHA-256 of its sorted lines', () => {
    const lines = `B\0${'b'.repeat(64)}\na\0${'a'.repeat(64)}\n`;
    const files = [
      { path: 'a', sha256: 'a'.repeat(64) },
      { path: 'B', sha256: 'b'.repeat(64) },
    ];
    expect(contentRoot(files)).toBe(createHash('sha256').update(lines).digest('hex'));
  });

  it('does not depend on the order of the files', () => {
    const entry = fc.record({ path: fc.string({ unit: 'binary', maxLength: 8 }), sha256: fc.constant('0'.repeat(64)) });
    fc.assert(
      fc.property(fc.uniqueArray(entry, { selector: (file) => file.path, maxLength: 10 }), (files) => {
        expect(contentRoot(files.toReversed())).toBe(contentRoot(files));
      }),
    );
  });
});

describe('the name of a file', () => {
  it.each([
    ['train.csv', 'csv'],
    ['a/b/TRAIN.CSV.gz', 'csv'],
    ['x.jsonl.zst', 'ndjson'],
    ['x.parquet', 'parquet'],
    ['x.feather', 'arrow'],
    ['x.json', 'json'],
    ['csv', null],
    ['x.csv/readme', null],
    ['adult.data', 'csv'],
    ['README.txt', null],
    ['x.png', null],
    ['x.gz', null],
  ])('%s says %s', (path, format) => {
    expect(dataFormat(path)).toBe(format);
  });
});
