import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type LocalTable, localParts, localTable } from '../../domain/files/local-table.ts';
import { isStoredProfile } from '../../domain/files/stored-profiles.ts';
import { isTidemarkError, TidemarkError } from '../../errors.ts';
import { DATA_ENDINGS, dataFormat } from '../../formats/data-file.ts';
import type { Client } from '../client/client.ts';
import { type Terminal, watch } from '../terminal/terminal.ts';
import { fetchFiles } from '../transfer/fetch-objects.ts';
import { openTarget } from '../versions/target.ts';
import { isPiped, pipedTable } from './piped-table.ts';
import { withTemporaryFolder } from './temporary-folder.ts';

/** Where tables come from: this machine, or a service that is asked only when a name is not a path. */
export type TableSource = { readonly client: () => Client; readonly terminal: Terminal };

/** A path of this machine, or a pipe; any other name is a version's. */
export const isLocal = (name: string): boolean => existsSync(name) || isPiped(name);

/** Whether the name is of a file here that holds a stored profile. */
export const isProfileHere = async (name: string): Promise<boolean> =>
  !isPiped(name) && statSync(name, { throwIfNoEntry: false })?.isFile() === true && isStoredProfile(name);

/**
 * Opens tables by name, each a file or folder of this machine or a version of a running service (`census@v1`), and
 * closes them when the work is done: what was fetched is verified, lies in a temporary folder and goes with it, as does
 * what the work leaves there.
 * @throws TidemarkError `bad-path` for what is neither, `not-found`, `digest-mismatch`.
 */
export async function withTables<T>(
  source: TableSource,
  names: readonly string[],
  work: (tables: LocalTable[], folder: string) => Promise<T>,
): Promise<T> {
  return withTemporaryFolder('tidemark-tables-', async (folder) => {
    const tables: LocalTable[] = [];
    if (names.filter((name) => name === '-').length > 1) {
      throw new TidemarkError('bad-path', 'Standard input can be read once: name a file, or <(command), for one side.');
    }
    for (const [i, name] of names.entries()) {
      const own = join(folder, String(i));
      if (isPiped(name)) tables.push(await pipedTable(name, own));
      else tables.push(isLocal(name) ? await localTable(name) : await fetchTable(source, name, own));
    }
    return work(tables, folder);
  });
}

/**
 * Opens one table by its parts: one name as `withTables` does, several as files and folders of this machine.
 * @throws TidemarkError `bad-path` for a version among several names, or for what there is not.
 */
export async function withTable<T>(
  source: TableSource,
  names: readonly string[],
  work: (table: LocalTable) => Promise<T>,
): Promise<T> {
  if (names.length === 1) {
    return withTables(source, names, async ([table]) => {
      if (table === undefined) throw new Error('a name gives a table');
      return work(table);
    });
  }
  const elsewhere = names.find((name) => !isLocal(name));
  const piped = names.find(isPiped);
  if (piped !== undefined) throw new TidemarkError('bad-path', `${piped} is a pipe, which is a table of its own.`);
  if (elsewhere === undefined) return work(await localParts(names));
  const detail = `There is nothing at ${elsewhere}; several names are parts of one table, so each must be a file or folder here.`;
  throw new TidemarkError('bad-path', detail);
}

/** The data files of a version; what else it holds is left where it is. */
async function fetchTable({ client, terminal }: TableSource, name: string, folder: string): Promise<LocalTable> {
  const service = client();
  const target = await openTarget(service, name).catch((error: unknown) => {
    throw noTable(name, error);
  });
  const data = target.files.filter(({ path }) => dataFormat(path) !== null);
  if (data.length === 0) throw new TidemarkError('bad-path', `No file of ${target.name} ends with ${DATA_ENDINGS}.`);
  const total = data.reduce((sum, { size }) => sum + size, 0);
  const onBytes = watch(terminal, `fetching ${target.name}`, total);
  await fetchFiles({ client: service, base: folder, onBytes, parts: new Map(), onFile: () => {} }, data);
  const files = data.map(({ path, size }) => ({ path, size, file: join(folder, path) }));
  return { name: target.name, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), reading: target.reading };
}

/** What a name that is no path was not found for as a version either; any other failure as it is. */
export function noTable(name: string, cause: unknown): unknown {
  if (isTidemarkError(cause, 'bad-request')) {
    return new TidemarkError('bad-path', `There is nothing at ${name}, and no version is called so.`, { cause });
  }
  if (!isTidemarkError(cause, 'not-found') && !isTidemarkError(cause, 'store-unavailable')) return cause;
  return new TidemarkError('bad-path', `There is nothing at ${name}, and as a version: ${cause.message}`, { cause });
}
