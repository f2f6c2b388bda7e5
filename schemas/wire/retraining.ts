import { z } from 'zod';
import { comparisonShape } from './comparison.ts';
import { rolesShape } from './models.ts';
import { causeShape } from './policies.ts';
import { instantShape, nameShape, orNull, pageShape } from './shapes.ts';
import { deliveryView } from './webhooks.ts';

export const runRequest = z.strictObject({ policy: nameShape });

const metricsShape = z.record(z.string().min(1).max(200), z.number()).meta({ example: { roc_auc: 0.91 } });

/** What a retraining pipeline says of itself. */
export const runReport = z.strictObject({
  state: z.enum(['accepted', 'running', 'succeeded', 'failed', 'cancelled']),
  /** The token may stand here instead of in the Authorization header. */
  token: z.string().max(200).optional(),
  external_url: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .optional(),
  message: z.string().max(2000).optional(),
  progress: z.number().min(0).max(1).optional().meta({ description: 'How much of it is done, from 0 to 1' }),
  metrics: metricsShape.optional(),
  cost: z
    .number()
    .min(0)
    .max(1e12)
    .optional()
    .meta({ description: "What the run has cost so far, in the currency of its policy's budget" }),
  model_version: z
    .strictObject({
      name: nameShape.optional(),
      metrics: metricsShape.optional(),
      /** What the model was trained on, best with its own predictions. Default: the run's training data without any. */
      dataset: nameShape.optional(),
      ref: z.string().min(1).max(200).optional(),
      roles: rolesShape.optional(),
    })
    .optional(),
  /** What the new model says of the rows that were held out. */
  evaluation: z
    .strictObject({ dataset: nameShape, ref: z.string().min(1).max(200).optional() })
    .optional()
    .meta({
      description:
        'A pushed table with `prediction_id` and `prediction`, `score` or both, for the rows of `evaluation` in the ' +
        'request: both models are compared on them',
    }),
});

export type RunReport = z.infer<typeof runReport>;

const runStateShape = z.enum([
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
]);

export const runAnswer = z
  .strictObject({
    run: z.string(),
    state: runStateShape,
    /** For the next report; null once the run has ended. */
    next_token: z.string().nullable(),
  })
  .meta({ id: 'RunAnswer' });

export const approvalRequest = z.strictObject({ comment: z.string().min(1).max(2000).optional() });

export const declineRequest = z.strictObject({ reason: z.string().min(1).max(2000) });

export const cancellation = z.strictObject({ reason: z.string().min(1).max(2000) });

export const rollbackRequest = z.strictObject({
  reason: z.string().min(1).max(2000),
  effective_from: instantShape.optional().meta({
    description: "Event time from which windows are compared with the former reference. Default: the model's watermark",
  }),
});

export const promotionRequest = z.strictObject({
  /** Event time from which windows are compared with the new reference. Default: the model's watermark. */
  effective_from: instantShape.optional(),
});

export const runQuery = pageShape.extend({
  state: runStateShape.optional(),
  model: nameShape.optional(),
  policy: nameShape.optional(),
});

const versionView = z.strictObject({ dataset: z.string(), version: z.int(), oid: z.string() });

export const runView = z
  .strictObject({
    id: z.string(),
    policy: z.string(),
    model: z.string(),
    monitor: z.string(),
    alert: z.string().nullable(),
    cause: causeShape,
    state: runStateShape,
    reference: versionView,
    training: versionView.nullable(),
    comparison: orNull(comparisonShape),
    model_version: z.string().nullable(),
    external_url: z.string().nullable(),
    progress: z.number().nullable(),
    metrics: z.record(z.string(), z.number()),
    /** As its pipeline said last. */
    cost: z.number().nullable(),
    error: z.string().nullable(),
    created_at: instantShape,
    updated_at: instantShape,
    deadline_at: instantShape,
    promoted_at: instantShape.nullable(),
  })
  .meta({ id: 'Run' });

const runEventView = z
  .strictObject({ at: instantShape, state: z.string(), author: z.string(), detail: z.looseObject({}) })
  .meta({ id: 'RunEvent' });

export const runDetail = runView
  .extend({ events: z.array(runEventView), messages: z.array(deliveryView) })
  .meta({ id: 'RunDetail' });

/** Whether all retraining in a project is stopped. */
export const retrainingSwitch = z
  .strictObject({
    stopped: z.boolean(),
    reason: z.string().min(1).max(2000).optional().meta({ description: 'Required to stop' }),
  })
  .meta({ example: { stopped: true, reason: 'the labels of this week are being repaired' } });

export const retrainingSwitchView = z
  .strictObject({
    stopped: z.boolean(),
    reason: z.string().nullable(),
    author: z.string().nullable(),
    at: instantShape.nullable(),
  })
  .meta({ id: 'RetrainingSwitch' });
