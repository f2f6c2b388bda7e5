import type { z } from 'zod';
import type {
  attemptView,
  deliveryView,
  messageDetail,
  messageView,
  webhookView,
} from '../../../schemas/wire/webhooks.ts';
import type { MessageRecord } from '../../domain/webhook/messages.ts';
import { shownBody } from '../../domain/webhook/redact.ts';

type Row = MessageRecord['message'];
type Attempt = MessageRecord['attempts'][number];
type Endpoint = Awaited<ReturnType<typeof import('../../domain/webhook/endpoints.ts').readEndpoint>>;

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

export const viewEndpoint = (row: Endpoint): z.infer<typeof webhookView> => ({
  id: row.id,
  url: row.url,
  description: row.description,
  events: row.events,
  state: row.state,
  disabled_reason: row.disabledReason,
  failing_since: iso(row.failingSince),
  created_at: row.createdAt.toISOString(),
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
  outcome: row.outcome,
  status: row.status,
  error: row.error,
  response: row.response,
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
