/** What every object remote promises, run against each of its twins. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { serialiseTree } from '../../../src/dvc/tree.ts';
import { SUMMED_BYTES, sumsWithin, touchedBlocks } from '../../../src/store/objects/block-sums.ts';
import { openProvedRange } from '../../../src/store/objects/proved-range.ts';
import type { PutOptions } from '../../../src/store/remotes/put-options.ts';
import type { ObjectGroup, ObjectRemote } from '../../../src/store/remotes/remote.ts';
import { all, chunks, collect, collidingPair, md5, noise, sha256 } from '../../support/bytes.ts';

/** A fresh, empty remote and the back doors that the suite needs to spoil and to inspect it. */
export type RemoteUnderTest = {
  readonly remote: ObjectRemote;
  /** Replaces the stored bytes behind the remote's back. */
  spoil(oid: string, bytes: Uint8Array): Promise<void>;
  /** What lies under a name of DVC 2's layout, or null. */
  legacy(oid: string): Promise<Uint8Array | null>;
  spoilLegacy(oid: string, bytes: Uint8Array): Promise<void>;
  /** Writes an object where `dvc` of version 2 would, behind the remote's back. */
  writeLegacy(name: string, bytes: Uint8Array): Promise<void>;
  /** Keys or names of whatever an upload may have left that is no object. */
  leftovers(): Promise<string[]>;
  close?(): Promise<void>;
};

const OPEN = { maxBytes: 1024 ** 3 };
const FOO = { oid: md5('foo'), md5: md5('foo'), sha256: sha256('foo'), size: 3, blockSums: null };

