import { join } from 'node:path';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { TidemarkError } from '../../errors.ts';
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
 *   be used, see `requirements.ts`, or one that a newer release has made its own.
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
    const config = { migrationsFolder: join(root, 'schemas', 'migrations') };
    await refuseNewer(sql, Math.max(...readMigrationFiles(config).map(({ folderMillis }) => folderMillis)));
    await migrate(drizzle(sql), config);
  } finally {
    endWatch();
    await endDriver(sql, 5);
  }
}

/**
 * A release that is put back would write into tables of which it knows nothing: what it leaves out there, nobody would
 * find missing before the newer one is back.
 */
async function refuseNewer(sql: postgres.Sql, newest: number): Promise<void> {
  const [table] = await sql<{ found: string | null }[]>`select to_regclass('drizzle.__drizzle_migrations') as found`;
  if (table?.found == null) return;
  const newer = await sql`select 1 from drizzle.__drizzle_migrations where created_at > ${newest} limit 1`;
  if (newer.length === 0) return;
  throw new TidemarkError(
    'invalid-configuration',
    'A newer release of Tidemark has brought this database up to date, and this one does not know its tables. Start the newer one, or restore the backup that was made before it.',
  );
}
