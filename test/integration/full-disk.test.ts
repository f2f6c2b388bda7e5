/** Disks that fill up and are made read-only for real, under the object store and under the database. */
import { EventEmitter, once } from 'node:events';
import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { type HttpServer, listen } from '../../src/http/server.ts';
import { PACKAGE_ROOT } from '../../src/root.ts';
import { startEmbeddedPostgres } from '../../src/store/postgres/embedded-postgres.ts';
import { migrateDatabase } from '../../src/store/postgres/migrate.ts';
import { createDirectoryRemote } from '../../src/store/remotes/remote-directory.ts';
import { run } from '../cli/tables/against.ts';
import { md5, noise } from '../support/bytes.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { mountSmallDisk, type SmallDisk } from '../support/mount.ts';

const disk: SmallDisk | null = mountSmallDisk(8);
if (disk === null) console.warn('Nothing can be mounted here: the object store is not tested on a full disk.');

const GOOD = noise(4096, 1);

describe.skipIf(disk === null)('an object store', () => {
  // Where it is left out this body is read all the same, only its tests are not: what the disk is, they ask.
  const small = (): SmallDisk => {
    if (disk === null) throw new Error('there is no small disk');
    return disk;
  };
  let database: TestDatabase;
  let ctx: TestContext;
  let server: HttpServer;
  beforeAll(async () => {
    database = await createTestDatabase();
    ctx = await createTestContext(database.url, { remote: createDirectoryRemote(join(small().folder, 'remote')) });
    server = await listen(createApp(ctx), { host: '127.0.0.1', port: 0 });
    expect((await put(GOOD)).status).toBe(201);
  });
  afterEach(() => {
    small().writable(true);
    small().free();
  });
  afterAll(async () => {
    await server.close(0);
    await ctx.close();
    await database.drop();
    small().remove();
  });

  const url = (path: string) => `http://127.0.0.1:${server.port}${path}`;
  const problem = async (response: Response) => {
    const { type = '', detail = '' } = response.status < 400 ? {} : ((await response.json()) as Record<string, string>);
    return { status: response.status, type, detail };
  };
  const put = async (bytes: Uint8Array) =>
    problem(await fetch(url(`/v1/objects/${md5(bytes)}`), { method: 'PUT', body: bytes }));
  const pack = async (bytes: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(`${md5(bytes)} ${bytes.byteLength}\n`), bytes, Buffer.from('end 1\n')]);
    const headers = { 'content-type': 'application/vnd.tidemark.pack' };
    return problem(await fetch(url('/v1/objects/pack'), { method: 'POST', headers, body }));
  };
  /** As `dvc push` does it: the status line is all that it shows. */
  const dvcPush = async (bytes: Uint8Array) => {
    const [oid, path] = [md5(bytes), '/dvc/default/d/files/md5'];
    const sent = request(url(`${path}/${oid.slice(0, 2)}/${oid.slice(2)}`), { method: 'POST' });
    sent.end(bytes);
    const [response] = await once(sent, 'response');
    response.resume();
    return { status: response.statusCode, reason: response.statusMessage };
  };
  const predictions = async (id: string) => {
    const line = { prediction_id: id, timestamp: '2026-01-01T00:00:00Z', features: { a: 1 }, prediction: 1 };
    const headers = { 'content-type': 'application/x-ndjson' };
    const sent = { method: 'POST', headers, body: `${JSON.stringify(line)}\n` };
    return problem(await fetch(url('/v1/models/m/predictions'), sent));
  };
  const goodIsServed = async (): Promise<boolean> => {
    const response = await fetch(url(`/v1/objects/${md5(GOOD)}`));
    return response.status === 200 && md5(new Uint8Array(await response.arrayBuffer())) === md5(GOOD);
  };
  const held = async (bytes: Uint8Array) => (await ctx.sql`select 1 from objects where oid = ${md5(bytes)}`).length;
  const temporary = () => readdirSync(join(small().folder, 'remote', 'tmp'));

  test('too small for what is sent refuses that alone, and keeps nothing of it', async () => {
    const large = noise(20 * 1024 ** 2, 2);
    expect(await put(large)).toMatchObject({ status: 507, type: expect.stringMatching(/storage-full$/) });
    expect([await held(large), temporary(), await goodIsServed()]).toEqual([0, [], true]);
    // While one is on its way that will find no room, others are served.
    const sent = request(url(`/v1/objects/${md5(large)}`), {
      method: 'PUT',
      headers: { 'content-length': large.byteLength },
    });
    // It may be answered before its last byte.
    sent.on('error', () => {});
    const answered = once(sent, 'response');
    sent.write(large.subarray(0, 4 * 1024 ** 2));
    await vi.waitUntil(() => temporary().length > 0, 60_000);
    const served = await Promise.all([put(noise(1000, 3)), put(noise(1000, 4))]);
    sent.end(large.subarray(4 * 1024 ** 2));
    const [refused] = await answered;
    refused.resume();
    expect([refused.statusCode, ...served.map(({ status }) => status)]).toEqual([507, 201, 201]);
  });

  test('that is full says so on every way in, serves what it has, and takes more once there is space', async () => {
    await fetch(url('/v1/models'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"name":"m","task":"regression"}',
    });
    small().fill();
    const [a, b, c] = [noise(5000, 5), noise(5000, 6), noise(5000, 7)];
    expect(await put(a)).toMatchObject({ status: 507, type: expect.stringMatching(/storage-full$/) });
    expect(await pack(b)).toMatchObject({ status: 507, type: expect.stringMatching(/storage-full$/) });
    expect(await dvcPush(c)).toEqual({ status: 507, reason: expect.stringMatching(/^The object store is full/) });
    expect(await predictions('p1')).toMatchObject({ status: 507 });
    await writeFile(join(ctx.config.data, 'table.csv'), noise(5000, 10));
    const client = await run(ctx.config.data, url(''), ['push', 'table.csv', '-d', 'd']);
    expect(client).toMatchObject({ code: 1, err: expect.stringContaining('The object store is full') });
    expect([await held(a), await held(b), await held(c), temporary()]).toEqual([0, 0, 0, []]);
    expect(await goodIsServed()).toBe(true);
    expect((await fetch(url('/readyz'))).status).toBe(503);
    small().free();
    expect([(await put(a)).status, (await pack(b)).status, (await dvcPush(c)).status]).toEqual([201, 200, 201]);
    expect((await predictions('p1')).status).toBeLessThan(300);
    expect((await fetch(url('/readyz'))).status).toBe(200);
  });

  test('that is read-only says so to who writes, and serves who reads', async () => {
    small().writable(false);
    const [a, b] = [noise(3000, 8), noise(3000, 9)];
    const response = await fetch(url(`/v1/objects/${md5(a)}`), { method: 'PUT', body: a });
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await problem(response)).toMatchObject({ status: 503, detail: expect.stringContaining('is read-only') });
    expect(await pack(a)).toMatchObject({ status: 503, detail: expect.stringContaining('is read-only') });
    expect(await dvcPush(b)).toEqual({ status: 503, reason: expect.stringContaining('is read-only') });
    expect([await held(a), await held(b), await goodIsServed()]).toEqual([0, 0, true]);
    const ready = await fetch(url('/readyz'));
    expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining('cannot be written')]);
    small().writable(true);
    expect([(await put(a)).status, (await dvcPush(b)).status]).toEqual([201, 201]);
    expect((await fetch(url('/readyz'))).status).toBe(200);
  });
});

