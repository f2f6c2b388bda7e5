import { z } from 'zod';
import { alarmView } from './alarm.ts';
import { alertConfig, alertRequest } from './alert-rule.ts';
import { calibrationView, falseAlarmsConfig, falseAlarmsRequest } from './calibrations.ts';
import { checkName, checksConfig, checksRequest, checkView } from './checks.ts';
import { importanceConfig, importanceRequest, matteringView } from './importance.ts';
import { lintView } from './lints.ts';
import { taskShape } from './models.ts';
import { notJudgedReason } from './not-judged.ts';
import { estimateView, performanceConfig, performanceRequest, performanceView } from './performance.ts';
import { referenceConfig, referenceRequest } from './references.ts';
import { segmentsConfig, segmentsRequest } from './segments.ts';
import { durationShape, instantShape, nameShape, orNull } from './shapes.ts';
import { windowingConfig, windowingView, windowRequest } from './windowing.ts';

/** A verdict on fewer rows would be one on chance: at the usual alpha hardly a test can pass its limit. */
const FEWEST_ROWS = 10;

const columnName = z.string().min(1).max(500);

const columnsRequest = z.strictObject({
  /** Only these columns of the reference. */
  include: z.array(columnName).min(1).max(10_000).optional(),
  exclude: z.array(columnName).max(10_000).optional(),
});

const adjustmentShape = z.enum(['benjamini-hochberg', 'benjamini-yekutieli']);

const policyFields = {
  dataset: nameShape.optional(),
  ref: z.string().min(1).max(200).optional(),
  lateness: durationShape.optional(),
  idle_after: durationShape.optional(),
  columns: columnsRequest.optional(),
  /** Level of the false discovery rate over the columns of a window. */
  alpha: z.number().gt(0).max(0.5).optional(),
  minimum_rows: z.int().min(FEWEST_ROWS).max(1_000_000_000).optional().meta({
    description: 'Rows of the window and of the reference below which the verdict is `insufficient_data`.',
  }),
  /** The smallest effect that matters, by measure. */
  effects: z.record(z.string().max(200), z.number().min(0)).optional(),
  measures: z
    .array(z.string().min(1).max(200))
    .min(1)
    .max(100)
    .nullable()
    .optional()
    .meta({
      description:
        'Measures by name (`GET /v1/measures`) instead of the standard ones, for each kind of column that some of them are for; null: the standard ones again, with what moves in slices of the rows',
      example: ['cramer_von_mises/integral@1', 'energy/reference-std@1'],
    }),
  false_alarms: falseAlarmsRequest.nullable().optional(),
  reference: referenceRequest.optional(),
  compare_previous: z.boolean().optional().meta({
    description:
      'Compare each window with the one before it too, so that the report tells sudden change from slow; the verdict stays that of the reference',
  }),
  adjustment: adjustmentShape
    .optional()
    .meta({ description: 'How q is made of p over the columns; Yekutieli holds under any dependence and sees less' }),
  performance: performanceRequest.optional(),
  checks: checksRequest.optional(),
  importance: importanceRequest.optional(),
  segments: segmentsRequest.nullable().optional(),
  alert: alertRequest.optional(),
};

/** What stays as it was made. */
const fixedFields = {
  window: windowRequest.optional(),
  model_version: nameShape.optional().meta({
    description:
      'Only rows that name this version of the model: windows, what they are compared with, their volume, performance and limits. Without a `dataset` they are compared with what that version was trained on, which no promotion changes.',
  }),
};

/** A name alone is enough. */
export const monitorRequest = z
  .strictObject({ name: nameShape, ...fixedFields, ...policyFields })
  .meta({ id: 'MonitorRequest' });

/** One, or several that are made together or not at all. */
export const monitorsRequest = z.union([monitorRequest, z.array(monitorRequest).min(1).max(100)]);

