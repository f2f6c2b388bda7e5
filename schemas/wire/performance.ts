import { z } from 'zod';
import { taskShape } from './models.ts';
import { durationShape, instantShape, orNull } from './shapes.ts';

/** How performance is judged once labels come; null: by the standard again. */
export const performanceRequest = z
  .strictObject({
    minimum_coverage: z.number().gt(0).max(1).optional().meta({
      description:
        'Share of a window’s predictions that must have a label before its performance is judged; 0.9 when nothing is said',
    }),
    judge_after: durationShape.optional().meta({
      description:
        'How long after its end a window is judged by the labels that have come, however few; P7D when nothing is said',
    }),
    worsening: z
      .record(z.string().max(200), z.number().min(0))
      .optional()
      .meta({
        description:
          'The metrics that are judged instead of the standard ones, each with the smallest worsening that matters, in its own units',
        example: { roc_auc: 0.02, f1: 0.03 },
      }),
    quantile: z.number().gt(0).lt(1).optional().meta({ description: 'The quantile that a regression predicts' }),
    business_value: z
      .record(z.string().max(1000), z.record(z.string().max(1000), z.number()))
      .optional()
      .meta({
        description: 'What a prediction is worth, by label and predicted class; what is not named is worth 0',
        example: { '1': { '1': 100, '0': -500 }, '0': { '1': -10 } },
      }),
  })
  .nullable();

/** As stored: what was not chosen is absent. */
export const performanceConfig = z.object({
  minimum_coverage: z.number().optional(),
  judge_after_seconds: z.int().optional(),
  worsening: z.record(z.string(), z.number()).optional(),
  quantile: z.number().optional(),
  business_value: z.record(z.string(), z.record(z.string(), z.number())).optional(),
});

