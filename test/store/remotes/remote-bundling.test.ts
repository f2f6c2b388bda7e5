import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Oid } from '../../../src/dvc/hash.ts';
import { TidemarkError } from '../../../src/errors.ts';
import { countWaitingBundles, findBundled } from '../../../src/store/inventory/bundles.ts';
import { type Database, openDatabase } from '../../../src/store/postgres/db.ts';
import { createMemoryBundles } from '../../../src/store/remotes/bundles-memory.ts';
import type { ObjectGroup, ObjectRemote } from '../../../src/store/remotes/remote.ts';
import { createMemoryRemote } from '../../../src/store/remotes/remote-memory.ts';
import { bundlingRemote, forgetAllBundles } from '../../support/bundling.ts';
import { all, chunks, collect, collidingPair, md5, noise, sha256 } from '../../support/bytes.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { describeRemote } from './remote-contract.ts';

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

/** A remote that bundles all groups, on two maps that a test can look into. Nobody else has any bundle. */
async function setUp() {
  const { db } = opened;
  await forgetAllBundles(opened);
  const inner = createMemoryRemote();
  const bundles = createMemoryBundles(() => 1000);
  const open = (more = {}) => bundlingRemote({ inner, bundles, database: opened }, more);
  return { db, inner, bundles, open, remote: open() };
}

describeRemote('bundling remote', async () => {
  const { inner, bundles, remote } = await setUp();
  const layOut = async () => {
    await all(remote.list());
    bundles.pieces.clear();
  };
  return {
    remote,
    spoil: async (oid, bytes) => {
      // Both places in which its bytes lie.
      await layOut();
      inner.objects.set(oid, bytes);
    },
    legacy: async (oid) => inner.legacy.get(oid) ?? null,
    spoilLegacy: async (oid, bytes) => void inner.legacy.set(oid, bytes),
    writeLegacy: async (name, bytes) => void inner.legacy.set(name, bytes),
    leftovers: async () => [],
  };
});

const FILES = [noise(100, 1), noise(0, 2), noise(70_000, 3), noise(5, 4)];

/** @param gap bytes between the files, and before the first. */
function groupOf(files: readonly Uint8Array[], gap = 7): ObjectGroup {
  const total = files.reduce((sum, { byteLength }) => sum + byteLength + gap, 1000);
  const memory = new Uint8Array(new SharedArrayBuffer(total));
  let filled = gap;
  const members = files.map((bytes) => {
    const start = filled;
    memory.set(bytes, start);
    filled += bytes.byteLength + gap;
    return { oid: md5(bytes), start, size: bytes.byteLength };
  });
  return { memory, members };
}

const wantedOf = (files: readonly Uint8Array[]) =>
  files.map((bytes) => ({ oid: md5(bytes), size: bytes.byteLength, sha256: sha256(bytes) }));

const bytesOf = async (remote: ObjectRemote, oid: Oid) => Buffer.from(await collect(await remote.read(oid)));

const readAll = async (remote: ObjectRemote, files: readonly Uint8Array[]) =>
  await remote.readGroup(wantedOf(files), (found) =>
    found.map((bytes) => (bytes === null ? null : Buffer.from(bytes).toString('hex'))),
  );

const asHex = (files: readonly Uint8Array[]) => files.map((bytes) => Buffer.from(bytes).toString('hex'));

