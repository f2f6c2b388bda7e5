import { sql } from 'drizzle-orm';
import { index, jsonb, pgTable, text, unique, uniqueIndex } from 'drizzle-orm/pg-core';
import { count, instant, projectId, serial } from './columns.ts';
import { versions } from './datasets.ts';
import { models, modelVersions } from './models.ts';
import { monitors } from './monitors.ts';

/** When a model is retrained, and what holds it back. */
export const policies = pgTable(
  'policies',
  {
    id: text('id').primaryKey(),
    projectId: projectId(),
    modelId: count('model_id')
      .notNull()
      .references(() => models.id),
    monitorId: count('monitor_id')
      .notNull()
      .references(() => monitors.id),
    name: text('name').notNull(),
    enabled: text('enabled', { enum: ['on', 'off'] }).notNull(),
    config: jsonb('config').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [unique('policies_name').on(t.projectId, t.name)],
);

/** One retraining, from request to promotion. */
export const runs = pgTable(
  'runs',
  {
    id: text('id').primaryKey(),
    projectId: projectId(),
    policyId: text('policy_id')
      .notNull()
      .references(() => policies.id),
    modelId: count('model_id').notNull(),
    monitorId: count('monitor_id').notNull(),
    episodeId: text('episode_id'),
    state: text('state', {
      enum: ['preparing', 'requested', 'accepted', 'running', 'succeeded', 'failed', 'timed_out', 'promoted'],
    }).notNull(),
    referenceVersionId: count('reference_version_id')
      .notNull()
      .references(() => versions.id),
    derivedVersionId: count('derived_version_id').references(() => versions.id),
    modelVersionId: count('model_version_id').references(() => modelVersions.id),
    externalUrl: text('external_url'),
    metrics: jsonb('metrics').notNull(),
    error: text('error'),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
    deadlineAt: instant('deadline_at').notNull(),
    promotedAt: instant('promoted_at'),
  },
  (t) => [
    // One living run a policy, whatever two workers believe at the same moment.
    uniqueIndex('runs_living')
      .on(t.policyId)
      .where(sql`${t.state} in ('preparing', 'requested', 'accepted', 'running')`),
    index('runs_project').on(t.projectId, t.createdAt),
    index('runs_episode').on(t.episodeId),
    index('runs_derived_version').on(t.derivedVersionId),
    index('runs_model_version').on(t.modelVersionId),
  ],
);

/** Single-use tokens of a run's callbacks, by digest; a used one keeps when it was used. */
export const runTokens = pgTable(
  'run_tokens',
  {
    sha256: text('sha256').primaryKey(),
    runId: text('run_id')
      .notNull()
      .references(() => runs.id),
    createdAt: instant('created_at').notNull().defaultNow(),
    usedAt: instant('used_at'),
  },
  (t) => [index('run_tokens_run').on(t.runId)],
);

/** Append only: each step of a run, by callback or by us. */
export const runEvents = pgTable(
  'run_events',
  {
    id: serial(),
    runId: text('run_id')
      .notNull()
      .references(() => runs.id),
    at: instant('at').notNull().defaultNow(),
    state: text('state').notNull(),
    author: text('author').notNull(),
    detail: jsonb('detail').notNull(),
  },
  (t) => [index('run_events_run').on(t.runId, t.id)],
);
