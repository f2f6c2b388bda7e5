import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';
import { type ActServer, type Arrivals, openReceiver, until, withActServer } from './act-server.ts';
import type { BareLoad } from './bare-sender.ts';
import { ask, type Running, startService } from './child-process.ts';
import { call, callJson } from './http-client.ts';
import type { BenchOptions } from './main.ts';
import { interleave, median, medianRatio } from './measure.ts';
import type { BenchResult } from './report.ts';

const IN_FLIGHT = 4;

/** Webhooks: how many a second, how soon after a window is ready, and whether those that hang are in the way of others. */
export async function benchDelivery({ folder, quick }: BenchOptions): Promise<BenchResult[]> {
  const receiver = await openReceiver();
  try {
    const rate = await withActServer(`${folder}/rate`, (server) => benchRate(server, receiver, quick));
    const service = await startService(folder, { TIDEMARK_WEBHOOK_ALLOW: '127.0.0.1' });
    try {
      const soon = await benchLatency(service, receiver, quick ? 5 : 25);
      return [rate, soon, await benchHanging(service, receiver)];
    } finally {
      await service.end();
    }
  } finally {
    receiver.close();
  }
}

/** Messages that wait for one receiver: by the service, and by a bare loop on the same PostgreSQL. */
async function benchRate({ service, sql, beside }: ActServer, receiver: Arrivals, quick: boolean) {
  const count = quick ? 500 : 3000;
  const database = await beside('bare');
  const bare = postgres(database, { max: 1 });
  await bare`create table messages (id text primary key, body text not null, state text not null)`;
  const json = { url: `${receiver.url}/rate`, events: ['webhook.test'], max_in_flight: IN_FLIGHT };
  const { id: endpoint } = await callJson({ method: 'POST', url: `${service.url}/v1/webhooks`, json });
  const body = JSON.stringify({ type: 'window.judged', data: { text: 'x'.repeat(1000) } });
  const { ours, loop } = await interleave(
    {
      ours: async (round) => {
        await sql`
          insert into messages (id, project_id, endpoint_id, type, subject, body, state, attempts, next_attempt_at)
          select ${`msg_${round}_`} || n, 1, ${String(endpoint)}, 'window.judged', 'win_' || n, ${body}, 'pending', 0, now()
          from generate_series(1, ${count}) n`;
        const started = performance.now();
        await sql`with made as (insert into jobs (name, key, payload, run_at) values ('deliver-messages',
          ${`endpoint:${String(endpoint)}`}, ${sql.json({ endpointId: String(endpoint) })}, now() - interval '1 second')
          returning 1) select pg_notify('tidemark_jobs', 'deliver-messages 0') from made`;
        await until(async () => (await sql`select 1 from messages where state = 'pending' limit 1`).length === 0, 25);
        return performance.now() - started;
      },
      loop: async (round) => {
        await bare`insert into messages select ${`msg_${round}_`} || n, ${body}, 'pending' from generate_series(1, ${count}) n`;
        const load: BareLoad = { database, receiver: `${receiver.url}/rate`, inFlight: IN_FLIGHT };
        return ask<number>('bare-sender.ts', load);
      },
    },
    { rounds: quick ? 2 : 5 },
  );
  await bare.end();
  const result: BenchResult = {
    name: 'delivery rate',
    what: `bare undici loop with one commit each / deliveries, ${count} messages, ${IN_FLIGHT} under way`,
    unit: '×',
    value: medianRatio(loop, ours),
    aim: { at: 'least', value: 0.7 },
    figures: { 'messages/s': (count / ours.median) * 1000, 'bare messages/s': (count / loop.median) * 1000 },
  };
  return result;
}

const ROWS = 200;
const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 1);

const NDJSON = { 'content-type': 'application/x-ndjson' };

/** Rows of an hour, as they are logged; the income differs from row to row and not from hour to hour. */
const rowsOf = (hour: number): string =>
  Array.from({ length: ROWS }, (_, i) => {
    const timestamp = new Date(START + hour * HOUR + (i * HOUR) / ROWS).toISOString();
    const features = { income: (i * 7919) % 1000, plan: ['basic', 'plus', 'team'][i % 3] };
    return JSON.stringify({ prediction_id: `${hour}-${i}`, timestamp, features, prediction: i % 2 });
  }).join('\n');

