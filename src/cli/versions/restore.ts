import { z } from 'zod';
import { TidemarkError } from '../../errors.ts';
import type { Client } from '../client/client.ts';
import { pointInTime } from '../terminal/point-in-time.ts';
import { bytes, type Terminal, table } from '../terminal/terminal.ts';

const stay = { trashed_at: z.string(), restorable_until: z.string() };
const versionsShape = z.looseObject({
  items: z.array(z.looseObject({ dataset: z.string(), ref: z.string(), bytes: z.int(), ...stay })),
});
const objectsShape = z.looseObject({ items: z.array(z.looseObject({ oid: z.string(), size: z.int(), ...stay })) });

const versionShape = z.looseObject({ dataset: z.string(), ref: z.string(), oid: z.string() });
const objectShape = z.looseObject({ oid: z.string(), size: z.int() });

const OID = /^[0-9a-f]{32}(?:\.dir)?$/;

const datasetShape = z.looseObject({ dataset: z.string(), versions: z.int() });

/** Takes a version, an object or a deleted dataset out of the trash, or lists what is in it. */
export async function restore(
  client: Client,
  terminal: Terminal,
  target: string | undefined,
  options: { readonly dataset: boolean },
): Promise<void> {
  if (target === undefined) return list(client, terminal);
  if (options.dataset) {
    const back = await client.call(datasetShape, 'POST', `/v1/datasets/${encodeURIComponent(target)}/restore`);
    return terminal.result(back, () => `${back.dataset} is there (versions that came back: ${back.versions})`);
  }
  if (OID.test(target)) {
    const object = await client.call(objectShape, 'POST', `/v1/objects/${target}/restore`);
    return terminal.result(object, () => `${object.oid} is held again`);
  }
  const [, dataset = '', ref = ''] = /^(.+)@(v\d+)$/.exec(target) ?? [];
  if (dataset === '') {
    throw new TidemarkError('bad-request', `Name a version by its number, like "churn@v3", or an object by its oid.`);
  }
  const path = `/v1/datasets/${encodeURIComponent(dataset)}/versions/${ref}/restore`;
  const version = await client.call(versionShape, 'POST', path);
  terminal.result(version, () => `${version.dataset}@${version.ref} is restored`);
}

async function list(client: Client, terminal: Terminal): Promise<void> {
  const query = { limit: '1000' };
  const versions = (await client.call(versionsShape, 'GET', '/v1/trash', { query })).items;
  const objects = (await client.call(objectsShape, 'GET', '/v1/trash/objects', { query })).items;
  const lines = [
    ...versions.map((item) => [`${item.dataset}@${item.ref}`, bytes(item.bytes), ...timesOf(item)]),
    ...objects.map((item) => [item.oid, bytes(item.size), ...timesOf(item)]),
  ];
  terminal.result({ versions, objects }, () =>
    lines.length === 0
      ? 'the trash is empty'
      : table([['VERSION OR OBJECT', 'SIZE', 'IN THE TRASH SINCE', 'UNTIL'], ...lines]),
  );
}

const timesOf = (item: { readonly trashed_at: string; readonly restorable_until: string }): string[] =>
  [item.trashed_at, item.restorable_until].map(pointInTime);
