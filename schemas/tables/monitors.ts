import { sql } from 'drizzle-orm';
import {
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { count, instant, projectId, serial } from './columns.ts';
import { versions } from './datasets.ts';
import { models } from './models.ts';

export const monitors = pgTable(
  'monitors',
  {
    id: serial(),
    projectId: projectId(),
    modelId: count('model_id')
      .notNull()
      .references(() => models.id),
    name: text('name').notNull(),
    enabled: text('enabled', { enum: ['on', 'off'] }).notNull(),
    /** Settled batches up to this sequence have been sorted into windows. */
    windowedThrough: count('windowed_through').notNull().default(0),
    /** The event time that enough predictions of those batches have passed: windows close against it. */
    watermark: instant('watermark'),
    /** The latest event time among them. */
    newestEvent: instant('newest_event'),
    /** Windows that begin before this point have been fed to the alert; they are fed in order. */
    evaluatedThrough: instant('evaluated_through'),
    createdAt: instant('created_at').notNull().defaultNow(),
    /** It judges nothing any more and its name is free; its reports stay. */
    deletedAt: instant('deleted_at'),
  },
  (t) => [
    uniqueIndex('monitors_name').on(t.modelId, t.name).where(sql`${t.deletedAt} is null`),
    index('monitors_project').on(t.projectId),
  ],
);

/** One configuration of a monitor, in force for windows that start at or after `effectiveFrom`. */
export const monitorRevisions = pgTable(
  'monitor_revisions',
  {
    id: serial(),
    monitorId: count('monitor_id')
      .notNull()
      .references(() => monitors.id),
    revision: integer('revision').notNull(),
    /** Event time; null: since ever. */
    effectiveFrom: instant('effective_from'),
    config: jsonb('config').notNull(),
    referenceVersionId: count('reference_version_id')
      .notNull()
      .references(() => versions.id),
    referenceOid: text('reference_oid').notNull(),
    /** Who made it; null in rows from before it was kept. */
    author: text('author'),
    reason: text('reason').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [unique('monitor_revisions_number').on(t.monitorId, t.revision)],
);

/** Limits that were made for a configuration with a rate of false alarms; a revision's never change. */
export const monitorCalibrations = pgTable('monitor_calibrations', {
  revisionId: count('revision_id')
    .primaryKey()
    .references(() => monitorRevisions.id),
  body: jsonb('body').notNull(),
  createdAt: instant('created_at').notNull().defaultNow(),
});

/** Limits that were made of a change that lasted, for the windows since it became what is normal; they never change. */
export const adoptedCalibrations = pgTable(
  'adopted_calibrations',
  {
    revisionId: count('revision_id')
      .notNull()
      .references(() => monitorRevisions.id),
    /** Start of the first window of the change. */
    since: instant('since').notNull(),
    body: jsonb('body').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.revisionId, t.since] })],
);

/** `[start, end)` of event time for a monitor; late data makes a new revision. */
export const windows = pgTable(
  'windows',
  {
    id: serial(),
    projectId: projectId(),
    monitorId: count('monitor_id')
      .notNull()
      .references(() => monitors.id),
    start: instant('start').notNull(),
    end: instant('end').notNull(),
    revision: integer('revision').notNull(),
    state: text('state', { enum: ['open', 'ready', 'judged', 'failed'] }).notNull(),
    verdict: text('verdict', { enum: ['drift', 'no_drift', 'insufficient_data', 'no_data', 'error'] }),
    reportId: text('report_id'),
    /** Distinct predictions in the window, as of the last settlement that touched it. */
    rows: integer('rows').notNull(),
    error: jsonb('error'),
    createdAt: instant('created_at').notNull().defaultNow(),
    judgedAt: instant('judged_at'),
  },
  (t) => [unique('windows_start').on(t.monitorId, t.start), index('windows_state').on(t.monitorId, t.state, t.end)],
);

