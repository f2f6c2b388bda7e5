/** The contract suite on a real S3 server: versitygw, whose path the variable VERSITYGW gives. */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateMultipartUploadCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { digestBytes } from '../../src/dvc/hash.ts';
import { objectPath } from '../../src/dvc/path.ts';
import type { Slots } from '../../src/store/objects/object-slots.ts';
import { type Database, openDatabase } from '../../src/store/postgres/db.ts';
import { openRemote } from '../../src/store/remotes/remote-open.ts';
import { createS3Remote } from '../../src/store/remotes/remote-s3.ts';
import { connectS3 } from '../../src/store/remotes/remote-s3-client.ts';
import { joinParts, readParts } from '../../src/store/remotes/remote-s3-join.ts';
import { headS3Object } from '../../src/store/remotes/remote-s3-read.ts';
import { uploadBytes, uploadFile } from '../../src/store/remotes/remote-s3-upload.ts';
import { partName } from '../../src/store/remotes/upload-parts.ts';
import { describeRemote } from '../store/remotes/remote-contract.ts';
import { bucketBackDoors } from '../support/bucket-back-doors.ts';
import { bundlingRemote, forgetAllBundles } from '../support/bundling.ts';
import { all, chunks, collect, md5, noise, sha256 } from '../support/bytes.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Fault, type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { type S3Server, startVersitygw } from '../support/versitygw.ts';

const binary = process.env.VERSITYGW;
const OPEN = { maxBytes: 1e9 };

if (binary === undefined) console.warn('VERSITYGW is not set: the S3 remote is not tested against a real server.');

