import { setTimeout as pause } from 'node:timers/promises';
import { DrizzleQueryError, sql } from 'drizzle-orm';
import type { PgDatabase } from 'drizzle-orm/pg-core';
import { drizzle, type PostgresJsQueryResultHKT } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import * as tables from '../../../schemas/tables/index.ts';
import { TidemarkError } from '../../errors.ts';
import { endDriver, keepWatch } from './silent-connections.ts';

/** A connection pool or a transaction: every statement takes one, so that a caller's transaction threads through. */
export type Db = PgDatabase<PostgresJsQueryResultHKT, typeof tables>;

export type Database = {
  readonly db: Db;
  /** The driver itself, for LISTEN and bulk statements outside of a transaction. */
  readonly sql: postgres.Sql;
  readonly close: () => Promise<void>;
};

/**
 * Seconds between the end of a connection and the next try, after so many tries that failed. The driver's own rest grows
 * to 20 s, for which requests would wait until they are refused, and also after the database has come back.
 */
const restOf = (failures: number): number => Math.min(3 ** failures / 100, 1);

/**
 * What the server is told of our connections. Where one of our machines stands still or vanishes without a word, its
 * locks would else be held for hours: by default the server asks after a client only then, and after one that is there
 * and says nothing never. Transactions take no pauses but for a store that answers late.
 */
export const SESSION = {
  application_name: 'tidemark',
  tcp_keepalives_idle: 30,
  tcp_keepalives_interval: 10,
  tcp_keepalives_count: 3,
  // Milliseconds, as the next one: for a client that does not take what it is sent.
  tcp_user_timeout: 60_000,
  idle_in_transaction_session_timeout: 900_000,
};

/** Opens a pool of at most `connections`. Nothing connects until the first statement. */
export function openDatabase(url: string, connections = 10): Database {
  const sql = postgres(url, {
    max: connections,
    idle_timeout: 60,
    connect_timeout: 10,
    backoff: restOf,
    // Notices about existing schemas would otherwise be printed past the log.
    onnotice: () => {},
    connection: SESSION,
  });
  const endWatch = keepWatch(sql, url);
  const close = (): Promise<void> => {
    endWatch();
    return endDriver(sql, 5);
  };
  return { db: drizzle(preparing(sql), { schema: tables }), sql, close };
}

/** Statements with more parameters are built anew for each call, so that their plans would only pile up. */
const PREPARED_PARAMETERS = 64;

const ANEW = '/* planned anew */';

/**
 * Begins a statement that is planned for its parameters each time. For a few ids of a table that may be large: a plan
 * that was made while it was small, and kept, would read all of it.
 */
export const PLANNED_ANEW = sql.raw(ANEW);

const isPrepared = (text: string, parameters: readonly unknown[]): boolean =>
  parameters.length <= PREPARED_PARAMETERS && !text.startsWith(ANEW);

/**
 * The driver with drizzle's statements prepared, once a connection: unprepared ones take two round trips each,
 * since the driver asks for the types of the parameters first, and are planned every time.
 */
function preparing<S extends object>(sql: S): S {
  return new Proxy(sql, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      if (name === 'unsafe') {
        return (text: string, parameters: readonly unknown[] = []): unknown =>
          Reflect.apply(value, target, [text, parameters, { prepare: isPrepared(text, parameters) }]);
      }
      if (name === 'begin' || name === 'savepoint') {
        return (work: (inner: object) => unknown): unknown =>
          Reflect.apply(value, target, [(inner: object) => work(preparing(inner))]);
      }
      return value;
    },
  });
}

/** The SQLSTATE behind an error of a statement, or null when it has another origin. */
function sqlState(error: unknown): string | null {
  const cause = error instanceof DrizzleQueryError ? error.cause : error;
  return cause instanceof postgres.PostgresError ? cause.code : null;
}

/** True when a statement failed because a row with this unique key exists; narrowed to one constraint when named. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  const cause = error instanceof DrizzleQueryError ? error.cause : error;
  if (!(cause instanceof postgres.PostgresError) || cause.code !== '23505') return false;
  return constraint === undefined || cause.constraint_name === constraint;
}

/** What the driver and the system say of a connection that cannot be made, or is gone. */
const CONNECTION_CODES: ReadonlySet<string> = new Set([
  ...['CONNECTION_CLOSED', 'CONNECTION_ENDED', 'CONNECTION_DESTROYED', 'CONNECT_TIMEOUT'],
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'],
]);

