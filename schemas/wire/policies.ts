import { z } from 'zod';
import { budgetConfig, budgetShape } from './budget.ts';
import { instantShape, nameShape, pageShape } from './shapes.ts';

/** An ISO 8601 duration of fixed length, or seconds; what it may measure is checked where it is used. */
const durationShape = z.union([z.string().max(40), z.number()]).meta({ example: 'P1D' });

/** What may start a run. */
const causeKind = z.enum(['alert', 'performance', 'schedule', 'new_version', 'tag_moved', 'new_labels', 'request']);

export type CauseKind = z.infer<typeof causeKind>;

const startedBy = z.enum(['alert', 'drift', 'performance', 'request']).meta({
  description:
    "Which of the monitor's alerts start runs: `drift`, `performance` that is worse by the labels, `alert` (default) for " +
    'both, `request` for none',
});

const promotionRule = z.enum(['manual', 'auto', 'if_better']);

const clockShape = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of the day such as "22:00"')
  .meta({ example: '22:00' });

const dayShape = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);

const quietHours = z
  .strictObject({
    /** The days on which it begins; every day when absent. */
    days: z.array(dayShape).min(1).max(7).optional(),
    from: clockShape,
    /** On the next day where it is not later than `from`. */
    to: clockShape,
  })
  .meta({ id: 'QuietHours' });

const newData = z.strictObject({
  dataset: nameShape,
  /** The tag that has to move; each new version of the dataset when absent. */
  tag: nameShape.optional(),
});

const snapshotFields = {
  hold_out: z
    .number()
    .min(0)
    .max(0.5)
    .optional()
    .meta({
      description:
        'Share of the labelled rows that the run does not learn from. It is sent them without labels, and both models are ' +
        'compared on them. Default 0',
    }),
  balance: z.boolean().optional().meta({ description: 'As many rows of each label as of the rarest. Default false' }),
  mix_reference: z.number().min(0).max(0.9).optional().meta({
    description: 'Share of rows that are taken of what the model in service was trained on. Default 0',
  }),
};

const comparisonFields = {
  metric: z.string().min(1).max(100).nullable().optional().meta({
    description: "Default: the one that says most of the model's task (`roc_auc`, `accuracy`, `rmse`)",
  }),
  minimum_gain: z.number().min(-1e9).max(1e9).optional().meta({ description: 'In the unit of the metric. Default 0' }),
  tolerance: z.number().min(0).max(1e9).optional().meta({
    description: 'By so much it may be worse in a segment. Default 0.02',
  }),
  segments: z
    .array(z.string().min(1).max(500))
    .max(5)
    .optional()
    .meta({
      description: 'Features by whose values both are compared as well',
      example: ['region'],
    }),
};

const approvalShape = z.strictObject({ within: durationShape });

