import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatKey, parseKey } from '../../../src/domain/access/api-key.ts';
import { isLoopback } from '../../../src/domain/access/loopback.ts';

const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size });

describe('an API key', () => {
  it('is what scanners look for, with the CRC-32 of what stands before it', () => {
    const { key, id } = formatKey(new Uint8Array(5), new Uint8Array(32));
    // zlib.crc32(b'tmk_00000000_' + b'A' * 43) in Python.
    expect(key).toBe(`tmk_00000000_${'A'.repeat(43)}_bb3962f9`);
    expect(id).toBe('00000000');
  });

  it('is read back as it was written', () => {
    fc.assert(
      fc.property(bytes(5), bytes(32), (idBytes, secretBytes) => {
        const { key, ...parsed } = formatKey(idBytes, secretBytes);
        expect(parseKey(key)).toEqual(parsed);
        expect(parsed.id).toMatch(/^[0-9a-z]{8}$/);
        expect(parsed.secretSha256).toMatch(/^[0-9a-f]{64}$/);
      }),
    );
  });

  it('is refused with any one character changed, added or missing', () => {
    const { key } = formatKey(Uint8Array.of(1, 2, 3, 4, 5), new Uint8Array(32).fill(7));
    for (let i = 0; i < key.length; i++) {
      const other = key[i] === 'b' ? 'c' : 'b';
      expect(parseKey(`${key.slice(0, i)}${other}${key.slice(i + 1)}`)).toBeNull();
      expect(parseKey(key.slice(0, i) + key.slice(i + 1))).toBeNull();
    }
    for (const wrong of [`${key} `, ` ${key}`, `${key}\n`, key.toUpperCase(), '', 'tmk_', 'tmk_'.repeat(10_000)])
      expect(parseKey(wrong)).toBeNull();
  });
});

describe('an address that only this machine reaches', () => {
  it.each(['127.0.0.1', '127.255.0.9', '::1', '[::1]', '0:0:0:0:0:0:0:1', 'localhost', 'LOCALHOST'])(
    '%s is',
    (host) => {
      expect(isLoopback(host)).toBe(true);
    },
  );

  it.each(['0.0.0.0', '::', '10.0.0.1', '192.168.1.1', '128.0.0.1', 'localhost.example', 'tide', '', '127.1', '::2'])(
    '%s is not',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );
});
