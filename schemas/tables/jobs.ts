import { sql } from 'drizzle-orm';
import { index, integer, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { instant, serial } from './columns.ts';

/** Work to be done, enqueued in the transaction that made it necessary. A finished job leaves no row. */
export const jobs = pgTable(
  'jobs',
  {
    id: serial(),
    name: text('name').notNull(),
    /** At most one waiting job per name and key: what it stands for is "look again", not "once more". */
    key: text('key').notNull(),
    payload: jsonb('payload').notNull(),
    state: text('state', { enum: ['waiting', 'active', 'dead'] })
      .notNull()
      .default('waiting'),
    runAt: instant('run_at').notNull().defaultNow(),
    /** Claims so far; also the fencing token of the current claim. */
    attempts: integer('attempts').notNull().default(0),
    leaseUntil: instant('lease_until'),
    error: text('error'),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex('jobs_waiting').on(t.name, t.key).where(sql`${t.state} = 'waiting'`),
    index('jobs_due').on(t.state, t.runAt),
    index('jobs_dead').on(t.name, t.key).where(sql`${t.state} = 'dead'`),
  ],
);