/** All that a monitor is to be; what is not said has its standard. */
export const monitorPut = z.strictObject({
  ...policyFields,
  ...fixedFields,
  enabled: z.boolean().optional().meta({ description: 'true when absent' }),
  reason: z.string().max(500).optional(),
});

export const monitorChange = z.strictObject({
  ...policyFields,
  window: windowRequest.optional(),
  enabled: z.boolean().optional(),
  /** Event time: windows that start before it keep the configuration they had. Default: the monitor's watermark. */
  effective_from: instantShape.optional(),
  reason: z.string().max(500).optional(),
});

/** What was said of the reference's columns; the rest is found by their names once they are known. */
const rolesConfig = z.object({
  prediction: z.string().optional(),
  score: z.string().optional(),
  label: z.string().optional(),
  id: z.string().optional(),
  timestamp: z.string().optional(),
  query: z.string().optional(),
  scores: z.record(z.string(), z.string()).optional(),
  ignore: z.array(z.string()),
});

/** The stored configuration of a monitor's revision: nothing is left to a default. */
export const monitorConfig = z.object({
  /** Of windows of one fixed length; the other kinds have `windowing` instead. */
  window_seconds: z.int().optional(),
  windowing: windowingConfig.optional(),
  lateness_seconds: z.int(),
  idle_after_seconds: z.int(),
  /** Absent: rows of all versions. */
  model_version: z.string().optional(),
  columns: z.object({ include: z.array(z.string()).nullable(), exclude: z.array(z.string()) }),
  /** The model's: numbers that a classifier predicts are codes of classes. */
  task: taskShape,
  roles: rolesConfig,
  alpha: z.number(),
  minimum_rows: z.int(),
  effects: z.record(z.string(), z.number()),
  /** Both are absent where the standard is followed: reports made before there was a choice repeat their configuration. */
  measures: z.array(z.string()).optional(),
  adjustment: adjustmentShape.optional(),
  /** Absent: the limits stand as they are. */
  false_alarms: falseAlarmsConfig.optional(),
  /**
   * It is to be found out from the reference, once that is profiled, whether limits come from its periods. No window is
   * judged before; then this member goes, and `false_alarms` may have come. Absent: decided.
   */
  seasons: z.literal('undecided').optional(),
  /** Absent: the pinned version. */
  reference: referenceConfig.optional(),
  /** Absent: no. */
  compare_previous: z.literal(true).optional(),
  performance: performanceConfig.optional(),
  checks: checksConfig.optional(),
  /** Absent: learnt. */
  importance: importanceConfig.optional(),
  /** Absent: all rows alone. */
  segments: segmentsConfig.optional(),
  alert: z.object(alertConfig),
});

/** A change that is looked at and not made. */
export const previewRequest = z.strictObject({
  ...policyFields,
  ...fixedFields,
  windows: z
    .int()
    .min(1)
    .max(500)
    .optional()
    .meta({ description: 'How many of the newest closed windows are judged; 60 when absent' }),
});

export type PreviewRequest = z.infer<typeof previewRequest>;
export type MonitorChange = z.infer<typeof monitorChange>;
export type MonitorConfig = z.infer<typeof monitorConfig>;

const configView = z
  .strictObject({
    window: windowingView,
    lateness: z.string(),
    idle_after: z.string(),
    model_version: z.string().optional(),
    columns: z.strictObject({ include: z.array(z.string()).nullable(), exclude: z.array(z.string()) }),
    task: taskShape,
    roles: rolesConfig,
    alpha: z.number(),
    minimum_rows: z.int(),
    effects: z.record(z.string(), z.number()),
    measures: z.array(z.string()).optional(),
    adjustment: adjustmentShape.optional(),
    false_alarms: falseAlarmsConfig.optional(),
    seasons: z.literal('undecided').optional().meta({
      description:
        'The reference is still being profiled: whether it shows seasons, from which limits are then made as under "false_alarms", is decided when it is there',
    }),
    reference: referenceConfig.optional(),
    compare_previous: z.literal(true).optional(),
    performance: performanceConfig.optional(),
    checks: checksConfig.optional(),
    importance: importanceConfig.optional(),
    segments: segmentsConfig.optional(),
    alert: z.strictObject(alertConfig),
  })
  .meta({ id: 'MonitorConfig' });

