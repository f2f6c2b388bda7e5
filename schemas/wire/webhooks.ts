import { z } from 'zod';
import { eventTypeShape } from './events.ts';
import { matchersShape } from './matchers.ts';
import { instantShape, pageShape } from './shapes.ts';
import { targetShape } from './targets.ts';

const urlShape = z.string().min(1).max(4000).meta({
  example: 'https://example.com/hooks/tidemark',
  description: 'https, without user name, password and fragment',
});

const descriptionShape = z.string().max(500);

/** `v1`: HMAC-SHA256 with a shared secret. `v1a`: ed25519; the receiver needs the public key alone. */
const signatureShape = z.enum(['v1', 'v1a']);

const secretShape = z.string().max(200).meta({
  pattern: '^whsec_',
  example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  description: 'A secret of your own, of 24 to 64 bytes; one is made when it is absent.',
});

const eventsShape = z.array(eventTypeShape).max(50);
const inFlightShape = z.int().min(1).max(32);
const rateShape = z.int().min(1).max(6000);

const filters = {
  /** Event types it wants; all of them when absent or empty. */
  events: eventsShape.optional(),
  /** What the labels of an event must be. */
  matchers: matchersShape.optional(),
  description: descriptionShape.optional(),
  /** Tries under way at once. */
  max_in_flight: inFlightShape.optional(),
  /** Tries that may begin in a minute. */
  rate_per_minute: rateShape.nullable().optional(),
  digest_seconds: z
    .int()
    .min(60)
    .max(7 * 86_400)
    .nullable()
    .optional()
    .meta({
      description:
        'Alerts are told together in one `alert.digest`, so many seconds after the first of them; null: each by itself',
    }),
};

export const webhookRequest = z
  .strictObject({
    /** May be left out for a system that has one address for everybody. */
    url: urlShape.optional(),
    /** Another system, to be called in its own way; without it the URL gets the events as they are. */
    target: targetShape.optional(),
    ...filters,
    signature: signatureShape.optional(),
    secret: secretShape.optional(),
    /** The version of the events' shapes; there is one so far. */
    payload_version: z.literal(1).optional(),
  })
  .meta({ example: { url: 'https://example.com/hooks/tidemark', events: ['alert.firing'] } });

export const webhookChange = z.strictObject({
  state: z.enum(['enabled', 'disabled']).optional(),
  /** Options and credentials anew, both whole; the kind stays the same. */
  target: targetShape.optional(),
  ...filters,
});

/** The former key signs beside the new one for a day, unless another time is named. */
export const rotationRequest = z.strictObject({
  overlap_seconds: z
    .int()
    .min(0)
    .max(30 * 86_400)
    .optional(),
  signature: signatureShape.optional(),
  secret: secretShape.optional(),
});

export const webhookView = z
  .strictObject({
    id: z.string(),
    /** `standard`, or the system that is called in its own way. */
    kind: z.string(),
    url: z.string(),
    options: z.looseObject({}),
    description: z.string(),
    events: z.array(z.string()),
    matchers: matchersShape,
    signature: signatureShape,
    /** What verifies a `v1a` signature. */
    public_key: z.string().nullable(),
    /** Until when former keys sign too. */
    rotating_until: instantShape.nullable(),
    payload_version: z.int(),
    max_in_flight: z.int(),
    rate_per_minute: z.int().nullable(),
    digest_seconds: z.int().nullable(),
    state: z.enum(['enabled', 'disabled']),
    disabled_reason: z.string().nullable(),
    failing_since: instantShape.nullable(),
    created_at: instantShape,
  })
  .meta({ id: 'Webhook' });

/** The one answer that holds the secret itself; null where a public key verifies. */
export const issuedWebhookView = webhookView.extend({ secret: z.string().nullable() }).meta({ id: 'IssuedWebhook' });

/** Which messages are tried again: all that failed or were discarded, unless it says otherwise. */
export const redeliveryRequest = z.strictObject({
  since: instantShape.optional(),
  until: instantShape.optional(),
  states: z
    .array(z.enum(['delivered', 'failed', 'discarded', 'unknown']))
    .min(1)
    .max(4)
    .optional(),
});

export const redeliveryView = z
  .strictObject({
    messages: z.int(),
    /** Whether there are more of them: call it again. */
    more: z.boolean(),
  })
  .meta({ id: 'Redelivery' });

/**
 * `standing`: delivered, and told again until what it tells of is over. `unknown`: perhaps delivered, and not sent
 * again by itself, since that might start something twice.
 */
const messageStateShape = z.enum(['pending', 'standing', 'delivered', 'failed', 'discarded', 'unknown']);

export const messageQuery = pageShape.extend({
  state: messageStateShape.optional(),
});

export const messageView = z
  .strictObject({
    /** The `webhook-id` of every try. */
    id: z.string(),
    webhook: z.string(),
    type: z.string(),
    subject: z.string(),
    state: messageStateShape,
    attempts: z.int(),
    next_attempt_at: instantShape.nullable(),
    created_at: instantShape,
    settled_at: instantShape.nullable(),
  })
  .meta({ id: 'Message' });

export const attemptView = z
  .strictObject({
    number: z.int(),
    at: instantShape,
    milliseconds: z.int(),
    /** What was sent, without its body; secrets in it are struck out. */
    request: z
      .strictObject({ method: z.string(), url: z.string(), headers: z.record(z.string(), z.string()) })
      .nullable(),
    outcome: z.enum(['delivered', 'retryable', 'refused', 'rejected', 'blocked', 'unknown']),
    status: z.int().nullable(),
    error: z.string().nullable(),
    /** At most 16 KiB of what the receiver said. */
    response: z.string().nullable(),
    /** What was started at the other end, as it is named there. */
    external_id: z.string().nullable(),
    external_url: z.string().nullable(),
  })
  .meta({ id: 'Attempt' });

export const messageDetail = messageView
  .extend({
    /** What is sent, with callback tokens struck out. */
    body: z.looseObject({}),
    tries: z.array(attemptView),
  })
  .meta({ id: 'MessageDetail' });

/** A message as it stands with the alert or run that it is about. */
export const deliveryView = messageView
  .extend({ url: z.string(), tries: z.array(attemptView) })
  .meta({ id: 'MessageDelivery' });
