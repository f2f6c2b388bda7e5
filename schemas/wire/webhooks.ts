import { z } from 'zod';
import { eventTypeShape } from './events.ts';
import { instantShape, pageShape } from './shapes.ts';

const urlShape = z.string().min(1).max(4000).meta({
  example: 'https://example.com/hooks/tidemark',
  description: 'https, without user name, password and fragment',
});

const descriptionShape = z.string().max(500);

export const webhookRequest = z.strictObject({
  url: urlShape,
  /** Event types it wants; all of them when absent or empty. */
  events: z.array(eventTypeShape).max(50).optional(),
  description: descriptionShape.optional(),
});

export const webhookChange = z.strictObject({
  state: z.enum(['enabled', 'disabled']).optional(),
  events: z.array(eventTypeShape).max(50).optional(),
  description: descriptionShape.optional(),
});

export const webhookView = z
  .strictObject({
    id: z.string(),
    url: z.string(),
    description: z.string(),
    events: z.array(z.string()),
    state: z.enum(['enabled', 'disabled']),
    disabled_reason: z.string().nullable(),
    failing_since: instantShape.nullable(),
    created_at: instantShape,
  })
  .meta({ id: 'Webhook' });

/** The one answer that holds the secret itself. */
export const issuedWebhookView = webhookView.extend({ secret: z.string() }).meta({ id: 'IssuedWebhook' });

export const messageQuery = pageShape.extend({
  state: z.enum(['pending', 'delivered', 'failed', 'discarded']).optional(),
});

export const messageView = z
  .strictObject({
    /** The `webhook-id` of every try. */
    id: z.string(),
    webhook: z.string(),
    type: z.string(),
    subject: z.string(),
    state: z.enum(['pending', 'delivered', 'failed', 'discarded']),
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
    outcome: z.enum(['delivered', 'retryable', 'refused', 'blocked']),
    status: z.int().nullable(),
    error: z.string().nullable(),
    /** At most 16 KiB of what the receiver said. */
    response: z.string().nullable(),
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
