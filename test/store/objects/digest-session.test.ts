import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openDigestSession } from '../../../src/store/objects/digest-session.ts';
import { noise } from '../../support/bytes.ts';

const hexOf = (algorithm: string, bytes: Uint8Array): string => createHash(algorithm).update(bytes).digest('hex');

/** In memory that a thread can read, which is written over once it may be. */
async function digested(bytes: Uint8Array, step: number) {
  const session = openDigestSession();
  const memory = new Uint8Array(new SharedArrayBuffer(step));
  for (let at = 0; at < bytes.byteLength; at += step) {
    const part = bytes.subarray(at, at + step);
    memory.set(part);
    await session.update(memory.subarray(0, part.byteLength));
    memory.fill(0);
  }
  const digests = await session.finish();
  session.forget();
  return digests;
}

const expected = (bytes: Uint8Array) => ({
  md5: hexOf('md5', bytes),
  sha256: hexOf('sha256', bytes),
  size: bytes.byteLength,
});

describe('digests of streams', () => {
  it.each([0, 1, 64, 1000, 1001, 5000])('are those of %i bytes that come alone', async (size) => {
    const bytes = noise(size, size);
    expect(await digested(bytes, 1000)).toMatchObject(expected(bytes));
  });

  it('are those of each of many that come at once, however long each is', async () => {
    const all = [0, 10, 900, 1000, 70_000, 70_001, 200_000].map((size) => noise(size, size));
    const made = await Promise.all(all.map((bytes, i) => digested(bytes, 900 + 100 * i)));
    expect(made.map(({ md5, sha256, size }) => ({ md5, sha256, size }))).toEqual(all.map(expected));
  });

  it('go on beside one that is given up', async () => {
    const given = openDigestSession();
    await given.update(new Uint8Array(new SharedArrayBuffer(100)));
    const bytes = noise(3000, 3);
    const making = digested(bytes, 500);
    given.forget();
    expect(await making).toMatchObject(expected(bytes));
  });
});
