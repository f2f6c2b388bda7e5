import type { JobName } from '../../../schemas/wire/jobs.ts';
import { createApp } from '../../../src/http/app.ts';
import { claimJob, completeJob } from '../../../src/store/jobs/jobs.ts';
import type { ObjectRemote } from '../../../src/store/remotes/remote.ts';
import { createMemoryRemote, type MemoryRemote } from '../../../src/store/remotes/remote-memory.ts';
import { JOB_HANDLERS } from '../../../workers/jobs.ts';
import { createTestContext, type TestContext } from '../../support/context.ts';
import { createTestDatabase } from '../../support/database.ts';

/** A model with its reference and its log, told through the routes, and the jobs run by hand until all is quiet. */
export type Story = {
  readonly ctx: TestContext;
  readonly remote: MemoryRemote;
  /** Of the database. */
  readonly url: string;
  readonly call: Call;
  /** Sends predictions or labels as NDJSON. */
  readonly log: (kind: 'predictions' | 'labels', rows: readonly object[]) => Promise<void>;
  /** Runs jobs of these names (all that lead to a verdict when absent) until none is due. */
  readonly drain: (names?: readonly JobName[]) => Promise<void>;
  readonly windows: (monitor?: string) => Promise<WindowAnswer[]>;
  readonly close: () => Promise<void>;
};

type Reply<T> = { readonly status: number; readonly body: T; readonly headers: Headers };
type Call = <T = Problem>(
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Reply<T>>;

type Problem = {
  readonly type: string;
  readonly detail: string;
  readonly errors?: readonly { readonly code: string; readonly pointer?: string }[];
};

type WindowAnswer = {
  readonly start: string;
  readonly end: string;
  readonly state: string;
  readonly verdict: string | null;
  readonly revision: number;
  readonly rows: number;
  readonly report: string | null;
  readonly drifted_columns: readonly string[];
  readonly performance: {
    readonly labelled: number;
    readonly metrics: Record<string, { value: number | null }>;
  } | null;
  readonly error: { readonly code: string; readonly message: string } | null;
};

const VERDICT_JOBS: readonly JobName[] = [
  'profile-version',
  'settle-batches',
  'close-windows',
  'calibrate-monitor',
  'calibrate-adopted',
  'judge-window',
  'measure-performance',
  'estimate-performance',
];

export const MODEL = 'credit';

/** @param given objects that other processes reach, instead of those in memory. */
export async function startStory(given: { readonly remote?: ObjectRemote } = {}): Promise<Story> {
  const database = await createTestDatabase();
  const remote = createMemoryRemote();
  const ctx = await createTestContext(database.url, { remote: given.remote ?? remote, now: () => new Date() });
  const app = createApp(ctx);

  const call: Call = async <T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const raw = typeof body === 'string';
    const type = raw ? 'application/x-ndjson' : 'application/json';
    const init: RequestInit = { method, headers: { 'content-type': type, ...headers } };
    if (body !== undefined) init.body = raw ? body : JSON.stringify(body);
    const response = await app.request(path, init);
    const text = await response.text();
    // Each test says what it expects of an answer, and fails where it is something else.
    const answer = (text === '' ? {} : JSON.parse(text)) as T;
    return { status: response.status, body: answer, headers: response.headers };
  };

  return {
    ctx,
    remote,
    url: database.url,
    call,
    log: async (kind, rows) => {
      const reply = await call(
        'POST',
        `/v1/models/${MODEL}/${kind}`,
        rows.map((row) => JSON.stringify(row)).join('\n'),
      );
      if (reply.status >= 300) throw new Error(`logging answered ${reply.status}: ${JSON.stringify(reply.body)}`);
    },
    drain: async (names = VERDICT_JOBS) => {
      for (;;) {
        const job = await claimJob(ctx.db, names, 60);
        if (job === null) return;
        // Payloads are what the enqueuing side put there under this very name.
        const handle = JOB_HANDLERS[job.name] as (context: TestContext, payload: unknown) => Promise<void>;
        await handle(ctx, job.payload);
        await completeJob(ctx.db, job);
      }
    },
    windows: async (monitor = 'daily') => {
      const path = `/v1/models/${MODEL}/monitors/${monitor}/windows?limit=1000`;
      return (await call<{ items: WindowAnswer[] }>('GET', path)).body.items;
    },
    close: async () => {
      await ctx.close();
      await database.drop();
    },
  };
}

/** Numbers from a seed, uniform in [0, 1): mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type Row = {
  readonly income: number;
  readonly age: number | null;
  readonly region: string;
  readonly prediction: number;
  readonly score: number;
};

/** Rows of a made-up credit model; `shift` moves income by that many deviations. */
export function makeRows(count: number, seed: number, shift = 0): Row[] {
  const random = seeded(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Array.from({ length: count }, () => {
    const income = 1000 + 100 * (normal() + shift);
    const score = random();
    return {
      income,
      age: random() < 0.05 ? null : Math.floor(20 + 50 * random()),
      region: ['north', 'south', 'east'][Math.floor(3 * random() ** 1.5)] ?? 'east',
      prediction: score > 0.5 ? 1 : 0,
      score,
    };
  });
}

export const REFERENCE_COLUMNS = ['income', 'age', 'region', 'prediction', 'score', 'defaulted'] as const;

/** The reference as CSV; its label agrees with the score most of the time. */
export function referenceCsv(rows: readonly Row[]): string {
  const lines = rows.map(({ income, age, region, prediction, score }) =>
    [income, age ?? '', region, prediction, score, prediction].join(','),
  );
  return [REFERENCE_COLUMNS.join(','), ...lines, ''].join('\n');
}

/** The rows as logged predictions, spread evenly over a span of event time. */
export function predictions(rows: readonly Row[], span: { id: string; from: number; to: number }): object[] {
  const step = (span.to - span.from) / rows.length;
  return rows.map(({ income, age, region, prediction, score }, i) => ({
    prediction_id: `${span.id}-${i}`,
    timestamp: new Date(Math.floor(span.from + i * step)).toISOString(),
    features: { income, age, region },
    prediction,
    scores: score,
  }));
}

export const DAY = 86_400_000;
const FIRST_DAY = Date.UTC(2026, 0, 5);

/** Start of the day `n` days after the story begins. */
export const day = (n: number): number => FIRST_DAY + n * DAY;

/** Pushes the reference, makes the model and binds its version. */
export async function setUp(story: Story, reference: readonly Row[]): Promise<void> {
  const pushed = await story.call('POST', '/v1/datasets/credit/versions?path=train.csv', referenceCsv(reference), {
    'content-type': 'text/csv',
  });
  if (pushed.status !== 201) throw new Error(`the push answered ${pushed.status}: ${JSON.stringify(pushed.body)}`);
  await story.call('POST', '/v1/models', { name: MODEL, task: 'binary', positive_label: '1' });
  const bound = await story.call('POST', `/v1/models/${MODEL}/versions`, {
    dataset: 'credit',
    ref: 'v1',
    roles: { prediction: 'prediction', score: 'score', label: 'defaulted' },
  });
  if (bound.status !== 201) throw new Error(`binding answered ${bound.status}: ${JSON.stringify(bound.body)}`);
}