export function describeRemote(name: string, create: () => Promise<RemoteUnderTest>): void {
  describe(name, () => {
    let under: RemoteUnderTest;
    let remote: ObjectRemote;
    beforeEach(async () => {
      under = await create();
      remote = under.remote;
    });
    afterEach(async () => {
      await under.close?.();
    });

    const bytesOf = async (oid: string) => await collect(await remote.read(oid));
    const refused = async (code: string, source: AsyncIterable<Uint8Array>, options: Partial<PutOptions> = {}) => {
      await expect(remote.put(source, { ...OPEN, ...options })).rejects.toMatchObject({ code });
      expect(await all(remote.list())).toEqual([]);
      expect(await under.leftovers()).toEqual([]);
    };

    putsAndReads();
    storesGroups();
    keepsParts();
    refuses();
    meetsWhatIsThere();
    lists();
    namesForDvc2();

    function putsAndReads() {
      test('what was put comes back, with both digests and the size', async () => {
        expect(await remote.put(chunks('f', '', 'oo'), OPEN)).toEqual({ ...FOO, existed: false });
        expect(await remote.stat(FOO.oid)).toEqual({ size: 3 });
        expect(String(await bytesOf(FOO.oid))).toBe('foo');
        expect(await under.leftovers()).toEqual([]);
      });

      test('what has more than one block comes with what proves its parts', async () => {
        const bytes = noise(2 * SUMMED_BYTES + 70_001);
        const stored = await remote.put(chunks(bytes.subarray(0, 5), bytes.subarray(5)), OPEN);
        expect(stored).toMatchObject({ oid: md5(bytes), size: bytes.byteLength });
        for (const range of [
          { start: SUMMED_BYTES - 1, end: SUMMED_BYTES + 1 },
          { start: 2 * SUMMED_BYTES + 70_000, end: 2 * SUMMED_BYTES + 70_001 },
        ]) {
          const sums = sumsWithin(stored.blockSums ?? new Uint8Array(), touchedBlocks(range, stored.size).sums);
          const part = await collect(await openProvedRange(remote, { object: stored, range, sums }));
          expect(part).toEqual(Buffer.from(bytes.subarray(range.start, range.end)));
        }
        const again = await remote.put(chunks(bytes), OPEN);
        // Sums are under a key of their own each time.
        expect(again).toEqual({ ...stored, blockSums: again.blockSums, existed: true });
        expect(again.blockSums?.byteLength).toBe(stored.blockSums?.byteLength);
      });

      test('a manifest gets .dir, a file with the same bytes does not', async () => {
        const manifest = serialiseTree([{ md5: FOO.md5, relpath: 'foo' }]);
        const stored = await remote.put(chunks(manifest), { ...OPEN, directory: true });
        expect(stored).toMatchObject({ oid: '84fe43362de8f1634c6fd2900440e9e2.dir', size: 63, existed: false });
        expect(await bytesOf(stored.oid)).toEqual(Buffer.from(manifest));
        expect(await remote.stat(stored.md5)).toBeNull();
        expect(await remote.put(chunks(manifest), OPEN)).toMatchObject({ oid: stored.md5, existed: false });
      });

      test('an object without bytes is an object', async () => {
        const stored = await remote.put(chunks(), { ...OPEN, expect: { size: 0 } });
        expect(stored).toMatchObject({ oid: 'd41d8cd98f00b204e9800998ecf8427e', size: 0, existed: false });
        expect(await remote.stat(stored.oid)).toEqual({ size: 0 });
        expect(await bytesOf(stored.oid)).toHaveLength(0);
        expect(await collect(await remote.read(stored.oid, { start: 0, end: 0 }))).toHaveLength(0);
        expect(await remote.put(chunks(), OPEN)).toMatchObject({ existed: true });
      });

      test('takes what was announced rightly', async () => {
        const expectation = { md5: FOO.md5, sha256: FOO.sha256, size: 3 };
        expect(await remote.put(chunks('foo'), { maxBytes: 3, expect: expectation })).toMatchObject(FOO);
      });

      test('a source may reuse its memory', async () => {
        const memory = new Uint8Array(100_000);
        const digestible = Buffer.concat([memory.fill(1).slice(), memory.fill(2).slice(), memory.fill(3).slice()]);
        async function* reusing() {
          for (const value of [1, 2, 3]) yield memory.fill(value);
        }
        const stored = await remote.put(reusing(), OPEN);
        expect(stored.md5).toBe(md5(digestible));
        expect(md5(await bytesOf(stored.oid))).toBe(stored.md5);
      });

      test('objects of many blocks and parts keep their bytes', async () => {
        const bytes = noise(20 * 1024 ** 2 + 12_345);
        const stored = await remote.put(chunks(bytes), { ...OPEN, expect: { sha256: sha256(bytes) } });
        expect(await remote.stat(stored.oid)).toEqual({ size: bytes.byteLength });
        expect(sha256(await bytesOf(stored.oid))).toBe(sha256(bytes));
        const middle = { start: 8 * 1024 ** 2 - 5, end: 8 * 1024 ** 2 + 70_000 };
        expect(sha256(await collect(await remote.read(stored.oid, middle)))).toBe(
          sha256(bytes.subarray(middle.start, middle.end)),
        );
        expect(await remote.put(chunks(bytes), OPEN)).toMatchObject({ existed: true });
      });

      test('ranges are half open and clamped', async () => {
        const { oid } = await remote.put(chunks('0123456789'), OPEN);
        const read = async (start?: number, end?: number) =>
          String(await collect(await remote.read(oid, { start, end })));
        expect(await read(2, 5)).toBe('234');
        expect(await read(7)).toBe('789');
        expect(await read(undefined, 3)).toBe('012');
        expect(await read(0, 10)).toBe('0123456789');
        expect(await read(8, 100)).toBe('89');
        expect(await read(9, 10)).toBe('9');
        expect(await read(5, 5)).toBe('');
        expect(await read(7, 5)).toBe('');
        expect(await read(10)).toBe('');
        expect(await read(50, 60)).toBe('');
      });

      test('memory stays flat: the source is asked for more only as it is taken in', async () => {
        const size = 200 * 1024 ** 2;
        const chunk = noise(64 * 1024);
        const before = process.memoryUsage().arrayBuffers;
        let sent = 0;
        let peak = 0;
        async function* generated() {
          for (; sent < size; sent += chunk.byteLength) {
            peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
            yield chunk;
          }
        }
        await refused('digest-mismatch', generated(), { expect: { md5: FOO.md5 } });
        expect(sent).toBe(size);
        if (remote.location !== 'memory:') expect(peak).toBeLessThan(32 * 1024 ** 2);
      });

      test('a probe passes and leaves nothing', async () => {
        await remote.probe();
        expect(await all(remote.list())).toEqual([]);
        expect(await under.leftovers()).toEqual([]);
        expect(remote.location).toMatch(/^[a-z0-9]+:/);
      });
    }

    function storesGroups() {
      const groupOf = (members: readonly { oid: string; bytes: Uint8Array }[]): ObjectGroup => {
        const memory = new Uint8Array(new SharedArrayBuffer(members.reduce((sum, m) => sum + m.bytes.byteLength, 0)));
        let filled = 0;
        const placed = members.map(({ oid, bytes }) => {
          const start = filled;
          memory.set(bytes, start);
          filled += bytes.byteLength;
          return { oid, start, size: bytes.byteLength };
        });
        return { memory, members: placed };
      };
      const named = (bytes: Uint8Array) => ({ oid: md5(bytes), bytes });

      test('bytes in memory are stored as they would be from a stream', async () => {
        for (const bytes of [noise(0), noise(1, 2), noise(70_000, 3), noise(300_000, 4)]) {
          const stored = { oid: md5(bytes), md5: md5(bytes), sha256: sha256(bytes), size: bytes.byteLength };
          const given = noise(bytes.byteLength + 20);
          given.set(bytes, 10);
          const whole = () => remote.putWhole(given.slice().subarray(10, 10 + bytes.byteLength));
          expect(await whole()).toEqual({ ...stored, blockSums: null, existed: false });
          expect(await whole()).toEqual({ ...stored, blockSums: null, existed: true });
          expect(await bytesOf(stored.oid)).toEqual(Buffer.from(bytes));
        }
        expect(await under.leftovers()).toEqual([]);
      });

      test('bytes in memory replace a corrupt copy, and never other bytes of their name', async () => {
        const [first, second] = collidingPair();
        await remote.putWhole(first.slice());
        await expect(remote.putWhole(second.slice())).rejects.toMatchObject({ code: 'digest-conflict' });
        await under.spoil(md5(first), noise(10));
        expect(await remote.putWhole(second.slice())).toMatchObject({ existed: false });
        expect(await bytesOf(md5(second))).toEqual(Buffer.from(second));
        expect(await under.leftovers()).toEqual([]);
      });

      test('of many writers of the same bytes in memory one was the first', async () => {
        const all = await Promise.all(Array.from({ length: 12 }, () => remote.putWhole(noise(5000))));
        expect(all.filter(({ existed }) => !existed)).toHaveLength(1);
        expect(await bytesOf(md5(noise(5000)))).toEqual(Buffer.from(noise(5000)));
        expect(await under.leftovers()).toEqual([]);
      });

      test('a group is stored as its members would be one by one', async () => {
        const members = [noise(0), noise(1, 2), noise(70_000, 3), noise(300_000, 4)].map(named);
        const expected = members.map(({ oid, bytes }) => ({
          oid,
          md5: oid,
          sha256: sha256(bytes),
          size: bytes.byteLength,
          blockSums: null,
        }));
        const first = await remote.putGroup(groupOf(members));
        expect(first).toEqual(expected.map((each) => ({ ...each, existed: false })));
        expect(await remote.putGroup(groupOf(members))).toEqual(expected.map((each) => ({ ...each, existed: true })));
        for (const { oid, bytes } of members) expect(await bytesOf(oid)).toEqual(Buffer.from(bytes));
        expect(await under.leftovers()).toEqual([]);
        const wanted = [...expected].reverse();
        const read = await remote.readGroup(wanted, (found) => found.map((bytes) => sha256(bytes ?? '')));
        expect(read).toEqual(wanted.map((each) => each.sha256));
      });

      test('a member that does not bear out its name, or is another of that name, is refused alone', async () => {
        const [first, second] = collidingPair();
        await remote.put(chunks(first), OPEN);
        const results = await remote.putGroup(
          groupOf([named(noise(10, 1)), { oid: md5('else'), bytes: noise(10, 2) }, named(second), named(first)]),
        );
        expect(results).toMatchObject([
          { existed: false },
          { code: 'digest-mismatch' },
          { code: 'digest-conflict' },
          { existed: true },
        ]);
        expect((await all(remote.list())).map(({ oid }) => oid)).toEqual([md5(first), md5(noise(10, 1))].sort());
        expect(await bytesOf(md5(first))).toEqual(Buffer.from(first));
        expect(await under.leftovers()).toEqual([]);
      });

      test('a corrupt copy of a member is replaced; one that is read in a group is told', async () => {
        const members = [noise(100, 1), noise(100, 2), noise(100, 3)].map(named);
        await remote.putGroup(groupOf(members));
        const [a, b, c] = members.map(({ oid }) => oid) as [string, string, string];
        await under.spoil(a, noise(100, 9));
        await under.spoil(b, noise(99, 2));
        await remote.remove(c);
        const wanted = members.map(({ oid, bytes }) => ({ oid, size: bytes.byteLength, sha256: sha256(bytes) }));
        expect(await remote.readGroup(wanted, (found) => [...found])).toEqual([null, null, null]);
        expect(await remote.putGroup(groupOf(members))).toMatchObject(members.map(() => ({ existed: false })));
        for (const { oid, bytes } of members) expect(await bytesOf(oid)).toEqual(Buffer.from(bytes));
      });

      test('many writers of the same group agree', async () => {
        const members = Array.from({ length: 50 }, (_, i) => named(noise(500, i + 1)));
        const all = await Promise.all(Array.from({ length: 6 }, () => remote.putGroup(groupOf(members))));
        const made = all.flat().filter((result) => 'existed' in result && !result.existed);
        expect(made).toHaveLength(members.length);
        for (const { oid, bytes } of members) expect(await bytesOf(oid)).toEqual(Buffer.from(bytes));
        expect(await under.leftovers()).toEqual([]);
      });
    }

    function keepsParts() {
      const part = async (number: number, bytes: Uint8Array, options: Partial<PutOptions> = {}) =>
        remote.parts.put('upl_a', number, chunks(bytes), { ...OPEN, ...options });
      const numbers = async (upload = 'upl_a') => [...(await remote.parts.list(upload))];
      const read = async (number: number) => await collect(await remote.parts.read('upl_a', number));

      test('parts are kept apart from objects until they are removed', async () => {
        expect(await numbers()).toEqual([]);
        expect(await part(2, noise(300_000, 2))).toMatchObject({ size: 300_000, md5: md5(noise(300_000, 2)) });
        await part(1, noise(5, 1));
        await part(3, noise(0));
        await remote.parts.put('upl_b', 1, chunks('another'), OPEN);
        expect((await numbers()).toSorted(([a], [b]) => a - b)).toEqual([
          [1, { size: 5 }],
          [2, { size: 300_000 }],
          [3, { size: 0 }],
        ]);
        expect(await read(2)).toEqual(Buffer.from(noise(300_000, 2)));
        expect(await read(3)).toHaveLength(0);
        expect(await all(remote.list())).toEqual([]);
        await remote.parts.remove('upl_a');
        await remote.parts.remove('upl_a');
        expect(await numbers()).toEqual([]);
        expect(await numbers('upl_b')).toHaveLength(1);
        await expect(remote.parts.read('upl_a', 1)).rejects.toMatchObject({ code: 'not-found' });
      });

      test('a part that comes again replaces the first one; one that is wrong does not', async () => {
        await part(1, noise(10, 1));
        await part(1, noise(20, 2));
        const expected = { md5: md5('else') };
        await expect(part(1, noise(30, 3), { expect: expected })).rejects.toMatchObject({ code: 'digest-mismatch' });
        await expect(part(1, noise(30, 3), { maxBytes: 29 })).rejects.toMatchObject({ code: 'too-large' });
        expect(await numbers()).toEqual([[1, { size: 20 }]]);
        expect(await read(1)).toEqual(Buffer.from(noise(20, 2)));
      });

      test('parts that are younger than what is swept stay', async () => {
        await part(1, noise(10, 1));
        expect(await remote.parts.sweep(Date.now() - 3_600_000)).toBe(0);
        expect(await numbers()).toHaveLength(1);
      });
    }

    function refuses() {
      test.each([
        ['md5', { md5: md5('bar') }],
        ['sha256', { sha256: sha256('bar') }],
        ['size', { size: 4 }],
      ])('a wrong %s leaves nothing', async (_, expectation) => {
        await refused('digest-mismatch', chunks('foo'), { expect: expectation });
      });

      test('a wrong digest leaves nothing of a large object either', async () => {
        await refused('digest-mismatch', chunks(noise(9 * 1024 ** 2)), { expect: { md5: FOO.md5 } });
      });

      test('a source that breaks off leaves nothing', async () => {
        async function* broken() {
          yield noise(300_000);
          throw new Error('socket hang up');
        }
        await refused('upload-aborted', broken());
      });

      test('a signal ends an upload whose source hangs, and the source is let go', async () => {
        const controller = new AbortController();
        let released = false;
        const hanging: AsyncIterable<Uint8Array> = {
          [Symbol.asyncIterator]: () => ({
            next() {
              queueMicrotask(() => controller.abort());
              return new Promise(() => {});
            },
            async return() {
              released = true;
              return { done: true, value: undefined };
            },
          }),
        };
        await refused('upload-aborted', hanging, { signal: controller.signal });
        expect(released).toBe(true);
      });

      test('a signal that fired before ends it before the first byte', async () => {
        await refused('upload-aborted', chunks('foo'), { signal: AbortSignal.abort() });
      });

      test('one byte over the limit is too large, and the rest is not asked for', async () => {
        let asked = 0;
        async function* endless() {
          for (;;) {
            asked++;
            yield new Uint8Array(1000);
          }
        }
        await refused('too-large', endless(), { maxBytes: 9_999 });
        expect(asked).toBe(10);
        await refused('too-large', chunks('foo'), { maxBytes: 2 });
        await refused('too-large', chunks('foo'), { maxBytes: 2, expect: { size: 3 } });
      });

      test('the error of a source that knows what is wrong passes', async () => {
        const { TidemarkError } = await import('../../../src/errors.ts');
        async function* broken() {
          yield new Uint8Array(10);
          throw new TidemarkError('invalid-body', 'The gzip stream is cut off.');
        }
        await refused('invalid-body', broken());
      });

      test('names that are none are refused by every method', async () => {
        const bad = '../../etc/passwd';
        await expect(remote.stat(bad)).rejects.toMatchObject({ code: 'bad-path' });
        await expect(remote.read(bad)).rejects.toMatchObject({ code: 'bad-path' });
        await expect(remote.remove(bad)).rejects.toMatchObject({ code: 'bad-path' });
      });

      test('reading what is not there is not-found, also a range of it', async () => {
        expect(await remote.stat(FOO.oid)).toBeNull();
        await expect(remote.read(FOO.oid)).rejects.toMatchObject({ code: 'not-found' });
        await expect(remote.read(FOO.oid, { start: 1, end: 2 })).rejects.toMatchObject({ code: 'not-found' });
        await expect(remote.read(FOO.oid, { start: 1, end: 1 })).rejects.toMatchObject({ code: 'not-found' });
      });
    }

    function meetsWhatIsThere() {
      test('the same bytes again are the same object', async () => {
        await remote.put(chunks('foo'), OPEN);
        expect(await remote.put(chunks('foo'), OPEN)).toEqual({ ...FOO, existed: true });
        expect(await all(remote.list())).toEqual([{ oid: FOO.oid, size: 3 }]);
      });

      test('of 16 at once one makes it, and all succeed', async () => {
        const bytes = noise(700_000);
        const stored = await Promise.all(Array.from({ length: 16 }, () => remote.put(chunks(bytes), OPEN)));
        expect(stored.filter((s) => !s.existed)).toHaveLength(1);
        expect(new Set(stored.map((s) => s.sha256))).toEqual(new Set([sha256(bytes)]));
        expect(sha256(await bytesOf(md5(bytes)))).toBe(sha256(bytes));
        expect(await under.leftovers()).toEqual([]);
      });

      test.each([
        ['a flipped bit', (b: Uint8Array) => b.with(100, (b[100] ?? 0) ^ 1)],
        ['a truncation', (b: Uint8Array) => b.subarray(0, 99)],
        ['no bytes at all', () => new Uint8Array()],
      ])('%s is healed by good bytes', async (_, spoil) => {
        const bytes = noise(1000);
        const { oid } = await remote.put(chunks(bytes), OPEN);
        await under.spoil(oid, spoil(bytes));
        expect(await remote.put(chunks(bytes), OPEN)).toMatchObject({ oid, existed: false });
        expect(await bytesOf(oid)).toEqual(Buffer.from(bytes));
        expect(await remote.put(chunks(bytes), OPEN)).toMatchObject({ oid, existed: true });
        expect(await under.leftovers()).toEqual([]);
      });

      test('of two contents with one MD5 the first keeps the name', async () => {
        const [first, second] = collidingPair();
        const { oid } = await remote.put(chunks(first), OPEN);
        await expect(remote.put(chunks(second), OPEN)).rejects.toMatchObject({ code: 'digest-conflict' });
        expect(await bytesOf(oid)).toEqual(Buffer.from(first));
        expect(await under.leftovers()).toEqual([]);
      });

      test('of two such contents at once one wins and the other is told', async () => {
        const pair = collidingPair();
        const settled = await Promise.allSettled(pair.map((bytes) => remote.put(chunks(bytes), OPEN)));
        const lost = settled.filter((s) => s.status === 'rejected').map((s) => s.reason);
        expect(lost).toEqual([expect.objectContaining({ code: 'digest-conflict' })]);
        const winner = pair[settled.findIndex((s) => s.status === 'fulfilled')];
        expect(await bytesOf(md5(pair[0]))).toEqual(Buffer.from(winner ?? []));
      });

      test('what is removed is gone, twice is no error, and it can come back', async () => {
        await remote.put(chunks('foo'), OPEN);
        await remote.remove(FOO.oid);
        await remote.remove(FOO.oid);
        expect(await remote.stat(FOO.oid)).toBeNull();
        expect(await remote.put(chunks('foo'), OPEN)).toMatchObject({ existed: false });
      });

      test('a reader may leave in the middle, before the start, or by signal', async () => {
        const { oid } = await remote.put(chunks(noise(2_000_000)), OPEN);
        for await (const chunk of await remote.read(oid)) {
          expect(chunk.byteLength).toBeGreaterThan(0);
          break;
        }
        await (await remote.read(oid))[Symbol.asyncIterator]().return?.();
        const controller = new AbortController();
        const reading = (await remote.read(oid, { signal: controller.signal }))[Symbol.asyncIterator]();
        expect((await reading.next()).done).toBe(false);
        controller.abort();
        await expect(all({ [Symbol.asyncIterator]: () => reading })).rejects.toMatchObject({ name: 'AbortError' });
        await expect(remote.read(oid, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
      });
    }

    function namesForDvc2() {
      const CRLF = 'a\r\nb\r\n';
      const LEGACY = 'dd8c6a395b5dd36c56d23275028f526c';
      const legacyText = async (oid: string) => Buffer.from((await under.legacy(oid)) ?? '').toString();

      test('an object lies under its legacy name too, and is listed once', async () => {
        const { oid } = await remote.put(chunks(CRLF), OPEN);
        expect(await under.legacy(LEGACY)).toBeNull();
        await remote.nameLegacy(oid, LEGACY);
        await remote.nameLegacy(oid, LEGACY);
        expect(await legacyText(LEGACY)).toBe(CRLF);
        expect(await all(remote.list())).toEqual([{ oid, size: 6 }]);
        expect(await under.leftovers()).toEqual([]);
      });

      test('bytes that bear a legacy name with other line ends stay', async () => {
        const first = await remote.put(chunks('a\nb\n'), OPEN);
        const second = await remote.put(chunks(CRLF), OPEN);
        await remote.nameLegacy(first.oid, LEGACY);
        await remote.nameLegacy(second.oid, LEGACY);
        expect(await legacyText(LEGACY)).toBe('a\nb\n');
      });

      test('bytes that do not bear it are replaced', async () => {
        const { oid } = await remote.put(chunks(CRLF), OPEN);
        await remote.nameLegacy(oid, LEGACY);
        await under.spoilLegacy(LEGACY, Buffer.from('rotten'));
        expect(await remote.put(chunks(CRLF), OPEN)).toMatchObject({ oid });
        await remote.nameLegacy(oid, LEGACY);
        expect(await legacyText(LEGACY)).toBe(CRLF);
        expect(await under.leftovers()).toEqual([]);
      });

      test('a name is taken away, and not the object; what is not there may be taken away as well', async () => {
        const { oid } = await remote.put(chunks(CRLF), OPEN);
        await remote.nameLegacy(oid, LEGACY);
        for (let times = 0; times < 2; times++) await remote.removeLegacy(LEGACY);
        expect(await under.legacy(LEGACY)).toBeNull();
        expect(await all(remote.list())).toEqual([{ oid, size: 6 }]);
        await expect(remote.removeLegacy('../x')).rejects.toMatchObject({ code: 'bad-path' });
        await remote.nameLegacy(oid, LEGACY);
        expect(await legacyText(LEGACY)).toBe(CRLF);
      });

      test('a name for what is not there is refused', async () => {
        await expect(remote.nameLegacy(FOO.oid, LEGACY)).rejects.toMatchObject({ code: 'not-found' });
        await expect(remote.nameLegacy(FOO.oid, '../x')).rejects.toMatchObject({ code: 'bad-path' });
      });
    }

    function lists() {
      test('in order, by any prefix, with sizes, files and manifests', async () => {
        const contents = Array.from({ length: 40 }, (_, i) => 'x'.repeat(i));
        for (const content of contents) await remote.put(chunks(content), OPEN);
        await remote.put(chunks('[]'), { ...OPEN, directory: true });
        const expected = [
          ...contents.map((c) => ({ oid: md5(c), size: c.length })),
          { oid: `${md5('[]')}.dir`, size: 2 },
        ];
        expected.sort((a, b) => (a.oid < b.oid ? -1 : 1));
        expect(await all(remote.list())).toEqual(expected);
        for (const prefix of ['d', 'd7', 'd75', md5('[]'), 'd41d8cd98f00b204e9800998ecf8427e', 'zz']) {
          expect(await all(remote.list(prefix))).toEqual(expected.filter((o) => o.oid.startsWith(prefix)));
        }
      });

      test('goes on behind any oid, also one that is gone, and never twice', async () => {
        const contents = Array.from({ length: 60 }, (_, i) => `listed ${i}`);
        for (const content of contents) await remote.put(chunks(content), OPEN);
        await remote.put(chunks('[]'), { ...OPEN, directory: true });
        await remote.put(chunks('[]'), OPEN);
        const every = (await all(remote.list())).map(({ oid }) => oid);
        expect(every).toEqual(every.toSorted());
        expect(every).toHaveLength(62);
        const cuts = [...every, '00', 'ff'.repeat(16), '7f'.repeat(16), '7f'];
        for (const after of cuts) {
          const rest = (await all(remote.list('', { after }))).map(({ oid }) => oid);
          expect(rest, after).toEqual(every.filter((oid) => oid > after));
        }
        expect(await all(remote.list('d7', { after: md5('[]') }))).toEqual([{ oid: `${md5('[]')}.dir`, size: 2 }]);
      });

      test('tells the layout of DVC 2 from that of DVC 3, and goes on there too', async () => {
        await remote.put(chunks('modern'), OPEN);
        const names = Array.from({ length: 12 }, (_, i) => md5(`legacy ${i}`)).sort();
        for (const name of names) await under.writeLegacy(name, new TextEncoder().encode(name));
        expect(await all(remote.list())).toEqual([{ oid: md5('modern'), size: 6 }]);
        const legacy = { layout: 'legacy' } as const;
        expect(await all(remote.list('', legacy))).toEqual(names.map((oid) => ({ oid, size: 32 })));
        const after = names[6] ?? '';
        expect((await all(remote.list('', { ...legacy, after }))).map(({ oid }) => oid)).toEqual(names.slice(7));
        const [first = ''] = names;
        for (const prefix of [first.slice(0, 1), first.slice(0, 2), first.slice(0, 9)]) {
          const found = (await all(remote.list(prefix, legacy))).map(({ oid }) => oid);
          expect(found).toEqual(names.filter((name) => name.startsWith(prefix)));
        }
      });

      test('what lies under a name of DVC 2 is read, and gets its name of DVC 3 without its bytes being sent', async () => {
        const bytes = new TextEncoder().encode('a\r\nb\r\n');
        const name = 'dd8c6a395b5dd36c56d23275028f526c';
        await under.writeLegacy(name, bytes);
        expect(await collect(await remote.readLegacy(name))).toEqual(Buffer.from(bytes));
        for (const _ of ['once', 'again']) await remote.adoptLegacy(name, md5(bytes));
        expect(await bytesOf(md5(bytes))).toEqual(Buffer.from(bytes));
        expect(await collect(await remote.readLegacy(name))).toEqual(Buffer.from(bytes));
        await remote.remove(md5(bytes));
        expect(await collect(await remote.readLegacy(name))).toEqual(Buffer.from(bytes));
        await expect(remote.readLegacy(md5('nobody'))).rejects.toMatchObject({ code: 'not-found' });
        await expect(remote.adoptLegacy(md5('nobody'), md5('nobody'))).rejects.toMatchObject({ code: 'not-found' });
        expect(await under.leftovers()).toEqual([]);
      });

      test('what is there under its name of DVC 3 is not replaced by what lies under that of DVC 2', async () => {
        const { oid } = await remote.put(chunks('good'), OPEN);
        await under.writeLegacy(oid, new TextEncoder().encode('evil'));
        await remote.adoptLegacy(oid, oid);
        expect(String(await bytesOf(oid))).toBe('good');
      });

      test('a sweep touches no object', async () => {
        await remote.put(chunks('foo'), OPEN);
        expect(await remote.sweep(0, Date.parse('2999-01-01'))).toBe(0);
        expect(await all(remote.list())).toHaveLength(1);
      });
    }
  });
}