/**
 * SQLSTATEs of a server that is not at fault and cannot serve now: connections that break (08), too little of something
 * (53), interventions such as a shutdown (57), locks that were not to be had, a server that is a read-only standby.
 */
const UNAVAILABLE = /^(?:08...|53...|57...|55P03|25006)$/;

const DISK_FULL = '53100';

const BUSY = 'The database cannot be reached or is too busy; send this again.';
const FULL = 'The disk of the database is full, and nothing of this was stored: make room there, then send it again.';

const ERASED = 'The project was deleted while this was under way, and is erased: nothing of this was stored.';

/** A row of a project that is gone: whoever writes it was let in before it was deleted. */
const isOfNoProject = (cause: Error): boolean =>
  cause instanceof postgres.PostgresError &&
  cause.code === '23503' &&
  cause.constraint_name?.endsWith('_project_id_projects_id_fk') === true;

/** The error that clients are told when a statement failed for want of a database, or of the project; null for any other failure. */
export function databaseFailure(error: unknown): TidemarkError | null {
  const cause = error instanceof DrizzleQueryError ? error.cause : error;
  if (!(cause instanceof Error) || !('code' in cause) || typeof cause.code !== 'string') return null;
  if (isOfNoProject(cause)) return new TidemarkError('gone', ERASED, { cause: error });
  const away =
    cause instanceof postgres.PostgresError ? UNAVAILABLE.test(cause.code) : CONNECTION_CODES.has(cause.code);
  if (!away) return null;
  const why = cause.code === DISK_FULL ? FULL : BUSY;
  return new TidemarkError('database-unavailable', why, { retryAfter: 1, cause: error });
}

/** A query that is built once for each pool: to build it takes drizzle longer than to send it. Not for transactions. */
export function builtOnce<Q>(build: (db: Db) => Q): (db: Db) => Q {
  const built = new WeakMap<Db, Q>();
  return (db) => {
    const query = built.get(db) ?? build(db);
    built.set(db, query);
    return query;
  };
}

/** The time by the database's clock, which all processes share. */
export async function readClock(db: Db): Promise<Date> {
  const [row] = await db.execute<{ now: string }>(sql`select now()::text now`);
  return new Date(row?.now ?? '');
}

/** Who waited for the undone transaction is woken by its end, and would meet it again if it came back at once. */
const REST_MILLISECONDS = 20;

const RETRYABLE = new Set(['40001', '40P01']);

/** Whether PostgreSQL has undone a transaction for the sake of others (serialization failure, deadlock). */
export const mayPassAgain = (error: unknown): boolean => RETRYABLE.has(sqlState(error) ?? '');

/**
 * Runs `work` in a transaction, again when PostgreSQL asks for it (serialization failure, deadlock).
 * @throws TidemarkError `database-unavailable` when three tries did not pass.
 */
export async function transact<T>(db: Db, work: (tx: Db) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await db.transaction((tx) => withLast(tx, work));
    } catch (error) {
      if (!mayPassAgain(error)) throw error;
      if (tries === 3) {
        throw new TidemarkError('database-unavailable', 'The database is too busy for this change; try again.', {
          retryAfter: 1,
          cause: error,
        });
      }
      await pause(tries * REST_MILLISECONDS);
    }
  }
}

/** Reads with several statements as of one moment: what is changed between two of them is seen by none. */
export const readAtOnce = <T>(db: Db, read: (tx: Db) => Promise<T>): Promise<T> =>
  db.transaction(read, { isolationLevel: 'repeatable read', accessMode: 'read only' });

type Last = Map<string, () => Promise<void>>;

const lastOf = new WeakMap<Db, Last>();

async function withLast<T>(tx: Db, work: (tx: Db) => Promise<T>): Promise<T> {
  const last: Last = new Map();
  lastOf.set(tx, last);
  const result = await work(tx);
  // Always in one order, so that two transactions do not wait for each other.
  for (const [, act] of [...last].toSorted(([a], [b]) => (a < b ? -1 : 1))) await act();
  return result;
}

/**
 * Has something done at the very end of a transaction that `transact` made, once for each key however often it is asked
 * for: what many transactions do to one row would else keep the others waiting from then on. Elsewhere it is done at once.
 */
export async function atLast(tx: Db, key: string, act: () => Promise<void>): Promise<void> {
  const last = lastOf.get(tx);
  if (last === undefined) return act();
  if (!last.has(key)) last.set(key, act);
}
