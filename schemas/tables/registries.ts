import { index, jsonb, pgTable, text, unique } from 'drizzle-orm/pg-core';
import { projects } from './access.ts';
import { bytea, count, instant, projectId, serial } from './columns.ts';
import { models, modelVersions } from './models.ts';
import { runs } from './retraining.ts';

/** A model registry that tells which version is in service. */
export const registries = pgTable(
  'registries',
  {
    id: text('id').primaryKey(),
    projectId: projectId().references(() => projects.id),
    kind: text('kind', { enum: ['mlflow'] }).notNull(),
    /** The alias that means "in service". */
    alias: text('alias').notNull(),
    /** What a version is called here before its number there. */
    versionPrefix: text('version_prefix').notNull(),
    /** Names of models there → names here, where they differ. */
    models: jsonb('models').notNull(),
    /** What it signs with, sealed. */
    secret: bytea('secret').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [index('registries_project').on(t.projectId)],
);

/** Append only, but for the outcome of what waits: each move of the alias on a model that is known here. */
export const registryEvents = pgTable(
  'registry_events',
  {
    id: serial(),
    registryId: text('registry_id')
      .notNull()
      .references(() => registries.id),
    /** The registry's own id of the delivery: a repeat has the same one. */
    deliveryId: text('delivery_id').notNull(),
    bodySha256: text('body_sha256').notNull(),
    at: instant('at').notNull(),
    /** When the alias was moved, by the registry's clock: its order is that of the moves. */
    movedAt: instant('moved_at').notNull(),
    modelId: count('model_id')
      .notNull()
      .references(() => models.id),
    /** The name of the version that has the alias now, as it is called here. */
    version: text('version').notNull(),
    outcome: text('outcome', {
      enum: ['promoted', 'rolled_back', 'unchanged', 'superseded', 'waiting', 'lapsed'],
    }).notNull(),
    detail: text('detail').notNull(),
    modelVersionId: count('model_version_id').references(() => modelVersions.id),
    runId: text('run_id').references(() => runs.id),
  },
  (t) => [
    unique('registry_events_delivery').on(t.registryId, t.deliveryId),
    index('registry_events_model').on(t.registryId, t.modelId, t.movedAt),
  ],
);