/** From the row that makes a window ready to the signed request that says how it was judged. */
async function benchLatency(service: Running, receiver: Arrivals, windows: number): Promise<BenchResult> {
  await prepareModel(service.url, `${receiver.url}/judged`);
  const log = (body: string) =>
    call({ method: 'POST', url: `${service.url}/v1/models/churn/predictions`, headers: NDJSON, body });
  const waits: number[] = [];
  for (let hour = 0; hour <= windows; hour++) {
    await log(rowsOf(hour));
    // The first row beyond the window's end is the last that it waits for; nothing else is going on by then.
    await delay(3000);
    const arrived = receiver.next('/judged');
    const started = performance.now();
    const timestamp = new Date(START + (hour + 1) * HOUR).toISOString();
    await log(JSON.stringify({ prediction_id: `mark-${hour}`, timestamp, features: {}, prediction: 0 }));
    const taken = (await arrived) - started;
    // The first window finds the reference unread.
    if (hour > 0) waits.push(taken);
  }
  return {
    name: 'delivery latency',
    what: `median from the row that makes a window ready to the signed request, of ${windows} windows`,
    unit: 'ms',
    value: median(waits),
    aim: { at: 'most', value: 3000 },
    figures: { 'longest ms': Math.max(...waits), 'shortest ms': Math.min(...waits) },
  };
}

async function prepareModel(url: string, receiver: string): Promise<void> {
  const rows = Array.from(
    { length: 5000 },
    (_, i) => `${(i * 7919) % 1000},${['basic', 'plus', 'team'][i % 3]},${i % 2}`,
  );
  const body = ['income,plan,prediction', ...rows].join('\n');
  await call({ method: 'POST', url: `${url}/v1/datasets/churn/versions?path=train.csv`, body });
  const post = (path: string, json: unknown) => callJson({ method: 'POST', url: `${url}${path}`, json });
  await post('/v1/models', { name: 'churn', task: 'binary', positive_label: '1' });
  await post('/v1/models/churn/versions', { dataset: 'churn', ref: 'v1', roles: { prediction: 'prediction' } });
  await post('/v1/models/churn/monitors', { name: 'hourly', window: { length: 'PT1H' }, lateness: 0 });
  await post('/v1/webhooks', { url: receiver, events: ['window.judged'] });
}

const HANGING = 50;
const TESTS = 10;

/** A healthy receiver's messages one by one, alone and while fifty others hang. */
async function benchHanging(service: Running, receiver: Arrivals): Promise<BenchResult> {
  const post = (path: string, json: unknown) => callJson({ method: 'POST', url: `${service.url}${path}`, json });
  const register = async (path: string): Promise<string> =>
    String((await post('/v1/webhooks', { url: `${receiver.url}${path}`, events: ['endpoint.disabled'] })).id);
  const waitsOf = async (path: string): Promise<number[]> => {
    const id = await register(path);
    const waits: number[] = [];
    for (let i = 0; i < TESTS; i++) {
      const arrived = receiver.next(path);
      const started = performance.now();
      await post(`/v1/webhooks/${id}/test`, {});
      waits.push((await arrived) - started);
    }
    return waits;
  };
  await waitsOf('/warm-up');
  const alone = await waitsOf('/alone');
  const before = receiver.count();
  for (let i = 0; i < HANGING; i++) await post(`/v1/webhooks/${await register('/hang')}/test`, {});
  await until(async () => receiver.count() >= before + HANGING);
  const beside = await waitsOf('/beside');
  return {
    name: 'delivery beside',
    what: `a healthy receiver's latency while ${HANGING} others hang / alone`,
    unit: '×',
    value: median(beside) / median(alone),
    aim: { at: 'most', value: 1.5 },
    figures: { 'alone ms': median(alone), 'beside ms': median(beside) },
  };
}
