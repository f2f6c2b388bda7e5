import { settleBatches } from '../../../src/domain/log/settle/settle.ts';
import { profileVersion } from '../../../src/domain/profile/profile.ts';
import { createApp } from '../../../src/http/app.ts';
import { claimJob, completeJob } from '../../../src/store/jobs/jobs.ts';
import { findModel } from '../../../src/store/monitor/models.ts';
import { createTestContext, TEST_TIME, type TestContext } from '../../support/context.ts';
import { createTestDatabase } from '../../support/database.ts';

/** A service without a socket, and the calls that the log tests make of it. */
export type Ledger = Awaited<ReturnType<typeof openLedger>>;

export type Row = Record<string, unknown>;

/** A prediction that differs from others by its number alone. */
export const prediction = (n: number, over: Row = {}): Row => ({
  prediction_id: `p-${n}`,
  timestamp: new Date(TEST_TIME.getTime() - 3600_000 + n * 1000).toISOString(),
  features: { age: 20 + (n % 50), city: n % 2 === 0 ? 'Berlin' : 'Oslo' },
  prediction: n % 3 === 0 ? 1 : 0,
  scores: (n % 100) / 100,
  ...over,
});

export const predictions = (from: number, to: number): Row[] =>
  Array.from({ length: to - from }, (_, i) => prediction(from + i));

export const ndjson = (rows: readonly Row[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

export async function openLedger(overrides: Parameters<typeof createTestContext>[1] = {}) {
  const database = await createTestDatabase();
  const ctx: TestContext = await createTestContext(database.url, overrides);
  const app = createApp(ctx);
  const request = async (path: string, init: RequestInit = {}) => {
    const response = await app.request(path, init);
    const text = await response.text();
    const json =
      /json/.test(response.headers.get('content-type') ?? '') &&
      !/ndjson/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, text, body: json ? asRecord(JSON.parse(text)) : {} };
  };
  const post = (path: string, body: unknown) =>
    request(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  return {
    ctx,
    /** For answers that are no text. */
    fetch: (path: string) => app.request(path),
    request,
    post,
    model: async (name: string) => {
      await post('/v1/models', { name, task: 'binary', positive_label: '1' });
      return name;
    },
    send: (path: string, body: NonNullable<RequestInit['body']>, headers: Record<string, string> = {}) =>
      request(path, { method: 'POST', headers: { 'content-type': 'application/x-ndjson', ...headers }, body }),
    /** Reads what is in the training data that was pushed. */
    profile: async () => {
      const claim = () => claimJob(ctx.db, ['profile-version'], 60);
      for (let job = await claim(); job !== null; job = await claim()) {
        await profileVersion(ctx, job.payload as { versionId: number });
        await completeJob(ctx.db, job);
      }
    },
    settle: async (model: string) => settleBatches(ctx, { modelId: await modelId(ctx, model) }),
    counts: async (model: string) => (await request(`/v1/models/${model}/counts`)).body,
    close: async () => {
      await ctx.close();
      await database.drop();
    },
  };
}

export async function modelId(ctx: TestContext, name: string): Promise<number> {
  const model = await findModel(ctx.db, 1, name);
  if (model === null) throw new Error(`no model ${name}`);
  return model.id;
}

/** Answers of our own service are JSON objects. */
const asRecord = (value: unknown) => value as Record<string, unknown>;
