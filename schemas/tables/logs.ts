import { bigint, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, count, instant, projectId, serial } from './columns.ts';
import { versions } from './datasets.ts';
import { models } from './models.ts';

/** Predictions or labels accepted in one request: one durable columnar object and this row. */
export const batches = pgTable(
  'batches',
  {
    id: serial(),
    projectId: projectId(),
    modelId: count('model_id')
      .notNull()
      .references(() => models.id),
    kind: text('kind', { enum: ['predictions', 'labels'] }).notNull(),
    oid: text('oid').notNull(),
    bytes: count('bytes').notNull(),
    /** Rows in the object: what was sent less what was rejected. */
    rows: integer('rows').notNull(),
    rejected: integer('rejected').notNull(),
    /** Rows whose id was seen before with the same content; final once the batch is settled. */
    duplicates: integer('duplicates').notNull(),
    /** Rows whose id was seen before with other content; the first accepted wins. */
    conflicts: integer('conflicts').notNull(),
    /** One bit a row (least significant first): set where the row is a repeat. Null: no repeat. */
    repeats: bytea('repeats'),
    /** Values that broke the training version's types, by column: evidence, not a reason to drop a row. */
    violations: jsonb('violations').notNull(),
    minTime: instant('min_time'),
    maxTime: instant('max_time'),
    /** The event time that enough of its new rows have passed; null while not settled, and where none is. */
    passedTime: instant('passed_time'),
    state: text('state', { enum: ['accepted', 'settled'] }).notNull(),
    /** Order of settlement within the model, from 1; null while not settled. Readers of settled batches keep it as their cursor. */
    settleSequence: count('settle_sequence'),
    receivedAt: instant('received_at').notNull().defaultNow(),
    settledAt: instant('settled_at'),
    /** Since when its rows are let go: the counts stay, the object is needed no longer. */
    droppedAt: instant('dropped_at'),
  },
  (t) => [
    index('batches_unsettled').on(t.modelId, t.state, t.id),
    index('batches_settled').on(t.modelId, t.settleSequence),
    index('batches_object').on(t.projectId, t.oid),
    index('batches_time').on(t.modelId, t.kind, t.minTime, t.maxTime),
    // From the other end: without it the newest window would cost a look at all that came before it.
    index('batches_end').on(t.modelId, t.kind, t.maxTime),
  ],
);

/**
 * Objects of small batches whose bytes lie in a larger one, each as it was: names, digests and the order of rows stay.
 * Their own objects are needed no longer.
 */
export const packedObjects = pgTable(
  'packed_objects',
  {
    projectId: projectId(),
    oid: text('oid').notNull(),
    packOid: text('pack_oid').notNull(),
    /** Bytes `[start, start + size)` of the pack. */
    start: count('start').notNull(),
    size: count('size').notNull(),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.oid] }), index('packed_objects_pack').on(t.projectId, t.packOid)],
);

/** How long a model's log is kept; a model without a row keeps everything. */
export const logRetention = pgTable('log_retention', {
  modelId: count('model_id')
    .primaryKey()
    .references(() => models.id),
  /** Null: however old. */
  keepSeconds: count('keep_seconds'),
  /** Null: however many. */
  keepRows: count('keep_rows'),
  /** What happens to a batch that a report was computed from. */
  reports: text('reports', { enum: ['keep', 'release'] }).notNull(),
  author: text('author').notNull(),
  updatedAt: instant('updated_at').notNull().defaultNow(),
  lastRunAt: instant('last_run_at'),
});

/** Rows that were refused, with where and why, so that they can be mended and sent again. */
export const rejectedRows = pgTable(
  'rejected_rows',
  {
    batchId: count('batch_id')
      .notNull()
      .references(() => batches.id),
    line: integer('line').notNull(),
    field: text('field').notNull(),
    code: text('code').notNull(),
    detail: text('detail').notNull(),
    raw: text('raw'),
  },
  (t) => [primaryKey({ columns: [t.batchId, t.line] })],
);

/** Bodies that were refused for rows of theirs, with those rows: the newest of a model, for some days. */
export const refusals = pgTable(
  'refusals',
  {
    id: serial(),
    projectId: projectId(),
    modelId: count('model_id')
      .notNull()
      .references(() => models.id),
    kind: text('kind', { enum: ['predictions', 'labels'] }).notNull(),
    /** Bad rows of the body. */
    rejected: integer('rejected').notNull(),
    /** How many of them are in `rows`, in order, and how many of those as they were sent. */
    kept: integer('kept').notNull(),
    keptRaw: integer('kept_raw').notNull(),
    /** `{line, field, code, detail, raw}` a line, as gzip. */
    rows: bytea('rows').notNull(),
    receivedAt: instant('received_at').notNull().defaultNow(),
  },
  (t) => [index('refusals_model').on(t.modelId, t.id), index('refusals_time').on(t.receivedAt)],
);

