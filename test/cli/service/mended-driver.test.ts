import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mend } from '../../../src/cli/service/mended-driver.ts';
import { PACKAGE_ROOT } from '../../../src/root.ts';
import {
  askServerAt,
  type DriverConnection,
  endDriver,
  watchSilence,
} from '../../../src/store/postgres/silent-connections.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
let sockets: Socket[];
let sql: postgres.Sql;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const OPTIONS: postgres.Options<Record<string, never>> = { max: 1, backoff: () => 0, onnotice: () => {} };

/** A socket for the driver, which knows an option `socket`; its types do not. */
async function opened(): Promise<Socket> {
  const { hostname, port } = new URL(database.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  sockets.push(socket);
  return socket;
}

beforeEach(async (test) => {
  sockets = [];
  sql = postgres(database.url, { ...OPTIONS, socket: opened } as typeof OPTIONS);
  await sql`drop table if exists kept`;
  await sql`create table kept (what text)`;
  test.onTestFinished(() => sql.end({ timeout: 1 }));
});

/** As a network does that fails. */
const cut = (): void => void sockets.at(-1)?.destroy();
const kept = async (): Promise<string[]> => (await sql`select what from kept order by what`).map(({ what }) => what);

describe('a connection that is cut', () => {
  it('is used again, though something was about to be written', async () => {
    // Its end is told after what was planned for this turn: what is written in between is planned for the next one.
    cut();
    await turn();
    await sql`select 1`.catch(() => 'lost');
    expect(await sql`select 2 as n`).toEqual([{ n: 2 }]);
    cut();
    await turn();
    await turn();
    expect(await sql`select 3 as n`).toEqual([{ n: 3 }]);
  });

  it('takes with it what it is given between its error and its end', async () => {
    const lost = sql`select pg_sleep(60)`;
    await turn();
    sockets.at(-1)?.destroy(new Error('reset'));
    await expect(lost).rejects.toThrow('reset');
    await expect(sql`select 1 as n`).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
    expect(await Promise.all([sql`select 2 as n`, sql`select ${3}::int as n`])).toEqual([[{ n: 2 }], [{ n: 3 }]]);
  });

  it('takes with it the rows that had come', async () => {
    const plain = postgres(database.url, { ...OPTIONS, fetch_types: false, socket: opened } as typeof OPTIONS);
    const lost = plain`select n from generate_series(1, 1000000) n`;
    lost.catch(() => 'lost');
    while ((sockets.at(-1)?.bytesRead ?? 0) < 1e5) await turn();
    cut();
    await expect(lost).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
    expect(await plain`select 2 as n`).toEqual([{ n: 2 }]);
    await plain.end();
  });

  it('before it was ready, is not opened again for ever', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = new URL(database.url);
    address.port = String((server.address() as AddressInfo).port);
    const shut = postgres(address.href, OPTIONS);
    await expect(shut`select 1`).rejects.toMatchObject({ code: /^(CONNECTION_CLOSED|ECONNRESET)$/ });
    await shut.end();
    server.close();
  });

  it('takes a transaction with it, whose rollback ends no process', async () => {
    const lost = sql.begin(async (tx) => {
      await tx`insert into kept values ('first')`;
      cut();
      await tx`select 1`;
    });
    await expect(lost).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
    await sql.begin((tx) => tx`insert into kept values ('whole')`);
    expect(await kept()).toEqual(['whole']);
  });

  it('takes a transaction with it, which does not go on in the place of others', async () => {
    let end: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const lost = sql.begin(async (tx) => {
      await tx`insert into kept values ('first')`;
      cut();
      await tx`select 1`.catch(() => 'lost');
      // The pool opens the connection again, for somebody else.
      expect(await kept()).toEqual([]);
      await tx`insert into kept values ('late')`.finally(end);
    });
    await expect(lost).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
    await ended;
    expect(await kept()).toEqual([]);
  });
});

describe('a connection whose answer will never come', () => {
  /** Looks twice, as if a minute had passed. */
  async function look(): Promise<void> {
    const { connections } = sql as unknown as { connections: readonly DriverConnection[] };
    const watch = watchSilence(
      () => connections,
      askServerAt(database.url, 0),
      () => performance.now() + 60_000,
    );
    await watch();
    await watch();
  }
  const locked = async (): Promise<number> => {
    const other = postgres(database.url, { max: 1 });
    const rows = await other`select 1 from pg_locks where relation = 'kept'::regclass`;
    await other.end();
    return rows.length;
  };

  it('is ended, and what it holds at the server is let go', async () => {
    const lost = sql.begin(async (tx) => {
      await tx`insert into kept values ('first')`;
      // From here on nothing of what the server says arrives.
      sockets.at(-1)?.pause();
      await tx`insert into kept values (${'second'})`;
    });
    const told = expect(lost).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
    while ((await locked()) === 0) await turn();
    await look();
    await told;
    while ((await locked()) > 0) await turn();
    expect(await kept()).toEqual([]);
  });

  it('is given up, where it had been idle for too long, for another in its place', async () => {
    sockets.at(-1)?.pause();
    const closing = (sql as unknown as { close: () => Promise<void> }).close();
    await look();
    await closing;
    expect(await sql`select 2 as n`).toEqual([{ n: 2 }]);
  });

  it('does not outlive its driver, for which the process would wait', async () => {
    const lost = sql`select pg_sleep(60)`;
    const told = expect(lost).rejects.toMatchObject({ code: 'CONNECTION_DESTROYED' });
    await turn();
    sockets.at(-1)?.pause();
    await endDriver(sql, 0);
    await told;
    expect(sockets.at(-1)?.destroyed).toBe(true);
  });

  it('is told from one whose statement takes long', async () => {
    // It ends when it is told to, and not while it is asked about.
    const long = sql`select pg_sleep(600)`;
    long.catch(() => 'lost');
    const other = postgres(database.url, { max: 1 });
    const ofLong = other`query like '%pg_sleep(600)%' and datname = current_database() and pid <> pg_backend_pid()`;
    while ((await other`select 1 from pg_stat_activity where ${ofLong}`).length === 0) await turn();
    await look();
    await other`select pg_cancel_backend(pid) from pg_stat_activity where ${ofLong}`;
    await other.end();
    await expect(long).rejects.toMatchObject({ code: '57014' });
    expect(sockets.at(-1)?.destroyed).toBe(false);
  });
});

it('rejects a statement that cannot be written, and it alone', async () => {
  const none = undefined as unknown as null;
  const statements = [sql`select 1 as n`, sql`select ${none} as n`, sql`select 3 as n`];
  const outcomes = await Promise.allSettled(statements);
  expect(
    outcomes.map((outcome) => (outcome.status === 'fulfilled' ? [...outcome.value] : outcome.reason.code)),
  ).toEqual([...[[{ n: 1 }], 'UNDEFINED_VALUE', [{ n: 3 }]]]);
});

it('knows the driver that is installed', () => {
  const source = (file: string) => readFileSync(join(PACKAGE_ROOT, 'node_modules', 'postgres', 'src', file), 'utf8');
  for (const file of ['connection.js', 'index.js']) expect(mend(file, source(file))).not.toBe(source(file));
  expect(() => mend('index.js', '')).toThrow(/another one/);
});
