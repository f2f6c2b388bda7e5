import { sql } from 'drizzle-orm';
import { boolean, index, integer, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { count, instant, serial } from './columns.ts';

/** Work to be done, enqueued in the transaction that made it necessary. A finished job leaves no row. */
export const jobs = pgTable(
  'jobs',
  {
    id: serial(),
    name: text('name').notNull(),
    /** At most one waiting job per name and key: what it stands for is "look again", not "once more". */
    key: text('key').notNull(),
    payload: jsonb('payload').notNull(),
    /** Whose work it is, as its payload tells: workers are shared among projects. 0: the service's own. */
    projectId: integer('project_id').notNull().default(0),
    /** Within a project they are shared among monitors. 0: no monitor's. */
    monitorId: count('monitor_id').notNull().default(0),
    /** It concerns a window that ended long ago: those of today come first. */
    backfill: boolean('backfill').notNull().default(false),
    state: text('state', { enum: ['waiting', 'active', 'dead'] })
      .notNull()
      .default('waiting'),
    runAt: instant('run_at').notNull().defaultNow(),
    /** Claims so far; also the fencing token of the current claim. */
    attempts: integer('attempts').notNull().default(0),
    /** Claims that ended in an error of the job's own, or with the death of their worker; a store that was away is none. */
    failures: integer('failures').notNull().default(0),
    leaseUntil: instant('lease_until'),
    error: text('error'),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex('jobs_waiting').on(t.name, t.key).where(sql`${t.state} = 'waiting'`),
    index('jobs_due').on(t.state, t.runAt),
    index('jobs_turn')
      .on(t.name, t.projectId, t.monitorId, t.backfill, t.runAt, t.id)
      .where(sql`${t.state} = 'waiting'`),
    index('jobs_dead').on(t.name, t.key).where(sql`${t.state} = 'dead'`),
  ],
);