describe.skipIf(disk === null)('a database', () => {
  test('whose disk is full refuses, ends at last, and is back with all it had promised once there is space', async () => {
    const small = mountSmallDisk(120) as SmallDisk;
    const revived = new EventEmitter();
    let runs = true;
    const log = {
      error: (_: object, message: string) => {
        if (message.includes('has ended unexpectedly')) runs = false;
      },
      info: (_: object, message: string) => {
        if (message !== 'the embedded database runs again') return;
        runs = true;
        revived.emit('again');
      },
    };
    const server = await startEmbeddedPostgres({ directory: join(small.folder, 'postgres'), log });
    await migrateDatabase(server.url, PACKAGE_ROOT);
    const ctx = await createTestContext(server.url);
    const app = createApp(ctx);
    let sent = 0;
    const promised: string[] = [];
    const push = async (): Promise<number> => {
      const path = `x${++sent}.csv`;
      const body = `a,b\n${sent},2\n`;
      const response = await app.request(`/v1/datasets/d/versions?path=${path}`, { method: 'POST', body });
      if (response.status === 201) promised.push(path);
      else expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
      return response.status;
    };
    try {
      expect(await push()).toBe(201);
      small.fill();
      while ((await push()) === 201);
      // Its log needs space too, the next time that a segment of it is full; without that it cannot even recover.
      const died = await endLog(ctx);
      expect(died).toBe(true);
      expect(await push()).toBe(503);
      expect((await app.request('/readyz')).status).toBe(503);
      small.free();
      // It may have come back and be about to end once more: then it is another time that counts.
      while ((await push()) !== 201) if (!runs) await once(revived, 'again');
      const rows = await ctx.sql<{ path: string }[]>`select path from versions order by id`;
      expect(rows.map(({ path }) => path)).toEqual(expect.arrayContaining(promised));
      for (const path of promised) {
        const file = await app.request(`/v1/objects/${md5(`a,b\n${path.slice(1, -4)},2\n`)}`);
        expect(file.status).toBe(200);
      }
    } finally {
      await ctx.close();
      await server.stop();
      small.remove();
    }
  });
});

/** Has the database begin a new segment of its log until it fails. */
async function endLog(ctx: TestContext): Promise<boolean> {
  for (let tries = 0; tries < 20; tries++) {
    try {
      await ctx.sql`select pg_logical_emit_message(true, 'fill', repeat('x', 1000)), pg_switch_wal()`;
    } catch {
      return true;
    }
  }
  return false;
}
