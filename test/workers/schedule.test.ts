import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../../src/log.ts';
import { startSchedule } from '../../workers/schedule.ts';
import { createTestContext } from '../support/context.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

describe('the schedule', () => {
  it('lets a tick end before it stops, so that a service that ends does not complain of its own end', async () => {
    const warned: unknown[] = [];
    const log = Object.assign(createLog('silent'), { warn: (told: unknown) => warned.push(told) });
    const ctx = await createTestContext(database.url, { log });
    const schedule = startSchedule(ctx);
    await schedule.stop();
    const [row] = await ctx.sql<
      { jobs: number }[]
    >`select count(*)::int as jobs from jobs where name = 'sweep-storage'`;
    expect(row?.jobs).toBe(1);
    await ctx.close();
    expect(warned).toEqual([]);
  });
});
