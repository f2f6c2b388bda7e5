import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Known, spoolVerified, verified } from '../../../src/store/objects/object-verify.ts';
import { createDirectoryRemote } from '../../../src/store/remotes/remote-directory.ts';
import { createMemoryRemote } from '../../../src/store/remotes/remote-memory.ts';
import { chunks, collect, md5, noise, sha256 } from '../../support/bytes.ts';

/** What a receiver got, and the code of the error that ended it. */
async function receive(parts: readonly Uint8Array[], known: Known) {
  const received: Uint8Array[] = [];
  try {
    for await (const chunk of verified(chunks(...parts), known)) received.push(chunk);
    return { bytes: Buffer.concat(received), code: null };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error;
    return { bytes: Buffer.concat(received), code };
  }
}

const split = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });

describe('verified', () => {
  test('good bytes pass unchanged, by either digest, however they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(split, fc.boolean(), fc.boolean(), async (parts, strong, sized) => {
        const bytes = Buffer.concat(parts);
        const size = sized ? bytes.byteLength : undefined;
        const known = strong ? { sha256: sha256(bytes), size } : { md5: md5(bytes), size };
        expect(await receive(parts, known)).toEqual({ bytes, code: null });
      }),
    );
  });

  test('one flipped bit, a truncation or an addition anywhere: the last bytes are never given', async () => {
    const damage = fc.record({ at: fc.nat(), bit: fc.nat({ max: 7 }), kind: fc.constantFrom('flip', 'cut', 'add') });
    await fc.assert(
      fc.asyncProperty(split, damage, fc.boolean(), async (parts, { at, bit, kind }, sized) => {
        const bytes = Buffer.concat(parts);
        fc.pre(bytes.byteLength > 0);
        const known = { sha256: sha256(bytes), size: sized ? bytes.byteLength : undefined };
        const damaged = parts.map((part) => part.slice());
        const place = damaged.findLastIndex((part) => part.byteLength > 0);
        const part = damaged[place] ?? new Uint8Array();
        const index = at % part.byteLength;
        if (kind === 'flip') part[index] = (part[index] ?? 0) ^ (1 << bit);
        if (kind === 'cut') damaged[place] = part.subarray(0, index);
        if (kind === 'add') damaged.push(Uint8Array.of(bit));
        const { bytes: received, code } = await receive(damaged, known);
        expect(code).toBe('object-corrupt');
        if (kind !== 'add') expect(received.byteLength).toBeLessThan(bytes.byteLength);
        else expect(received.byteLength).toBeLessThanOrEqual(bytes.byteLength);
      }),
    );
  });

  test('a flipped bit in the first chunk keeps the last one back', async () => {
    const bytes = noise(1000);
    const damaged = bytes.with(0, (bytes[0] ?? 0) ^ 1);
    const parts = [damaged.subarray(0, 400), damaged.subarray(400, 700), damaged.subarray(700)];
    const { bytes: received, code } = await receive(parts, { md5: md5(bytes), size: 1000 });
    expect({ code, length: received.byteLength }).toEqual({ code: 'object-corrupt', length: 700 });
  });

  test('an empty chunk at the end does not push the last bytes out', async () => {
    const bytes = noise(100);
    const damaged = bytes.with(99, (bytes[99] ?? 0) ^ 1);
    const { bytes: received, code } = await receive([damaged, new Uint8Array()], { md5: md5(bytes), size: 100 });
    expect({ code, length: received.byteLength }).toEqual({ code: 'object-corrupt', length: 0 });
  });

  test('bytes beyond the size end it at once, without reading on', async () => {
    let asked = 0;
    async function* endless() {
      for (;;) {
        asked++;
        yield new Uint8Array(10);
      }
    }
    await expect(collect(verified(endless(), { md5: md5(''), size: 25 }))).rejects.toMatchObject({
      code: 'object-corrupt',
    });
    expect(asked).toBe(3);
  });

  test('SHA-256 finds a collision that MD5 does not', async () => {
    const { collidingPair } = await import('../../support/bytes.ts');
    const [first, second] = collidingPair();
    expect((await receive([second], { md5: md5(first), size: 128 })).code).toBeNull();
    expect((await receive([second], { md5: md5(first), sha256: sha256(first), size: 128 })).code).toBe(
      'object-corrupt',
    );
  });

  test('one chunk is held, no more', async () => {
    let given = 0;
    async function* counted() {
      for (; given < 5; given++) yield noise(10, given + 1);
    }
    let taken = 0;
    const all = Buffer.concat(Array.from({ length: 5 }, (_, i) => noise(10, i + 1)));
    for await (const _ of verified(counted(), { md5: md5(all) })) {
      taken++;
      expect(given - taken).toBeLessThanOrEqual(1);
    }
    expect(taken).toBe(5);
  });
});

describe('spoolVerified', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidemark-spool-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });
  const bytes = noise(500_000);
  const oid = md5(bytes);
  const spool = () => join(folder, 'spool');

  test('copies from a remote that cannot link, and takes the bytes for what they are', async () => {
    const remote = createMemoryRemote();
    await remote.put(chunks(bytes), { maxBytes: 1e9 });
    const path = await spoolVerified(remote, oid, { folder: spool(), sha256: sha256(bytes), size: bytes.byteLength });
    expect(await readFile(path)).toEqual(Buffer.from(bytes));
    remote.objects.set(oid, bytes.with(77, (bytes[77] ?? 0) ^ 4));
    await expect(spoolVerified(remote, oid, { folder: spool() })).rejects.toMatchObject({ code: 'object-corrupt' });
    await expect(spoolVerified(remote, md5('x'), { folder: spool() })).rejects.toMatchObject({ code: 'not-found' });
    expect(await readdir(spool())).toHaveLength(1);
  });

  test('links from a directory remote on the same file system', async () => {
    const remote = createDirectoryRemote(join(folder, 'remote'));
    await remote.put(chunks(bytes), { maxBytes: 1e9 });
    const path = await spoolVerified(remote, oid, { folder: spool(), size: bytes.byteLength });
    expect((await stat(path)).nlink).toBe(2);
    await rm(path);
    expect(await remote.stat(oid)).toEqual({ size: bytes.byteLength });
    for (const wrong of [{ sha256: sha256('other') }, { size: 3 }]) {
      await expect(spoolVerified(remote, oid, { folder: spool(), ...wrong })).rejects.toMatchObject({
        code: 'object-corrupt',
      });
    }
    await expect(spoolVerified(remote, md5('x'), { folder: spool() })).rejects.toMatchObject({ code: 'not-found' });
    expect(await readdir(spool())).toEqual([]);
  });

  test('a manifest is verified by the MD5 in its name', async () => {
    const remote = createMemoryRemote();
    await remote.put(chunks('[]'), { maxBytes: 10, directory: true });
    const path = await spoolVerified(remote, 'd751713988987e9331980363e24189ce.dir', { folder: spool() });
    expect(await readFile(path, 'utf8')).toBe('[]');
  });
});
