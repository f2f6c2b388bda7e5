import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { databaseFailure } from './db.ts';
import { requireUsable } from './requirements.ts';

/** Any fixed number: every Tidemark process asks for the same advisory lock. */
const MIGRATION_LOCK = 7_310_084_901;

export type Patience = {
  /** How long a database is waited for that is not there yet, as when both are started at once. */
  readonly milliseconds: number;
  /** Called before each wait. */
  readonly onWait: (failure: Error) => void;
};

const NONE: Patience = { milliseconds: 0, onWait: () => {} };
const BETWEEN_TRIES = 500;

/**
 * Brings the database to the newest schema. Safe to run from many processes at once: the migrator takes no
 * lock of its own, so two of them on an empty database would trip over each other. A database that is starting, or is
 * lost meanwhile, is waited for: all of it is one transaction.
 * @param root the package folder; the SQL is read from `schemas/migrations` in it.
 * @throws TidemarkError `database-unavailable` when patience has ended; `invalid-configuration` where it is none that can
 *   be used, see `requirements.ts`.
 */
export async function migrateDatabase(url: string, root: string, patience: Patience = NONE): Promise<void> {
  for (let left = patience.milliseconds; ; left -= BETWEEN_TRIES) {
    try {
      return await migrateOnce(url, root);
    } catch (error) {
      const failure = databaseFailure(error);
      if (failure === null) throw error;
      if (left <= 0) throw failure;
      patience.onWait(failure);
      await wait(BETWEEN_TRIES);
    }
  }
}

async function migrateOnce(url: string, root: string): Promise<void> {
  await requireUsable(url);
  const sql = postgres(url, { max: 1, onnotice: () => {}, connection: { application_name: 'tidemark-migrate' } });
  try {
    await sql`select pg_advisory_lock(${MIGRATION_LOCK})`;
    await migrate(drizzle(sql), { migrationsFolder: join(root, 'schemas', 'migrations') });
  } finally {
    await sql.end({ timeout: 5 });
  }
}