const policyFields = {
  on: startedBy.optional(),
  promote: promotionRule.optional().meta({
    description:
      '`auto` promotes what has succeeded at once; `if_better` what did better than the model in service on rows that ' +
      'were held out (`snapshot.hold_out`). Default `manual`',
  }),
  cooldown: durationShape.optional().meta({ description: 'How long after a run no other starts. Default P1D' }),
  minimum_labelled_rows: z.int().min(1).max(1_000_000).optional().meta({
    description: 'Labelled predictions that a run needs; it waits for them until its deadline. Default 500',
  }),
  deadline: durationShape.optional().meta({ description: 'How long a run may take. Default P1D' }),
  span: durationShape.optional().meta({
    description: 'Event time to learn from, back from the end of the last window. Default: the windows of the alert',
  }),
  zone: z.string().min(1).max(64).optional().meta({
    description: 'IANA zone of the schedule, the quiet hours and the limits. Default UTC',
    example: 'Europe/Berlin',
  }),
  schedule: z.string().min(1).max(200).nullable().optional().meta({
    description: 'Five fields of cron (minute, hour, day of the month, month, weekday); one start for each time',
    example: '0 3 * * mon',
  }),
  new_data: newData
    .nullable()
    .optional()
    .meta({ description: 'A new version of a dataset, or a tag of it that moves' }),
  new_labelled_rows: z.int().min(1).max(1_000_000_000).nullable().optional().meta({
    description: 'So many labelled predictions since the last run (or since the policy was made)',
  }),
  quiet_hours: z.array(quietHours).max(20).optional().meta({ description: 'Times in which nothing starts by itself' }),
  maximum_per_day: z.int().min(1).max(1000).nullable().optional(),
  maximum_per_month: z.int().min(1).max(10_000).nullable().optional(),
  budget: budgetShape.nullable().optional(),
  require_sound_data: z.boolean().optional().meta({
    description:
      'No start by itself while the newest closed window has no data, could not be judged, or broke the schema. Default true',
  }),
  require_judged_promotion: z.boolean().optional().meta({
    description:
      'No start by itself before a window of the last promoted model was judged, by any monitor that goes with it. Default true',
  }),
  snapshot: z.strictObject(snapshotFields).optional().meta({ description: 'What is made of the labelled rows' }),
  comparison: z.strictObject(comparisonFields).optional().meta({
    description: 'How what a run made is compared with the model in service',
  }),
  approval: approvalShape.nullable().optional().meta({
    description: 'Whether somebody has to approve what was not asked for by hand, and how long it waits for that',
  }),
};

export const policyRequest = z.strictObject({ name: nameShape, model: nameShape, monitor: nameShape, ...policyFields });

export type PolicyRequest = z.infer<typeof policyRequest>;

/** A policy that need not exist yet. */
export const policyTrial = policyRequest.extend({ since: instantShape.optional() });

export const policyChange = z.strictObject({ enabled: z.boolean().optional(), ...policyFields });

const quietConfig = z.object({ days: z.array(dayShape).nullable(), from: z.string(), to: z.string() });

const snapshotConfig = z.object({ hold_out: z.number(), balance: z.boolean(), mix_reference: z.number() });

const comparisonConfig = z.object({
  metric: z.string().nullable(),
  minimum_gain: z.number(),
  tolerance: z.number(),
  segments: z.array(z.string()),
});

/** The stored configuration of a policy: nothing is left to a default but what older ones did not know. */
export const policyConfig = z.object({
  on: startedBy,
  promote: promotionRule,
  cooldown_seconds: z.int(),
  minimum_labelled_rows: z.int(),
  deadline_seconds: z.int(),
  span_seconds: z.int().nullable(),
  zone: z.string().default('UTC'),
  schedule: z.string().nullable().default(null),
  new_data: z.object({ dataset: z.string(), tag: z.string().nullable() }).nullable().default(null),
  new_labelled_rows: z.int().nullable().default(null),
  quiet_hours: z.array(quietConfig).default([]),
  maximum_per_day: z.int().nullable().default(null),
  maximum_per_month: z.int().nullable().default(null),
  budget: budgetConfig.nullable().default(null),
  require_sound_data: z.boolean().default(true),
  require_judged_promotion: z.boolean().default(true),
  approval_seconds: z.int().nullable().default(null),
  snapshot: snapshotConfig.default({ hold_out: 0, balance: false, mix_reference: 0 }),
  comparison: comparisonConfig.default({ metric: null, minimum_gain: 0, tolerance: 0.02, segments: [] }),
});

export type PolicyConfig = z.infer<typeof policyConfig>;
export type QuietHours = z.infer<typeof quietConfig>;

