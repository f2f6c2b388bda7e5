import postgres from 'postgres';

/** A connection of the driver, as it is shown by the one that is mended (`mended-driver.ts`). */
export type DriverConnection = {
  readonly backend: { readonly pid: number | null };
  /**
   * Milliseconds of the steady clock at which the server was last heard of; null while no answer is waited for, nor the
   * end of a connection that was given up, whose place in the pool nobody else has before.
   */
  readonly waitingSince: () => number | null;
  /** Ends it as a network would that fails: what waits for an answer is told that there is none. */
  readonly cut: () => void;
};

/**
 * Asks the server on a way of its own which of these backends are at work, and has it end the others. Null: it cannot be
 * told; none: the server is not reached.
 */
export type AskServer = (pids: readonly number[]) => Promise<ReadonlySet<number> | null>;

/** An answer that has not begun after so long is asked about. */
const SILENCE_MILLISECONDS = 15_000;

/**
 * Ends connections whose answer will never come. Where a network drops packets, a machine on the way loses its power or a
 * proxy forgets a connection, nobody is told: what waits for an answer would do so for a quarter of an hour, until the
 * kernel gives up, or for ever, and so would whoever claims jobs or waits for its locks. A statement may also take long:
 * whether it is still at work, its server knows.
 * @returns a look at all connections, to be taken every few seconds: what was silent at two of them is asked about.
 */
export function watchSilence(
  connections: () => readonly DriverConnection[],
  ask: AskServer,
  steady: () => number = () => performance.now(),
): () => Promise<void> {
  let before = new Map<DriverConnection, number>();
  return async () => {
    const silent = new Map<DriverConnection, number>();
    for (const connection of connections()) {
      const since = connection.waitingSince();
      if (since !== null && steady() - since >= SILENCE_MILLISECONDS) silent.set(connection, since);
    }
    // Between two looks has been read what had come: it was not this process that stood still.
    const suspects = [...silent].filter(([connection, since]) => before.get(connection) === since);
    before = silent;
    if (suspects.length === 0) return;
    const atWork = await ask(suspects.flatMap(([{ backend }]) => backend.pid ?? []));
    if (atWork === null) return;
    for (const [connection, since] of suspects) {
      if (connection.waitingSince() === since && !atWork.has(connection.backend.pid ?? 0)) connection.cut();
    }
  };
}

/** The driver, mended or not. */
type Driver = postgres.Sql & { readonly connections?: readonly DriverConnection[] };

/**
 * Ends a driver: what is under way within so many seconds, and then also connections whose other end does not hear of it.
 * While they are there the process does not end.
 */
export async function endDriver(sql: Driver, seconds: number): Promise<void> {
  await sql.end({ timeout: seconds });
  for (const connection of sql.connections ?? []) connection.cut();
}

/** How often it is looked. */
const LOOK_MILLISECONDS = 5000;

/**
 * Watches the connections of a driver to this address; of one that is not mended, as it is for every service, none.
 * @returns what ends the watch.
 */
export function keepWatch(sql: Driver, url: string): () => void {
  const look = watchSilence(() => sql.connections ?? [], askServerAt(url));
  const timer = setInterval(() => void look(), LOOK_MILLISECONDS).unref();
  return () => clearInterval(timer);
}

const ANSWER_MILLISECONDS = 15_000;

/** What has ended a moment ago may be on its way here. */
const WAY_SECONDS = 5;

/** Asks by a new connection to this address. */
export function askServerAt(url: string, waySeconds = WAY_SECONDS): AskServer {
  return async (pids) => {
    const sql = postgres(url, {
      ...{ max: 1, connect_timeout: 10, onnotice: () => {}, fetch_types: false },
      connection: { application_name: 'tidemark-watch' },
    });
    try {
      return await Promise.race([backendsAtWork(sql, pids, waySeconds), unreached()]);
    } catch (error) {
      // A server that refuses can be reached; its other connections are told by itself.
      return error instanceof Error && 'code' in error && error.code === 'CONNECT_TIMEOUT' ? new Set() : null;
    } finally {
      void endDriver(sql, 0);
    }
  };
}

const unreached = (): Promise<ReadonlySet<number>> =>
  new Promise((resolve) => {
    setTimeout(() => resolve(new Set()), ANSWER_MILLISECONDS).unref();
  });

async function backendsAtWork(
  sql: postgres.Sql,
  pids: readonly number[],
  waySeconds: number,
): Promise<ReadonlySet<number> | null> {
  type Backend = { pid: number; atWork: boolean; ours: boolean };
  // Amid a statement it may wait for us too: for what follows what we should have heard. After a failover a number may be
  // that of somebody else's session, which is not ours to end.
  const rows = await sql<Backend[]>`
    select pid, pid = pg_backend_pid() as ours,
      coalesce(state <> all('{idle,idle in transaction,idle in transaction (aborted)}')
        and wait_event_type is distinct from 'Client'
        or state_change > clock_timestamp() - make_interval(secs => ${waySeconds}), true) as "atWork"
    from pg_stat_activity where pid = pg_backend_pid() or pid = any(${`{${pids.join(',')}}`}::int4[])
      and datname = current_database() and usename = current_user`;
  // A pooler in between gives numbers of its own.
  const own = rows.find(({ ours }) => ours)?.pid;
  if (own !== rows.state?.pid) return null;
  const others = rows.filter(({ ours }) => !ours);
  // What they hold would be held until the server finds out by itself.
  const lost = others.filter(({ atWork }) => !atWork).map(({ pid }) => pid);
  if (lost.length > 0) await sql`select pg_terminate_backend(pid) from unnest(${`{${lost.join(',')}}`}::int4[]) pid`;
  return new Set(others.filter(({ atWork }) => atWork).map(({ pid }) => pid));
}
