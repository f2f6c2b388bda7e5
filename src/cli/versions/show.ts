import { z } from 'zod';
import type { Client } from '../client/client.ts';
import { pointInTime } from '../terminal/point-in-time.ts';
import { bytes, countOfFiles, printable, type Terminal } from '../terminal/terminal.ts';
import { labelTexts } from './labels.ts';
import { healthOf } from './log.ts';
import { parseTarget } from './target.ts';

const version = z.looseObject({
  dataset: z.string(),
  ref: z.string(),
  oid: z.string(),
  kind: z.string(),
  path: z.string(),
  files: z.int(),
  bytes: z.int(),
  sha256_root: z.string(),
  message: z.string(),
  author: z.string(),
  labels: z.record(z.string(), z.string()),
  git_rev: z.string().nullable(),
  parents: z.array(z.looseObject({ dataset: z.string(), ref: z.string() })),
  provenance: z.record(z.string(), z.unknown()),
  tags: z.array(z.string()),
  profile: z.string(),
  quarantined: z.int().default(0),
  created_at: z.string(),
});

const failed = z.looseObject({ error: z.looseObject({ message: z.string() }).optional() });

/** Shows all that is known of one version but its files and statistics, which `ls` and `profile` list. */
export async function show(client: Client, terminal: Terminal, target: string): Promise<void> {
  const { dataset, ref } = parseTarget(target);
  const path = `/v1/datasets/${encodeURIComponent(dataset)}/versions/${encodeURIComponent(ref)}`;
  const found = await client.call(version, 'GET', path);
  const why = found.profile === 'failed' ? await client.call(failed, 'GET', `${path}/profile`) : null;
  terminal.result(found, () => textOf(found, why?.error?.message));
}

function textOf(found: z.infer<typeof version>, whyNoProfile: string | undefined): string {
  const lines: readonly (readonly [string, string])[] = [
    ['version', `${found.dataset}@${found.ref}`],
    ['tags', found.tags.join(', ')],
    ['made', `${pointInTime(found.created_at)} by ${found.author}`],
    ['message', found.message],
    ['content', `${found.kind} ${found.path}, ${countOfFiles(found.files)}, ${bytes(found.bytes)}`],
    ['oid', found.oid],
    ['sha256', found.sha256_root],
    ['health', healthOf(found.quarantined)],
    ['profile', whyNoProfile === undefined ? found.profile : `${found.profile}: ${whyNoProfile}`],
    ['labels', labelTexts(found.labels).join(', ')],
    ['git', found.git_rev ?? ''],
    ['parents', found.parents.map((parent) => `${parent.dataset}@${parent.ref}`).join(', ')],
    ...Object.entries(found.provenance).map(([key, value]) => [`from ${key}`, wordsOf(value)] as const),
  ];
  const told = lines.filter(([, value]) => value !== '');
  const width = Math.max(...told.map(([name]) => name.length));
  return told.map(([name, value]) => `${printable(name).padEnd(width)}  ${printable(value)}`).join('\n');
}

const wordsOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
