import type postgres from 'postgres';

/** The database's wall clock, read now and then, and by this process's steady clock in between. */
export type DatabaseClock = {
  readonly now: () => Date;
  readonly stop: () => void;
};

export type DatabaseClockOptions = {
  /** Milliseconds that only ever grow, whatever is done to this machine's date. */
  readonly steady?: () => number;
  readonly everyMilliseconds?: number;
};

/** Two steady clocks part by some ten milliseconds a minute at the most. */
const EVERY_MILLISECONDS = 15_000;
/** A reading that took longer says too little: it may be wrong by half of that. */
const LONGEST_READING = 1000;
/** How often it is read at first until there is one that did not. */
const FIRST_READINGS = 5;

/**
 * The time that all processes share, for what is kept and compared across them: due times, expiries, event times,
 * signatures. The date of the machine that this process runs on may be wrong, and may jump.
 */
export async function startDatabaseClock(
  sql: postgres.Sql,
  options: DatabaseClockOptions = {},
): Promise<DatabaseClock> {
  const steady = options.steady ?? (() => performance.now());
  const read = async (): Promise<{ ahead: number; took: number }> => {
    const asked = steady();
    // Of the statement, not of a transaction: that would be the time at which a connection began to be had.
    const [row] = await sql<{ now: string }[]>`select (extract(epoch from clock_timestamp()) * 1000)::text as now`;
    const took = steady() - asked;
    return { ahead: Number(row?.now) - asked - took / 2, took };
  };
  let first = await read();
  for (let i = 1; i < FIRST_READINGS && first.took > LONGEST_READING; i++) {
    const again = await read();
    if (again.took < first.took) first = again;
  }
  let { ahead } = first;
  let reading = false;
  const timer = setInterval(() => {
    // Where the database is away, what is known goes on.
    if (reading) return;
    reading = true;
    read()
      .then((found) => {
        if (found.took <= LONGEST_READING) ahead = found.ahead;
      })
      .catch(() => {})
      .finally(() => {
        reading = false;
      });
  }, options.everyMilliseconds ?? EVERY_MILLISECONDS);
  timer.unref();
  return { now: () => new Date(ahead + steady()), stop: () => clearInterval(timer) };
}
