import { z } from 'zod';
import { TidemarkError } from '../errors.ts';
import type { Client } from './client.ts';
import { bytes, type Terminal, table } from './terminal.ts';

const trashShape = z.looseObject({
  items: z.array(
    z.looseObject({
      dataset: z.string(),
      ref: z.string(),
      bytes: z.int(),
      trashed_at: z.string(),
      restorable_until: z.string(),
    }),
  ),
});

const versionShape = z.looseObject({ dataset: z.string(), ref: z.string(), oid: z.string() });

/** Takes a version out of the trash, or lists what is in it. */
export async function restore(client: Client, terminal: Terminal, target: string | undefined): Promise<void> {
  if (target === undefined) return list(client, terminal);
  const [, dataset = '', ref = ''] = /^(.+)@(v\d+)$/.exec(target) ?? [];
  if (dataset === '') throw new TidemarkError('bad-request', `Name a version by its number, like "churn@v3".`);
  const path = `/v1/datasets/${encodeURIComponent(dataset)}/versions/${ref}/restore`;
  const version = await client.call(versionShape, 'POST', path);
  terminal.result(version, () => `${version.dataset}@${version.ref} is restored`);
}

async function list(client: Client, terminal: Terminal): Promise<void> {
  const { items } = await client.call(trashShape, 'GET', '/v1/trash', { query: { limit: '1000' } });
  terminal.result(items, () =>
    items.length === 0
      ? 'the trash is empty'
      : table([
          ['VERSION', 'SIZE', 'IN THE TRASH SINCE', 'UNTIL'],
          ...items.map((item) => [
            `${item.dataset}@${item.ref}`,
            bytes(item.bytes),
            item.trashed_at.slice(0, 19).replace('T', ' '),
            item.restorable_until.slice(0, 19).replace('T', ' '),
          ]),
        ]),
  );
}