describe('a group of small objects', () => {
  test.each([0, 7])('is one piece in the store, read without any name, and laid out once (%i)', async (gap) => {
    const { db, inner, bundles, remote } = await setUp();
    expect(await remote.putGroup(groupOf(FILES, gap))).toEqual(
      wantedOf(FILES).map((object) => ({ ...object, md5: object.oid, blockSums: null, existed: false })),
    );
    expect(inner.objects.size).toBe(0);
    expect([...bundles.pieces.values()].map(md5)).toEqual([md5(Buffer.concat(FILES))]);
    expect(await readAll(remote, [...FILES].reverse())).toEqual(asHex([...FILES].reverse()));
    expect(inner.objects.size).toBe(0);
    expect(await remote.layOuts?.waiting()).toEqual({ waiting: 1, missed: 0 });
    expect(await remote.layOuts?.next()).toMatchObject({ members: 4, lost: [] });
    expect(await remote.layOuts?.next()).toBeNull();
    expect([...inner.objects.keys()].sort()).toEqual(FILES.map(md5).sort());
    for (const bytes of FILES) expect(await bytesOf(remote, md5(bytes))).toEqual(Buffer.from(bytes));
    expect(await countWaitingBundles(db)).toEqual({ waiting: 0, missed: 0 });
    // What has names is still read in one piece.
    inner.objects.clear();
    expect(await readAll(remote, FILES)).toEqual(asHex(FILES));
  });

  test('has a job that lays it out', async () => {
    const { remote } = await setUp();
    await remote.putGroup(groupOf(FILES));
    const jobs = await opened.sql`select name, state from jobs`;
    expect(jobs.map(({ name, state }) => [name, state])).toEqual([['lay-out-bundles', 'waiting']]);
  });

  test.each<[string, (remote: ObjectRemote, oid: Oid) => Promise<unknown>]>([
    ['read', async (remote, oid) => await collect(await remote.read(oid))],
    ['looked up', async (remote, oid) => expect(await remote.stat(oid)).toEqual({ size: 100 })],
    ['named for DVC 2', async (remote, oid) => await remote.nameLegacy(oid, oid)],
    ['listed', async (remote) => expect(await all(remote.list())).toHaveLength(4)],
    ['stored once more', async (remote) => await remote.putGroup(groupOf(FILES))],
  ])('gets its names when one of it is %s', async (_, ask) => {
    const { inner, remote } = await setUp();
    await remote.putGroup(groupOf(FILES));
    await ask(remote, md5(FILES[0]!));
    expect(inner.objects.size).toBe(4);
    expect(await remote.layOuts?.waiting()).toEqual({ waiting: 0, missed: 0 });
  });

  test('that is small, or of which all is known, or where bundles are not wanted, is stored one by one', async () => {
    const { inner, bundles, open } = await setUp();
    await open({ fewest: 5 }).putGroup(groupOf(FILES));
    expect(inner.objects.size).toBe(4);
    await open().putGroup(groupOf(FILES));
    await open({ making: false }).putGroup(groupOf([noise(8, 8), noise(9, 9)]));
    expect(inner.objects.size).toBe(6);
    expect(bundles.pieces.size).toBe(0);
  });

  test('of which some are known bundles the others alone', async () => {
    const { inner, bundles, remote } = await setUp();
    await remote.put(chunks(FILES[2]!), { maxBytes: 1e6 });
    const results = await remote.putGroup(groupOf(FILES));
    expect(results).toMatchObject([{ existed: false }, { existed: false }, { existed: true }, { existed: false }]);
    expect([...inner.objects.keys()]).toEqual([md5(FILES[2]!)]);
    expect([...bundles.pieces.values()].map(md5)).toEqual([md5(Buffer.concat([FILES[0]!, FILES[1]!, FILES[3]!]))]);
  });

  test('with the same object twice keeps it once', async () => {
    const { inner, remote } = await setUp();
    const twice = [...FILES, FILES[0]!];
    expect(await remote.putGroup(groupOf(twice))).toHaveLength(5);
    expect(await readAll(remote, twice)).toEqual(asHex(twice));
    await all(remote.list());
    expect(inner.objects.size).toBe(4);
  });

  test('with one that does not bear out its name leaves those bytes nowhere', async () => {
    const { inner, bundles, remote } = await setUp();
    const group = groupOf(FILES);
    group.memory[group.members[2]!.start] = group.memory[group.members[2]!.start]! ^ 1;
    const results = await remote.putGroup(group);
    expect(results).toMatchObject([{ existed: false }, { existed: false }, { code: 'digest-mismatch' }, {}]);
    expect(bundles.pieces.size).toBe(0);
    expect(inner.objects.size).toBe(3);
  });

  test('is stored whole or not at all where the store fails', async () => {
    const { bundles, remote } = await setUp();
    bundles.put = async () => {
      throw new Error('away');
    };
    await expect(remote.putGroup(groupOf(FILES))).rejects.toThrow('away');
    expect(await remote.layOuts?.waiting()).toEqual({ waiting: 0, missed: 0 });
    expect(await readAll(remote, FILES)).toEqual([null, null, null, null]);
  });

  test('that many bring at once is found by all, and one was first', async () => {
    const { bundles, remote } = await setUp();
    const results = await Promise.all(Array.from({ length: 5 }, () => remote.putGroup(groupOf(FILES))));
    const made = results.flat().filter((result) => 'existed' in result && !result.existed);
    expect(made).toHaveLength(4);
    // Of those that came later nothing is left once they are laid out.
    await all(remote.list());
    expect(bundles.pieces.size).toBe(1);
    expect(await readAll(remote, FILES)).toEqual(asHex(FILES));
    for (const bytes of FILES) expect(await bytesOf(remote, md5(bytes))).toEqual(Buffer.from(bytes));
  });
});

