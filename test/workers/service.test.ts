import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { type Service, startService } from '../../src/service.ts';
import { newSpoolPath } from '../../src/store/objects/object-spool.ts';
import { type Database, openDatabase } from '../../src/store/postgres/db.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';

const ROLES = { http: true, workers: true };

let database: TestDatabase;
let db: Database;
let receiver: Receiver;
let data: string;
let service: Service | undefined;
beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase(database.url, 1);
  receiver = await startReceiver();
  data = await mkdtemp(join(tmpdir(), 'tidemark-service-'));
});
afterEach(() => service?.stop());
afterAll(async () => {
  await receiver.close();
  await db.close();
  await database.drop();
  await rm(data, { recursive: true, force: true });
});

async function start(environment: Readonly<Record<string, string>> = {}): Promise<Service> {
  const config = readConfig({
    DATABASE_URL: database.url,
    TIDEMARK_DATA: data,
    TIDEMARK_PORT: '0',
    TIDEMARK_WEBHOOK_ALLOW: '127.0.0.1',
    ...environment,
  });
  service = await startService(config, createLog('silent'), ROLES);
  return service;
}

type Told = { readonly status: number; readonly body: Record<string, unknown> };

async function ask(
  path: string,
  init: { json?: unknown; text?: string; type?: string; key?: string | null } = {},
): Promise<Told> {
  const sends = init.json !== undefined || init.text !== undefined;
  const response = await fetch(`http://127.0.0.1:${service?.port}${path}`, {
    method: sends ? 'POST' : 'GET',
    headers: {
      'content-type': init.json === undefined ? (init.type ?? 'text/csv') : 'application/json',
      ...(init.key ? { authorization: `Bearer ${init.key}` } : {}),
    },
    ...(sends ? { body: init.text ?? JSON.stringify(init.json) } : {}),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('a service', () => {
  it('on loopback with a new database starts open and fresh, and drains twice without harm', async () => {
    const old = newSpoolPath(join(data, 'tmp'));
    await mkdir(join(data, 'tmp'));
    await writeFile(old, 'a copy that another process may be reading');
    const { fresh, entry, stop } = await start();
    expect({ fresh, entry }).toEqual({ fresh: true, entry: { open: true, key: null } });
    expect(await ask('/v1/projects')).toMatchObject({ status: 200 });
    expect(await readdir(join(data, 'tmp'))).toHaveLength(1);
    await Promise.all([stop(), stop()]);
    await expect(ask('/livez')).rejects.toThrow();
  });

  it('starts though connections to its database break amid it', async () => {
    const { port, hostname } = new URL(database.url);
    // Each step of a start once: the clock, whether it is fresh, who is let in, what wakes the workers.
    const struck = [/clock_timestamp/, /"projects"/, /first key/, /listen "tidemark_jobs"/];
    const relay = createServer((client) => {
      const server = connect(Number(port), hostname);
      for (const [one, other] of [
        [client, server],
        [server, client],
      ] as const) {
        one.on('error', () => {});
        one.on('close', () => other.destroy());
      }
      client.on('data', (chunk) => {
        const step = struck.findIndex((text) => text.test(chunk.toString('latin1')));
        if (step < 0) server.write(chunk);
        else {
          struck.splice(step, 1);
          client.destroy();
        }
      });
      server.pipe(client);
    });
    relay.listen(0, '127.0.0.1');
    await once(relay, 'listening');
    const address = new URL(database.url);
    address.port = String((relay.address() as AddressInfo).port);
    expect((await start({ DATABASE_URL: address.href, TIDEMARK_DATA: join(data, 'broken') })).fresh).toBe(true);
    expect(struck).toEqual([]);
    expect(await ask('/v1/projects')).toMatchObject({ status: 200 });
    await service?.stop();
    relay.close();
  });

  it('is no more fresh in a second data directory than its database is', async () => {
    const second = join(data, 'second');
    expect((await start()).fresh).toBe(false);
    await ask('/v1/projects', { json: { name: 'demo' } });
    await service?.stop();
    expect((await start({ TIDEMARK_DATA: second })).fresh).toBe(false);
  });

  it('profiles what is pushed while no receiver of webhooks answers', async () => {
    await start();
    const held: ServerResponse[] = [];
    const hanging = Promise.withResolvers<void>();
    receiver.answers.push(
      ...Array.from({ length: 8 }, () => (response: ServerResponse) => {
        if (held.push(response) === 8) hanging.resolve();
      }),
    );
    for (let i = 0; i < 8; i++) {
      const made = await ask('/v1/webhooks', { json: { url: `${receiver.url}/${i}` } });
      expect(made.status).toBe(201);
      expect((await ask(`/v1/webhooks/${String(made.body.id)}/test`, { json: {} })).status).toBe(202);
    }
    await hanging.promise;
    expect((await ask('/v1/datasets/d/versions?path=a.csv', { text: 'a,b\n1,x\n2,y\n' })).status).toBe(201);
    const profile = async (): Promise<Told> => {
      const told = await ask('/v1/datasets/d/versions/v1/profile');
      return told.status === 202 ? profile() : told;
    };
    expect(await profile()).toMatchObject({ status: 200, body: { state: 'ready' } });
    expect(held).toHaveLength(8);
    for (const response of held) response.writeHead(204).end();
  });

  it('settles and profiles what one project sends while thousands of windows of another are judged', async () => {
    await start();
    const rows = 'x,prediction,label\n'.concat(
      ...Array.from({ length: 300 }, (_, i) => `${i % 17},${i % 2},${i % 2}\n`),
    );
    const record = (time: number) =>
      JSON.stringify({
        prediction_id: `p${time}`,
        timestamp: new Date(time).toISOString(),
        features: { x: (time / 1000) % 17 },
        prediction: 1,
      });
    const setUp = async (project: string, times: readonly number[]): Promise<string> => {
      await ask('/v1/projects', { json: { name: project } });
      const of = `?project=${project}`;
      await ask(`/v1/datasets/d/versions${of}&path=a.csv`, { text: rows });
      await ask(`/v1/models${of}`, { json: { name: 'm', task: 'binary', positive_label: '1' } });
      await ask(`/v1/models/m/versions${of}`, { json: { dataset: 'd', ref: 'v1' } });
      const sent = await ask(`/v1/models/m/predictions${of}`, {
        text: times.map(record).join('\n'),
        type: 'application/x-ndjson',
      });
      expect(sent.status).toBe(200);
      return String(sent.body.batch);
    };
    const from = Date.UTC(2026, 0, 5);
    await setUp(
      'busy',
      Array.from({ length: 3000 }, (_, i) => from + i * 60_000),
    );
    await ask('/v1/models/m/monitors?project=busy', { json: { name: 'each-minute', window: { length: 'PT1M' } } });
    const waiting = async (): Promise<number> => {
      const [row] = await db.sql<{ n: number }[]>`
        select count(*)::int as n from jobs where name = 'judge-window' and state = 'waiting'`;
      return row?.n ?? 0;
    };
    while ((await waiting()) < 2000);
    const batch = await setUp('quiet', [from]);
    const settled = async (): Promise<void> => {
      const told = await ask(`/v1/models/m/batches/${batch}?project=quiet`);
      if (told.body.state !== 'settled') await settled();
    };
    const profiled = async (): Promise<void> => {
      const told = await ask('/v1/datasets/d/versions/v1/profile?project=quiet');
      if (told.status === 202) await profiled();
    };
    await Promise.all([settled(), profiled()]);
    expect(await waiting()).toBeGreaterThan(0);
    // Nothing has a label, so nothing is to be measured.
    const measured = await db.sql`select 1 from jobs where name = 'measure-performance'`;
    expect(measured).toHaveLength(0);
    await service?.stop();
    await db.sql`delete from jobs`;
  });

  it('on an address that others reach is entered with the key that its first start makes', async () => {
    const { entry } = await start({ TIDEMARK_HOST: '0.0.0.0' });
    expect(entry).toEqual({ open: false, key: expect.stringMatching(/^tmk_/) });
    expect((await ask('/v1/projects')).status).toBe(401);
    expect((await ask('/v1/keys', { json: { name: 'mine', scopes: ['admin'] } })).status).toBe(401);
    expect((await ask('/v1/keys', { key: entry.key })).status).toBe(200);
    await service?.stop();
    expect((await start({ TIDEMARK_HOST: '0.0.0.0' })).entry).toEqual({ open: false, key: null });
  });

  it('says that its port is taken, and leaves nothing running', async () => {
    const { port } = await start();
    const config = readConfig({
      DATABASE_URL: database.url,
      TIDEMARK_DATA: join(data, 'third'),
      TIDEMARK_PORT: String(port),
    });
    await expect(startService(config, createLog('silent'), ROLES)).rejects.toMatchObject({ code: 'already-running' });
  });
});
