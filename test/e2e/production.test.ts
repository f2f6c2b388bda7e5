import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { freePort } from '../support/free-port.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type S3Server, startVersitygw } from '../support/versitygw.ts';
import { type Api, createApi, type Json } from './api.ts';
import { differences, outlastsTheOrderOfLabels, quiet } from './main-job.ts';
import { makeFolder, ROOT, type RunningService, removeFolder, startService, until } from './service.ts';

/** The main job in small on a PostgreSQL and an S3 server, with a worker of its own, against the embedded parts. */
const versitygw = process.env.VERSITYGW;

if (versitygw === undefined) console.warn('VERSITYGW is not set: the service is not run on PostgreSQL and S3.');

const HOURS = 60;
const ROWS = 80;
const NDJSON = { 'content-type': 'application/x-ndjson' };
const MONITOR = '/v1/models/churn/monitors/hourly';

/** Rows that differ from hour to hour as the digits of their numbers do; `shift` moves the age. */
function rowsOf(hour: number, shift: number) {
  return Array.from({ length: ROWS }, (_, i) => {
    const step = hour * ROWS + i;
    const score = ((step * 37) % 101) / 101;
    return { age: 20 + ((step * 7) % 47) + shift, plan: ['basic', 'plus', 'team'][(step * 5) % 3], score };
  });
}

const TRAINING = [
  'age,plan,label,prediction,score',
  ...Array.from({ length: 20 }, (_, hour) => rowsOf(hour, 0))
    .flat()
    .map(({ age, plan, score }, i) => `${age},${plan},${i % 2},${score > 0.5 ? 1 : 0},${score}`),
].join('\n');

/** From the push to everything logged; the last third of the hours is older by 15 years. */
async function play(api: Api, receiver: string): Promise<void> {
  await api.post('/v1/datasets/churn/versions?path=train.csv', TRAINING);
  await api.post('/v1/models', { name: 'churn', task: 'binary', positive_label: '1' });
  const roles = { prediction: 'prediction', score: 'score', label: 'label' };
  await api.post('/v1/models/churn/versions', { name: 'v1', dataset: 'churn', ref: 'v1', roles });
  // Nothing is judged before the last row has come: then all of it is to be done at once.
  const monitor = { name: 'hourly', window: { length: 'PT1H' }, lateness: 'P10D', idle_after: 'P10D' };
  await api.post('/v1/models/churn/monitors', { ...monitor, minimum_rows: 30 });
  await api.post('/v1/webhooks', { url: receiver, events: ['alert.firing'] });
  for (let hour = 0; hour < HOURS; hour++) {
    const rows = rowsOf(hour, hour < (HOURS * 2) / 3 ? 0 : 15);
    const lines = rows.map(({ age, plan, score }, i) => {
      const timestamp = new Date(Date.UTC(2026, 0, 1, hour, 0, i * 40)).toISOString();
      const features = { age, plan };
      return { prediction_id: `${hour}-${i}`, timestamp, features, prediction: score > 0.5 ? 1 : 0, scores: score };
    });
    await api.post('/v1/models/churn/predictions', lines.map((line) => JSON.stringify(line)).join('\n'), NDJSON);
    const labels = lines.map(({ prediction_id }, i) => JSON.stringify({ prediction_id, label: i % 2 }));
    await api.post('/v1/models/churn/labels', labels.join('\n'), NDJSON);
  }
}

/** The end of the last hour, and the lateness. */
const closeAll = (api: Api) => api.post('/v1/models/churn/watermark', { through: '2026-01-13T12:00:00Z' });

type Window = { start: string; state: string; verdict: string; rows: number; report: string | null };
type Alert = { target: string; state: string; from: string; streak: number; fired_at: string | null };

/** Verdicts, reports and alerts, without ids and clocks. */
async function outcome(api: Api): Promise<Json> {
  const { items } = await api.get<{ items: Window[] }>(`${MONITOR}/windows?limit=1000`);
  const alerts = (await api.get<{ items: Alert[] }>('/v1/alerts')).items.filter(outlastsTheOrderOfLabels);
  const reports = await Promise.all(
    items
      .filter(({ report }) => report !== null)
      .map(async ({ report }) => (await api.get<{ body: Json }>(`/v1/reports/${report}`)).body),
  );
  const { batches: _, ...counts } = await api.get('/v1/models/churn/counts');
  return {
    ...{ counts, reports },
    windows: items.map(({ start, state, verdict, rows }) => ({ start, state, verdict, rows })),
    alerts: alerts.map(({ state, from, streak }) => ({ state, from, streak })),
  };
}

