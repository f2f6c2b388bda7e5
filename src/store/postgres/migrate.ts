import { join } from 'node:path';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { SESSION } from './db.ts';
import { NO_PATIENCE, type Patience, withPatience } from './patience.ts';
import { requireUsable } from './requirements.ts';
import { endDriver, keepWatch } from './silent-connections.ts';

/** Any fixed number: every Tidemark process asks for the same advisory lock. */
const MIGRATION_LOCK = 7_310_084_901;

/**
 * Brings the database to the newest schema. Safe to run from many processes at once: the migrator takes no
 * lock of its own, so two of them on an empty database would trip over each other. All of it is one transaction, so that
 * it may be begun anew where the database is lost meanwhile.
 * @param root the package folder; the SQL is read from `schemas/migrations` in it.
 * @throws TidemarkError `database-unavailable` when patience has ended; `invalid-configuration` where it is none that can
 *   be used, see `requirements.ts`.
 */
export function migrateDatabase(url: string, root: string, patience: Patience = NO_PATIENCE): Promise<void> {
  return withPatience(patience, () => migrateOnce(url, root));
}

async function migrateOnce(url: string, root: string): Promise<void> {
  await requireUsable(url);
  const connection = { ...SESSION, application_name: 'tidemark-migrate' };
  const sql = postgres(url, { max: 1, onnotice: () => {}, connection });
  const endWatch = keepWatch(sql, url);
  try {
    await sql`select pg_advisory_lock(${MIGRATION_LOCK})`;
    await migrate(drizzle(sql), { migrationsFolder: join(root, 'schemas', 'migrations') });
  } finally {
    endWatch();
    await endDriver(sql, 5);
  }
}
