import { setTimeout as pause } from 'node:timers/promises';
import postgres from 'postgres';

/** What a connection waits for: its statement, the bytes that came so far, and the server's process that answers it. */
type Awaited = { readonly statement: object; readonly bytes: number; readonly pid: number | null };

/** A connection of the pool, as the mended driver shows it (see `cli/mended-driver.ts`). */
type PooledConnection = { readonly awaited: () => Awaited | null; readonly cut: (error: Error) => void };

type Patience = {
  /** How long a statement may bring nothing before the server is asked what became of it, and how often it is asked. */
  readonly silence: number;
  /** How long the server may take to say so. Both in milliseconds. */
  readonly answer: number;
};

const PATIENCE: Patience = { silence: 5_000, answer: 15_000 };

/**
 * Cuts connections whose statement the server does not work on. Without it a statement waits for a quarter of an hour
 * where the server's machine is gone without a word (a failover, a network that is cut), and for ever where a proxy keeps
 * the connection open. A statement may take as long as it likes while the server works on it.
 * @param sql a pool of the mended driver; with another one nothing is watched.
 * @param url of the same database.
 * @returns what ends the watch.
 */
export function cutSilentConnections(sql: postgres.Sql, url: string, patience = PATIENCE): () => void {
  const connections = 'connections' in sql ? (sql.connections as readonly PooledConnection[]) : [];
  let last = waiting(connections);
  let asking = false;
  const look = async (): Promise<void> => {
    const silent = [...last].filter(([connection, before]) => isSame(before, connection.awaited()));
    if (silent.length > 0) await cutAbandoned(silent, url, patience);
    last = waiting(connections);
    asking = false;
  };
  const timer = setInterval(() => {
    if (asking) return;
    asking = true;
    void look();
  }, patience.silence);
  timer.unref();
  return () => clearInterval(timer);
}

function waiting(connections: readonly PooledConnection[]): Map<PooledConnection, Awaited> {
  return new Map(
    connections.flatMap((connection) => {
      const awaited = connection.awaited();
      return awaited === null ? [] : [[connection, awaited] as const];
    }),
  );
}

function isSame(before: Awaited, now: Awaited | null): boolean {
  return before.statement === now?.statement && before.bytes === now.bytes;
}

async function cutAbandoned(
  silent: readonly (readonly [PooledConnection, Awaited])[],
  url: string,
  patience: Patience,
): Promise<void> {
  const working = await listWorking(url, patience);
  if (working === null) return;
  for (const [connection, awaited] of silent) {
    // It may have been answered in the meantime.
    if (working.has(awaited.pid) || !isSame(awaited, connection.awaited())) continue;
    connection.cut(Object.assign(new Error('The database does not work on this statement.'), { code: 'ETIMEDOUT' }));
  }
}

/**
 * Asked over a connection of its own, since those of the pool may all be dead.
 * @returns the server's processes that may be at work; null where nothing is known of them.
 */
async function listWorking(url: string, patience: Patience): Promise<ReadonlySet<number | null> | null> {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => {} });
  try {
    const late = pause(patience.answer, null, { ref: false });
    const rows = await Promise.race([listSessions(sql, patience.silence / 2), late]);
    if (rows === null) return new Set();
    // A pooler gives its own numbers to processes.
    return rows.pids.has(rows.own) ? rows.pids : null;
  } catch (error) {
    // A server that refuses is there.
    return error instanceof postgres.PostgresError ? null : new Set();
  } finally {
    void sql.end({ timeout: 0 });
  }
}

/** Those that wait for us, and have for so long, are not at work: what they wait for never came. */
async function listSessions(sql: postgres.Sql, milliseconds: number) {
  const rows = await sql<{ pid: number }[]>`
    select pid from pg_stat_activity where pid = pg_backend_pid() or wait_event is distinct from 'ClientRead'
      or clock_timestamp() - state_change < ${milliseconds} * interval '1 millisecond'`;
  return { own: rows.state.pid, pids: new Set<number | null>(rows.map(({ pid }) => pid)) };
}
