import { sql } from 'drizzle-orm';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isTidemarkError } from '../../../src/errors.ts';
import { type Database, type Db, databaseFailure, openDatabase, transact } from '../../../src/store/postgres/db.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let server: TestDatabase;
let database: Database;
beforeAll(async () => {
  server = await createTestDatabase();
  database = openDatabase(server.url, 2);
  await database.sql`create table counters (name text primary key, value int not null)`;
  await database.sql`insert into counters values ('a', 0), ('b', 0)`;
});
afterAll(async () => {
  await database.close();
  await server.drop();
});

const add = (tx: Db, name: string) => tx.execute(sql`update counters set value = value + 1 where name = ${name}`);
const values = async () => (await database.sql`select value from counters order by name`).map(({ value }) => value);

/** Resolves for both once both have come. */
function meeting(): () => Promise<void> {
  let come = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  return () => {
    come++;
    if (come === 2) resolve();
    return promise;
  };
}

test('of two transactions that wait for each other, one is done again, and both are there once', async () => {
  const before = await values();
  const meet = meeting();
  let tries = 0;
  const both = (first: string, second: string) =>
    transact(database.db, async (tx) => {
      tries++;
      await add(tx, first);
      await meet();
      await add(tx, second);
    });
  await Promise.all([both('a', 'b'), both('b', 'a')]);
  expect(tries).toBe(3);
  expect(await values()).toEqual(before.map((value: number) => value + 2));
});

test('what PostgreSQL refuses to order three times is asked for again by the client, and nothing of it is kept', async () => {
  const before = await values();
  let tries = 0;
  const refused = transact(database.db, async (tx) => {
    tries++;
    await add(tx, 'a');
    await tx.execute(sql`do $$ begin raise exception 'not in this order' using errcode = '40001'; end $$`);
  });
  const error: unknown = await refused.catch((caught: unknown) => caught);
  expect(isTidemarkError(error, 'database-unavailable') && error.retryAfter).toBe(1);
  expect(tries).toBe(3);
  expect(await values()).toEqual(before);
});

test('a failure of another kind is not tried again', async () => {
  let tries = 0;
  const failing = transact(database.db, (tx) => {
    tries++;
    return tx.execute(sql`select 1 / 0`);
  });
  await expect(failing).rejects.toThrow();
  expect(tries).toBe(1);
});

test.each([
  ['a statement', 'statement_timeout', (tx: Db) => tx.execute(sql`select pg_sleep(5)`)],
  ['a lock', 'lock_timeout', (tx: Db) => add(tx, 'b')],
])('%s that takes too long is told so, and its connection is good for the next', async (_, setting, work) => {
  const holder = postgres(server.url, { max: 1 });
  try {
    await holder.begin(async (held) => {
      await held`update counters set value = value where name = 'b'`;
      const before = (await database.sql`select value from counters where name = 'a'`)[0]?.value as number;
      const late = transact(database.db, async (tx) => {
        await add(tx, 'a');
        await tx.execute(sql.raw(`set local ${setting} = 50`));
        await work(tx);
      });
      const error: unknown = await late.catch((caught: unknown) => caught);
      expect(databaseFailure(error)?.code).toBe('database-unavailable');
      expect((await database.sql`select value from counters where name = 'a'`)[0]?.value).toBe(before);
    });
  } finally {
    await holder.end();
  }
});

test('a transaction that was left idle for too long is told so, and the pool heals', async () => {
  const before = await values();
  const idle = transact(database.db, async (tx) => {
    await add(tx, 'a');
    await tx.execute(sql.raw('set local idle_in_transaction_session_timeout = 20'));
    const [{ pid } = { pid: 0 }] = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
    // Until the server has ended it.
    for (;;) {
      const left = await database.sql`select 1 from pg_stat_activity where pid = ${pid}`;
      if (left.length === 0) break;
    }
    await add(tx, 'b');
  });
  const error: unknown = await idle.catch((caught: unknown) => caught);
  expect(databaseFailure(error)?.code).toBe('database-unavailable');
  expect(await values()).toEqual(before);
});