/** A measure of performance with its 95 % confidence interval; `reason` says why there is no value. */
const metricView = z
  .object({
    value: z.number().nullable(),
    low: z.number().nullable(),
    high: z.number().nullable(),
    n: z.int(),
    method: z.string(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'Metric' });

/** A metric of a window against the reference's. */
export const metricComparison = z
  .object({
    metric: z.string(),
    better: z.enum(['higher', 'lower']),
    value: z.number().nullable(),
    reference: z.number().nullable(),
    worsening: z.number().nullable(),
    /** The smallest worsening that matters. */
    minimum: z.number(),
    /** The value at which the window would be called worse. */
    limit: z.number().nullable(),
    p: z.number().nullable(),
    verdict: z.enum(['worse', 'no_worse', 'not_comparable']),
    reason: z.string().nullable(),
  })
  .meta({ id: 'MetricComparison' });

/** What a judgement of performance is to the alert, after those that were made of fewer labels. */
const performanceAlarm = z
  .object({
    /** How many times the window was judged by other labels, by this revision of the configuration. */
    look: z.int(),
    revision: z.int(),
    labelled: z.int(),
    /** Labels at the first look. */
    first_labelled: z.int(),
    /** How many times rarer what was found could have been asked to be; null where it is no worse. */
    rarity: z.number().nullable(),
    alarms: z.boolean(),
    /** At this look or at one before. */
    alarmed: z.boolean(),
    /** How often chance gives as much, and may; null where that was not asked. */
    chance: z.number().nullable(),
    needed_chance: z.number().nullable(),
    why: z.string().nullable(),
  })
  .meta({ id: 'PerformanceAlarm' });

export type PerformanceAlarm = z.infer<typeof performanceAlarm>;

/** A window's performance against that of its reference. */
const performanceJudgement = z
  .object({
    verdict: z.enum(['waiting', 'worse', 'no_worse', 'insufficient_data', 'not_comparable']),
    /** One or two plain sentences; while it waits, what it waits for. */
    why: z.string(),
    /** Until when it waits at most for more labels; null once it is judged. */
    waits_until: instantShape.nullable(),
    /** Level that the metrics share. */
    alpha: z.number(),
    comparisons: z.array(metricComparison),
  })
  .meta({ id: 'PerformanceJudgement' });

/**
 * What a window's performance is expected to be while its labels are missing. It rests on `assumptions`, which
 * nothing in the window can prove.
 */
export const storedEstimate = z.object({
  /** `cbpe@1` for classes, `dle@1` for numbers. */
  method: z.string(),
  task: taskShape,
  assumptions: z.array(z.string()),
  /** Bands are where the realised value lies 95 times in 100, as long as the assumptions hold. */
  metrics: z.record(z.string(), metricView),
  parameters: z.record(z.string(), z.union([z.number(), z.boolean()])),
  /** On rows of the reference that were not learnt from: expected and realised. */
  check: z.record(z.string(), z.object({ estimated: z.number(), realised: z.number() })),
  comparisons: z.array(metricComparison),
  /** Why nothing could be estimated, else null. */
  reason: z.string().nullable(),
  /** The same of the rows of each segment, where the monitor has any: the values with the most. */
  segments: z
    .array(
      z.object({
        by: z.string(),
        values: z.array(
          z.object({
            /** Null: rows without a value. */
            value: z.string().nullable(),
            rows: z.int(),
            metrics: z.record(z.string(), metricView),
            reason: z.string().nullable(),
          }),
        ),
        left_out: z.object({ values: z.int(), rows: z.int() }),
      }),
    )
    .optional(),
});

export type Estimate = z.infer<typeof storedEstimate>;

/** What `window_performance` keeps beside the counts. */
export const storedPerformance = z.object({
  task: taskShape,
  positive_label: z.string().nullable(),
  metrics: z.record(z.string(), metricView),
  confusion: z
    .object({ true_positive: z.int(), false_positive: z.int(), false_negative: z.int(), true_negative: z.int() })
    .nullable(),
  /** Why nothing could be measured, else null. */
  reason: z.string().nullable(),
  /** Nobody declared the task: it was found from labels and predictions. */
  task_found: z.boolean().optional(),
  /** Label by predicted class, where there are several: `counts[label][predicted]`. */
  classes: z.object({ labels: z.array(z.string()), counts: z.array(z.array(z.int())) }).optional(),
  /** Gain and lift over the tenths of the rows, the highest score first. */
  gains: z.array(z.object({ share: z.number(), gain: z.number(), lift: z.number() })).optional(),
  /** Labels by class, or by the reference's deciles: `edges` are those between the cells. */
  label_distribution: z
    .object({
      edges: z.array(z.number()).nullable(),
      counts: z.array(z.object({ label: z.string(), count: z.int() })),
    })
    .optional(),
  /** Labels that are none of the training data's, the most frequent first; a binary measurement leaves them out. */
  foreign_labels: z.array(z.object({ label: z.string(), count: z.int() })).optional(),
  /** The same of the labelled rows of each segment, where the monitor has any: the values with the most of them. */
  segments: z
    .array(
      z.object({
        by: z.string(),
        values: z.array(
          z.object({
            /** Null: rows without a value. */
            value: z.string().nullable(),
            labelled: z.int(),
            metrics: z.record(z.string(), metricView),
            reason: z.string().nullable(),
          }),
        ),
        left_out: z.object({ values: z.int(), labelled: z.int() }),
      }),
    )
    .optional(),
  judgement: performanceJudgement.optional(),
  /** Null until the window is judged; absent in what was measured before looks were counted. */
  alarm: orNull(performanceAlarm).optional(),
  /** Whether the labels are spread as in the reference; absent until the window is judged. */
  prior_shift: z
    .object({
      verdict: z.enum(['drift', 'no_drift', 'insufficient_data']),
      why: z.string(),
      effect: z.object({ measure: z.string(), value: z.number().nullable(), limit: z.number() }),
      p: z.number().nullable(),
      cells: z.array(z.object({ label: z.string(), reference: z.int(), window: z.int() })),
    })
    .optional(),
});

export type PerformanceJudgement = z.infer<typeof performanceJudgement>;
export type StoredPerformance = z.infer<typeof storedPerformance>;

export const performanceView = z
  .strictObject({
    rows: z.int(),
    labelled: z.int(),
    /** Share of the window's predictions that have a label. */
    coverage: z.number().nullable(),
    ...storedPerformance.shape,
  })
  .meta({ id: 'Performance' });

export const estimateView = z
  .strictObject({
    ...storedEstimate.shape,
    /** What the labels that have come say of the same metrics, and how far off the estimate was. */
    against_labels: z.record(
      z.string(),
      z.strictObject({ realised: z.number(), error: z.number(), inside_band: z.boolean().nullable() }),
    ),
  })
  .meta({ id: 'PerformanceEstimate' });

export const performanceSeriesView = z
  .strictObject({
    items: z.array(
      performanceView.extend({
        start: instantShape,
        end: instantShape,
        computed_at: instantShape,
        estimate: orNull(estimateView),
      }),
    ),
  })
  .meta({ id: 'PerformanceSeries' });
