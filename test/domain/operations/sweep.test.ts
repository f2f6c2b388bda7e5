import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { sweepLeftovers, sweepStorage } from '../../../src/domain/operations/sweep.ts';
import { newSpoolPath } from '../../../src/store/objects/object-spool.ts';
import { createTestContext, TEST_TIME, type TestContext } from '../../support/context.ts';
import { createTestDatabase } from '../../support/database.ts';

const DAY = 86_400_000;
const database = await createTestDatabase();
const ctx: TestContext = await createTestContext(database.url);
const folders = ['tmp', 'spool', join('remote', 'tmp')].map((name) => join(ctx.config.data, name));
afterAll(async () => {
  await ctx.close();
  await database.drop();
});

/** In each folder: a copy of today, one of ten days ago with what its writer spilled, and a file of somebody else. */
beforeEach(async () => {
  for (const folder of folders) {
    await mkdir(folder, { recursive: true });
    const [young, old] = [newSpoolPath(folder), newSpoolPath(folder)];
    await writeFile(young, 'copy');
    await writeFile(old, 'copy');
    await mkdir(`${old}.spill`, { recursive: true });
    await writeFile(join(`${old}.spill`, 'part'), 'spilled');
    await writeFile(join(folder, 'notes.txt'), 'mine');
    await utimes(young, TEST_TIME, TEST_TIME);
    const then = new Date(TEST_TIME.getTime() - 10 * DAY);
    for (const path of [old, `${old}.spill`]) await utimes(path, then, then);
  }
});
const left = async () => {
  const counts: number[] = [];
  for (const folder of folders) {
    const names = await readdir(folder);
    expect(names).toContain('notes.txt');
    counts.push(names.length - 1);
  }
  return counts;
};

describe('at the start', () => {
  it('all that was left is removed by whoever holds the data directory alone', async () => {
    await sweepLeftovers(ctx, { alone: true });
    expect(await left()).toEqual([0, 0, 0]);
  });

  it('only what is old is removed where others may work beside', async () => {
    await sweepLeftovers(ctx, { alone: true });
    for (const folder of folders) await writeFile(newSpoolPath(folder), 'copy');
    await sweepLeftovers({ ...ctx, localNow: () => new Date() }, { alone: false });
    expect(await left()).toEqual([1, 1, 1]);
    await sweepLeftovers({ ...ctx, localNow: () => new Date(Date.now() + 8 * DAY) }, { alone: false });
    expect(await left()).toEqual([0, 0, 0]);
  });
});

describe('the hourly sweep', () => {
  it('forgets old copies and old answers, and keeps those of today', async () => {
    await sweepLeftovers(ctx, { alone: true });
    const [folder = ''] = folders;
    const [young, old] = [newSpoolPath(folder), newSpoolPath(folder)];
    for (const path of [young, old]) await writeFile(path, 'copy');
    await utimes(young, TEST_TIME, TEST_TIME);
    await utimes(old, 0, 0);
    const row = (key: string, days: number) => ctx.sql`
      insert into idempotency_keys (project_id, key, route, body_sha256, status, answer, created_at)
      values (1, ${key}, 'r', ${'0'.repeat(64)}, 200, '{}', now() - make_interval(days => ${days}))`;
    await row('old', 8);
    await row('young', 6);
    await sweepStorage(ctx);
    expect(await readdir(folder)).toEqual(expect.arrayContaining(['notes.txt', young.slice(folder.length + 1)]));
    expect((await readdir(folder)).length).toBe(2);
    expect(await ctx.sql`select key from idempotency_keys`).toEqual([{ key: 'young' }]);
  });
});
