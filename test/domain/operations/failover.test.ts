import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { settleBatches } from '../../../src/domain/log/settle/settle.ts';
import { createApp } from '../../../src/http/app.ts';
import { PACKAGE_ROOT } from '../../../src/root.ts';
import { claimJob, completeJob } from '../../../src/store/jobs/jobs.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../src/store/postgres/embedded-postgres.ts';
import { migrateDatabase } from '../../../src/store/postgres/migrate.ts';
import { createTestContext, type TestContext } from '../../support/context.ts';
import { startTcpSwitch, type TcpSwitch } from '../../support/tcp-switch.ts';

const log = { info: () => {}, error: () => {} };
const settings = { wal_level: 'replica', max_wal_senders: '4', shared_buffers: '16MB' };

let folder: string;
let primary: EmbeddedPostgres;
let standby: EmbeddedPostgres | undefined;
let address: TcpSwitch;
let ctx: TestContext;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-failover-'));
  primary = await startEmbeddedPostgres({ directory: join(folder, 'primary'), log, settings });
  await migrateDatabase(primary.url, PACKAGE_ROOT);
  address = await startTcpSwitch();
  address.lead(portOf(primary));
  const url = new URL(primary.url);
  url.port = String(address.port);
  ctx = await createTestContext(url.href);
});
afterAll(async () => {
  await ctx.close();
  await address.close();
  await primary.stop();
  await standby?.stop();
  rmSync(folder, { recursive: true });
});

const portOf = (server: EmbeddedPostgres): number => Number(new URL(server.url).port);

async function onServer(server: EmbeddedPostgres, ...statements: readonly string[]): Promise<postgres.Row[]> {
  const sql = postgres(server.url, { max: 1, onnotice: () => {} });
  try {
    let rows: postgres.Row[] = [];
    for (const statement of statements) rows = await sql.unsafe(statement);
    return rows;
  } finally {
    await sql.end();
  }
}

/** What a standby holds that has received everything until now, and nothing from now on. */
async function copyOfPrimary(): Promise<string> {
  const directory = join(folder, 'standby');
  const sql = postgres(primary.url, { max: 1, onnotice: () => {} });
  await sql`select pg_backup_start('copy', true)`;
  cpSync(join(folder, 'primary'), directory, {
    recursive: true,
    filter: (path) => !/postmaster\.(pid|opts)$/.test(path),
  });
  const [end] = await sql<{ labelfile: string }[]>`select labelfile from pg_backup_stop(false)`;
  await sql`select pg_switch_wal()`;
  cpSync(join(folder, 'primary', 'data', 'pg_wal'), join(directory, 'data', 'pg_wal'), { recursive: true });
  writeFileSync(join(directory, 'data', 'backup_label'), end?.labelfile ?? '');
  await sql.end();
  return directory;
}

type Answer = { readonly status: number; readonly retryAfter: string | null; readonly body: Record<string, unknown> };

async function send(method: string, path: string, json?: object): Promise<Answer> {
  const answer = await createApp(ctx).request(path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: json === undefined ? null : JSON.stringify(json),
  });
  // Every answer here is a JSON object.
  const body = (await answer.json()) as Record<string, unknown>;
  return { status: answer.status, retryAfter: answer.headers.get('retry-after'), body };
}

const rows = (prefix: string) =>
  Array.from({ length: 20 }, (_, i) => ({
    prediction_id: `${prefix}${i}`,
    timestamp: '2026-02-01T00:00:00Z',
    prediction: 1,
  }));
const take = (prefix: string) => send('POST', '/v1/models/m/predictions', rows(prefix));

async function settled(): Promise<unknown> {
  for (let job = await claimJob(ctx.db, ['settle-batches'], 60); job !== null; ) {
    await settleBatches(ctx, job.payload as { modelId: number });
    await completeJob(ctx.db, job);
    job = await claimJob(ctx.db, ['settle-batches'], 60);
  }
  return (await send('GET', '/v1/models/m/counts')).body.settled;
}

/** Until the pool has got rid of the connections that were cut: each failure ends one. */
async function healed(): Promise<number> {
  for (let failures = 0; ; failures++) {
    const { status, retryAfter } = await send('GET', '/v1/models/m/counts');
    if (status === 200) return failures;
    expect([status, retryAfter]).toEqual([503, '1']);
  }
}

test('a failover loses what the standby had not received, tells nothing else, and takes it when it comes again', async () => {
  await send('POST', '/v1/models', { name: 'm', task: 'binary' });
  expect((await take('a')).status).toBe(200);
  expect(await settled()).toBe(20);
  const directory = await copyOfPrimary();
  // Acknowledged by the primary, which is all that is promised where it waits for no standby.
  expect((await take('b')).status).toBe(200);
  expect(await settled()).toBe(40);

  address.lead(null);
  expect(await take('c')).toMatchObject({ status: 503, retryAfter: '1' });
  standby = await startEmbeddedPostgres({ directory, log, settings });
  // As a standby before it is promoted: it is read from, and takes nothing.
  await onServer(standby, 'alter system set default_transaction_read_only = on', 'select pg_reload_conf()');
  address.lead(portOf(standby));
  expect(await healed()).toBeLessThanOrEqual(6);
  expect(await take('c')).toMatchObject({ status: 503, retryAfter: '1' });
  await onServer(standby, 'alter system reset default_transaction_read_only', 'select pg_reload_conf()');
  // Connections that were made meanwhile learn it with their next statement.
  await expect.poll(async () => (await take('c')).status).toBe(200);

  expect(await settled()).toBe(40);
  expect((await send('GET', '/v1/models/m/predictions/a0')).status).toBe(200);
  expect((await send('GET', '/v1/models/m/predictions/b0')).status).toBe(404);
  // The object of what was lost lies in the remote without a name; sent again, it is what it was.
  const again = await take('b');
  expect([again.status, again.body.accepted]).toEqual([200, 20]);
  await take('a');
  expect(await settled()).toBe(60);
  expect((await send('GET', '/v1/models/m/predictions/b0')).status).toBe(200);
  // Who wrote to the old primary has written to nobody: the service follows the one address it was given.
  const [old] = await onServer(primary, 'select count(*)::int as batches from batches');
  expect(old?.batches).toBe(2);
});
