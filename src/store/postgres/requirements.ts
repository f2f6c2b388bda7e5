import postgres from 'postgres';
import { TidemarkError } from '../../errors.ts';
import { SESSION } from './db.ts';
import { endDriver, keepWatch } from './silent-connections.ts';

/** The oldest major version that the tests pass on. */
const OLDEST = 15;

const POOLED = [
  'A pooler stands before it. Either name the database itself, or have the pooler keep sessions (pool_mode = session) and',
  `let what they are begun with pass (ignore_startup_parameters = ${Object.keys(SESSION)
    .filter((name) => name !== 'application_name')
    .join(', ')}).`,
].join(' ');

/**
 * Looks whether a database is one that the service can live in, before anything is made in it.
 * @throws TidemarkError `invalid-configuration` where the server is too old, the database does not hold UTF-8, or a pooler
 *   lends its sessions to others between two transactions: prepared statements, locks and LISTEN would be mixed up.
 */
export async function requireUsable(url: string): Promise<void> {
  const options = { max: 1, fetch_types: false, onnotice: () => {}, connection: SESSION };
  const [one, other] = [postgres(url, options), postgres(url, options)];
  const ends = [keepWatch(one, url), keepWatch(other, url)];
  try {
    requireFit(await describeServer(one));
    await other.unsafe(`select set_config('tidemark.session', 'other', false)`);
    const [kept] = await one.unsafe<{ session: string }[]>(`select current_setting('tidemark.session', true) session`);
    if (kept?.session !== 'one') throw unusable(POOLED);
  } catch (error) {
    const refused = error instanceof postgres.PostgresError && error.message.includes('unsupported startup parameter');
    throw refused ? unusable(POOLED) : error;
  } finally {
    for (const end of ends) end();
    await Promise.all([endDriver(one, 5), endDriver(other, 5)]);
  }
}

type Described = { readonly version: string; readonly encoding: string };

/** And marks the session. In plain texts, which pass every pooler. */
async function describeServer(sql: postgres.Sql): Promise<Described | undefined> {
  const [server] = await sql.unsafe<Described[]>(
    `select current_setting('server_version_num') as version, current_setting('server_encoding') as encoding,
      set_config('tidemark.session', 'one', false)`,
  );
  return server;
}

function requireFit(server: Described | undefined): void {
  const major = Math.floor(Number(server?.version) / 10_000);
  if (major < OLDEST) throw unusable(`PostgreSQL ${major} is too old; ${OLDEST} or a newer one is needed.`);
  if (server?.encoding === 'UTF8') return;
  throw unusable(`The database holds ${server?.encoding}; make one with "encoding 'UTF8' template template0".`);
}

const unusable = (why: string): TidemarkError =>
  new TidemarkError('invalid-configuration', `DATABASE_URL leads to no database that can be used. ${why}`);
