import { json, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { instant, projectId } from './columns.ts';

/** Answers that take longer than a request should: a worker finds them out, and they are kept for a while. */
export const computations = pgTable(
  'computations',
  {
    id: text('id').primaryKey(),
    projectId: projectId(),
    kind: text('kind', { enum: ['compare', 'diff-rows', 'derive-rows'] }).notNull(),
    /** SHA-256 of what is asked, so that who asks the same again gets the same answer. */
    digest: text('digest').notNull(),
    idempotencyKey: text('idempotency_key'),
    /** What is asked, with every name pinned to what it meant then. */
    request: jsonb('request').notNull(),
    author: text('author').notNull(),
    state: text('state', { enum: ['waiting', 'done', 'failed'] }).notNull(),
    progress: jsonb('progress'),
    /** In the order in which it was written, as a small one is answered. */
    result: json('result'),
    error: jsonb('error'),
    createdAt: instant('created_at').notNull().defaultNow(),
    finishedAt: instant('finished_at'),
  },
  (t) => [uniqueIndex('computations_asked').on(t.projectId, t.digest)],
);
