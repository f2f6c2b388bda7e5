import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEmbeddedPostgres } from '../../../src/store/postgres/embedded-postgres.ts';
import { readPostmasterFile } from '../../../src/store/postgres/postmaster.ts';
import { runChildScript } from '../../support/child-script.ts';

const SOURCE = new URL('../../../src/store/postgres/embedded-postgres.ts', import.meta.url).href;

// mkdtemp makes a folder of mode 0700: as root, the server's own user has to be let through it.
const parent = mkdtempSync(join(tmpdir(), 'tidemark closed '));
const directory = join(parent, 'with blanks', 'postgres');
const data = join(directory, 'data');
const said: { level: string; detail: object; message: string }[] = [];
/** Called when something is logged. */
let heard = (): void => {};
const log = {
  info: (detail: object, message: string) => {
    said.push({ level: 'info', detail, message });
    heard();
  },
  error: (detail: object, message: string) => {
    said.push({ level: 'error', detail, message });
    heard();
  },
};

async function query<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

const marks = (url: string) =>
  query(url, async (sql) => (await sql`select mark from kept order by mark`).map((row) => row.mark));

/** Starts the server, does the work and stops it, whatever happens. */
async function withServer<T>(work: (url: string) => Promise<T>): Promise<T> {
  const server = await startEmbeddedPostgres({ directory, log });
  try {
    return await work(server.url);
  } finally {
    await server.stop();
  }
}

beforeAll(async () => {
  // What an interrupted first start leaves behind.
  mkdirSync(join(directory, 'data.partial', 'base'), { recursive: true });
  await withServer((url) =>
    query(url, (sql) => sql`create table kept (mark text primary key)`.then(() => sql`insert into kept values ('a')`)),
  );
});

afterAll(() => rmSync(parent, { recursive: true, force: true }));

describe('the embedded PostgreSQL', () => {
  test('is PostgreSQL 18 with full durability, for this machine and its password alone', async () => {
    const server = await startEmbeddedPostgres({ directory, log });
    const [row] = await query(
      server.url,
      (sql) => sql`
        select current_setting('server_version_num')::int / 10000 as version, current_setting('fsync') as fsync,
          current_setting('synchronous_commit') as commit, current_setting('full_page_writes') as pages,
          current_setting('listen_addresses') as addresses, current_setting('unix_socket_directories') as sockets,
          current_setting('server_encoding') as encoding, current_setting('timezone') as timezone`,
    );
    expect(row).toEqual({
      version: 18,
      fsync: 'on',
      commit: 'on',
      pages: 'on',
      addresses: '127.0.0.1',
      sockets: '',
      encoding: 'UTF8',
      timezone: 'UTC',
    });
    const wrong = new URL(server.url);
    wrong.password = 'guess';
    await expect(query(wrong.href, (sql) => sql`select 1`)).rejects.toMatchObject({ code: '28P01' });
    await server.stop();
    await server.stop();
    await expect(query(server.url, (sql) => sql`select 1`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('keeps its data from start to start, and its password to its owner', async () => {
    expect(await withServer(marks)).toContain('a');
    expect(statSync(join(directory, 'password')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(directory, 'password'), 'utf8')).toMatch(/^[\w-]{32}$/);
  });

  test('has a process group of its own, so that Ctrl-C does not reach it before the service has drained', async () => {
    await withServer(async () => {
      const pid = readPostmasterFile(data)?.pid ?? Number.NaN;
      expect(process.kill(-pid, 0)).toBe(true);
    });
  });

  test('runs as an ordinary user even for root', async () => {
    await withServer(async () => {
      expect(statSync(data).uid).not.toBe(0);
      expect(statSync(data).mode & 0o777).toBe(0o700);
    });
  });
});

describe('after a crash', () => {
  /** A service that commits a mark, with another one uncommitted, and then waits to be killed. */
  const service = (mark: string) =>
    runChildScript(
      `import { startEmbeddedPostgres } from ${JSON.stringify(SOURCE)};
       import postgres from ${JSON.stringify(import.meta.resolve('postgres'))};
       const log = { info() {}, error() {} };
       const server = await startEmbeddedPostgres({ directory: ${JSON.stringify(directory)}, log });
       const sql = postgres(server.url, { max: 2 });
       await sql\`insert into kept values (\${${JSON.stringify(mark)}})\`;
       await sql.begin(async (tx) => {
         await tx\`insert into kept values ('never committed')\`;
         console.log('ready');
         await new Promise((resolve) => setTimeout(resolve, 60_000));
       });`,
    );

  test('of the service, the orphaned server is stopped and what was committed is there', async () => {
    const killed = await service('before the service died');
    const orphan = readPostmasterFile(data)?.pid;
    await killed.kill();
    said.length = 0;
    const kept = await withServer(marks);
    expect(said).toEqual([
      { level: 'info', detail: { pid: orphan }, message: 'stopped the database that a killed service left behind' },
    ]);
    expect(kept).toContain('before the service died');
    expect(kept).not.toContain('never committed');
  });

  test('of both, the server recovers from its log', async () => {
    const killed = await service('before both died');
    process.kill(readPostmasterFile(data)?.pid ?? Number.NaN, 'SIGKILL');
    await killed.kill();
    expect(await withServer(marks)).toContain('before both died');
  });

  test('a pid that now belongs to a stranger is not taken for the server', async () => {
    const line = `${process.pid}\n${data}\n1700000000\n5432\n\n127.0.0.1\n  1234567 1\nready   \n`;
    writeFileSync(join(data, 'postmaster.pid'), line);
    expect(await withServer(marks)).toContain('a');
  });

  test('of the server alone, the log says so, and it comes back at its address with what was committed', async () => {
    const server = await startEmbeddedPostgres({ directory, log });
    await query(server.url, (sql) => sql`insert into kept values ('before the server died')`);
    for (let deaths = 1; deaths <= 2; deaths++) {
      said.length = 0;
      const back = new Promise<void>((resolve) => {
        heard = () => said.at(-1)?.level === 'info' && resolve();
      });
      process.kill(readPostmasterFile(data)?.pid ?? Number.NaN, 'SIGKILL');
      await back;
      expect(said[0]).toMatchObject({ level: 'error', detail: { signal: 'SIGKILL' } });
      expect(await marks(server.url)).toContain('before the server died');
    }
    await server.stop();
    await server.stop();
    expect(readPostmasterFile(data)).toBeUndefined();
  });

  test('of the server just before it is stopped: it stays ended', async () => {
    const server = await startEmbeddedPostgres({ directory, log });
    said.length = 0;
    const told = new Promise<void>((resolve) => {
      heard = resolve;
    });
    process.kill(readPostmasterFile(data)?.pid ?? Number.NaN, 'SIGKILL');
    await told;
    await server.stop();
    expect(said).toMatchObject([{ level: 'error' }]);
    // Another server may have its port by now, which knows neither the user nor the table.
    await expect(marks(server.url)).rejects.toThrow();
  });
});

test('data of another major version is refused and left as it is', async () => {
  const file = join(data, 'PG_VERSION');
  const mine = readFileSync(file, 'utf8');
  writeFileSync(file, '17\n');
  try {
    await expect(startEmbeddedPostgres({ directory, log })).rejects.toMatchObject({
      code: 'invalid-configuration',
      message: expect.stringMatching(/PostgreSQL 17.*pg_dump/),
    });
  } finally {
    writeFileSync(file, mine);
  }
  expect(await withServer(marks)).toContain('a');
});