export const monitorRevisionView = z
  .strictObject({
    revision: z.int(),
    effective_from: instantShape.nullable(),
    /** Who made it; null where that was not kept. */
    author: z.string().nullable(),
    reason: z.string(),
    /** What it changed of the one that it was made on; null: not there. */
    changes: z.array(z.strictObject({ pointer: z.string(), before: z.unknown(), after: z.unknown() })),
    reference: z.strictObject({ dataset: z.string(), version: z.int(), oid: z.string() }),
    config: configView,
    created_at: instantShape,
  })
  .meta({ id: 'MonitorRevision' });

export const monitorView = z
  .strictObject({
    name: z.string(),
    model: z.string(),
    enabled: z.boolean(),
    /** What is in force at its present: the event time that its predictions have come to. */
    revision: z.int(),
    effective_from: instantShape.nullable(),
    reference: z.strictObject({ dataset: z.string(), version: z.int(), oid: z.string() }),
    config: configView,
    /** Event time up to which predictions have been seen. */
    watermark: instantShape.nullable(),
    created_at: instantShape,
  })
  .meta({ id: 'Monitor' });

/** With what is wrong with its configuration. */
export const monitorDetail = monitorView
  .extend({
    lints: z.array(lintView),
    /** Where the limits come from; null without `false_alarms`, and until it is made. */
    calibration: orNull(calibrationView),
    /** What takes over later, in order. */
    scheduled: z.array(monitorRevisionView),
  })
  .meta({ id: 'MonitorDetail' });

export const windowVerdict = z.enum(['drift', 'no_drift', 'insufficient_data', 'no_data', 'error']);

export const windowView = z
  .strictObject({
    start: instantShape,
    end: instantShape,
    revision: z.int(),
    state: z.enum(['open', 'ready', 'judged', 'failed']),
    verdict: windowVerdict.nullable(),
    rows: z.int(),
    report: z.string().nullable(),
    drifted_columns: z.array(z.string()),
    /** What is wrong with its rows besides drift: see the report's `checks`. */
    unsound: z.array(checkName),
    performance: orNull(performanceView),
    /** Performance without labels; null until the window is judged. */
    estimate: orNull(estimateView),
    error: z.looseObject({}).nullable(),
    /** Event time whose arrival closes the window; null while one made of rows is open, whose end is not known yet. */
    closes_at: instantShape.nullable(),
    judged_at: instantShape.nullable(),
  })
  .meta({ id: 'Window' });

const reportSummary = z.strictObject({
  id: z.string(),
  revision: z.int(),
  verdict: windowVerdict,
  rows: z.int(),
  created_at: instantShape,
});

export const windowDetail = windowView
  .extend({
    /** Why there is no verdict on drift, and what it would take; empty when there is one. */
    not_judged_because: z.array(notJudgedReason),
    reports: z.array(reportSummary),
  })
  .meta({ id: 'WindowDetail' });

export const reportView = z
  .strictObject({
    id: z.string(),
    model: z.string(),
    monitor: z.string(),
    created_at: instantShape,
    /** False once late data or a new configuration has made a newer revision of the window. */
    current: z.boolean(),
    /** One paragraph: what moved, how much, since when, and whether it matters; of performance as the labels are now. */
    summary: z.string(),
    /** Of the rows themselves, as they were when the window was judged; empty in reports from before they were looked at. */
    checks: z.array(checkView),
    /** Which of the columns that drifted matter to the model, as far as is known now. */
    mattering: matteringView,
    /** Null where it found no drift. */
    alarm: orNull(alarmView),
    body: z.looseObject({}),
  })
  .meta({ id: 'Report' });
