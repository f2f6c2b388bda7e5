import { z } from 'zod';
import { TidemarkError } from '../../errors.ts';
import type { Client } from '../client/client.ts';
import { secondsOf, timeOf } from '../terminal/length-of-time.ts';
import { pointInTime } from '../terminal/point-in-time.ts';
import type { Terminal } from '../terminal/terminal.ts';

export type RetentionOptions = {
  readonly keepLast?: number;
  readonly keepWithin?: string;
  readonly keepDaily?: number;
  readonly keepTag?: readonly string[];
  readonly clear: boolean;
};

const rule = z.looseObject({
  last: z.int().nullable(),
  within_seconds: z.int().nullable(),
  daily: z.int().nullable(),
  tags: z.array(z.string()).nullable(),
  author: z.string().nullable(),
  updated_at: z.string().nullable(),
  last_run_at: z.string().nullable(),
});

/**
 * Shows which versions of a dataset are kept by themselves, sets it, or has all of them kept again.
 * @throws TidemarkError `bad-request` for both at once.
 */
export async function retention(
  client: Client,
  terminal: Terminal,
  dataset: string,
  options: RetentionOptions,
): Promise<void> {
  const path = `/v1/datasets/${encodeURIComponent(dataset)}/retention`;
  const { keepLast: last, keepWithin, keepDaily: daily, keepTag: tags, clear } = options;
  const json = { last, within_seconds: keepWithin === undefined ? undefined : secondsOf(keepWithin), daily, tags };
  const isSet = Object.values(json).some((part) => part !== undefined);
  if (isSet && clear) throw new TidemarkError('bad-request', 'Say what to keep, or --clear.');
  const found = isSet
    ? await client.call(rule, 'PUT', path, { json })
    : await client.call(rule, clear ? 'DELETE' : 'GET', path);
  terminal.result(found, () => textOf(dataset, found));
}

function textOf(dataset: string, { last, within_seconds, daily, tags, ...found }: z.infer<typeof rule>): string {
  if (found.updated_at === null) return `${dataset}  keeps every version`;
  const parts = [
    last === null ? '' : `the newest ${last}`,
    within_seconds === null ? '' : `what was made within ${timeOf(within_seconds)}`,
    daily === null ? '' : `the newest of each of ${daily} days`,
    tags === null ? 'what has a tag' : `what has a tag like ${tags.join(', ')}`,
  ].filter((part) => part !== '');
  return [
    `${dataset}  keeps ${parts.join('; ')}; the newest version, and what something needs, in any case`,
    `set by ${found.author} at ${pointInTime(found.updated_at)}`,
    found.last_run_at === null ? 'not carried out yet' : `carried out last at ${pointInTime(found.last_run_at)}`,
  ].join('\n');
}
