import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { TidemarkError } from '../../errors.ts';

export type DataLock = { release(): Promise<void> };

type Holder = { readonly pid: number; readonly host: string; readonly since: string };

/** SQLite's primary result code for a lock somebody else holds. */
const SQLITE_BUSY = 5;

// A handle that is garbage collected closes, and its lock goes with it: whoever forgets the lock still holds it.
const held = new Set<DatabaseSync>();

/**
 * Makes this process the only service on a data directory, until `release` or the end of the process.
 *
 * The kernel holds the lock (a POSIX record lock, taken by opening an empty SQLite database exclusively), so
 * `kill -9` leaves nothing stale behind and neither a reused pid nor a container boundary can deceive it.
 *
 * @throws TidemarkError `already-running` when another process holds the directory, with its pid in the details;
 *   `invalid-configuration` when the directory cannot be written or its file system has no locks.
 */
export async function lockDataDirectory(directory: string): Promise<DataLock> {
  const holderFile = join(directory, 'service.json');
  const database = openExclusively(directory, holderFile);
  held.add(database);
  // Beside the lock, never in it: closing a second descriptor of the locked file would drop the lock.
  const since = new Date(performance.timeOrigin).toISOString();
  writeFileSync(holderFile, JSON.stringify({ pid: process.pid, host: hostname(), since } satisfies Holder));
  return {
    release: async () => {
      if (!held.delete(database)) return;
      rmSync(holderFile, { force: true });
      database.close();
    },
  };
}

function openExclusively(directory: string, holderFile: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(directory, { recursive: true });
    database = new DatabaseSync(join(directory, 'service.lock'));
    database.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database?.close();
    if (sqliteCode(error) === SQLITE_BUSY) throw alreadyRunning(directory, holderFile);
    throw new TidemarkError(
      'invalid-configuration',
      `The data directory ${resolve(directory)} cannot be locked: it must be writable and on a file system with locks. Give another one with TIDEMARK_DATA.`,
      { cause: error },
    );
  }
}

/** The primary result code of an SQLite failure, without its extension. */
function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
}

function alreadyRunning(directory: string, holderFile: string): TidemarkError {
  const holder = readHolder(holderFile);
  const elsewhere = holder !== undefined && holder.host !== hostname() ? ` on ${holder.host}` : '';
  const who = holder === undefined ? '' : ` (process ${holder.pid}${elsewhere}, since ${holder.since})`;
  return new TidemarkError(
    'already-running',
    `Another Tidemark service${who} is working on ${resolve(directory)}, and two would spoil each other's data. Stop that one, or give this one a directory of its own with TIDEMARK_DATA.`,
    holder === undefined ? {} : { details: { pid: holder.pid } },
  );
}

/** Who wrote the holder file; undefined in the moment between taking the lock and writing the name. */
function readHolder(file: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isHolder(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isHolder(value: unknown): value is Holder {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pid' in value &&
    typeof value.pid === 'number' &&
    'host' in value &&
    typeof value.host === 'string' &&
    'since' in value &&
    typeof value.since === 'string'
  );
}