describe.skipIf(versitygw === undefined)(
  'on PostgreSQL and S3, with a worker beside (skipped without VERSITYGW)',
  () => {
    let database: TestDatabase;
    let s3: S3Server;
    let receiver: Receiver;
    let folder: string;
    let env: Record<string, string>;
    const closers: (() => Promise<unknown>)[] = [];

    beforeAll(async () => {
      database = await createTestDatabase();
      s3 = await startVersitygw(versitygw ?? '');
      receiver = await startReceiver();
      folder = makeFolder('production');
      env = {
        DATABASE_URL: database.url,
        TIDEMARK_REMOTE: `s3://${s3.bucket}/some/prefix`,
        TIDEMARK_SECRET_KEY: 'the key of every process of this installation',
        TIDEMARK_WEBHOOK_ALLOW: new URL(receiver.url).host,
        AWS_ENDPOINT_URL: s3.endpoint,
        AWS_ACCESS_KEY_ID: s3.accessKey,
        AWS_SECRET_ACCESS_KEY: s3.secretKey,
        AWS_REGION: 'us-east-1',
      };
    });
    afterAll(async () => {
      for (const close of closers.reverse()) await close();
      await receiver.close();
      await s3.stop();
      await database.drop();
      removeFolder(folder);
    });

    async function serve(name: string, given: Record<string, string>): Promise<RunningService> {
      const service = await startService({ data: join(folder, name), env: given });
      closers.push(() => service.end());
      return service;
    }

    /** `tidemark worker` with folders of its own, as on another machine. */
    async function startWorker(name: string): Promise<() => Promise<unknown>> {
      const own = { TIDEMARK_DATA: join(folder, name), TIDEMARK_PORT: String(await freePort()) };
      const child = spawn(process.execPath, [join(ROOT, 'dist', 'src', 'cli.js'), 'worker'], {
        env: { ...process.env, ...env, ...own, TIDEMARK_LOG_LEVEL: 'warn' },
        stdio: ['ignore', 'inherit', 'pipe'],
      });
      const exited = once(child, 'exit');
      const running = new Promise<void>((resolve, reject) => {
        createInterface({ input: child.stderr }).on('line', (line) => {
          if (line.includes('worker is running')) resolve();
        });
        void exited.then(([code]) => reject(new Error(`the worker ended with ${code}`)));
      });
      await running;
      const end = async () => {
        child.kill('SIGTERM');
        const [code] = await exited;
        return code;
      };
      closers.push(() => (child.exitCode === null ? end() : Promise.resolve()));
      return end;
    }

    let expected: Json;
    let service: RunningService;
    let endWorker: () => Promise<unknown>;

    const judged = async (): Promise<number> => {
      const sql = postgres(database.url, { max: 1, onnotice: () => {} });
      const [row] = await sql<{ count: number }[]>`select count(*)::int as count from windows where state = 'judged'`;
      await sql.end();
      return row?.count ?? 0;
    };

    test('the embedded parts say what is to come out', async () => {
      const embedded = await serve('embedded', { TIDEMARK_WEBHOOK_ALLOW: new URL(receiver.url).host });
      await play(createApi(embedded.url), receiver.url);
      await closeAll(createApi(embedded.url));
      await quiet(embedded);
      expected = await outcome(createApi(embedded.url));
      expect(expected).toMatchObject({ counts: { accepted: HOURS * ROWS, labelled: HOURS * ROWS, rejected: 0 } });
      expect(expected.windows).toHaveLength(HOURS);
      expect(expected.alerts).toMatchObject([{ state: 'firing', from: expect.stringContaining('2026-01-02T16') }]);
      await embedded.end();
    });

    /** Has every other window wait to be judged. @returns what lets them be. */
    async function holdBack(): Promise<() => Promise<void>> {
      const sql = postgres(database.url, { max: 1, onnotice: () => {} });
      await sql.unsafe(`create function hold_back() returns trigger language plpgsql as $$ begin
        new.run_at := new.run_at + interval '1 hour';
        return new;
      end $$`);
      await sql.unsafe(`create trigger hold_back before insert on jobs for each row
        when (new.name = 'judge-window' and (new.payload->>'windowId')::int % 2 = 0) execute function hold_back()`);
      return async () => {
        await sql`drop function hold_back() cascade`;
        await sql`update jobs set run_at = now() - interval '1 second' where name = 'judge-window' and state = 'waiting'`;
        await sql.end();
      };
    }

    test('a service that ends leaves its work to the worker', async () => {
      service = await serve('first', env);
      endWorker = await startWorker('worker');
      expect(existsSync(join(folder, 'first', 'postgres'))).toBe(false);
      await play(createApi(service.url), receiver.url);
      const letGo = await holdBack();
      await closeAll(createApi(service.url));
      expect(await service.end()).toBe(0);
      expect(await judged()).toBeLessThan(HOURS);
      await letGo();
      await until('the worker to judge what is left', async () => ((await judged()) === HOURS ? true : null));
    });

    test('another service on the same database and bucket finds the very same outcome', async () => {
      service = await serve('second', env);
      await quiet(service);
      expect(differences(expected, await outcome(createApi(service.url))).slice(0, 20)).toEqual([]);
      const fired = receiver.requests.filter(({ body }) => body.includes('"alert.firing"'));
      // One of the embedded run, one of this one, each told at least once.
      expect(new Set(fired.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
    });

    test('bytes come from the bucket, and a report is computed again from them', async () => {
      expect(readdirSync(join(s3.folder, 'some', 'prefix', 'files', 'md5')).length).toBeGreaterThan(20);
      expect(existsSync(join(folder, 'second', 'remote'))).toBe(false);
      const pulled = await fetch(`${service.url}/v1/datasets/churn/versions/v1/files/train.csv`);
      expect(await pulled.text()).toBe(TRAINING);
      const api = createApi(service.url);
      const { items } = await api.get<{ items: Window[] }>(`${MONITOR}/windows?limit=1000`);
      const drifted = items.find((window) => window.verdict === 'drift');
      expect(await api.post(`/v1/reports/${drifted?.report}/replay`, '')).toMatchObject({ agrees: true });
      expect(await endWorker()).toBe(0);
      expect(await service.end()).toBe(0);
    });
  },
);
