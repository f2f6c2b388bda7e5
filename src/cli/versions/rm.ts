import { z } from 'zod';
import { TidemarkError } from '../../errors.ts';
import type { Client } from '../client/client.ts';
import { bytes, type Terminal } from '../terminal/terminal.ts';

const trashed = z.looseObject({ dataset: z.string(), ref: z.string(), restorable_until: z.string() });
const deleted = z.looseObject({ dataset: z.string(), versions: z.int(), bytes: z.int() });

/**
 * Puts a version into the trash, or with `dataset` a dataset with all its versions.
 * @throws TidemarkError `bad-request` where the one is named and the other is asked for.
 */
export async function rm(
  client: Client,
  terminal: Terminal,
  target: string,
  options: { readonly dataset: boolean },
): Promise<void> {
  const [, name = '', ref = ''] = /^(.+)@(v\d+)$/.exec(target) ?? [];
  if (options.dataset) {
    if (target.includes('@')) throw misused(`"${target}" is a version; a dataset is named alone`);
    const gone = await client.call(deleted, 'DELETE', `/v1/datasets/${encodeURIComponent(target)}`);
    return terminal.result(
      gone,
      () =>
        `${target} is deleted (versions: ${gone.versions}, ${bytes(gone.bytes)}); tidemark restore ${target} --dataset`,
    );
  }
  if (name === '') throw misused('Name a version by its number, like "churn@v3", or a dataset with --dataset');
  const path = `/v1/datasets/${encodeURIComponent(name)}/versions/${ref}`;
  const gone = await client.call(trashed, 'DELETE', path);
  terminal.result(gone, () => `${target} is in the trash until ${gone.restorable_until}; tidemark restore ${target}`);
}

const misused = (text: string): TidemarkError => new TidemarkError('bad-request', `${text}.`);