describe.skipIf(binary === undefined)('on versitygw', () => {
  let server: S3Server;
  let spoolFolder: string;
  beforeAll(async () => {
    server = await startVersitygw(binary ?? '');
  });
  afterAll(async () => {
    await server.stop();
  });
  beforeEach(async () => {
    spoolFolder = await mkdtemp(join(tmpdir(), 'tidemark-s3-spool-'));
    vi.stubEnv('AWS_ENDPOINT_URL', server.endpoint);
    vi.stubEnv('AWS_ACCESS_KEY_ID', server.accessKey);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', server.secretKey);
    vi.stubEnv('AWS_REGION', 'us-east-1');
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(spoolFolder, { recursive: true });
  });

  const client = () => new S3Client({ forcePathStyle: true });
  const doors = (prefix: string) => bucketBackDoors({ server, prefix, spoolFolder });
  const uploads = (prefix: string) => doors(prefix).uploads();
  const create = (prefix: string) => createS3Remote({ bucket: server.bucket, prefix, spoolFolder });

  describeRemote('S3 remote', async () => {
    const prefix = `contract/${randomUUID()}`;
    return { remote: create(prefix), ...doors(prefix) };
  });

  describe('with small objects bundled', () => {
    let database: TestDatabase;
    let opened: Database;
    beforeAll(async () => {
      database = await createTestDatabase();
      opened = openDatabase(database.url);
    });
    afterAll(async () => {
      await opened.close();
      await database.drop();
    });

    async function bundling() {
      const prefix = `bundled/${randomUUID()}`;
      await forgetAllBundles(opened);
      const inner = create(prefix);
      const { bundles } = inner;
      if (bundles === undefined) throw new Error('an S3 remote has bundles');
      return { prefix, bundles, remote: bundlingRemote({ inner, bundles, database: opened }) };
    }

    describeRemote('S3 remote, bundled', async () => {
      const { prefix, bundles, remote } = await bundling();
      const others = doors(prefix);
      return {
        ...others,
        remote,
        async spoil(oid, bytes) {
          // Both places in which its bytes lie.
          await all(remote.list());
          for (const { name } of await all(bundles.list())) await bundles.remove(name);
          await others.spoil(oid, bytes);
        },
      };
    });

    test('a bundle is what was put, in part too, until it is removed', async () => {
      const { bundles } = await bundling();
      const bytes = noise(3_000_000, 5);
      // The clock of a file system may be a little behind.
      const before = Date.now() - 60_000;
      await bundles.put('one', bytes, digestBytes(bytes));
      expect(await bundles.read('one', { start: 0, end: 3_000_000 })).toEqual(Buffer.from(bytes));
      expect(await bundles.read('one', { start: 7, end: 70_000 })).toEqual(Buffer.from(bytes.subarray(7, 70_000)));
      expect(await bundles.read('one', { start: 5, end: 5 })).toHaveLength(0);
      expect(await bundles.read('one', { start: 0, end: 3_000_001 })).toBeNull();
      expect(await bundles.read('none', { start: 0, end: 1 })).toBeNull();
      const [listed, ...others] = await all(bundles.list());
      expect(others).toEqual([]);
      expect(listed?.name).toBe('one');
      expect(listed?.modified).toBeGreaterThan(before);
      expect(listed?.modified).toBeLessThan(Date.now() + 60_000);
      await bundles.remove('one');
      await bundles.remove('one');
      expect(await all(bundles.list())).toEqual([]);
    });

    test('a bundle that does not bear out its digest is refused', async () => {
      const { bundles } = await bundling();
      const wrong = { ...digestBytes(noise(100, 2)), size: 100 };
      await expect(bundles.put('one', noise(100, 1), wrong)).rejects.toMatchObject({ code: 'store-unavailable' });
      expect(await all(bundles.list())).toEqual([]);
    });
  });

  describe('an object is made of its parts where they lie', () => {
    const PART = 5 * 1024 ** 2;
    const LARGE = noise(2 * PART + 3, 9);
    const sizes = [PART, PART, 3];

    async function withParts(bytes = LARGE) {
      const prefix = `joined/${randomUUID()}`;
      const remote = create(prefix);
      for (const [i, size] of sizes.entries()) {
        const part = bytes.subarray(i * PART, i * PART + size);
        await remote.parts.put('upl_1', i + 1, chunks(part), OPEN);
      }
      const made = async (expect = md5(bytes)) =>
        await remote.join?.('upl_1', 3, { maxBytes: 1e9, expect: { md5: expect, size: bytes.byteLength } });
      return { prefix, remote, made, ...doors(prefix) };
    }

    test('without a copy here, and again for whoever comes back', async () => {
      const { remote, made, leftovers } = await withParts();
      expect(await made()).toMatchObject({ oid: md5(LARGE), size: LARGE.byteLength, existed: false });
      expect(Buffer.from(LARGE).equals(await collect(await remote.read(md5(LARGE))))).toBe(true);
      expect(await made()).toMatchObject({ existed: true });
      expect(await leftovers()).toEqual([]);
      // For whoever asks how far the upload is.
      expect((await remote.parts.list('upl_1')).size).toBe(3);
    });

    test('and replaces a corrupt copy of it', async () => {
      const { remote, made, spoil } = await withParts();
      await made();
      await spoil(md5(LARGE), noise(LARGE.byteLength, 10));
      expect(await made()).toMatchObject({ existed: false });
      expect(Buffer.from(LARGE).equals(await collect(await remote.read(md5(LARGE))))).toBe(true);
    });

    test('but not of others than its name says, and not of fewer', async () => {
      const { remote, made, leftovers } = await withParts();
      await expect(made(md5('else'))).rejects.toMatchObject({ code: 'digest-mismatch' });
      await expect(remote.join?.('upl_1', 4, OPEN)).rejects.toMatchObject({ code: 'not-found' });
      expect(await all(remote.list())).toEqual([]);
      expect(await leftovers()).toEqual([]);
    });

    test('and not of a part that is another than the one that was read', async () => {
      const { prefix, remote, leftovers } = await withParts();
      const s3 = await connectS3(server.bucket);
      const keys = [1, 2, 3].map((number) => `${prefix}/uploads/upl_1/${partName(number)}`);
      const { digests, parts } = await readParts(s3, keys, OPEN);
      await remote.parts.put('upl_1', 2, chunks(noise(PART, 11)), OPEN);
      const key = `${prefix}/${objectPath(digests.md5)}`;
      await expect(joinParts(s3, { key, parts, digests, onlyNew: true })).rejects.toMatchObject({ code: 'conflict' });
      expect(await all(remote.list())).toEqual([]);
      expect(await leftovers()).toEqual([]);
    });

    test('and is there once although an answer was lost', async () => {
      const proxy = await startFaultProxy(server.endpoint);
      vi.stubEnv('AWS_ENDPOINT_URL', proxy.endpoint);
      const { remote, made, leftovers } = await withParts();
      let lost = 0;
      proxy.fault = (method, path) =>
        method === 'POST' && path.includes('uploadId=') && lost++ === 0 ? { loseAnswer: true } : null;
      expect(await made()).toMatchObject({ oid: md5(LARGE) });
      expect((await all(remote.list())).map(({ oid }) => oid)).toEqual([md5(LARGE)]);
      expect(await leftovers()).toEqual([]);
      await proxy.stop();
    });
  });

  test('a part comes by its address alone, of the size that was agreed and no other', async () => {
    const { parts } = create(`invited/${randomUUID()}`);
    const invited = await parts.invite?.('upl_1', { number: 2, size: 5 }, 60);
    const send = (body: string) => fetch(invited?.url ?? '', { method: 'PUT', body });
    expect((await send('longer')).status).toBe(403);
    expect((await send('short')).status).toBe(200);
    expect(await parts.list('upl_1')).toEqual(new Map([[2, { size: 5 }]]));
    expect(String(await collect(await parts.read('upl_1', 2)))).toBe('short');
  });

  test('an object is read by its address alone, whole and in part, and nothing else by it', async () => {
    const remote = create(`address/${randomUUID()}`);
    const { oid } = await remote.put(chunks('the bytes'), OPEN);
    const address = (await remote.address?.(oid, 60)) ?? '';
    expect(await (await fetch(address)).text()).toBe('the bytes');
    const part = await fetch(address, { headers: { range: 'bytes=4-' } });
    expect([part.status, await part.text()]).toEqual([206, 'bytes']);
    const { oid: other } = await remote.put(chunks('others'), OPEN);
    expect((await fetch(address.replace(objectPath(oid), objectPath(other)))).status).toBe(403);
    expect((await fetch(address, { method: 'DELETE' })).status).toBe(403);
  });

  describe('behind a bad line', () => {
    let proxy: FaultProxy;
    beforeEach(async () => {
      proxy = await startFaultProxy(server.endpoint);
      vi.stubEnv('AWS_ENDPOINT_URL', proxy.endpoint);
    });
    afterEach(async () => {
      vi.useRealTimers();
      await proxy.stop();
    });
    const once = (fault: Fault, method: string) => {
      let done = false;
      proxy.fault = (m) => {
        if (done || m !== method) return null;
        done = true;
        return fault;
      };
    };

    test('an upload whose answer was lost is stored, once', async () => {
      const remote = create(`lost/${randomUUID()}`);
      once({ loseAnswer: true }, 'PUT');
      expect(await remote.put(chunks('foo'), OPEN)).toMatchObject({ oid: md5('foo') });
      expect(await all(remote.list())).toEqual([{ oid: md5('foo'), size: 3 }]);
    });

    describe('small objects go the short way', () => {
      const isShort = (headers: { readonly 'user-agent'?: string | undefined }) =>
        headers['user-agent']?.includes('aws-sdk') !== true;
      const texts = ['one', 'two', 'three', 'four'];
      const group = () => {
        const memory = new Uint8Array(new SharedArrayBuffer(100));
        let end = 0;
        const members = texts.map((text) => {
          const start = end;
          memory.set(Buffer.from(text), start);
          end = start + text.length;
          return { oid: md5(text), start, size: text.length };
        });
        return { memory, members };
      };
      const wanted = texts.map((text) => ({ oid: md5(text), size: text.length, sha256: sha256(text) }));
      const read = (remote: ReturnType<typeof create>) =>
        remote.readGroup(wanted, (found) => found.map((bytes) => (bytes === null ? null : String(Buffer.from(bytes)))));

      /** A remote that knows where its bucket lies, and what went each way since. */
      const knowing = async () => {
        const remote = create(`short/${randomUUID()}`);
        await remote.put(chunks('first'), OPEN);
        const went = { short: 0, long: 0 };
        const befalls = (fault: Fault) => {
          proxy.fault = (_, __, headers) => {
            went[isShort(headers) ? 'short' : 'long']++;
            return isShort(headers) ? fault : null;
          };
        };
        return { remote, went, befalls };
      };

      test('there and back, once the SDK has shown where the bucket lies', async () => {
        const { remote, went, befalls } = await knowing();
        befalls(null);
        expect(await remote.putGroup(group())).toMatchObject(texts.map((text) => ({ oid: md5(text), existed: false })));
        expect(went).toEqual({ short: 4, long: 0 });
        expect(await read(remote)).toEqual(texts);
        expect(went).toEqual({ short: 8, long: 0 });
        expect(String(await collect(await remote.read(md5('two'), { start: 1, end: 3 })))).toBe('wo');
        expect(went).toEqual({ short: 9, long: 0 });
      });

      test.each<[string, Fault]>([
        ['is refused', { status: 403 }],
        ['fails', { status: 500 }],
        ['gets no answer', { loseAnswer: true }],
      ])('and what %s there goes through the SDK', async (_, fault) => {
        const { remote, went, befalls } = await knowing();
        befalls(fault);
        expect(await remote.putGroup(group())).toMatchObject(texts.map((text) => ({ oid: md5(text) })));
        expect(await read(remote)).toEqual(texts);
        expect(went.short).toBeGreaterThanOrEqual(8);
        expect(went.long).toBeGreaterThanOrEqual(8);
        expect(await all(remote.list())).toHaveLength(5);
      });

      test('and a body that is cut off there, or is another, is read again', async () => {
        const { remote, went, befalls } = await knowing();
        befalls(null);
        await remote.putGroup(group());
        befalls({ cutAfter: 1 });
        expect(await read(remote)).toEqual(texts);
        expect(went.short).toBeGreaterThan(8);
        const other = wanted.map((object) => ({ ...object, sha256: sha256('another') }));
        befalls(null);
        expect(await remote.readGroup(other, (found) => [...found])).toEqual([null, null, null, null]);
      });

      test('and one that is there already, or is named wrongly, is told as ever', async () => {
        const { remote, befalls } = await knowing();
        befalls(null);
        await remote.putGroup(group());
        const { memory, members } = group();
        const wrong = members.map((member, i) => (i === 2 ? { ...member, oid: md5('other') } : member));
        const stored = await remote.putGroup({ memory, members: wrong });
        expect(stored).toMatchObject([
          { existed: true },
          { existed: true },
          { code: 'digest-mismatch' },
          { existed: true },
        ]);
      });
    });

    test('what is larger comes as one stream, and in parts where that breaks', async () => {
      const prefix = `stream/${randomUUID()}`;
      const remote = create(prefix);
      const [one, two] = [noise(10_000_000, 3), noise(10_000_000, 4)];
      expect(await remote.put(chunks(one), OPEN)).toMatchObject({ oid: md5(one), existed: false });
      const kinds = () =>
        proxy.seen.filter((line) => /^(PUT|POST) /.test(line)).map((line) => line.includes('partNumber'));
      expect(kinds()).toEqual([false]);
      once({ loseAnswer: true }, 'PUT');
      expect(await remote.put(chunks(two), OPEN)).toMatchObject({ oid: md5(two) });
      expect(kinds()).toContain(true);
      expect(md5(await collect(await remote.read(md5(two))))).toBe(md5(two));
      expect(await uploads(prefix)).toEqual([]);
    });

    describe('a store that tags what it has with its MD5 need not be told one', () => {
      const [first, second, third] = [noise(9_000_000, 11), noise(9_000_000, 12), noise(9_000_000, 13)];

      /** A remote that knows where its bucket lies, and the digests that its streams came with. */
      const watched = async (befalls: (md5: boolean, small: boolean) => Fault) => {
        const streams: { readonly md5: boolean; readonly sha256: string }[] = [];
        proxy.fault = (method, path, headers) => {
          if (method !== 'PUT' || path.includes('partNumber')) return null;
          const md5 = headers['content-md5'] !== undefined;
          const small = Number(headers['content-length']) < 1e6;
          if (!small) streams.push({ md5, sha256: String(headers['x-amz-content-sha256']) });
          return befalls(md5, small);
        };
        const remote = create(`tags/${randomUUID()}`);
        for (const text of ['one', 'two']) await remote.put(chunks(text), OPEN);
        return { remote, streams };
      };

      const expectStored = async (remote: ReturnType<typeof create>, bytes: Uint8Array) => {
        expect(await remote.put(chunks(bytes), OPEN)).toMatchObject({ oid: md5(bytes), existed: false });
        expect(md5(await collect(await remote.read(md5(bytes))))).toBe(md5(bytes));
      };

      test('but the SHA-256 that it is to check', async () => {
        const { remote, streams } = await watched(() => null);
        await expectStored(remote, first);
        expect(streams).toEqual([{ md5: false, sha256: sha256(first) }]);
      });

      test('and one whose tags are others is told it each time', async () => {
        const { remote, streams } = await watched(() => ({ tag: '"of-its-own"' }));
        for (const bytes of [first, second]) await expectStored(remote, bytes);
        expect(streams.map((each) => each.md5)).toEqual([true, true]);
      });

      test.each<[string, Fault]>([
        ['insists on it', { status: 400 }],
        ['tags a stream otherwise', { tag: '"of-its-own"' }],
      ])('and one that %s gets it from then on', async (_, fault) => {
        const { remote, streams } = await watched((told, small) => (told || small ? null : fault));
        expect(await remote.put(chunks(first), OPEN)).toMatchObject({ oid: md5(first) });
        for (const bytes of [second, third]) await expectStored(remote, bytes);
        expect(streams.map((each) => each.md5)).toEqual([false, true, true]);
        expect(md5(await collect(await remote.read(md5(first))))).toBe(md5(first));
      });
    });

    test.each([
      ['MD5', 1],
      ['SHA-256', 2],
    ])('a file that is another by the time it is sent does not become an object, by its %s', async (_, before) => {
      const s3 = await connectS3(server.bucket);
      const [told, sent] = [noise(9_000_000, 5), noise(9_000_000, 6)];
      const path = join(spoolFolder, 'changed');
      await writeFile(path, sent);
      const key = `changed/${randomUUID()}`;
      const digests = { md5: md5(told), sha256: sha256(told), size: told.byteLength };
      const slots: Slots = (work) => work();
      // By the first the short way is known, by the second how the store tags what it has.
      for (let i = 0; i < before; i++) {
        await uploadBytes(s3, { key: `${key}/${i}`, digests: digestBytes(told), onlyNew: true }, told);
      }
      await expect(uploadFile(s3, { key, path, digests, onlyNew: true }, slots)).rejects.toThrow('changed');
      const sentWhole = proxy.seen.filter((line) => line.startsWith('PUT') && !line.includes('partNumber'));
      expect(sentWhole).toHaveLength(before + 1);
      expect(await headS3Object(s3, key)).toBeNull();
    });

    test('a server that is slow for a moment is asked again', async () => {
      const remote = create(`slow/${randomUUID()}`);
      let refusals = 0;
      proxy.fault = (method) => (method === 'PUT' && refusals++ < 2 ? { status: 503 } : null);
      expect(await remote.put(chunks('foo'), OPEN)).toMatchObject({ existed: false });
      expect(proxy.seen.filter((line) => line.startsWith('PUT'))).toHaveLength(3);
    });

    test('one that stays so makes the upload fail, after a bounded number of attempts, and nothing is left', async () => {
      const remote = create(`down/${randomUUID()}`);
      proxy.fault = (method) => (method === 'PUT' ? { status: 500 } : null);
      await expect(remote.put(chunks('foo'), OPEN)).rejects.toMatchObject({ code: 'store-unavailable', retryAfter: 5 });
      expect(proxy.seen.filter((line) => line.startsWith('PUT')).length).toBeLessThanOrEqual(5);
      proxy.fault = () => null;
      expect(await all(remote.list())).toEqual([]);
      expect(await readdir(spoolFolder)).toEqual([]);
    });

    test('a writer that is told that others are at it looks again, and gives up when it never ends', async () => {
      const remote = create(`busy/${randomUUID()}`);
      once({ status: 409 }, 'PUT');
      expect(await remote.put(chunks('foo'), OPEN)).toMatchObject({ existed: false });
      proxy.fault = (method) => (method === 'PUT' ? { status: 409 } : null);
      await expect(remote.put(chunks('bar'), OPEN)).rejects.toMatchObject({ code: 'store-unavailable' });
      expect(await all(remote.list())).toEqual([{ oid: md5('foo'), size: 3 }]);
    });

    test('a server without conditional writes gets plain ones', async () => {
      const remote = create(`plain/${randomUUID()}`);
      proxy.fault = (_, __, headers) => (headers['if-none-match'] === undefined ? null : { status: 501 });
      expect(await remote.put(chunks('foo'), OPEN)).toMatchObject({ existed: false });
      expect(await remote.put(chunks('foo'), OPEN)).toMatchObject({ existed: true });
    });

    test('an upload whose last step fails leaves no parts', async () => {
      const prefix = `parts/${randomUUID()}`;
      const remote = create(prefix);
      const whole = (method: string, path: string) => method === 'PUT' && !path.includes('partNumber');
      const last = (method: string, path: string) => method === 'POST' && !path.includes('uploads');
      proxy.fault = (method, path) => {
        if (whole(method, path)) return { status: 500 };
        return last(method, path) ? { status: 403 } : null;
      };
      await expect(remote.put(chunks(noise(10_000_000)), OPEN)).rejects.toMatchObject({ code: 'store-unavailable' });
      expect(await uploads(prefix)).toEqual([]);
      proxy.fault = () => null;
      expect(await remote.put(chunks(noise(10_000_000)), OPEN)).toMatchObject({ existed: false });
    });

    test('a body that breaks off is taken up where it broke', async () => {
      const remote = create(`cut/${randomUUID()}`);
      const bytes = noise(3_000_000);
      const { oid } = await remote.put(chunks(bytes), OPEN);
      let cuts = 0;
      proxy.fault = (method) => (method === 'GET' && cuts++ < 4 ? { cutAfter: 500_000 } : null);
      expect(md5(await collect(await remote.read(oid)))).toBe(oid);
      expect(cuts).toBe(5);
      cuts = 0;
      const range = await collect(await remote.read(oid, { start: 100, end: 2_000_000 }));
      expect(md5(range)).toBe(md5(bytes.subarray(100, 2_000_000)));
      expect(cuts).toBeGreaterThan(1);
    });

    test('a body that cannot be taken up again is an error, not a short object', async () => {
      const remote = create(`barren/${randomUUID()}`);
      const { oid } = await remote.put(chunks(noise(3_000_000)), OPEN);
      let gets = 0;
      let received = 0;
      const reading = async () => {
        for await (const chunk of await remote.read(oid)) received += chunk.byteLength;
      };
      proxy.fault = (method) => {
        if (method !== 'GET') return null;
        return gets++ === 0 ? { cutAfter: 1000 } : { status: 500 };
      };
      await expect(reading()).rejects.toMatchObject({ code: 'store-unavailable' });
      expect(received).toBe(1000);
    });

    /** A remote that soon gives up, of what another has put there: a busy machine is to be waited for while it does. */
    const impatient = async (name: string, bytes: string | Uint8Array) => {
      const prefix = `${name}/${randomUUID()}`;
      const { oid } = await create(prefix).put(chunks(bytes), OPEN);
      const patience = { answer: 1500, idle: 1000 };
      return { oid, remote: createS3Remote({ bucket: server.bucket, prefix, spoolFolder, patience }) };
    };

    test('a server that takes questions and does not answer is not waited for', async () => {
      const { remote, oid } = await impatient('hang', 'foo');
      proxy.fault = () => ({ hang: true });
      for (const ask of [() => remote.read(oid), () => remote.stat(oid), () => all(remote.list())]) {
        await expect(ask()).rejects.toMatchObject({ code: 'store-unavailable', retryAfter: 5 });
      }
      proxy.fault = () => null;
      await vi.waitFor(async () => expect(String(await collect(await remote.read(oid)))).toBe('foo'), 60_000);
    });

    test('a body that stalls is taken up where it stalled, and given up when it stalls for good', async () => {
      const bytes = noise(1_000_000);
      const { remote, oid } = await impatient('stall', bytes);
      once({ stallAfter: 300_000 }, 'GET');
      expect(md5(await collect(await remote.read(oid)))).toBe(oid);
      let received = 0;
      proxy.fault = (method) => (method === 'GET' ? { stallAfter: 0 } : null);
      const reading = async () => {
        for await (const chunk of await remote.read(oid)) received += chunk.byteLength;
      };
      await expect(reading()).rejects.toMatchObject({ code: 'store-unavailable' });
      expect(received).toBe(0);
    });

    test('a server that is away is asked no more after a while, and again when it may be back', async () => {
      const remote = create(`breaker/${randomUUID()}`);
      await remote.put(chunks('foo'), OPEN);
      vi.useFakeTimers({ toFake: ['performance'] });
      proxy.fault = () => ({ status: 503 });
      for (let i = 0; i < 5; i++) await expect(remote.stat(md5('foo'))).rejects.toMatchObject({ retryAfter: 5 });
      const asked = proxy.seen.length;
      await expect(remote.put(chunks('bar'), OPEN)).rejects.toMatchObject({ code: 'store-unavailable' });
      await expect(remote.stat(md5('foo'))).rejects.toMatchObject({ code: 'store-unavailable' });
      expect(proxy.seen).toHaveLength(asked);
      proxy.fault = () => null;
      vi.advanceTimersByTime(5000);
      expect(await remote.stat(md5('foo'))).toEqual({ size: 3 });
    });

    test('says when an object was put there, by whomever', async () => {
      const prefix = `touched/${randomUUID()}`;
      const remote = create(prefix);
      const { oid } = await remote.put(chunks('foo'), OPEN);
      const file = join(server.folder, prefix, objectPath(oid));
      const put = new Date(Date.now() - 3_600_000);
      await utimes(file, put, put);
      expect(await remote.touchedAt(oid)).toBe(Math.floor(put.getTime() / 1000) * 1000);
      await remote.remove(oid);
      expect(await remote.touchedAt(oid)).toBeNull();
    });

    test('an object that changes while it is read is an error, not a mixture', async () => {
      const prefix = `change/${randomUUID()}`;
      const remote = create(prefix);
      const bytes = noise(3_000_000);
      const { oid } = await remote.put(chunks(bytes), OPEN);
      once({ cutAfter: 1_000_000 }, 'GET');
      const reading = (await remote.read(oid))[Symbol.asyncIterator]();
      await reading.next();
      const key = `${prefix}/${objectPath(oid)}`;
      await new S3Client({ forcePathStyle: true, endpoint: server.endpoint }).send(
        new PutObjectCommand({ Bucket: server.bucket, Key: key, Body: noise(3_000_000, 2) }),
      );
      await expect(all({ [Symbol.asyncIterator]: () => reading })).rejects.toMatchObject({ code: 'store-unavailable' });
    });
  });

  test('finds its objects where dvc looks for them, also without a prefix', async () => {
    const remote = openRemote({ url: `s3://${server.bucket}`, dataDirectory: spoolFolder, holds: false });
    await remote.put(chunks('foo'), OPEN);
    expect(await readdir(join(server.folder, 'files/md5/ac'))).toEqual([md5('foo').slice(2)]);
    expect(await all(remote.list('ac'))).toEqual([{ oid: md5('foo'), size: 3 }]);
  });

  test('lists more objects than one page holds', async () => {
    const remote = create('many');
    for (let i = 0; i < 1005; i += 15) {
      await Promise.all(Array.from({ length: 15 }, (_, k) => remote.put(chunks(`object ${i + k}`), OPEN)));
    }
    const oids = (await all(remote.list())).map((o) => o.oid);
    expect(oids).toHaveLength(1005);
    expect(oids).toEqual(oids.toSorted());
  });

  test('sweeps parts and spooled files that nobody will finish, once they are old enough', async () => {
    const remote = create('sweep');
    const key = `sweep/${objectPath(md5('never finished'))}`;
    await client().send(new CreateMultipartUploadCommand({ Bucket: server.bucket, Key: key }));
    const spooled = join(spoolFolder, `spool-${randomUUID()}`);
    await writeFile(spooled, 'half');
    await utimes(spooled, new Date(), new Date());
    expect(await remote.sweep(3_600_000, Date.now())).toBe(0);
    expect(await uploads('sweep')).toEqual([key]);
    expect(await remote.sweep(3_600_000, Date.now() + 3_700_000)).toBe(2);
    expect(await uploads('sweep')).toEqual([]);
    expect(await readdir(spoolFolder)).toEqual([]);
  });

  test('takes nothing for lost in a bucket that is gone', async () => {
    const remote = createS3Remote({ bucket: 'gone', prefix: 'x', spoolFolder });
    const folder = join(server.folder, '..', 'gone');
    await mkdir(folder, { recursive: true });
    const { oid } = await remote.put(chunks('foo'), OPEN);
    expect(await remote.stat(md5('bar'))).toBeNull();
    await expect(remote.read(md5('bar'))).rejects.toMatchObject({ code: 'not-found' });
    await rename(folder, join(spoolFolder, 'away-bucket'));
    const gone = { code: 'store-unavailable', message: expect.stringContaining('the bucket does not exist') };
    for (const call of [
      () => remote.stat(oid),
      () => remote.touchedAt(oid),
      () => remote.read(oid),
      () => remote.read(oid, { start: 0, end: 0 }),
      () => remote.readLegacy(oid),
      () => remote.adoptLegacy(oid, oid),
      () => remote.remove(oid),
      () => all(remote.list()),
    ]) {
      await expect(call()).rejects.toMatchObject(gone);
    }
    await rename(join(spoolFolder, 'away-bucket'), folder);
    expect(await remote.stat(oid)).toEqual({ size: 3 });
  });

  test('says what is wrong with bucket and keys', async () => {
    const elsewhere = createS3Remote({ bucket: 'no-such-bucket', prefix: '', spoolFolder });
    await expect(elsewhere.probe()).rejects.toMatchObject({ message: expect.stringContaining('does not exist') });
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'wrong');
    await expect(create('x').probe()).rejects.toMatchObject({
      message: expect.stringContaining('secret key is wrong'),
    });
  });

  test('a bucket name may hold dots, and no region is needed beside an endpoint', async () => {
    vi.stubEnv('AWS_REGION', '');
    vi.stubEnv('AWS_CONFIG_FILE', join(spoolFolder, 'none'));
    const remote = create('regionless');
    await remote.put(chunks(noise(100)), OPEN);
    expect(await collect(await remote.read(md5(noise(100))))).toEqual(Buffer.from(noise(100)));
  });
});
