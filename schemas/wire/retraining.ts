import { z } from 'zod';
import { rolesShape } from './models.ts';
import { instantShape, nameShape, pageShape } from './shapes.ts';
import { deliveryView } from './webhooks.ts';

/** An ISO 8601 duration of fixed length, or seconds; what it may measure is checked where it is used. */
const durationShape = z.union([z.string().max(40), z.number()]).meta({ example: 'P1D' });

export const policyRequest = z.strictObject({
  name: nameShape,
  model: nameShape,
  monitor: nameShape,
  /** What starts a run: the monitor's alert. Runs can be asked for at any time as well. */
  on: z.literal('alert').optional(),
  /** `auto` promotes what has succeeded at once. Default `manual`. */
  promote: z.enum(['manual', 'auto']).optional(),
  /** How long after a run an alert starts no other. Default P1D. */
  cooldown: durationShape.optional(),
  /** Labelled predictions that a run needs; it waits for them until its deadline. Default 500. */
  minimum_labelled_rows: z.int().min(1).max(1_000_000).optional(),
  /** How long a run may take. Default P1D. */
  deadline: durationShape.optional(),
  /** Event time to learn from, back from the end of the last window. Default: the windows of the alert. */
  span: durationShape.optional(),
});

export const policyChange = z.strictObject({ enabled: z.boolean() });

/** The stored configuration of a policy: nothing is left to a default. */
export const policyConfig = z.object({
  on: z.literal('alert'),
  promote: z.enum(['manual', 'auto']),
  cooldown_seconds: z.int(),
  minimum_labelled_rows: z.int(),
  deadline_seconds: z.int(),
  span_seconds: z.int().nullable(),
});

export type PolicyConfig = z.infer<typeof policyConfig>;

export const policyView = z
  .strictObject({
    name: z.string(),
    model: z.string(),
    monitor: z.string(),
    enabled: z.boolean(),
    on: z.literal('alert'),
    promote: z.enum(['manual', 'auto']),
    cooldown: z.string(),
    minimum_labelled_rows: z.int(),
    deadline: z.string(),
    span: z.string().nullable(),
    created_at: instantShape,
  })
  .meta({ id: 'Policy' });

export const runRequest = z.strictObject({ policy: nameShape });

const metricsShape = z.record(z.string().min(1).max(200), z.number()).meta({ example: { roc_auc: 0.91 } });

/** What a retraining pipeline says of itself. */
export const runReport = z.strictObject({
  state: z.enum(['accepted', 'running', 'succeeded', 'failed']),
  /** The token may stand here instead of in the Authorization header. */
  token: z.string().max(200).optional(),
  external_url: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .optional(),
  message: z.string().max(2000).optional(),
  metrics: metricsShape.optional(),
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
});

export type RunReport = z.infer<typeof runReport>;

const runStateShape = z.enum([
  'preparing',
  'requested',
  'accepted',
  'running',
  'succeeded',
  'failed',
  'timed_out',
  'promoted',
]);

export const runAnswer = z
  .strictObject({
    run: z.string(),
    state: runStateShape,
    /** For the next report; null once the run has ended. */
    next_token: z.string().nullable(),
  })
  .meta({ id: 'RunAnswer' });

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
    state: runStateShape,
    reference: versionView,
    training: versionView.nullable(),
    model_version: z.string().nullable(),
    external_url: z.string().nullable(),
    metrics: z.record(z.string(), z.number()),
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
