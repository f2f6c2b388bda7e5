import postgres from 'postgres';
import { TidemarkError } from '../../errors.ts';

/** The oldest major version that the tests pass on. */
const OLDEST = 15;

/**
 * Looks whether a database is one that the service can live in, before anything is made in it.
 * @throws TidemarkError `invalid-configuration` where the server is too old, the database does not hold UTF-8, or a pooler
 *   lends its sessions to others between two transactions: prepared statements, locks and LISTEN would be mixed up.
 */
export async function requireUsable(url: string): Promise<void> {
  const connect = (): postgres.Sql => postgres(url, { max: 1, fetch_types: false, onnotice: () => {} });
  const [one, other] = [connect(), connect()];
  try {
    // Plain texts, which pass every pooler.
    const [server] = await one.unsafe<{ version: string; encoding: string }[]>(
      `select current_setting('server_version_num') as version, current_setting('server_encoding') as encoding,
        set_config('tidemark.session', 'one', false)`,
    );
    const major = Math.floor(Number(server?.version) / 10_000);
    if (major < OLDEST) throw unusable(`PostgreSQL ${major} is too old; ${OLDEST} or a newer one is needed.`);
    if (server?.encoding !== 'UTF8') {
      throw unusable(`The database holds ${server?.encoding}; make one with "encoding 'UTF8' template template0".`);
    }
    await other.unsafe(`select set_config('tidemark.session', 'other', false)`);
    const [kept] = await one.unsafe<{ session: string }[]>(`select current_setting('tidemark.session', true) session`);
    if (kept?.session !== 'one') {
      throw unusable('A pooler shares its sessions; set its pool_mode to session, or name the database itself.');
    }
  } finally {
    await Promise.all([one.end({ timeout: 5 }), other.end({ timeout: 5 })]);
  }
}

const unusable = (why: string): TidemarkError =>
  new TidemarkError('invalid-configuration', `DATABASE_URL leads to no database that can be used. ${why}`);
