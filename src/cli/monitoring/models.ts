import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { modelVersionView, modelView, versionPromotionView } from '../../../schemas/wire/models.ts';
import { TidemarkError } from '../../errors.ts';
import type { Client } from '../client/client.ts';
import { printable, type Terminal, table } from '../terminal/terminal.ts';

// A newer service may say more than this client knows.
const model = z.looseObject(modelView.shape);
const version = z.looseObject(modelVersionView.shape);
const models = z.looseObject({ items: z.array(model) });
const versions = z.looseObject({ items: z.array(version) });

export type ModelFlags = {
  readonly task?: string;
  readonly positive?: string;
  readonly message?: string;
  readonly strict?: true;
};

export type BindFlags = { readonly name?: string; readonly roles?: string };

const addressOf = (name: string): string => `/v1/models/${encodeURIComponent(name)}`;

const lineOf = (row: z.output<typeof model>): string[] => [
  row.name,
  row.task,
  row.current_version ?? '–',
  row.watermark ?? 'nothing was logged',
];
const HEADER = ['MODEL', 'TASK', 'VERSION', 'EVENTS UP TO'];

/** Lists the models of the project. */
export async function listModels(client: Client, terminal: Terminal): Promise<void> {
  const { items } = await client.call(models, 'GET', '/v1/models');
  terminal.result({ items }, () => (items.length === 0 ? 'No model.' : table([HEADER, ...items.map(lineOf)])));
}

/** Shows one model with its versions. */
export async function showModel(client: Client, terminal: Terminal, name: string): Promise<void> {
  const found = await client.call(model, 'GET', addressOf(name));
  const { items } = await client.call(versions, 'GET', `${addressOf(name)}/versions`);
  terminal.result({ ...found, versions: items }, () =>
    [
      table([HEADER, lineOf(found)]),
      ...(items.length === 0 ? [] : ['', table([['VERSION', 'TRAINED ON', 'CURRENT'], ...items.map(versionLine)])]),
    ].join('\n'),
  );
}

const versionLine = (row: z.output<typeof version>): string[] => [
  row.name,
  `${row.dataset}@v${row.dataset_version}`,
  row.current ? 'yes' : '',
];

/** Makes a model; repeating it changes nothing. */
export async function createModel(client: Client, terminal: Terminal, name: string, flags: ModelFlags): Promise<void> {
  const { task, positive, message, strict } = flags;
  const json = { name, task, positive_label: positive, description: message, strict };
  const made = await client.call(model, 'POST', '/v1/models', { json });
  terminal.result(made, () => printable(`${made.name} is there.`));
}

/** Binds a model version to the dataset version that it was trained on. @throws TidemarkError `bad-request`. */
export async function bindModel(
  client: Client,
  terminal: Terminal,
  given: { readonly model: string; readonly dataset: string; readonly flags: BindFlags },
): Promise<void> {
  const { name, roles: file } = given.flags;
  const [dataset = '', ref = 'latest'] = given.dataset.split('@');
  const roles = file === undefined ? undefined : await readObject(file, 'the roles of columns');
  const made = await client.call(version, 'POST', `${addressOf(given.model)}/versions`, {
    json: { name, dataset, ref, roles },
  });
  terminal.result(made, () =>
    printable(`${made.model} ${made.name} was trained on ${made.dataset}@v${made.dataset_version}.`),
  );
}

const promotion = z.looseObject(versionPromotionView.shape).extend({ outcome: z.string() });

/** Puts a version of a model into service, whoever trained it. */
export async function promoteVersion(
  client: Client,
  terminal: Terminal,
  given: { readonly model: string; readonly version: string; readonly reason?: string | undefined },
): Promise<void> {
  const path = `${addressOf(given.model)}/versions/${encodeURIComponent(given.version)}/promote`;
  const done = await client.call(promotion, 'POST', path, { json: { reason: given.reason } });
  const already = done.outcome === 'unchanged' ? ' already' : '';
  terminal.result(done, () => printable(`${done.model} ${done.model_version} is in service${already}.`));
}

/** A file that holds one JSON object. @throws TidemarkError `bad-request`. */
export async function readObject(file: string, what: string): Promise<Record<string, unknown>> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    throw new TidemarkError('bad-request', `${file} is not a JSON object with ${what}.`);
  }
}

/** Says up to when predictions have come. A window closes once that is past its end by the lateness that is allowed. */
export async function setWatermark(client: Client, terminal: Terminal, name: string, through: string): Promise<void> {
  const shape = z.looseObject({ watermark: z.string() });
  const set = await client.call(shape, 'POST', `${addressOf(name)}/watermark`, { json: { through } });
  terminal.result(
    set,
    () =>
      `Events have been seen up to ${set.watermark}. Windows whose end lies before that by their lateness (an hour unless a monitor says otherwise) close.`,
  );
}
