import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '../cli/client/client.ts';
import { PACKAGE_ROOT } from '../root.ts';
import { readCensus } from './census.ts';
import { type EmploymentModel, train } from './employment-model.ts';
import { type Delivery, startReceiver } from './receiver.ts';
import { holdOutAuc, retrain } from './retraining.ts';
import { close, firingAlerts, livingRuns, MODEL, pushTraining, send, setUp, waitFor } from './service-calls.ts';
import { type Chapter, chaptersOf } from './timeline.ts';
import { decide, trainingFile } from './training-file.ts';

/**
 * The demo's story, told through the public API. A model learns in 2015 who is employed; from 2017 on the survey
 * codes relationships differently, which the monitor sees, an alert reports and a retraining mends; at the turn
 * to 2018 a block of group quarters arrives on which the model really is worse.
 */
export type Narrator = { readonly say: (line: string) => void; readonly progress: (line: string) => void };

type Deployed = { readonly name: string; readonly model: EmploymentModel };

const CENSUS = join(PACKAGE_ROOT, 'src', 'demo', 'census');

export async function playStory(client: Client, narrator: Narrator, port: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-demo-'));
  const orders: Delivery[] = [];
  const receiver = await startReceiver(port, (delivery) => orders.push(delivery));
  try {
    let deployed = await prepare(client, narrator, { folder, receiver });
    const chapters = chaptersOf(await readCensus(join(CENSUS, 'production.parquet')));
    for (const [index, chapter] of chapters.entries()) {
      narrator.progress(
        `${index + 1} of ${chapters.length}  ${day(chapter.start)}  ${chapter.rows.length} predictions`,
      );
      await live(client, chapter, deployed);
      // The last window stays open, as the present does.
      if (index === chapters.length - 1) break;
      const verdict = await close(client, chapter);
      narrator.say(`${day(chapter.start)} – ${day(chapter.end)}  ${verdict.replaceAll('_', ' ')}  (${deployed.name})`);
      const promoted = await answerOrders(client, { narrator, orders, folder, from: chapter.end });
      deployed = promoted ?? deployed;
    }
    narrator.say(`firing now: ${(await firingAlerts(client)).join(', ') || 'nothing'}`);
  } finally {
    await receiver.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function prepare(
  client: Client,
  narrator: Narrator,
  given: { folder: string; receiver: { url: string; trust: (secret: string) => void } },
): Promise<Deployed> {
  const rows = await readCensus(join(CENSUS, 'training.parquet'));
  const model = train(rows);
  const auc = holdOutAuc(rows);
  narrator.say(`trained v1 on ${rows.length} rows of 2015, ROC AUC ${auc}`);
  const file = await trainingFile(rows, model, join(given.folder, 'training.parquet'));
  const trainedOn = await pushTraining(client, file, 'Massachusetts, survey of 2015, with what v1 says of it');
  given.receiver.trust(await setUp(client, { trainedOn, auc, receiver: given.receiver.url }));
  return { name: 'v1', model };
}

/** One window of production: predictions as they are asked for, labels after. */
async function live(client: Client, chapter: Chapter, deployed: Deployed): Promise<void> {
  const predictions = chapter.rows.map((row, i) => {
    const score = deployed.model.score(row.features);
    return {
      prediction_id: idOf(chapter, i),
      timestamp: new Date(row.askedAt ?? 0).toISOString(),
      model_version: deployed.name,
      features: row.features,
      prediction: decide(score),
      scores: score,
    };
  });
  await send(client, 'predictions', predictions);
  const labelled = new Date(chapter.end).toISOString();
  const labels = chapter.rows.map((row, i) => ({
    prediction_id: idOf(chapter, i),
    label: row.employed,
    timestamp: labelled,
  }));
  await send(client, 'labels', labels);
}

/** When an alert has started a run: takes the webhook, retrains, promotes. Null when nothing was asked for. */
async function answerOrders(
  client: Client,
  given: { narrator: Narrator; orders: Delivery[]; folder: string; from: number },
): Promise<Deployed | null> {
  const { narrator, orders, from } = given;
  await settled(client);
  if ((await livingRuns(client)).length === 0) return null;
  const order = await waitFor('the retraining webhook', async () => {
    const at = orders.findIndex((delivery) => delivery.type === 'retraining.requested');
    return at === -1 ? null : (orders.splice(at, 1)[0] ?? null);
  });
  const done = await retrain(client, order.data, { folder: given.folder, name: 'v2' });
  await client.send('POST', `/v1/runs/${done.run}/promote`, { json: { effective_from: new Date(from).toISOString() } });
  narrator.say(`alert → ${done.run} → retrained as ${done.name}, ROC AUC ${done.auc}, promoted from ${day(from)}`);
  return { name: done.name, model: done.model };
}

/** A verdict is public a moment before its alert has been thought over; the metrics say when nothing is left to do. */
async function settled(client: Client): Promise<void> {
  await waitFor(`${MODEL}'s jobs to finish`, async () => {
    const metrics = (await (await client.open('GET', '/metrics')).bytes()).toString('utf8');
    return /tidemark_jobs\{name="(evaluate-alert|judge-window|close-windows|settle-batches)"/.test(metrics)
      ? null
      : true;
  });
}

const idOf = (chapter: Chapter, i: number): string => `${day(chapter.start)}-${i}`;

const day = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, 10);
