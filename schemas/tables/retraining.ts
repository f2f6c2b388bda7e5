import { sql } from 'drizzle-orm';
import { doublePrecision, index, jsonb, pgTable, text, unique, uniqueIndex } from 'drizzle-orm/pg-core';
import { projects } from './access.ts';
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
    /** How far its causes have been looked for: `policyCursor`. */
    cursor: jsonb('cursor').notNull().default({}),
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
      enum: [
        'awaiting_approval',
        'declined',
        'expired',
        'preparing',
        'requested',
        'accepted',
        'running',
        'succeeded',
        'failed',
        'timed_out',
        'cancelled',
        'promoted',
        'rolled_back',
      ],
    }).notNull(),
    /** What it goes back to; null in rows from before there was more than one kind. */
    cause: jsonb('cause'),
    referenceVersionId: count('reference_version_id')
      .notNull()
      .references(() => versions.id),
    derivedVersionId: count('derived_version_id').references(() => versions.id),
    /** Rows that were held out, and what the new model says of them. */
    evaluationVersionId: count('evaluation_version_id').references(() => versions.id),
    answersVersionId: count('answers_version_id').references(() => versions.id),
    comparison: jsonb('comparison'),
    modelVersionId: count('model_version_id').references(() => modelVersions.id),
    /** What was in service, and what the monitor compared with, before the promotion: what a rollback restores. */
    formerModelVersionId: count('former_model_version_id').references(() => modelVersions.id),
    formerReferenceVersionId: count('former_reference_version_id').references(() => versions.id),
    externalUrl: text('external_url'),
    /** From 0 to 1, as the pipeline says. */
    progress: doublePrecision('progress'),
    metrics: jsonb('metrics').notNull(),
    /** As the pipeline said last, in the currency of the policy's budget. */
    cost: doublePrecision('cost'),
    error: text('error'),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
    deadlineAt: instant('deadline_at').notNull(),
    approvedAt: instant('approved_at'),
    promotedAt: instant('promoted_at'),
  },
  (t) => [
    // One living run a policy, whatever two workers believe at the same moment.
    uniqueIndex('runs_living')
      .on(t.policyId)
      .where(sql`${t.state} in ('awaiting_approval', 'preparing', 'requested', 'accepted', 'running')`),
    index('runs_project').on(t.projectId, t.createdAt),
    index('runs_episode').on(t.episodeId),
    index('runs_derived_version').on(t.derivedVersionId),
    index('runs_model_version').on(t.modelVersionId),
    index('runs_evaluation_version').on(t.evaluationVersionId),
    index('runs_answers_version').on(t.answersVersionId),
  ],
);

/** What asked for a run of a policy, whether or not one came of it. A key is decided once, so that it starts one run. */
export const runCauses = pgTable(
  'run_causes',
  {
    id: text('id').primaryKey(),
    projectId: projectId(),
    policyId: text('policy_id')
      .notNull()
      .references(() => policies.id),
    kind: text('kind', {
      enum: ['alert', 'performance', 'schedule', 'new_version', 'tag_moved', 'new_labels', 'request'],
    }).notNull(),
    /** Names the cause among those of the policy. */
    key: text('key').notNull(),
    cause: jsonb('cause').notNull(),
    episodeId: text('episode_id'),
    state: text('state', { enum: ['waiting', 'started', 'covered', 'superseded', 'lapsed'] }).notNull(),
    runId: text('run_id').references(() => runs.id),
    /** The guards that hold it back, or did when it was last looked at. */
    blocked: jsonb('blocked').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    decidedAt: instant('decided_at').notNull().defaultNow(),
  },
  (t) => [
    unique('run_causes_key').on(t.policyId, t.key),
    index('run_causes_policy').on(t.policyId, t.id),
    index('run_causes_waiting').on(t.policyId).where(sql`${t.state} = 'waiting'`),
    index('run_causes_run').on(t.runId),
  ],
);

/** Projects in which nothing is retrained until somebody says otherwise. */
export const retrainingStops = pgTable('retraining_stops', {
  projectId: projectId()
    .primaryKey()
    .references(() => projects.id),
  at: instant('at').notNull(),
  author: text('author').notNull(),
  reason: text('reason').notNull(),
});

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
