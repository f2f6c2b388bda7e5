import { z } from 'zod';
import type { Client } from '../cli/client/client.ts';
import { isTidemarkError, TidemarkError } from '../errors.ts';

/** The calls of the demo: each is one that anybody can make with `curl`. */

export const MODEL = 'employment';
const MONITOR = 'four-weeks';
const DATASET = 'census';

const anything = z.looseObject({});
const windowPage = z.looseObject({
  items: z.array(z.looseObject({ start: z.string(), state: z.string(), verdict: z.string().nullable() })),
});
const alertPage = z.looseObject({
  items: z.array(z.looseObject({ id: z.string(), state: z.string() })),
});
const runPage = z.looseObject({ items: z.array(z.looseObject({ id: z.string(), state: z.string() })) });

/** True when the project already holds the demo's model. */
export async function alreadyPlayed(client: Client): Promise<boolean> {
  try {
    await client.call(anything, 'GET', `/v1/models/${MODEL}`);
    return true;
  } catch (error) {
    if (isTidemarkError(error, 'not-found')) return false;
    throw error;
  }
}

export type TrainingData = { readonly dataset: string; readonly ref: string; readonly roles: Record<string, unknown> };

/** Pushes training data with a model's own predictions and tags it `training`. */
export async function pushTraining(client: Client, bytes: Uint8Array, message: string): Promise<TrainingData> {
  const version = await client.call(z.looseObject({ ref: z.string() }), 'POST', `/v1/datasets/${DATASET}/versions`, {
    query: { path: 'training.parquet', message },
    body: bytes,
    headers: { 'content-type': 'application/vnd.apache.parquet' },
  });
  await client.send('PUT', `/v1/datasets/${DATASET}/tags/training`, { json: { ref: version.ref } });
  const roles = { prediction: 'prediction', score: 'score', label: 'employed' };
  return { dataset: DATASET, ref: version.ref, roles };
}

export async function setUp(
  client: Client,
  given: { trainedOn: TrainingData; auc: number; receiver: string },
): Promise<string> {
  await client.call(anything, 'POST', '/v1/models', {
    json: { name: MODEL, task: 'binary', positive_label: '1', description: 'Is this person employed?' },
  });
  await client.call(anything, 'POST', `/v1/models/${MODEL}/versions`, {
    json: { name: 'v1', ...given.trainedOn, metrics: { roc_auc: given.auc } },
  });
  await client.call(anything, 'POST', `/v1/models/${MODEL}/monitors`, {
    json: { name: MONITOR, window: { length: 'P28D' }, alert: { fire_after: 2, resolve_after: 2 } },
  });
  const endpoint = await client.call(z.looseObject({ secret: z.string() }), 'POST', '/v1/webhooks', {
    json: {
      url: given.receiver,
      events: ['alert.firing', 'alert.resolved', 'retraining.requested'],
      description: "the demo's retraining pipeline",
    },
  });
  await client.call(anything, 'POST', '/v1/policies', {
    json: { name: 'retrain-on-drift', model: MODEL, monitor: MONITOR, on: 'alert', cooldown: 'P365D' },
  });
  return endpoint.secret;
}

export async function send(client: Client, kind: 'predictions' | 'labels', rows: readonly unknown[]): Promise<void> {
  const size = 1000;
  for (let i = 0; i < rows.length; i += size) {
    const body = rows
      .slice(i, i + size)
      .map((row) => JSON.stringify(row))
      .join('\n');
    await client.send('POST', `/v1/models/${MODEL}/${kind}`, {
      body,
      headers: { 'content-type': 'application/x-ndjson' },
    });
  }
}

/** Says that a window is complete and waits for its verdict. */
export async function close(client: Client, window: { start: number; end: number }): Promise<string> {
  // The default lateness of a monitor is an hour.
  const through = new Date(window.end + 3_600_000).toISOString();
  await client.send('POST', `/v1/models/${MODEL}/watermark`, { json: { through } });
  const start = new Date(window.start).toISOString();
  return waitFor(`the verdict on the window of ${start}`, async () => {
    const path = `/v1/models/${MODEL}/monitors/${MONITOR}/windows`;
    const page = await client.call(windowPage, 'GET', path, { query: { limit: '1000' } });
    const found = page.items.find((item) => Date.parse(item.start) === window.start);
    return found === undefined || !['judged', 'failed'].includes(found.state) ? null : (found.verdict ?? found.state);
  });
}

export async function firingAlerts(client: Client): Promise<string[]> {
  const page = await client.call(alertPage, 'GET', '/v1/alerts', { query: { state: 'firing' } });
  return page.items.map((item) => item.id);
}

export async function livingRuns(client: Client): Promise<string[]> {
  const page = await client.call(runPage, 'GET', '/v1/runs');
  const over = new Set(['failed', 'timed_out', 'cancelled', 'promoted']);
  return page.items.filter((item) => !over.has(item.state)).map((item) => item.id);
}

/** Asks until there is an answer. @throws TidemarkError `not-ready` after two minutes. */
export async function waitFor<T>(what: string, ask: () => Promise<T | null>): Promise<T> {
  const deadline = Date.now() + 120_000;
  for (let pause = 20; ; pause = Math.min(pause * 2, 500)) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (Date.now() > deadline)
      throw new TidemarkError('not-ready', `Waited two minutes for ${what}; is a worker running?`);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
