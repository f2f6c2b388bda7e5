import type postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { databaseFailure, openDatabase } from '../../../src/store/postgres/db.ts';
import { cutSilentConnections } from '../../../src/store/postgres/silent-connections.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { startTcpSwitch, type TcpSwitch } from '../../support/tcp-switch.ts';

const PATIENCE = { silence: 50, answer: 200 };

let server: TestDatabase;
let network: TcpSwitch;
let through: string;
let port: number;
beforeAll(async () => {
  server = await createTestDatabase();
  network = await startTcpSwitch();
  const url = new URL(server.url);
  port = Number(url.port);
  url.port = String(network.port);
  through = url.href;
});
afterAll(async () => {
  await network.close();
  await server.drop();
});

let sql: postgres.Sql;
beforeEach(async (test) => {
  network.lead(port);
  const database = openDatabase(through, 2);
  sql = database.sql;
  test.onTestFinished(() => database.close());
  await Promise.all([sql`select 1`, sql`select 2`]);
});

/** What a statement ends in: rows, or the code of the error that clients are told. */
const outcome = (statement: Promise<unknown>): Promise<unknown> =>
  statement.then(
    () => 'rows',
    (error: unknown) => databaseFailure(error)?.code ?? error,
  );

describe('a statement that brings nothing', () => {
  it('fails when the database is gone without a word, and so do those on other connections', async () => {
    const end = cutSilentConnections(sql, through, PATIENCE);
    network.lose('all');
    const outcomes = Promise.all([outcome(sql`select 1`), outcome(sql`select ${2}::int`), outcome(sql`select 3`)]);
    expect(await outcomes).toEqual(Array(3).fill('database-unavailable'));
    network.lead(port);
    await expect.poll(() => outcome(sql`select 4`)).toBe('rows');
    end();
  });

  it('fails when the server answers others, but never got it', async () => {
    const end = cutSilentConnections(sql, server.url, PATIENCE);
    network.lose('requests');
    expect(await outcome(sql`select 1`)).toBe('database-unavailable');
    end();
  });

  it('takes its transaction with it', async () => {
    const end = cutSilentConnections(sql, server.url, PATIENCE);
    const lost = sql.begin(async (tx) => {
      await tx`select 1`;
      network.lose('requests');
      await tx`select 2`;
    });
    expect(await outcome(lost)).toBe('database-unavailable');
    end();
  });

  it('takes as long as it likes while the server works on it, or lets it wait for another one', async () => {
    const end = cutSilentConnections(sql, through, PATIENCE);
    const waits = await sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(1)`;
      const waiting = outcome(sql`select pg_advisory_xact_lock(1)`);
      expect(await outcome(tx`select pg_sleep(0.5)`)).toBe('rows');
      return { waiting };
    });
    expect(await waits.waiting).toBe('rows');
    end();
  });

  it('is left alone where the server refuses to be asked', async () => {
    const wrong = new URL(server.url);
    wrong.password = 'another';
    const end = cutSilentConnections(sql, wrong.href, PATIENCE);
    expect(await outcome(sql`select pg_sleep(0.5)`)).toBe('rows');
    end();
  });
});
