import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Api, createApi, type Json } from './api.ts';
import { CENSUS } from './census.ts';
import { type RunningService, until } from './service.ts';

/** The main job on the census data, and everything it leaves behind in a form that two runs can be compared by. */
export const MODEL = 'employment';
export const MONITOR = 'four-weeks';
const NDJSON = { 'content-type': 'application/x-ndjson' };

/** What the model was trained on, and the model. */
export async function setUpModel(api: Api): Promise<void> {
  const body = readFileSync(join(CENSUS, 'reference.parquet'));
  await api.post('/v1/datasets/census/versions?path=reference.parquet', body, {
    'content-type': 'application/octet-stream',
  });
  await api.post('/v1/models', { name: MODEL, task: 'binary', positive_label: '1' });
  const roles = {
    prediction: 'prediction',
    score: 'predicted_probability',
    label: 'employed',
    id: 'id',
    ignore: ['year'],
  };
  await api.post(`/v1/models/${MODEL}/versions`, { name: 'v1', dataset: 'census', ref: 'v1', roles });
}

export async function setUp(api: Api, receiver: string): Promise<void> {
  await setUpModel(api);
  await api.post(`/v1/models/${MODEL}/monitors`, { name: MONITOR, window: { length: 'P28D' } });
  await api.post('/v1/webhooks', { url: receiver, events: ['window.judged', 'alert.firing', 'alert.resolved'] });
}

/** Sends a batch under a key of its own, as a client that may have to send it again. */
export async function sendBatch(api: Api, kind: 'predictions' | 'labels', batch: { number: number; body: string }) {
  const headers = { ...NDJSON, 'idempotency-key': `${kind}-${batch.number}` };
  return api.post(`/v1/models/${MODEL}/${kind}`, batch.body, headers);
}

export async function sendAgain(api: Api, kind: 'predictions' | 'labels', body: string): Promise<void> {
  await api.post(`/v1/models/${MODEL}/${kind}`, body, NDJSON);
}

export async function closeAll(api: Api): Promise<void> {
  await api.post(`/v1/models/${MODEL}/watermark`, { through: '2019-02-01T00:00:00Z' });
}

/** Resolves when nothing is due or running any more. What is scheduled for a later day is not waited for. */
export async function quiet(service: Pick<RunningService, 'url'>, seconds = 240): Promise<void> {
  await until(
    'all jobs',
    async () => {
      const metrics = await (await fetch(`${service.url}/metrics`)).text();
      const waiting = metrics
        .split('\n')
        .filter(
          (line) =>
            line.startsWith('tidemark_jobs{') && !line.includes('sweep-storage') && !line.includes('state="scheduled"'),
        );
      return waiting.length === 0 ? true : null;
    },
    seconds,
    // Asked twenty times a second for as long as the jobs take, the service would spend a tenth of a core on the answers.
    (waited) => Math.min(1000, Math.max(50, waited / 20)),
  );
}

type Window = { start: string; state: string; verdict: string; rows: number; revision: number; report: string | null };

type Alert = {
  id: string;
  target: string;
  state: string;
  from: string;
  through: string;
  streak: number;
  fired_at: string | null;
};

/**
 * While labels still come, a window can look worse than it will have been: whether an alert is begun on that, even fires,
 * and has ended once all of them are there, depends on when it was looked at. What lives on does not.
 */
export const outlastsTheOrderOfLabels = (alert: Pick<Alert, 'target' | 'state' | 'fired_at'>): boolean =>
  alert.state !== 'resolved' || (alert.fired_at !== null && alert.target !== 'performance');

/** What the run has come to, without ids and clocks: equal for equal input. */
export async function outcome(service: RunningService): Promise<Json> {
  const api = createApi(service.url);
  const base = `/v1/models/${MODEL}/monitors/${MONITOR}`;
  const { items } = await api.get<{ items: Window[] }>(`${base}/windows?limit=1000`);
  const reports: Json = Object.fromEntries(
    await Promise.all(
      items
        .filter((window) => window.report !== null)
        .map(async (window) => [window.start, (await api.get<{ body: Json }>(`/v1/reports/${window.report}`)).body]),
    ),
  );
  const { batches: _, ...counts } = await api.get(`/v1/models/${MODEL}/counts`);
  const told = (await api.get<{ items: Alert[] }>('/v1/alerts?limit=1000')).items;
  const alerts = told.filter(outlastsTheOrderOfLabels);
  const passing = new Set(told.filter((alert) => !alerts.includes(alert)).map(({ id }) => id));
  return {
    counts,
    windows: items.map(({ start, state, verdict, rows, revision }) => ({ start, state, verdict, rows, revision })),
    reports,
    messages: await messagesOf(api, passing),
    alerts: alerts.map(({ state, from, through, streak }) => ({ state, from, through, streak })),
  };
}

type Message = { type: string; state: string; body: { data: Readonly<Record<string, Json>> } };

/**
 * The messages that were made, but for those about `passing` alerts, in the order of what they say: two runs may make them
 * in different orders.
 */
async function messagesOf(api: Api, passing: ReadonlySet<string>): Promise<Json> {
  const webhooks = await api.get<{ items: { id: string }[] }>('/v1/webhooks');
  const told: string[] = [];
  for (const { id } of webhooks.items) {
    for (let cursor = ''; ; ) {
      const path = `/v1/webhooks/${id}/messages?limit=100${cursor}`;
      const page = await api.get<{ items: { id: string }[]; next: string | null }>(path);
      for (const message of page.items) {
        const { type, state, body } = await api.get<Message>(`/v1/messages/${message.id}`);
        // Ids and addresses differ from run to run.
        const { links: _, report: __, alert, ...data } = body.data;
        if (typeof alert === 'string' && passing.has(alert)) continue;
        told.push(JSON.stringify({ type, state, data }));
      }
      if (page.next === null) break;
      cursor = `&cursor=${encodeURIComponent(page.next)}`;
    }
  }
  return Object.fromEntries(told.toSorted().map((text, i) => [i, JSON.parse(text)]));
}

/** Where two outcomes differ, by JSON pointer; empty when they are equal to the last digit. */
export function differences(a: unknown, b: unknown, pointer = ''): string[] {
  if (isObject(a) && isObject(b)) {
    const names = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...names].flatMap((name) => differences(a[name], b[name], `${pointer}/${name}`));
  }
  return Object.is(a, b) ? [] : [`${pointer}: ${JSON.stringify(a)} | ${JSON.stringify(b)}`];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
