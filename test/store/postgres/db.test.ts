import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { atLast, type Database, databaseFailure, openDatabase, transact } from '../../../src/store/postgres/db.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let server: TestDatabase;
let database: Database;
beforeAll(async () => {
  server = await createTestDatabase();
  database = openDatabase(server.url, 2);
});
afterAll(async () => {
  await database.close();
  await server.drop();
});

it('rests for a second at most between the tries of a connection, however long the database is away', () => {
  const { backoff } = database.sql.options;
  const rests = [0, 1, 4, 5, 1000].map((failures) => (typeof backoff === 'function' ? backoff(failures) : backoff));
  expect(rests).toEqual([0.01, 0.03, 0.81, 1, 1]);
});

describe('what is done at last', () => {
  it('is done once for each key, in their order, when all else is done', async () => {
    const done: string[] = [];
    const note = (text: string) => async () => {
      done.push(text);
    };
    const result = await transact(database.db, async (tx) => {
      for (const key of ['b', 'a', 'b']) await atLast(tx, key, note(key));
      done.push('work');
      return 'result';
    });
    expect(result).toBe('result');
    expect(done).toEqual(['work', 'a', 'b']);
  });

  it('belongs to its transaction, and undoes it when it fails', async () => {
    const count = async () => (await database.sql`select 1 from projects`).length;
    const before = await count();
    const failing = transact(database.db, async (tx) => {
      await tx.execute(`insert into projects (name) values ('lost')`);
      await atLast(tx, 'x', () => Promise.reject(new Error('it failed')));
    });
    await expect(failing).rejects.toThrow('it failed');
    expect(await count()).toBe(before);
  });

  it('is not done when the work fails, and at once outside of a transaction', async () => {
    const done: string[] = [];
    const failing = transact(database.db, async (tx) => {
      await atLast(tx, 'x', async () => {
        done.push('never');
      });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await atLast(database.db, 'x', async () => {
      done.push('at once');
    });
    expect(done).toEqual(['at once']);
  });
});

describe('a database that cannot serve', () => {
  it.each([
    ['53100', /disk of the database is full.*make room/],
    ['57P01', /cannot be reached or is too busy/],
  ])('says why where somebody can do something about it: %s', async (code, why) => {
    const raise = `do $$ begin raise exception using errcode = '${code}', message = 'no'; end $$`;
    const failure = await database.sql.unsafe(raise).then(() => null, databaseFailure);
    expect(failure).toMatchObject({ code: 'database-unavailable', message: expect.stringMatching(why), retryAfter: 1 });
  });
});