/** Which rows of a batch of predictions name a model version: monitors of one version count and read those alone. */
export const versionRows = pgTable(
  'version_rows',
  {
    batchId: count('batch_id')
      .notNull()
      .references(() => batches.id),
    /** As it was sent, whether or not the model has it. */
    name: text('name').notNull(),
    /** One bit a row (least significant first). Null: all of them. */
    rows: bytea('rows'),
  },
  (t) => [primaryKey({ columns: [t.batchId, t.name] })],
);

/**
 * Who was first with a prediction id. Written when a batch is settled, never on the way in: rows lie in the order of
 * their batches, so that the smallest kind of index finds a batch's.
 */
export const predictionIndex = pgTable(
  'prediction_index',
  {
    modelId: count('model_id').notNull(),
    /** MD5 of the prediction id. */
    idHash: uuid('id_hash').notNull(),
    batchId: count('batch_id').notNull(),
    row: integer('row').notNull(),
    eventTime: instant('event_time').notNull(),
    /** 64 bits of a digest over the row's values: tells an equal repeat from a different one. */
    contentHash: bigint('content_hash', { mode: 'bigint' }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.modelId, t.idHash] }), index('prediction_index_batch').using('brin', t.batchId)],
);

/**
 * Since when the predictions of a model hold a column: training data has columns that no prediction carries, its label
 * first of all, and those have not gone missing. Counted when batches are settled, up to a few rows.
 */
export const loggedColumns = pgTable(
  'logged_columns',
  {
    modelId: count('model_id').notNull(),
    /** As batches name it: `feature.age`, `prediction`. */
    name: text('name').notNull(),
    /** The settle sequence of the first batch that had a value in it. */
    firstSequence: count('first_sequence').notNull(),
    /** Rows that were sent with a value, as far as they are counted. */
    sent: integer('sent').notNull(),
    /** The settle sequence of the batch with which there were enough of them. */
    sentSince: count('sent_since'),
    /** Those whose value had the type that is expected. */
    fitting: integer('fitting').notNull(),
    fittingSince: count('fitting_since'),
  },
  (t) => [primaryKey({ columns: [t.modelId, t.name] })],
);

/** The latest label of a prediction id, whether or not its prediction has come. */
export const labelIndex = pgTable(
  'label_index',
  {
    modelId: count('model_id').notNull(),
    idHash: uuid('id_hash').notNull(),
    label: text('label').notNull(),
    revision: integer('revision').notNull(),
    batchId: count('batch_id').notNull(),
    labelledAt: instant('labelled_at'),
  },
  (t) => [primaryKey({ columns: [t.modelId, t.idHash] }), index('label_index_batch').on(t.batchId)],
);

/** Logged predictions that are to become, or became, a version of a dataset. */
export const predictionSelections = pgTable(
  'prediction_selections',
  {
    id: text('id').primaryKey(),
    projectId: projectId(),
    modelId: count('model_id')
      .notNull()
      .references(() => models.id),
    author: text('author').notNull(),
    /** What was asked for: which predictions, and what they are to become. */
    request: jsonb('request').notNull(),
    /** The last batch that had been accepted by then. */
    throughBatch: count('through_batch').notNull(),
    state: text('state', { enum: ['waiting', 'done', 'failed'] }).notNull(),
    rows: count('rows'),
    versionId: count('version_id').references(() => versions.id),
    error: jsonb('error'),
    createdAt: instant('created_at').notNull().defaultNow(),
    finishedAt: instant('finished_at'),
  },
  (t) => [index('prediction_selections_model').on(t.modelId, t.createdAt)],
);

/** Labels that a later one of the same prediction replaced; the latest stands in `label_index`. */
export const labelRevisions = pgTable(
  'label_revisions',
  {
    modelId: count('model_id').notNull(),
    idHash: uuid('id_hash').notNull(),
    revision: integer('revision').notNull(),
    label: text('label').notNull(),
    batchId: count('batch_id').notNull(),
    labelledAt: instant('labelled_at'),
  },
  (t) => [primaryKey({ columns: [t.modelId, t.idHash, t.revision] })],
);
