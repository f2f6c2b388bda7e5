import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Client } from '../cli/client/client.ts';
import { rocAuc } from '../stats/performance/roc-auc.ts';
import { type CensusRow, readCensus } from './census.ts';
import { type EmploymentModel, train } from './employment-model.ts';
import { pushTraining } from './service-calls.ts';
import { trainingFile } from './training-file.ts';

/** The retraining pipeline at the other end of the webhook: pulls what the event names, trains, calls back. */

const requested = z.looseObject({
  run: z.string(),
  training: z.looseObject({ files: z.array(z.looseObject({ url: z.string() })), rows: z.int() }),
  callback: z.looseObject({ url: z.string(), token: z.string() }),
});

const answer = z.looseObject({ next_token: z.string().nullable() });

export type Retrained = {
  readonly run: string;
  readonly model: EmploymentModel;
  readonly name: string;
  readonly auc: number;
};

/** One retraining from its webhook to `succeeded`. `folder` takes the pulled file. */
export async function retrain(
  client: Client,
  event: Readonly<Record<string, unknown>>,
  given: { folder: string; name: string },
): Promise<Retrained> {
  const order = requested.parse(event);
  let token = order.callback.token;
  const report = async (body: Record<string, unknown>): Promise<void> => {
    const path = new URL(order.callback.url).pathname;
    const headers = { authorization: `Bearer ${token}`, 'idempotency-key': `${order.run}-${String(body.state)}` };
    const said = await client.call(answer, 'POST', path, { json: body, headers });
    token = said.next_token ?? token;
  };
  await report({ state: 'accepted', message: 'the demo pipeline took the order' });
  const rows = await fetchRows(client, order.training.files[0]?.url ?? '', given.folder);
  await report({ state: 'running', message: `training on ${rows.length} labelled rows` });
  const auc = holdOutAuc(rows);
  const model = train(rows);
  const metrics = { roc_auc: auc, rows: rows.length };
  // What the model was trained on, with what it says of it: production's predictions are compared with these.
  const file = await trainingFile(rows, model, join(given.folder, 'trained-on.parquet'));
  const trainedOn = await pushTraining(client, file, `what ${given.name} was trained on, by ${order.run}`);
  await report({ state: 'succeeded', metrics, model_version: { name: given.name, metrics, ...trainedOn } });
  return { run: order.run, model, name: given.name, auc };
}

async function fetchRows(client: Client, url: string, folder: string): Promise<CensusRow[]> {
  const { pathname, search } = new URL(url);
  const reply = await client.open('GET', pathname + search);
  const file = join(folder, 'retraining.parquet');
  await writeFile(file, await reply.bytes());
  return readCensus(file);
}

/** ROC AUC on every fifth row of a model that was trained on the others. */
export function holdOutAuc(rows: readonly CensusRow[]): number {
  const held = rows.filter((_, i) => i % 5 === 0);
  const model = train(rows.filter((_, i) => i % 5 !== 0));
  const labels = held.map((row) => row.employed);
  const scores = held.map((row) => model.score(row.features));
  return Math.round((rocAuc(labels, scores).value ?? 0) * 1e4) / 1e4;
}
