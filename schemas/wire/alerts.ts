import { z } from 'zod';
import { alertEvidence, severityShape } from './events.ts';
import { matchersShape } from './matchers.ts';
import { runView } from './retraining.ts';
import { instantShape, nameShape, pageShape } from './shapes.ts';
import { deliveryView } from './webhooks.ts';

const alertStateShape = z.enum(['pending', 'firing', 'no_data', 'error', 'recovering', 'resolved']);

export const alertQuery = pageShape.extend({
  state: alertStateShape.optional(),
  model: nameShape.optional(),
  monitor: nameShape.optional(),
});

export const alertView = z
  .strictObject({
    id: z.string(),
    fingerprint: z.string(),
    model: z.string(),
    monitor: z.string(),
    target: z.string().meta({
      description:
        '`dataset`: drift; `data`: no data comes, or windows cannot be judged; `schema`: columns lack or have another type; `volume`: far more or fewer rows than usual; `freshness`: rows come far later than usual; `performance`: labels show that the model does worse; `estimate`: it is expected to',
    }),
    state: alertStateShape,
    severity: severityShape,
    /** It has fired and ended so often of late that nobody is told each time. */
    flapping: z.boolean(),
    /** Consecutive windows that breached, or were clean, up to now. */
    streak: z.int(),
    /** Start of the first breaching window. */
    from: instantShape,
    /** End of the last window that was taken into account. */
    through: instantShape,
    fired_at: instantShape.nullable(),
    resolved_at: instantShape.nullable(),
    acknowledged_at: instantShape.nullable(),
    acknowledged_by: z.string().nullable(),
    assigned_to: z.string().nullable(),
    /** Until then nobody is told of it. */
    muted_until: instantShape.nullable(),
    /** When its receivers were last told. */
    notified_at: instantShape.nullable(),
    evidence: alertEvidence,
    created_at: instantShape,
  })
  .meta({ id: 'Alert' });

const alertEventView = z
  .strictObject({
    at: instantShape,
    from: alertStateShape.nullable(),
    to: alertStateShape,
    reason: z.string(),
    author: z.string(),
    report: z.string().nullable(),
    detail: z.looseObject({}),
  })
  .meta({ id: 'AlertEvent' });

export const alertDetail = alertView
  .extend({ events: z.array(alertEventView), messages: z.array(deliveryView), runs: z.array(runView) })
  .meta({ id: 'AlertDetail' });

export const acknowledgement = z.strictObject({
  /** Who has seen it; the key's name when absent. */
  by: z.string().min(1).max(200).optional(),
  comment: z.string().max(2000).optional(),
});

export const resolution = z.strictObject({ reason: z.string().min(1).max(2000) });

const personShape = z.string().min(1).max(200);
const commentShape = z.string().min(1).max(2000);

export const assignment = z.strictObject({
  /** Who looks after it; null: nobody any more. */
  to: personShape.nullable(),
});

export const remark = z.strictObject({ comment: commentShape });

export const mute = z.strictObject({
  /** Null: they are told again from now on. */
  until: instantShape.nullable().meta({ example: '2036-01-01T06:00:00Z' }),
  comment: commentShape.optional(),
});

export const silenceRequest = z.strictObject({
  /** What the labels of an alert must be, all of them. */
  matchers: matchersShape.min(1),
  /** Now when absent. */
  starts_at: instantShape.optional(),
  ends_at: instantShape.meta({ example: '2036-01-01T06:00:00Z' }),
  recurring: z
    .strictObject({
      schedule: z.string().min(1).max(200).meta({ example: '0 2 * * sun' }),
      duration: z.union([z.string().max(40), z.number()]).meta({ example: 'PT3H' }),
      zone: z.string().min(1).max(64).optional().meta({ example: 'Europe/Berlin' }),
    })
    .optional()
    .meta({
      description:
        'A maintenance window: between start and end it holds from each time of the schedule (five fields of cron, in an ' +
        'IANA zone, default UTC) for the duration. Without it it holds all the time',
    }),
  comment: commentShape,
});

/** How a recurring silence is kept. */
export const recurrence = z.object({ schedule: z.string(), seconds: z.int(), zone: z.string() });

export type Recurrence = z.infer<typeof recurrence>;

export const silenceQuery = z.strictObject({
  /** `true`: those too that are over. */
  ended: z.enum(['true', 'false']).default('false'),
});

export const silenceView = z
  .strictObject({
    id: z.string(),
    matchers: matchersShape,
    starts_at: instantShape,
    ends_at: instantShape,
    recurring: z.strictObject({ schedule: z.string(), duration: z.string(), zone: z.string() }).nullable(),
    /** `pending`: not yet, or between two times of its schedule. */
    state: z.enum(['pending', 'active', 'ended']),
    author: z.string(),
    comment: z.string(),
    created_at: instantShape,
  })
  .meta({ id: 'Silence' });
