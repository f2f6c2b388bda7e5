import { isTidemarkError, TidemarkError } from '../../errors.ts';
import type { Client } from '../client/client.ts';
import { findPointersHere } from '../dvc/find-pointers.ts';
import { bytes, countOfFiles, type Terminal } from '../terminal/terminal.ts';
import { createHashing } from '../transfer/hash-files.ts';
import { type Pulling, type PullOptions, pullTarget } from './pull-target.ts';
import { openTargets, type Target } from './target.ts';

/**
 * Pulls versions, and what `.dvc` files name; all those of the repository here when nothing is named. One that cannot
 * be pulled does not keep the others back.
 * @throws TidemarkError `bad-request` outside of a repository, and what went wrong, all of it.
 */
export async function pull(
  client: Client,
  terminal: Terminal,
  names: readonly string[],
  options: PullOptions,
): Promise<void> {
  const pulling = { client, terminal, hashing: createHashing() };
  const all = names.length > 0 ? names : findPointersHere('Say what to pull');
  const failures: string[] = [];
  for (const name of all) {
    try {
      for (const target of await openTargets(client, name)) await pullOne(pulling, target, options);
    } catch (error) {
      if (all.length === 1 || !isTidemarkError(error)) throw error;
      failures.push(`${name}: ${error.message}`);
    }
  }
  if (failures.length === 0) return;
  throw new TidemarkError(
    'conflict',
    `${failures.length} of ${all.length} were not pulled:\n  ${failures.join('\n  ')}`,
  );
}

async function pullOne(pulling: Pulling, target: Target, options: PullOptions): Promise<void> {
  const { fetchedBytes, ...pulled } = await pullTarget(pulling, target, options);
  const { dataset, ref, oid } = target;
  const sum = target.files.reduce((size, file) => size + file.size, 0);
  const result = { dataset, ref, oid, files: target.files.length, bytes: sum, ...pulled };
  pulling.terminal.result(result, () =>
    [
      `${target.name}  ${countOfFiles(result.files)}  ${bytes(sum)}  fetched ${bytes(fetchedBytes)}`,
      ...(pulled.cached > 0 ? [`from the cache ${countOfFiles(pulled.cached)}`] : []),
      ...(pulled.removed > 0 ? [`removed ${countOfFiles(pulled.removed)}`] : []),
      `→ ${pulled.folder}`,
    ].join('  '),
  );
}
