import { chmod, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compactLogs } from '../../../src/domain/log/arrange/compact.ts';
import { localBatchBytes } from '../../../src/domain/log/arrange/local-batch.ts';
import { withBatchFiles } from '../../../src/domain/reference/batch-files.ts';
import { objectPath } from '../../../src/dvc/path.ts';
import { findObject } from '../../../src/store/inventory/objects.ts';
import type { ObjectRemote } from '../../../src/store/remotes/remote.ts';
import { createDirectoryRemote } from '../../../src/store/remotes/remote-directory.ts';
import { createMemoryRemote } from '../../../src/store/remotes/remote-memory.ts';
import { sha256 } from '../../support/bytes.ts';
import { DAY, day, makeRows, predictions, type Story, setUp, startStory } from '../monitor/story.ts';

const PROJECT = 1;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-batch-files-'));
});
afterAll(() => rm(folder, { recursive: true }));

const stored = (oid: string): string => join(folder, objectPath(oid));

/** Changes a byte in the middle of an object where it lies, or takes it away. @returns what mends it. */
async function harm(oid: string, how: 'wrong' | 'lost'): Promise<() => Promise<void>> {
  const [path, aside] = [stored(oid), join(folder, 'aside')];
  await rename(path, aside);
  if (how === 'wrong') {
    const bytes = await readFile(aside);
    const at = bytes.byteLength >> 1;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await writeFile(path, bytes);
    await chmod(path, 0o444);
  }
  return () => rename(aside, path);
}

/** Of the predictions, in order. */
async function oidsOf(story: Story): Promise<string[]> {
  const rows = await story.ctx.sql`select oid from batches where kind = 'predictions' order by id`;
  return rows.map(({ oid }) => String(oid));
}

const places = (story: Story, oids: readonly string[]) =>
  withBatchFiles(story.ctx, { projectId: PROJECT, oids }, async (files) => files.map((file) => ({ ...file })));

/** What the compute children are given, read as they read it. */
const digests = (story: Story, oids: readonly string[]) =>
  withBatchFiles(story.ctx, { projectId: PROJECT, oids }, async (files) =>
    files.map((file) => sha256(localBatchBytes(file))),
  );

async function startLogged(remote: ObjectRemote): Promise<Story> {
  const story = await startStory({ remote });
  await setUp(story, makeRows(300, 1));
  await story.call('POST', '/v1/models/credit/monitors', { name: 'daily' });
  for (const n of [0, 1]) {
    const rows = predictions(makeRows(100, n + 2), { id: `d${n}`, from: day(n), to: day(n) + DAY / 2 });
    await story.log('predictions', rows.slice(0, 50));
    await story.log('predictions', rows.slice(50));
  }
  await story.drain();
  return story;
}

describe('batches on the local disk', () => {
  let story: Story;
  beforeEach(async () => {
    story = await startLogged(createDirectoryRemote(folder));
  });
  afterEach(() => story.close());

  const again = (start: number) =>
    story.call('POST', `/v1/models/credit/monitors/daily/windows/${new Date(start).toISOString()}/judge`);
  const first = async () => (await story.windows()).find(({ start }) => start === new Date(day(0)).toISOString());
  /** As if nothing had been said of the first window. */
  const forget = () =>
    story.ctx
      .sql`update windows set state = 'failed' where start = ${new Date(day(0)).toISOString()}::text::timestamptz`;
  const isQuarantined = async (oid: string) =>
    ((await findObject(story.ctx.db, PROJECT, oid))?.quarantinedAt ?? null) !== null;

  it('are read where they are stored, in the order given and as often as asked', async () => {
    const oids = await oidsOf(story);
    const asked = [...oids.toReversed(), ...oids.slice(0, 1)];
    expect((await places(story, asked)).map(({ path }) => path)).toEqual(asked.map(stored));
    const known = await Promise.all(asked.map((oid) => findObject(story.ctx.db, PROJECT, oid)));
    expect(await digests(story, asked)).toEqual(known.map((object) => object?.sha256));
    // And without a second name for them.
    for (const oid of oids) expect((await stat(stored(oid))).nlink).toBe(1);
    expect(await first()).toMatchObject({ state: 'judged', rows: 100 });
  });

  it('are read where they lie in a pack, and verified by their own names', async () => {
    const oids = await oidsOf(story);
    const before = await digests(story, oids);
    await compactLogs(
      story.ctx,
      {},
      {
        ...{ smallBytes: 1e6, packBytes: 1e9, packMembers: 25, leastMembers: 2, ageSeconds: 0 },
      },
    );
    for (const oid of oids) await rm(stored(oid), { force: true });
    const found = await places(story, oids);
    expect(new Set(found.map(({ path }) => path)).size).toBe(1);
    expect(await digests(story, oids)).toEqual(before);
    const [{ pack } = { pack: '' }] = await story.ctx.sql<
      { pack: string }[]
    >`select pack_oid as pack from packed_objects`;
    const mend = await harm(pack, 'lost');
    await forget();
    await again(day(0));
    await story.drain();
    expect(await first()).toMatchObject({ state: 'failed', error: { code: 'object-corrupt' } });
    expect(await isQuarantined(pack)).toBe(true);
    await mend();
  });

  it('that are packed while somebody reads them are read again, where they lie now', async () => {
    const oids = await oidsOf(story);
    const before = await digests(story, oids);
    const given = { projectId: PROJECT, oids };
    let reads = 0;
    const found = await withBatchFiles(story.ctx, given, async (files) => {
      if (reads++ === 0) {
        await compactLogs(
          story.ctx,
          {},
          { smallBytes: 1e6, packBytes: 1e9, packMembers: 25, leastMembers: 2, ageSeconds: 0 },
        );
        for (const oid of oids) await rm(stored(oid), { force: true });
      }
      return files.map((file) => sha256(localBatchBytes(file)));
    });
    expect([found, reads]).toEqual([before, 2]);
    const sick = await story.ctx.sql`select oid from objects where quarantined_at is not null`;
    expect(sick).toEqual([]);
  });

  it.each(['wrong', 'lost'] as const)('are never judged by bytes that are %s, and are quarantined', async (how) => {
    const [, oid = ''] = await oidsOf(story);
    const mend = await harm(oid, how);
    await forget();
    await again(day(0));
    await story.drain();
    expect(await first()).toMatchObject({ state: 'failed', verdict: 'error', error: { code: 'object-corrupt' } });
    expect((await first())?.error?.message).toContain(oid);
    expect(await isQuarantined(oid)).toBe(true);
    // Known to be bad, it is not looked at again.
    await expect(places(story, [oid])).rejects.toMatchObject({ code: 'object-corrupt' });
    await mend();
  });
});

describe('batches that lie elsewhere', () => {
  let story: Story;
  beforeAll(async () => {
    story = await startLogged(createMemoryRemote());
  });
  afterAll(() => story.close());

  it('are read from verified copies, which are deleted afterwards', async () => {
    const oids = await oidsOf(story);
    const known = await Promise.all(oids.map((oid) => findObject(story.ctx.db, PROJECT, oid)));
    const spools = () => readdir(join(story.ctx.config.data, 'tmp'));
    // The reference's copy is kept.
    const before = await spools();
    expect(await digests(story, oids)).toEqual(known.map((object) => object?.sha256));
    expect(await spools()).toEqual(before);
    for (const { digest, path } of await places(story, oids)) {
      expect(digest).toBeNull();
      await expect(stat(path)).rejects.toThrow('ENOENT');
    }
  });
});
