import { expect } from 'vitest';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { line, md5 } from './bad-requests.ts';
import { quiet } from './main-job.ts';
import { type RawAnswer, type RawRequest, send } from './raw-http.ts';
import { type RunningService, removeFolder, startService, until } from './service.ts';

/** A service with a little of everything in it, and eyes on all of it. */
export type Stage = {
  readonly service: RunningService;
  readonly receiver: Receiver;
  /** The Authorization header of the operator. */
  readonly authorization: string;
  /** Sends with the operator's key unless another Authorization is given. */
  readonly ask: (given: RawRequest) => Promise<RawAnswer>;
  readonly must: (method: string, path: string, body?: unknown) => Promise<Readonly<Record<string, unknown>>>;
  /** Everything that a request could have changed. */
  readonly state: () => Promise<unknown>;
  readonly close: () => Promise<void>;
};

const LISTS = [
  '/v1/projects',
  '/v1/datasets',
  '/v1/datasets/d/versions',
  '/v1/datasets/d/tags',
  '/v1/models',
  '/v1/models/m/versions',
  '/v1/models/m/counts',
  '/v1/models/m/batches',
  '/v1/monitors',
  '/v1/models/m/monitors/daily/revisions',
  '/v1/models/m/monitors/daily/windows',
  '/v1/webhooks',
  '/v1/policies',
  '/v1/runs',
  '/v1/alerts',
];

export async function setStage(): Promise<Stage> {
  const receiver = await startReceiver();
  const env = {
    TIDEMARK_WEBHOOK_ALLOW: new URL(receiver.url).host,
    TIDEMARK_MAX_BATCH_BYTES: String(64 * 1024 ** 2),
    TIDEMARK_LOG_LEVEL: 'error',
  };
  const service = await startService({ env });
  let authorization = '';
  const ask = (given: RawRequest) =>
    send(service.port, { ...given, headers: { ...(authorization === '' ? {} : { authorization }), ...given.headers } });
  const must = async (method: string, path: string, body?: unknown) => {
    const headers =
      typeof body === 'string' ? { 'content-type': 'application/x-ndjson' } : { 'content-type': 'application/json' };
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await ask({ method, path, ...(body === undefined ? {} : { body: text, headers }) });
    expect(answer.status, `${method} ${path}: ${answer.text}`).toBeLessThan(300);
    return answer.json ?? {};
  };
  const issued = await must('POST', '/v1/keys', { name: 'operator', scopes: ['admin'] });
  authorization = `Bearer ${String(issued.key)}`;
  await fill(must, receiver);
  // What a verdict sets going changes the state too.
  await quiet(service);
  const state = async () => Promise.all(LISTS.map((path) => must('GET', path)));
  return {
    ...{ service, receiver, authorization, ask, must, state },
    close: async () => {
      await service.end();
      await receiver.close();
      removeFolder(service.data);
    },
  };
}

async function fill(must: Stage['must'], receiver: Receiver): Promise<void> {
  const rows = Array.from(
    { length: 400 },
    (_, i) => `${20 + (i % 45)},${i % 2 === 0 ? 'basic' : 'plus'},${i % 2},0.${i % 10}`,
  );
  await must('POST', '/v1/datasets/d/versions?path=rows.csv', `age,plan,label,score\n${rows.join('\n')}\n`);
  await must('PUT', `/v1/objects/${md5('held')}`, 'held');
  await until('the profile', async () => {
    const profile = await must('GET', '/v1/datasets/d/versions/v1/profile');
    return profile.state === 'ready' ? profile : null;
  });
  await must('POST', '/v1/models', { name: 'm', task: 'binary', positive_label: '1' });
  await must('POST', '/v1/models/m/versions', { dataset: 'd', ref: 'v1', roles: { label: 'label', score: 'score' } });
  await must('POST', '/v1/models/m/monitors', { name: 'daily' });
  await must('POST', '/v1/webhooks', { url: receiver.url, events: ['retraining.requested'] });
  await must('POST', '/v1/policies', { name: 'p', model: 'm', monitor: 'daily', minimum_labelled_rows: 10 });
  const ids = Array.from({ length: 50 }, (_, i) => `good-${i}`);
  await must('POST', '/v1/models/m/predictions', ids.map((id) => line(id)).join(''));
  await must('POST', '/v1/models/m/labels', ids.map((id) => `{"prediction_id":"${id}","label":1}`).join('\n'));
  await must('POST', '/v1/models/m/watermark', { through: '2026-01-05T00:00:00Z' });
  await until('the verdicts', async () => {
    const { items } = await must('GET', '/v1/models/m/monitors/daily/windows');
    // The list of windows, by the wire shape.
    const windows = items as { state: string; rows: number; performance: unknown; estimate: unknown }[];
    const done = windows.every(
      ({ state, rows, performance, estimate }) =>
        state === 'judged' && (rows === 0 || (performance !== null && estimate !== null)),
    );
    return done && windows.some(({ rows }) => rows > 0) ? windows : null;
  });
}
