import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listSettledPredictions } from '../../../src/store/log/batches.ts';
import { openDatabase } from '../../../src/store/postgres/db.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

const HOUR = 3_600_000;
const FIRST = Date.UTC(2025, 0, 1);
const BATCHES = 20_000;

/** A log of 20,000 batches of 1,000 predictions, one an hour. One connection, so that what it touched can be counted. */
describe('the batches of a window', () => {
  let database: TestDatabase;
  let pool: ReturnType<typeof openDatabase>;
  let modelId: number;

  beforeAll(async () => {
    database = await createTestDatabase();
    pool = openDatabase(database.url, 1);
    const [model] = await pool.sql<{ id: string }[]>`
      insert into models (project_id, name, task) select id, 'long', 'binary' from projects limit 1 returning id`;
    modelId = Number(model?.id);
    // Its own pages would be counted too, whenever it comes.
    await pool.sql`alter table batches set (autovacuum_enabled = off)`;
    await pool.sql`
      insert into batches (project_id, model_id, kind, oid, bytes, rows, rejected, duplicates, conflicts, violations,
        min_time, max_time, state, settle_sequence)
      select project_id, id, 'predictions', md5(i::text), 10000, 1000, 0, 0, 0, '[]',
        to_timestamp(${FIRST / 1000}) + make_interval(hours => i),
        to_timestamp(${FIRST / 1000}) + make_interval(hours => i, mins => 59), 'settled', i + 1
      from models, generate_series(0, ${BATCHES - 1}) i where id = ${modelId}`;
    await pool.sql`analyze batches`;
  });
  afterAll(async () => {
    await pool.close();
    await database.drop();
  });

  /** Pages of the table and its indexes that were looked at so far. */
  async function pages(): Promise<number> {
    await pool.sql`select pg_stat_force_next_flush()`;
    const [row] = await pool.sql<{ pages: string }[]>`
      select heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read as pages
      from pg_statio_user_tables where relname = 'batches'`;
    return Number(row?.pages);
  }

  it.each([
    ['the newest', BATCHES - 24],
    ['one of the first days', 48],
  ])('are found at the price of the window: %s', async (_, hour) => {
    const from = new Date(FIRST + hour * HOUR);
    const span = { from, to: new Date(from.getTime() + 24 * HOUR), throughSequence: BATCHES };
    const before = await pages();
    const found = await listSettledPredictions(pool.db, modelId, span);
    expect(found).toHaveLength(24);
    expect((await pages()) - before).toBeLessThan(60);
  });
});