describe('what becomes of bundles', () => {
  test('a removed member lies nowhere; the others have their names', async () => {
    const { inner, bundles, remote } = await setUp();
    await remote.putGroup(groupOf(FILES));
    await Promise.all([remote.remove(md5(FILES[0]!)), remote.remove(md5(FILES[2]!))]);
    expect(bundles.pieces.size).toBe(0);
    expect([...inner.objects.keys()].sort()).toEqual([md5(FILES[1]!), md5(FILES[3]!)].sort());
    expect(await readAll(remote, FILES)).toEqual([null, '', null, asHex(FILES)[3]]);
  });

  test('many who lay out and remove at once end as one after another would', async () => {
    const { db, inner, bundles, open } = await setUp();
    const others = [open(), open(), open()];
    const files = Array.from({ length: 60 }, (_, i) => noise(50, 100 + i));
    for (let at = 0; at < 60; at += 10) await others[0]!.putGroup(groupOf(files.slice(at, at + 10)));
    const gone = files.filter((_, i) => i % 20 === 0);
    await Promise.all([
      ...others.map((remote) => all(remote.list())),
      ...gone.map((bytes, i) => others[i % 3]!.remove(md5(bytes))),
      ...files.map((bytes, i) => (gone.includes(bytes) ? null : others[i % 3]!.stat(md5(bytes)))),
    ]);
    expect(inner.objects.size).toBe(57);
    expect(bundles.pieces.size).toBe(3);
    expect(await countWaitingBundles(db)).toEqual({ waiting: 0, missed: 0 });
    expect((await findBundled(db, files.map(md5))).size).toBe(30);
  });

  test('who did not find an object finds it where another laid it out meanwhile', async () => {
    const { inner, open } = await setUp();
    const [remote, other] = [open(), open()];
    await remote.putGroup(groupOf(FILES));
    vi.spyOn(inner, 'stat').mockImplementationOnce(async () => {
      await all(other.list());
      return null;
    });
    expect(await remote.stat(md5(FILES[0]!))).toEqual({ size: 100 });
    await remote.putGroup(groupOf([noise(8, 8), noise(9, 9)]));
    vi.spyOn(inner, 'read').mockImplementationOnce(async (oid) => {
      await all(other.list());
      throw new TidemarkError('not-found', `There is no object ${oid}.`);
    });
    expect(await bytesOf(remote, md5(noise(8, 8)))).toEqual(Buffer.from(noise(8, 8)));
  });

  test('a rotten member is lost alone, and read as lost', async () => {
    const { bundles, remote } = await setUp();
    await remote.putGroup(groupOf(FILES));
    const [piece] = bundles.pieces.values();
    piece![0] = piece![0]! ^ 1;
    expect(await remote.layOuts?.next()).toEqual({ members: 4, lost: [md5(FILES[0]!)], missed: false });
    expect(await readAll(remote, FILES)).toEqual([null, ...asHex(FILES).slice(1)]);
    await expect(remote.read(md5(FILES[0]!))).rejects.toMatchObject({ code: 'not-found' });
    await remote.putGroup(groupOf(FILES));
    expect(await readAll(remote, FILES)).toEqual(asHex(FILES));
  });

  test('a bundle that is lost after it was laid out costs nothing; before, its members', async () => {
    const { bundles, remote } = await setUp();
    const early = FILES.slice(0, 2);
    const late = FILES.slice(2);
    await remote.putGroup(groupOf(early));
    await remote.layOuts?.next();
    await remote.putGroup(groupOf(late));
    await remote.stat(md5(late[0]!));
    bundles.pieces.clear();
    expect(await readAll(remote, FILES)).toEqual(asHex(FILES));
    const lost = [noise(8, 8), noise(9, 9)];
    await remote.putGroup(groupOf(lost));
    bundles.pieces.clear();
    expect(await remote.layOuts?.next()).toEqual({ members: 2, lost: lost.map(md5), missed: true });
    expect(await readAll(remote, lost)).toEqual([null, null]);
  });

  test('a bundle that is not there is looked for again later: the bucket may have been the wrong one', async () => {
    const { inner, bundles, remote } = await setUp();
    await remote.putGroup(groupOf(FILES));
    const pieces = [...bundles.pieces];
    bundles.pieces.clear();
    expect(await remote.layOuts?.next()).toMatchObject({ members: 4 });
    expect([await remote.layOuts?.next(), await remote.layOuts?.waiting()]).toEqual([null, { waiting: 0, missed: 1 }]);
    await remote.remove(md5(FILES[0]!));
    for (const [name, piece] of pieces) bundles.pieces.set(name, piece);
    await opened.sql`update bundles set missed_at = missed_at - interval '61 minutes'`;
    expect(await remote.layOuts?.next()).toEqual({ members: 3, lost: [], missed: false });
    expect([inner.objects.size, bundles.pieces.size]).toEqual([3, 0]);
  });

  test('members that rot under their own names are read from where they are sound', async () => {
    const { inner, remote } = await setUp();
    await remote.putGroup(groupOf(FILES));
    await remote.layOuts?.next();
    inner.objects.set(md5(FILES[0]!), noise(100, 50));
    expect(await readAll(remote, FILES)).toEqual(asHex(FILES));
  });

  test('other bytes of the same MD5 that were refused meanwhile give the name up again', async () => {
    const { inner, remote } = await setUp();
    const [first, second] = collidingPair();
    await remote.putGroup(groupOf([first, FILES[0]!]));
    await remote.put(chunks(second), { maxBytes: 1000 });
    expect(inner.objects.get(md5(first))).toEqual(new Uint8Array(second));
    expect(await remote.layOuts?.next()).toMatchObject({ members: 2, lost: [] });
    expect(await bytesOf(remote, md5(first))).toEqual(Buffer.from(first));
  });

  test('the sweep removes those that nobody knows, when they are old', async () => {
    const { bundles, remote } = await setUp();
    await remote.putGroup(groupOf(FILES));
    await bundles.put('left', noise(10), { md5: '', sha256: '', size: 10 });
    const month = 30 * 24 * 3600 * 1000;
    expect(await remote.sweep(5000, month + 1000)).toBe(0);
    expect(await remote.sweep(5000, month + 1001)).toBe(1);
    expect([...bundles.pieces.keys()]).not.toContain('left');
    expect(bundles.pieces.size).toBe(1);
  });
});
