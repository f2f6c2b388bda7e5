import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Db, transact } from '../../../src/store/postgres/db.ts';
import { insertMessages, listDueMessages } from '../../../src/store/webhook/messages.ts';
import { insertEndpoint } from '../../../src/store/webhook/webhooks.ts';
import { createTestContext, type TestContext } from '../../support/context.ts';
import { createTestDatabase } from '../../support/database.ts';

let ctx: TestContext;
let drop: () => Promise<void>;
beforeAll(async () => {
  const database = await createTestDatabase();
  ctx = await createTestContext(database.url);
  drop = database.drop;
});
beforeEach(() => ctx.sql`truncate endpoints, messages cascade`);
afterAll(async () => {
  await ctx.close();
  await drop();
});

const NOW = new Date('2026-03-01T12:00:00.000Z');
const PAGE = 40;

const endpoint = async (id: string): Promise<void> => {
  const row = { id, projectId: 1, url: 'https://example.com/', events: [], secret: Buffer.from('x') };
  await insertEndpoint(ctx.db, { ...row, state: 'enabled' });
};
const message = (endpointId: string, n: number, subject: string) => ({
  id: `msg_${endpointId}_${String(n).padStart(8, '0')}`,
  ...{ projectId: 1, endpointId, type: 'window.judged', subject, body: '{}', state: 'pending' as const, attempts: 0 },
  nextAttemptAt: new Date(NOW.getTime() - 60_000),
  createdAt: new Date(NOW.getTime() - 60_000 + n),
});
const fill = async (endpointId: string, count: number, subjectOf: (n: number) => string): Promise<void> => {
  for (let at = 0; at < count; at += 500) {
    await insertMessages(
      ctx.db,
      Array.from({ length: Math.min(500, count - at) }, (_, i) => message(endpointId, at + i, subjectOf(at + i))),
    );
  }
};

/** What is due, and how many rows the database read to find it, by a plan that is kept for any parameters. */
async function due(endpointId: string, mode: string) {
  return transact(ctx.db, async (tx) => {
    await tx.execute(`set local plan_cache_mode = ${mode}`);
    // What the session did before counts too until it is flushed.
    const before = await rowsRead(tx);
    const found = await listDueMessages(tx, endpointId, { now: NOW, limit: PAGE });
    return { subjects: found.map(({ subject }) => subject), read: (await rowsRead(tx)) - before };
  });
}

async function rowsRead(tx: Db): Promise<number> {
  const [row] = await tx.execute<{ read: number }>(`
    select (seq_tup_read + idx_tup_fetch)::float8 as read from pg_stat_xact_user_tables where relname = 'messages'`);
  return row?.read ?? 0;
}

it.each(['force_generic_plan', 'force_custom_plan', 'auto'])(
  'what is due is found by its index alone, whatever is known of the table (%s)',
  async (mode) => {
    for (const known of ['nothing', 'another endpoint', 'an endpoint with few']) {
      await ctx.sql`truncate endpoints, messages cascade`;
      await endpoint('ep_1');
      await endpoint('ep_2');
      if (known === 'another endpoint') await fill('ep_2', 3000, (n) => `s${n}`);
      if (known === 'an endpoint with few') await fill('ep_1', 20, () => 'one');
      await ctx.sql`analyze messages`;
      await ctx.sql`delete from messages where endpoint_id = 'ep_1'`;
      await fill('ep_1', 3000, (n) => `s${n}`);
      const { subjects, read } = await due('ep_1', mode);
      expect(subjects).toHaveLength(PAGE);
      expect([known, read]).toEqual([known, expect.toSatisfy((rows: number) => rows < 20 * PAGE)]);
    }
  },
);

it('of several about one thing the oldest sets out first', async () => {
  await endpoint('ep_1');
  await fill('ep_1', 9, (n) => `s${n % 3}`);
  const ids = async () =>
    (await listDueMessages(ctx.db, 'ep_1', { now: NOW, limit: PAGE })).map(({ id }) => Number(id.slice(-2)));
  expect(await ids()).toEqual([0, 1, 2]);
  await ctx.sql`update messages set attempts = 1 where id = ${message('ep_1', 0, '').id}`;
  // One that was tried holds nothing back, and is due by itself.
  expect(await ids()).toEqual([0, 1, 2, 3]);
  await ctx.sql`update messages set state = 'delivered' where id = ${message('ep_1', 1, '').id}`;
  expect(await ids()).toEqual([0, 2, 3, 4]);
});
