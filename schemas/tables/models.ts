import { type AnyPgColumn, boolean, index, integer, jsonb, pgTable, text, unique } from 'drizzle-orm/pg-core';
import { projects } from './access.ts';
import { count, instant, projectId, serial } from './columns.ts';
import { versions } from './datasets.ts';

export const models = pgTable(
  'models',
  {
    id: serial(),
    projectId: projectId().references(() => projects.id),
    name: text('name').notNull(),
    description: text('description').notNull().default(''),
    task: text('task', { enum: ['binary', 'multiclass', 'regression', 'ranking', 'other'] }).notNull(),
    /** The label that counts as positive in a binary task, as text. */
    positiveLabel: text('positive_label'),
    /** Rows whose values do not fit the training version's types are refused; otherwise they are evidence. */
    strict: boolean('strict').notNull().default(false),
    currentVersionId: count('current_version_id').references((): AnyPgColumn => modelVersions.id),
    /** The event time that enough settled predictions have passed, or their sender says so: windows close against it. */
    watermark: instant('watermark'),
    /** The latest event time in settled predictions: a second one that has come as far moves the watermark there. */
    newestEvent: instant('newest_event'),
    lastBatchAt: instant('last_batch_at'),
    /** The settle sequence given last; a settlement locks this row, so batches settle one after another. */
    settleSequence: count('settle_sequence').notNull().default(0),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [unique('models_name').on(t.projectId, t.name)],
);

/** A trained model, bound for ever to the dataset version it was trained on. */
export const modelVersions = pgTable(
  'model_versions',
  {
    id: serial(),
    projectId: projectId(),
    modelId: count('model_id')
      .notNull()
      .references(() => models.id),
    name: text('name').notNull(),
    number: integer('number').notNull(),
    datasetVersionId: count('dataset_version_id')
      .notNull()
      .references(() => versions.id),
    /** Which columns of the dataset are what: `{prediction, score, label, id, timestamp, ignore[]}`. */
    roles: jsonb('roles').notNull(),
    metrics: jsonb('metrics').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    promotedAt: instant('promoted_at'),
  },
  (t) => [
    unique('model_versions_name').on(t.modelId, t.name),
    unique('model_versions_number').on(t.modelId, t.number),
    index('model_versions_dataset').on(t.datasetVersionId),
  ],
);
