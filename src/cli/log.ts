import { z } from 'zod';
import type { Client } from './client.ts';
import { bytes, type Terminal, table } from './terminal.ts';

const versions = z.looseObject({
  items: z.array(
    z.looseObject({
      ref: z.string(),
      oid: z.string(),
      files: z.int(),
      bytes: z.int(),
      message: z.string(),
      created_at: z.string(),
      tags: z.array(z.string()).default([]),
      quarantined: z.int().default(0),
    }),
  ),
});

/** Lists a dataset's versions, newest first. */
export async function log(client: Client, terminal: Terminal, dataset: string, limit: number): Promise<void> {
  const found = await client.call(versions, 'GET', `/v1/datasets/${encodeURIComponent(dataset)}/versions`, {
    query: { limit: String(limit) },
  });
  terminal.result(found.items, () =>
    table([
      ['VERSION', 'TAGS', 'MADE', 'FILES', 'SIZE', 'HEALTH', 'OID', 'MESSAGE'],
      ...found.items.map((v) => [
        v.ref,
        v.tags.join(','),
        v.created_at.slice(0, 19).replace('T', ' '),
        String(v.files),
        bytes(v.bytes),
        healthOf(v.quarantined),
        v.oid,
        v.message,
      ]),
    ]),
  );
}

/** What a listing says of a version, so many of whose objects are corrupt or lost. */
export const healthOf = (quarantined: number): string => (quarantined === 0 ? 'whole' : `degraded (${quarantined})`);
