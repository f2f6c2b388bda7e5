import { Webhook } from 'standardwebhooks';
import type { JobName } from '../../../schemas/wire/jobs.ts';
import type { Context } from '../../../src/context.ts';
import { createApp } from '../../../src/http/app.ts';
import { claimJob, completeJob } from '../../../src/store/jobs/jobs.ts';
import { JOB_HANDLERS } from '../../../workers/jobs.ts';
import type { JobHandlers } from '../../../workers/loop.ts';
import { createTestContext, type TestContext } from '../../support/context.ts';
import { createTestDatabase } from '../../support/database.ts';
import { type Receiver, startReceiver } from '../../support/receiver.ts';
import { DAY, day, MODEL, makeRows, predictions, type Row, referenceCsv } from '../monitor/story.ts';

export { day, MODEL } from '../monitor/story.ts';

export type Event = { readonly id: string; readonly type: string; readonly data: Record<string, never> };

/** A model with a daily monitor, a real receiver and every job of the service, run by hand. */
export type Act = {
  readonly ctx: TestContext;
  readonly receiver: Receiver;
  readonly secret: string;
  readonly monitorId: number;
  readonly clock: { now: Date };
  readonly call: <T>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<Answer<T>>;
  /** One day's predictions with their labels; `shift` moves the income. */
  readonly logDay: (n: number, options?: { shift?: number; labels?: boolean; rows?: number }) => Promise<void>;
  /** Says that a day is complete, so that it is judged. */
  readonly closeDay: (n: number) => Promise<void>;
  /** Runs due jobs (all, or all but some) until none is left. */
  readonly drain: (except?: readonly JobName[], ctx?: Context) => Promise<void>;
  /** What the receiver got, each verified by the standardwebhooks package. */
  readonly events: () => Event[];
  readonly close: () => Promise<void>;
};

type Answer<T> = { readonly status: number; readonly body: T };

export type ActOptions = { readonly policy?: Readonly<Record<string, unknown>> | null; readonly project?: string };

/** Rows of a day; the label follows the score. */
export const dayRows = (n: number, shift = 0, rows = 300): Row[] => makeRows(rows, 100 + n, shift);

export async function startAct(options: ActOptions = {}): Promise<Act> {
  const database = await createTestDatabase();
  const receiver = await startReceiver();
  const clock = { now: new Date() };
  const environment = { TIDEMARK_WEBHOOK_ALLOW: '127.0.0.1' };
  const ctx = await createTestContext(database.url, { environment, now: () => clock.now });
  const app = createApp(ctx);
  const inProject: Record<string, string> =
    options.project === undefined ? {} : { 'tidemark-project': options.project };
  const call: Act['call'] = async <T>(method: string, path: string, body?: unknown, headers = {}) => {
    const raw = typeof body === 'string';
    const init: RequestInit = {
      method,
      headers: { 'content-type': raw ? 'application/x-ndjson' : 'application/json', ...inProject, ...headers },
    };
    if (body !== undefined) init.body = raw ? body : JSON.stringify(body);
    const response = await app.request(path, init);
    const text = await response.text();
    // Each test says what it expects of an answer, and fails where it is something else.
    return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as T };
  };
  const must = async <T>(...given: Parameters<typeof call>): Promise<T> => {
    const answer = await call<T>(...given);
    if (answer.status >= 300) throw new Error(`${given[0]} ${given[1]}: ${JSON.stringify(answer)}`);
    return answer.body;
  };
  const drain: Act['drain'] = async (except = [], on = ctx) => {
    const names = (Object.keys(JOB_HANDLERS) as JobName[]).filter((name) => !except.includes(name));
    for (;;) {
      const job = await claimJob(ctx.db, names, 60);
      if (job === null) return;
      const handle = JOB_HANDLERS[job.name] as JobHandlers[JobName];
      // The payload is what was enqueued under this very name.
      await handle(on, job.payload as never);
      await completeJob(ctx.db, job);
    }
  };
  const log = (kind: string, rows: readonly object[]) =>
    must('POST', `/v1/models/${MODEL}/${kind}`, rows.map((row) => JSON.stringify(row)).join('\n'));

  if (options.project !== undefined) {
    await must('POST', '/v1/projects', { name: options.project }, { 'tidemark-project': 'default' });
  }
  await must('POST', '/v1/datasets/credit/versions?path=train.csv', referenceCsv(makeRows(2000, 1)), {
    'content-type': 'text/csv',
  });
  await must('POST', '/v1/models', { name: MODEL, task: 'binary', positive_label: '1' });
  const roles = { prediction: 'prediction', score: 'score', label: 'defaulted' };
  await must('POST', `/v1/models/${MODEL}/versions`, { name: 'first', dataset: 'credit', ref: 'v1', roles });
  await drain();
  await must('POST', `/v1/models/${MODEL}/monitors`, { name: 'daily' });
  const { secret } = await must<{ secret: string }>('POST', '/v1/webhooks', {
    url: receiver.url,
    events: [
      'alert.firing',
      'alert.resolved',
      'retraining.requested',
      'retraining.succeeded',
      'retraining.failed',
      'model.promoted',
    ],
  });
  if (options.policy !== null) {
    const policy = { name: 'on-drift', model: MODEL, monitor: 'daily', minimum_labelled_rows: 100, ...options.policy };
    await must('POST', '/v1/policies', policy);
  }
  const rows = await ctx.sql<{ id: string }[]>`select id from monitors`;
  return {
    ctx,
    receiver,
    secret,
    monitorId: Number(rows[0]?.id),
    clock,
    call,
    drain,
    logDay: async (n, { shift = 0, labels = true, rows: count = 300 } = {}) => {
      const found = dayRows(n, shift, count);
      await log('predictions', predictions(found, { id: `d${n}`, from: day(n), to: day(n) + DAY }));
      if (!labels) return;
      await log(
        'labels',
        found.map(({ prediction }, i) => ({ prediction_id: `d${n}-${i}`, label: prediction })),
      );
    },
    closeDay: async (n) => {
      const through = new Date(day(n) + DAY + 3_600_000).toISOString();
      await must('POST', `/v1/models/${MODEL}/watermark`, { through });
    },
    events: () =>
      receiver.requests.map(
        ({ body, headers }) => new Webhook(secret).verify(body, headers as Record<string, string>) as Event,
      ),
    close: async () => {
      await receiver.close();
      await ctx.close();
      await database.drop();
    },
  };
}
