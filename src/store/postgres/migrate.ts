import { join } from 'node:path';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';

/** Any fixed number: every Tidemark process asks for the same advisory lock. */
const MIGRATION_LOCK = 7_310_084_901;

/**
 * Brings the database to the newest schema. Safe to run from many processes at once: the migrator takes no
 * lock of its own, so two of them on an empty database would trip over each other.
 * @param root the package folder; the SQL is read from `schemas/migrations` in it.
 */
export async function migrateDatabase(url: string, root: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {}, connection: { application_name: 'tidemark-migrate' } });
  try {
    await sql`select pg_advisory_lock(${MIGRATION_LOCK})`;
    await migrate(drizzle(sql), { migrationsFolder: join(root, 'schemas', 'migrations') });
  } finally {
    await sql.end({ timeout: 5 });
  }
}
