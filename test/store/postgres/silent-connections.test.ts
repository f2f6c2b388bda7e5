import postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { databaseFailure, openDatabase } from '../../../src/store/postgres/db.ts';
import { askServerAt, type DriverConnection, watchSilence } from '../../../src/store/postgres/silent-connections.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { startTcpSwitch, type TcpSwitch } from '../../support/tcp-switch.ts';

const SILENT = 15_000;

/** Connections by the pids of their backends, and what became of them. */
function stage(waiting: Readonly<Record<number, number | null>>, atWork: readonly number[] | null) {
  const since = new Map(Object.entries(waiting).map(([pid, at]) => [Number(pid), at]));
  const cut: number[] = [];
  const asked: (readonly number[])[] = [];
  let now = 0;
  const connections = [...since.keys()].map(
    (pid): DriverConnection => ({
      backend: { pid },
      waitingSince: () => since.get(pid) ?? null,
      cut: () => cut.push(pid),
    }),
  );
  const ask = async (pids: readonly number[]) => {
    asked.push(pids);
    return atWork === null ? null : new Set(atWork);
  };
  const look = watchSilence(
    () => connections,
    ask,
    () => now,
  );
  const lookAt = (time: number): Promise<void> => {
    now = time;
    return look();
  };
  return { since, cut, asked, lookAt };
}

it('ends what was silent at two looks and is not at work, and nothing else', async () => {
  const { cut, asked, lookAt } = stage({ 1: 0, 2: 0, 3: null, 4: 1 }, [2]);
  await lookAt(SILENT - 1);
  await lookAt(SILENT);
  expect(asked).toEqual([]);
  await lookAt(SILENT + 1);
  expect(asked).toEqual([[1, 2]]);
  expect(cut).toEqual([1]);
});

it('leaves alone what was heard of between two looks, or while the server was asked', async () => {
  const heard = stage({ 1: 0 }, []);
  await heard.lookAt(SILENT);
  heard.since.set(1, SILENT + 1);
  await heard.lookAt(2 * SILENT + 1);
  expect(heard.asked).toEqual([]);

  const late = stage({ 1: 0 }, []);
  await late.lookAt(SILENT);
  const looking = late.lookAt(SILENT + 1);
  late.since.set(1, null);
  await looking;
  expect([late.asked.length, late.cut]).toEqual([1, []]);
});

it('ends nothing while it cannot be told what is at work', async () => {
  const { cut, asked, lookAt } = stage({ 1: 0 }, null);
  for (const time of [SILENT, SILENT + 1, SILENT + 2]) await lookAt(time);
  expect([asked.length, cut]).toEqual([2, []]);
});

describe('a statement that brings nothing', () => {
  let server: TestDatabase;
  let network: TcpSwitch;
  let sql: postgres.Sql & { readonly connections: readonly DriverConnection[] };
  beforeAll(async () => {
    server = await createTestDatabase();
    network = await startTcpSwitch();
  });
  afterAll(async () => {
    await network.close();
    await server.drop();
  });
  beforeEach(async (test) => {
    const url = new URL(server.url);
    network.lead(Number(url.port));
    url.port = String(network.port);
    const database = openDatabase(url.href, 2);
    // The mended driver shows them.
    sql = database.sql as typeof sql;
    test.onTestFinished(() => database.close());
    await Promise.all([sql`select 1`, sql`select 2`]);
  });

  /** A look at the connections for which every silence is a long one. */
  const watch = (url: string, waySeconds: number) =>
    watchSilence(
      () => sql.connections,
      askServerAt(url, waySeconds),
      () => performance.now() + SILENT,
    );

  /** What a statement ends in: rows, or the code of the error that clients are told. */
  async function outcome(statement: Promise<unknown>, url = server.url): Promise<unknown> {
    const look = watch(url, 0.05);
    const timer = setInterval(() => void look(), 20);
    try {
      await statement;
      return 'rows';
    } catch (error) {
      return databaseFailure(error)?.code ?? error;
    } finally {
      clearInterval(timer);
    }
  }

  it('fails when the server answers others, but never got it', async () => {
    network.lose('requests');
    expect(await outcome(sql`select 1`)).toBe('database-unavailable');
    network.lead(Number(new URL(server.url).port));
    await expect.poll(() => outcome(sql`select 2`)).toBe('rows');
  });

  it('takes its transaction with it, and what that holds', async () => {
    const lost = sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(2)`;
      network.lose('requests');
      await tx`select 2`;
    });
    expect(await outcome(lost)).toBe('database-unavailable');
    network.lead(Number(new URL(server.url).port));
    await expect.poll(() => outcome(sql`select pg_advisory_xact_lock(2)`)).toBe('rows');
  });

  it('takes as long as it likes while the server works on it, or lets it wait for another one', async () => {
    const other = postgres(server.url, { max: 1 });
    const atWork = () => other`select pid from pg_stat_activity
      where datname = current_database() and state = 'active' and pid <> pg_backend_pid()`;
    const { waits } = await sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(1)`;
      const waiting = sql`select pg_advisory_xact_lock(1)`;
      waiting.catch(() => {});
      // It ends when it is told to, and not while it is asked about.
      const works = tx.savepoint((inner) => inner`select pg_sleep(600)`);
      works.catch(() => {});
      while ((await atWork()).length < 2);
      const look = watch(server.url, 0);
      for (let looks = 0; looks < 3; looks++) await look();
      await other`select pg_cancel_backend(pid) from pg_stat_activity
        where datname = current_database() and query like '%pg_sleep(600)%' and pid <> pg_backend_pid()`;
      // Cancelled by the server, with which it is connected still.
      await expect(works).rejects.toMatchObject({ code: '57014' });
      return { waits: waiting };
    });
    expect(await waits).toHaveLength(1);
    await other.end();
  });

  it('does not keep the process when its pool has ended', async () => {
    const { port, pathname } = new URL(server.url);
    const open = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    const before = open();
    const pool = openDatabase(
      `${new URL(server.url).href.replace(`:${port}${pathname}`, `:${network.port}${pathname}`)}`,
      1,
    );
    await pool.sql`select 1`;
    network.lose('all');
    await pool.close();
    // The network's own, one to each side, are of this process as well; others that were open may have ended meanwhile.
    await expect.poll(open).toBeLessThanOrEqual(before + 2);
  });

  it('is left alone where the server refuses to be asked', async () => {
    const nobody = new URL(server.url);
    nobody.username = 'nobody';
    expect(await outcome(sql`select pg_sleep(0.5)`, nobody.href)).toBe('rows');
  });
});
