import type { z } from 'zod';
import type {
  attemptView,
  deliveryView,
  issuedWebhookView,
  messageDetail,
  messageView,
  webhookView,
} from '../../../schemas/wire/webhooks.ts';
import type { Context } from '../../context.ts';
import { matchersOf } from '../../domain/webhook/endpoint.ts';
import type { createEndpoint } from '../../domain/webhook/endpoints.ts';
import { publicKeyOf, shownSecret } from '../../domain/webhook/keys.ts';
import type { MessageRecord } from '../../domain/webhook/messages.ts';
import { shownBody } from '../../domain/webhook/redact.ts';

type Row = MessageRecord['message'];
type Attempt = MessageRecord['attempts'][number];
type Issued = Awaited<ReturnType<typeof createEndpoint>>;
type Endpoint = Issued['endpoint'];

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

export const viewEndpoint = (ctx: Pick<Context, 'secrets'>, row: Endpoint): z.infer<typeof webhookView> => ({
  id: row.id,
  kind: row.kind,
  url: row.url,
  options: row.options as Record<string, unknown>,
  description: row.description,
  events: row.events,
  matchers: [...matchersOf(row)],
  signature: row.scheme,
  public_key: publicKeyOf(ctx, row),
  rotating_until: iso(row.rotatingUntil),
  payload_version: row.payloadVersion,
  max_in_flight: row.maxInFlight,
  rate_per_minute: row.ratePerMinute,
  digest_seconds: row.digestSeconds,
  state: row.state,
  disabled_reason: row.disabledReason,
  failing_since: iso(row.failingSince),
  created_at: row.createdAt.toISOString(),
});

export const viewIssued = (ctx: Pick<Context, 'secrets'>, issued: Issued): z.infer<typeof issuedWebhookView> => ({
  ...viewEndpoint(ctx, issued.endpoint),
  secret: shownSecret(issued.endpoint, issued.key),
});

export const viewMessage = (row: Row): z.infer<typeof messageView> => ({
  id: row.id,
  webhook: row.endpointId,
  type: row.type,
  subject: row.subject,
  state: row.state,
  attempts: row.attempts,
  next_attempt_at: iso(row.nextAttemptAt),
  created_at: row.createdAt.toISOString(),
  settled_at: iso(row.settledAt),
});

const viewAttempt = (row: Attempt): z.infer<typeof attemptView> => ({
  number: row.number,
  at: row.at.toISOString(),
  milliseconds: row.milliseconds,
  // Nothing but a delivery writes it.
  request: row.request as z.infer<typeof attemptView>['request'],
  outcome: row.outcome,
  status: row.status,
  error: row.error,
  response: row.response,
  external_id: row.externalId,
  external_url: row.externalUrl,
});

export const viewMessageDetail = ({ message, attempts }: MessageRecord): z.infer<typeof messageDetail> => ({
  ...viewMessage(message),
  body: shownBody(message.body),
  tries: attempts.map(viewAttempt),
});

export const viewDelivery = (record: MessageRecord & { readonly url: string }): z.infer<typeof deliveryView> => ({
  ...viewMessage(record.message),
  url: record.url,
  tries: record.attempts.map(viewAttempt),
});
