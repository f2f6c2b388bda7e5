/** An S3 server that refuses, hangs and loses, for real, under the routes, `dvc`'s wire and our client. */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { type HttpServer, listen } from '../../src/http/server.ts';
import { createS3Remote } from '../../src/store/remotes/remote-s3.ts';
import { run } from '../cli/tables/against.ts';
import { md5, noise } from '../support/bytes.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { type S3Server, startVersitygw } from '../support/versitygw.ts';

const binary = process.env.VERSITYGW;

if (binary === undefined) console.warn('VERSITYGW is not set: the service is not tested on a bad S3 server.');

describe.skipIf(binary === undefined)('on an S3 server', () => {
  let store: S3Server;
  let proxy: FaultProxy;
  let database: TestDatabase;
  let ctx: TestContext;
  /** A service that waits for its store as long as any, and one that gives up soon. */
  let server: HttpServer;
  let hasty: HttpServer;
  let folder: string;
  beforeAll(async () => {
    store = await startVersitygw(binary ?? '');
    proxy = await startFaultProxy(store.endpoint);
    vi.stubEnv('AWS_ENDPOINT_URL', proxy.endpoint);
    vi.stubEnv('AWS_ACCESS_KEY_ID', store.accessKey);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', store.secretKey);
    vi.stubEnv('AWS_REGION', 'us-east-1');
    folder = await mkdtemp(join(tmpdir(), 'tidemark-bad-store-'));
    const options = { bucket: store.bucket, prefix: 'x', spoolFolder: join(folder, 'spool') };
    database = await createTestDatabase();
    ctx = await createTestContext(database.url, { remote: createS3Remote(options) });
    server = await listen(createApp(ctx), { host: '127.0.0.1', port: 0 });
    const remote = createS3Remote({ ...options, patience: { answer: 1500, idle: 1000 } });
    hasty = await listen(createApp({ ...ctx, remote }), { host: '127.0.0.1', port: 0 });
  });
  afterEach(() => {
    proxy.fault = () => null;
  });
  afterAll(async () => {
    await server.close(0);
    await hasty.close(0);
    await ctx.close();
    await database.drop();
    await proxy.stop();
    await store.stop();
    await rm(folder, { recursive: true });
    vi.unstubAllEnvs();
  });

  const at = (oid: string, { port } = server) =>
    `http://127.0.0.1:${port}/dvc/default/d/files/md5/${oid.slice(0, 2)}/${oid.slice(2)}`;
  /** As `dvc push` does it: the status line is all that it shows. */
  const push = async (bytes: Uint8Array) => {
    const sent = request(at(md5(bytes)), { method: 'POST' });
    sent.end(bytes);
    const [response] = await once(sent, 'response');
    response.resume();
    return { status: response.statusCode, reason: response.statusMessage };
  };
  /** Whether the object comes whole, by its length. */
  const comes = async (oid: string, from = server): Promise<boolean> => {
    try {
      const response = await fetch(at(oid, from));
      const { byteLength } = await response.arrayBuffer();
      return response.status === 200 && byteLength === Number(response.headers.get('content-length'));
    } catch {
      return false;
    }
  };
  const held = async (oid: string) => (await ctx.sql`select quarantined_at from objects where oid = ${oid}`)[0];

  test('that refuses, uploads are told so and leave nothing; our client waits and is done once it does not', async () => {
    const bytes = noise(5000, 1);
    proxy.fault = (method) => (method === 'PUT' ? { status: 503 } : null);
    expect(await push(bytes)).toEqual({
      status: 503,
      reason: expect.stringMatching(/^The object store is not available/),
    });
    const answer = await fetch(`http://127.0.0.1:${server.port}/v1/objects/${md5(bytes)}`, {
      method: 'PUT',
      body: bytes,
    });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await held(md5(bytes))).toBeUndefined();
    await writeFile(join(folder, 'table.csv'), noise(5000, 2));
    const pushing = run(folder, `http://127.0.0.1:${server.port}`, ['push', 'table.csv', '-d', 'd']);
    await vi.waitUntil(() => proxy.seen.some((line) => line.includes(md5(noise(5000, 2)).slice(2))), 60_000);
    proxy.fault = () => null;
    expect(await pushing).toMatchObject({ code: 0 });
    await vi.waitFor(async () => expect((await push(bytes)).status).toBe(201), 60_000);
  });

  test('that hangs or stalls, a download breaks off in time, is not taken for corrupt, and comes once it does not', async () => {
    const bytes = noise(3_000_000, 3);
    const oid = md5(bytes);
    expect((await push(bytes)).status).toBe(201);
    proxy.fault = (method) => (method === 'GET' ? { hang: true } : null);
    expect(await comes(oid, hasty)).toBe(false);
    proxy.fault = (method) => (method === 'GET' ? { stallAfter: 0 } : null);
    expect(await comes(oid, hasty)).toBe(false);
    expect((await held(oid))?.quarantined_at).toBeNull();
    proxy.fault = () => null;
    await vi.waitFor(async () => expect(await comes(oid, hasty)).toBe(true), 60_000);
  });

  test('that gives other bytes, the object is not handed out whole, and is not there until it is sent again', async () => {
    const bytes = noise(3_000_000, 4);
    const oid = md5(bytes);
    expect((await push(bytes)).status).toBe(201);
    await writeFile(join(store.folder, 'x/files/md5', oid.slice(0, 2), oid.slice(2)), noise(3_000_000, 5));
    expect(await comes(oid)).toBe(false);
    expect((await fetch(at(oid))).status).toBe(404);
    expect((await push(bytes)).status).toBe(201);
    expect(await comes(oid)).toBe(true);
  });
});