export const policyView = z
  .strictObject({
    name: z.string(),
    model: z.string(),
    monitor: z.string(),
    enabled: z.boolean(),
    on: startedBy,
    promote: promotionRule,
    cooldown: z.string(),
    minimum_labelled_rows: z.int(),
    deadline: z.string(),
    span: z.string().nullable(),
    zone: z.string(),
    schedule: z.string().nullable(),
    /** The next time of the schedule. */
    next_at: instantShape.nullable(),
    new_data: z.strictObject({ dataset: z.string(), tag: z.string().nullable() }).nullable(),
    new_labelled_rows: z.int().nullable(),
    quiet_hours: z.array(z.strictObject({ days: z.array(dayShape).nullable(), from: z.string(), to: z.string() })),
    maximum_per_day: z.int().nullable(),
    maximum_per_month: z.int().nullable(),
    budget: z.strictObject(budgetConfig.shape).nullable(),
    require_sound_data: z.boolean(),
    require_judged_promotion: z.boolean(),
    approval: z.strictObject({ within: z.string() }).nullable(),
    snapshot: z.strictObject(snapshotConfig.shape),
    comparison: z.strictObject(comparisonConfig.shape),
    created_at: instantShape,
  })
  .meta({ id: 'Policy' });

/** A guard that holds a start back, and what would lift it. */
export const blockedShape = z
  .strictObject({
    code: z.enum([
      'stopped',
      'policy_off',
      'run_in_flight',
      'no_predictions',
      'broken_schema',
      'missing_data',
      'promotion_not_judged',
      'cooldown',
      'daily_limit',
      'monthly_limit',
      'budget',
      'quiet_hours',
    ]),
    detail: z.string(),
    /** What would lift it, in words. */
    lifts: z.string(),
    /** When time alone lifts it. */
    until: instantShape.optional(),
    /** The run it is about. */
    run: z.string().optional(),
  })
  .meta({ id: 'Blocked' });

export type Blocked = z.infer<typeof blockedShape>;

/** What a run goes back to, as it is kept with it and told with its messages. */
export const causeShape = z
  .strictObject({
    kind: causeKind,
    at: instantShape,
    /** The data that is new. */
    version: z.strictObject({ dataset: z.string(), version: z.int(), oid: z.string() }).optional(),
    tag: z.string().optional(),
    labelled_rows: z.int().optional(),
  })
  .meta({ id: 'Cause' });

export type Cause = z.infer<typeof causeShape>;

const causeState = z.enum(['waiting', 'started', 'covered', 'superseded', 'lapsed']);

export const causeQuery = pageShape.extend({ state: causeState.optional() });

export const causeView = z
  .strictObject({
    id: z.string(),
    cause: causeShape,
    alert: z.string().nullable(),
    /**
     * `waiting`: a guard holds it back; `started`: the run is its own; `covered`: a run of another cause came first;
     * `superseded`: a newer one of its kind took its place; `lapsed`: what it was about is over.
     */
    state: causeState,
    run: z.string().nullable(),
    blocked: z.array(blockedShape),
    decided_at: instantShape,
  })
  .meta({ id: 'RunCause' });

export const previewQuery = z.strictObject({ since: instantShape.optional() });

export const previewView = z
  .strictObject({
    /** Whether a run would start this moment if there were a cause. */
    would_start: z.boolean(),
    blocked: z.array(blockedShape),
    /** Causes that are there now. */
    causes: z.array(causeShape),
    needs_approval: z.boolean(),
    /** Labelled predictions in reach, up to the minimum; a run waits until there are enough. */
    labelled_rows: z.int(),
    minimum_labelled_rows: z.int(),
    backtest: z.strictObject({
      since: instantShape,
      until: instantShape,
      /** In one sentence. */
      summary: z.string(),
      starts_total: z.int(),
      starts: z.array(z.strictObject({ at: instantShape, cause: causeKind })).meta({ description: 'The last 100' }),
      blocked_total: z.record(z.string(), z.int()).meta({ description: 'Causes that never led to a run, by guard' }),
      /** What history does not tell: guards and causes that the back-test leaves out. */
      left_out: z.array(z.string()),
    }),
  })
  .meta({ id: 'PolicyPreview' });