/** The verdict of one window revision with everything that is needed to compute it again. */
export const reports = pgTable(
  'reports',
  {
    id: text('id').primaryKey(),
    projectId: projectId(),
    monitorId: count('monitor_id').notNull(),
    windowId: count('window_id')
      .notNull()
      .references(() => windows.id),
    revision: integer('revision').notNull(),
    monitorRevisionId: count('monitor_revision_id')
      .notNull()
      .references(() => monitorRevisions.id),
    referenceOid: text('reference_oid').notNull(),
    /** `[{batch, oid, repeats}]`, in order: with the reference and the revision, the whole input. */
    inputs: jsonb('inputs').notNull(),
    /** The same of the windows that it was compared with: `{rows, previous}`; null where the version was all. */
    referenceInputs: jsonb('reference_inputs'),
    verdict: text('verdict', { enum: ['drift', 'no_drift', 'insufficient_data', 'no_data', 'error'] }).notNull(),
    rows: integer('rows').notNull(),
    body: jsonb('body').notNull(),
    /** Whether the window's rows were as they should be, as many as usual, and in time, when it was judged. */
    checks: jsonb('checks'),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [unique('reports_revision').on(t.windowId, t.revision), index('reports_monitor').on(t.monitorId)],
);

/** What became of one column of one report; the heat map reads these. */
export const columnVerdicts = pgTable(
  'column_verdicts',
  {
    reportId: text('report_id')
      .notNull()
      .references(() => reports.id),
    position: integer('position').notNull(),
    column: text('column').notNull(),
    role: text('role').notNull(),
    verdict: text('verdict').notNull(),
    measure: text('measure'),
    effect: doublePrecision('effect'),
    limit: doublePrecision('limit'),
    p: doublePrecision('p'),
    q: doublePrecision('q'),
    why: text('why').notNull(),
  },
  (t) => [primaryKey({ columns: [t.reportId, t.column] })],
);

/** What became of one segment of one report; series of segments read these. */
export const segmentVerdicts = pgTable(
  'segment_verdicts',
  {
    reportId: text('report_id')
      .notNull()
      .references(() => reports.id),
    position: integer('position').notNull(),
    by: text('by').notNull(),
    /** Null: rows without a value. */
    value: text('value'),
    rows: integer('rows').notNull(),
    referenceRows: integer('reference_rows').notNull(),
    verdict: text('verdict', { enum: ['drift', 'no_drift', 'insufficient_data'] }).notNull(),
    /** Names of the columns that drifted. */
    drifted: jsonb('drifted').notNull(),
    why: text('why').notNull(),
  },
  (t) => [primaryKey({ columns: [t.reportId, t.position] })],
);

/** How well the model did in a window, from the labels that have come. */
export const windowPerformance = pgTable('window_performance', {
  windowId: count('window_id')
    .primaryKey()
    .references(() => windows.id),
  rows: integer('rows').notNull(),
  labelled: integer('labelled').notNull(),
  metrics: jsonb('metrics').notNull(),
  computedAt: instant('computed_at').notNull().defaultNow(),
});

/** How well the predictions that a revision's reference holds agree with its own labels: what windows are judged by. */
export const referencePerformance = pgTable('reference_performance', {
  monitorRevisionId: count('monitor_revision_id')
    .primaryKey()
    .references(() => monitorRevisions.id),
  metrics: jsonb('metrics').notNull(),
  computedAt: instant('computed_at').notNull().defaultNow(),
});

/** How much each feature of a revision's reference matters to what the model predicts. */
export const referenceImportance = pgTable('reference_importance', {
  monitorRevisionId: count('monitor_revision_id')
    .primaryKey()
    .references(() => monitorRevisions.id),
  importance: jsonb('importance').notNull(),
  computedAt: instant('computed_at').notNull().defaultNow(),
});

/** What the performance of a window is expected to be without its labels. */
export const windowEstimates = pgTable('window_estimates', {
  windowId: count('window_id')
    .primaryKey()
    .references(() => windows.id),
  /** Of the window: late rows make another one. */
  revision: integer('revision').notNull(),
  estimate: jsonb('estimate').notNull(),
  computedAt: instant('computed_at').notNull().defaultNow(),
});
