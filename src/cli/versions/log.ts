import { z } from 'zod';
import type { Client } from '../client/client.ts';
import { pointInTime } from '../terminal/point-in-time.ts';
import { bytes, type Terminal, table } from '../terminal/terminal.ts';
import { labelTexts } from './labels.ts';

const versions = z.looseObject({
  items: z.array(
    z.looseObject({
      ref: z.string(),
      oid: z.string(),
      files: z.int(),
      bytes: z.int(),
      message: z.string(),
      author: z.string().default(''),
      labels: z.record(z.string(), z.string()).default({}),
      git_rev: z.string().nullable().default(null),
      created_at: z.string(),
      tags: z.array(z.string()).default([]),
      quarantined: z.int().default(0),
    }),
  ),
});

export type LogOptions = {
  readonly limit: number;
  /** `key=value` or a key alone; versions have all of them. */
  readonly label?: readonly string[];
  readonly author?: string;
  /** The first digits of a git commit. */
  readonly gitRev?: string;
  readonly tag?: string;
};

/** Lists a dataset's versions, newest first; those that a filter leaves, where there is one. */
export async function log(client: Client, terminal: Terminal, dataset: string, options: LogOptions): Promise<void> {
  const { limit, label, author, gitRev, tag } = options;
  const found = await client.call(versions, 'GET', `/v1/datasets/${encodeURIComponent(dataset)}/versions`, {
    query: { limit: String(limit), label: label?.join(','), author, git_rev: gitRev, tag },
  });
  terminal.result(found.items, () => tableOf(found.items));
}

function tableOf(items: z.infer<typeof versions>['items']): string {
  const columns: readonly (readonly [string, (version: (typeof items)[number]) => string])[] = [
    ['VERSION', (v) => v.ref],
    ['TAGS', (v) => v.tags.join(',')],
    ['MADE', (v) => pointInTime(v.created_at)],
    ['AUTHOR', (v) => v.author],
    ['FILES', (v) => String(v.files)],
    ['SIZE', (v) => bytes(v.bytes)],
    ['HEALTH', (v) => healthOf(v.quarantined)],
    ['OID', (v) => v.oid],
    ['GIT', (v) => v.git_rev?.slice(0, 10) ?? ''],
    ['LABELS', (v) => labelTexts(v.labels).join(' ')],
    ['MESSAGE', (v) => v.message],
  ];
  // Most versions have neither, and lines are long as they are.
  const shown = columns.filter(
    ([name, cell]) => !['GIT', 'LABELS'].includes(name) || items.some((v) => cell(v) !== ''),
  );
  return table([shown.map(([name]) => name), ...items.map((v) => shown.map(([, cell]) => cell(v)))]);
}

/** What a listing says of a version, so many of whose objects are corrupt or lost. */
export const healthOf = (quarantined: number): string => (quarantined === 0 ? 'whole' : `degraded (${quarantined})`);
