import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createDigester,
  createLegacyDigester,
  digestBytes,
  isDirectoryOid,
  isMd5,
  isOid,
  md5OfOid,
  oidOfMd5,
  parseOid,
} from '../../src/dvc/hash.ts';
import { isTidemarkError } from '../../src/errors.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const FOO = 'acbd18db4cc2f85cedef654fccc4a4d8';

function legacy(...chunks: Uint8Array[]): string {
  const digester = createLegacyDigester();
  for (const chunk of chunks) digester.update(chunk);
  return digester.digest().md5;
}

describe('oid', () => {
  test('takes 32 lower-case hex digits, with or without .dir', () => {
    expect(parseOid(FOO)).toBe(FOO);
    expect(parseOid(`${FOO}.dir`)).toBe(`${FOO}.dir`);
    expect(isDirectoryOid(`${FOO}.dir`)).toBe(true);
    expect(isDirectoryOid(FOO)).toBe(false);
    expect(md5OfOid(`${FOO}.dir`)).toBe(FOO);
    expect(oidOfMd5(FOO, true)).toBe(`${FOO}.dir`);
    expect(isMd5(`${FOO}.dir`)).toBe(false);
  });

  test.each([
    '',
    FOO.toUpperCase(),
    FOO.slice(1),
    `${FOO}0`,
    `${FOO}.DIR`,
    `${FOO}.dir.dir`,
    `${FOO}\n`,
    `../${FOO}`,
    'x'.repeat(100_000),
  ])('refuses %j', (text) => {
    expect(isOid(text)).toBe(false);
    const attempt = () => parseOid(text);
    expect(attempt).toThrow(expect.objectContaining({ code: 'bad-path' }));
    try {
      attempt();
    } catch (error) {
      expect(isTidemarkError(error) && error.message.length < 300).toBe(true);
    }
  });
});

describe('digester', () => {
  test('gives both digests and the size of known bytes', () => {
    expect(digestBytes(bytes('foo'))).toEqual({
      md5: FOO,
      sha256: '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae',
      size: 3,
    });
    expect(digestBytes(new Uint8Array())).toEqual({
      md5: 'd41d8cd98f00b204e9800998ecf8427e',
      sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      size: 0,
    });
  });

  test('does not depend on how the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (chunks) => {
        const digester = createDigester();
        for (const chunk of chunks) digester.update(chunk);
        expect(digester.digest()).toEqual(digestBytes(Buffer.concat(chunks)));
      }),
    );
  });
});

describe('md5-dos2unix', () => {
  test('counts CR LF as LF in text, and leaves other bytes alone', () => {
    expect(digestBytes(bytes('a\r\nb\r\n')).md5).toBe('59b0d7772f0561efb95518f3cb8abc60');
    expect(legacy(bytes('a\r\nb\r\n'))).toBe('dd8c6a395b5dd36c56d23275028f526c');
    expect(legacy(bytes('\0a\r\n'))).toBe('c2a5b9617479ff7c69c7b78434b5784a');
    expect(legacy(bytes('a\rb\r'))).toBe(digestBytes(bytes('a\rb\r')).md5);
    expect(legacy()).toBe('d41d8cd98f00b204e9800998ecf8427e');
  });

  test('judges 30 % of non-text bytes as text and one more as binary', () => {
    const crlf = [0x0d, 0x0a];
    const three = Uint8Array.from([0x80, 0x80, 0x80, 0x61, 0x61, 0x61, 0x61, 0x61, ...crlf]);
    const four = Uint8Array.from([0x80, 0x80, 0x80, 0x80, 0x61, 0x61, 0x61, 0x61, ...crlf]);
    expect(legacy(three)).not.toBe(digestBytes(three).md5);
    expect(legacy(four)).toBe(digestBytes(four).md5);
  });

  test('keeps a CR LF that straddles two blocks of 1 MiB, however the bytes are cut', () => {
    const block = 1024 * 1024;
    const text = new Uint8Array(block + 3).fill(0x61);
    text.set([0x0d, 0x0a, 0x0d, 0x0a], block - 1);
    const expected = new Uint8Array(block + 2).fill(0x61);
    expected.set([0x0d, 0x0a, 0x0a], block - 1);
    const md5 = createHash('md5').update(expected).digest('hex');
    expect(legacy(text)).toBe(md5);
    expect(legacy(text.subarray(0, 7), text.subarray(7, block), text.subarray(block))).toBe(md5);
  });
});
