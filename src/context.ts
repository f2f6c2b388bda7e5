import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type postgres from 'postgres';
import { createComputeLanes } from './compute/lanes.ts';
import type { ComputePool } from './compute/pool.ts';
import type { Config } from './config.ts';
import type { Log } from './log.ts';
import { readRelease } from './release.ts';
import { PACKAGE_ROOT } from './root.ts';
import { createSecretBox, loadKeyMaterial, type SecretBox } from './store/access/secret-box.ts';
import { listKnownObjects } from './store/inventory/bundles.ts';
import { holdsObjects } from './store/inventory/holdings.ts';
import { type DatabaseClock, startDatabaseClock } from './store/postgres/database-clock.ts';
import { type Db, openDatabase } from './store/postgres/db.ts';
import { startEmbeddedPostgres } from './store/postgres/embedded-postgres.ts';
import { migrateDatabase } from './store/postgres/migrate.ts';
import { type Patience, type Patiently, withPatience } from './store/postgres/patience.ts';
import type { ObjectRemote } from './store/remotes/remote.ts';
import { createBundlingRemote } from './store/remotes/remote-bundling.ts';
import { openRemote } from './store/remotes/remote-open.ts';
import { ulid } from './ulid.ts';
import { createWebhookSender, type WebhookSender } from './webhook/send.ts';
import { createMailSender, type MailSender } from './webhook/send-mail.ts';

/**
 * What a verb may reach. Each verb asks for what it uses (`Pick<Context, 'db' | 'remote'>`), so its signature
 * is the list of its side effects.
 */
export type Context = {
  readonly config: Config;
  readonly log: Log;
  /** The version of this program. */
  readonly release: string;
  readonly db: Db;
  /** The driver, for LISTEN/NOTIFY and bulk statements. */
  readonly sql: postgres.Sql;
  readonly remote: ObjectRemote;
  /** Parses foreign bytes and runs the kernels in killable processes. */
  readonly compute: ComputePool;
  readonly secrets: SecretBox;
  readonly send: WebhookSender;
  readonly mail: MailSender;
  /** The wall clock of the database, which all processes share, whatever the date of this machine. */
  readonly now: () => Date;
  /** What this machine holds for the date, and dates its files by. */
  readonly localNow: () => Date;
  /** A new sortable id: `newId('run')` is `run_` and 26 characters. */
  readonly newId: (prefix: string) => string;
  /** Random bytes for secrets and tokens. */
  readonly randomBytes: (size: number) => Uint8Array;
  /** The address links and callbacks are made from, without a trailing slash. */
  readonly publicUrl: () => string;
};

export type OpenContext = {
  readonly context: Context;
  /** For the steps of a start that may be done again: whoever starts is not to end because one connection broke. */
  readonly patiently: Patiently;
  /** Ends what was opened, the embedded database last. */
  readonly close: () => Promise<void>;
};

/** How long a database is waited for that is not there yet, in milliseconds: servers are often started together. */
const DATABASE_PATIENCE = 60_000;

/**
 * The composition root: the only place that picks implementations.
 * @throws TidemarkError when the database does not start or the remote's address is not usable.
 */
export async function openContext(config: Config, log: Log): Promise<OpenContext> {
  const data = resolve(config.data);
  mkdirSync(data, { recursive: true });
  const embedded =
    config.databaseUrl === undefined ? await startEmbeddedPostgres({ directory: join(data, 'postgres'), log }) : null;
  const url = config.databaseUrl ?? embedded?.url ?? '';
  const patience: Patience = {
    milliseconds: DATABASE_PATIENCE,
    onWait: (failure) => log.warn({ err: failure.cause }, 'waiting for the database'),
  };
  const patiently: Patiently = (work) => withPatience(patience, work);
  const database = openDatabase(url, 16);
  let clock: DatabaseClock;
  let holds: boolean;
  try {
    await migrateDatabase(url, PACKAGE_ROOT, patience);
    clock = await patiently(() => startDatabaseClock(database.sql));
    holds = await patiently(() => holdsObjects(database.db));
  } catch (error) {
    await database.close();
    await embedded?.stop();
    throw error;
  }
  const { now } = clock;
  const compute = createComputeLanes({
    entry: computeEntry(),
    children: Math.max(1, availableParallelism() - 1),
    timeoutMilliseconds: config.limits.computeMilliseconds,
    megabytes: config.limits.computeMegabytes,
  });
  const chance = drawn(4096);
  const publicUrl = (): string =>
    (config.publicUrl ?? `http://${urlHost(config.host)}:${config.port}`).replace(/\/$/, '');
  const context: Context = {
    config,
    log,
    release: readRelease(),
    db: database.db,
    sql: database.sql,
    remote: bundling(openRemote({ url: config.remote, dataDirectory: data, holds }), database.db, config.bundles),
    compute,
    secrets: createSecretBox(await loadKeyMaterial(config.secretKey, data)),
    send: createWebhookSender({ allow: config.webhookAllow, now }),
    mail: createMailSender({ allow: config.webhookAllow, name: new URL(publicUrl()).hostname }),
    now,
    localNow: () => new Date(),
    newId: (prefix) => `${prefix}_${ulid(now().getTime(), chance(10))}`,
    randomBytes: (size) => randomBytes(size),
    publicUrl,
  };
  return {
    context,
    patiently,
    close: async () => {
      clock.stop();
      await compute.close();
      await database.close();
      await embedded?.stop();
    },
  };
}

/** The remote as it is, or what bundles small objects where it can. */
function bundling(inner: ObjectRemote, db: Db, making: boolean): ObjectRemote {
  const { bundles } = inner;
  if (bundles === undefined) return inner;
  return createBundlingRemote({ inner, bundles, db, known: (oids) => listKnownObjects(db, oids), making });
}

/** Random bytes for ids, of which every request has one: asking the system each time costs more than the id. */
function drawn(size: number): (bytes: number) => Uint8Array {
  let pool = randomBytes(size);
  return (bytes) => {
    if (pool.byteLength < bytes) pool = randomBytes(size);
    const taken = pool.subarray(0, bytes);
    pool = pool.subarray(bytes);
    return taken;
  };
}

/** The children's entry, built or not, whichever this file is. */
function computeEntry(): string {
  const here = fileURLToPath(import.meta.url);
  return resolve(here, '..', '..', 'workers', `compute${extname(here)}`);
}

/** An address that means "all of them" cannot be called; the machine itself can. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
