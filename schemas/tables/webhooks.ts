import { sql } from 'drizzle-orm';
import { index, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { projects } from './access.ts';
import { bytea, instant, projectId, serial } from './columns.ts';

/** A receiver of events. Its secret lies here encrypted and is shown once, when it is made. */
export const endpoints = pgTable(
  'endpoints',
  {
    id: text('id').primaryKey(),
    projectId: projectId().references(() => projects.id),
    /** `standard` for an event as it is, else the system whose way of being called is followed. */
    kind: text('kind').notNull().default('standard'),
    /** Without the part that is secret, where the URL itself is one. */
    url: text('url').notNull(),
    /** What the kind wants to know. */
    options: jsonb('options').notNull().default({}),
    /** What it wants to be shown, encrypted; null when there is nothing. */
    credentials: bytea('credentials'),
    description: text('description').notNull().default(''),
    /** Event types it wants; empty: all. */
    events: text('events').array().notNull(),
    /** What the labels of an event must be, all of them; empty: anything. */
    matchers: jsonb('matchers').notNull().default([]),
    /** Of the newest key: `v1` is HMAC-SHA256, `v1a` is ed25519. */
    scheme: text('scheme', { enum: ['v1', 'v1a'] })
      .notNull()
      .default('v1'),
    /** The newest key: an HMAC secret, or the seed of a private key. */
    secret: bytea('secret').notNull(),
    /** When the last of the former keys ends; null when there is none. */
    rotatingUntil: instant('rotating_until'),
    /** The version of the events' shapes that it was registered for. */
    payloadVersion: integer('payload_version').notNull().default(1),
    /** Tries under way at once. */
    maxInFlight: integer('max_in_flight').notNull().default(4),
    /** Tries that may begin in a minute; null: as many as there are. */
    ratePerMinute: integer('rate_per_minute'),
    /** Alerts are told together, so long after the first of them; null: each by itself. */
    digestSeconds: integer('digest_seconds'),
    /** Nothing is sent before: by the rate, after a failure, or because the receiver asked for it. */
    nextSendAt: instant('next_send_at'),
    state: text('state', { enum: ['enabled', 'disabled'] }).notNull(),
    disabledReason: text('disabled_reason'),
    failingSince: instant('failing_since'),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [index('endpoints_project').on(t.projectId)],
);

/** Former keys of an endpoint, which still sign beside the newest one until they end. */
export const retiredSecrets = pgTable(
  'retired_secrets',
  {
    id: serial(),
    endpointId: text('endpoint_id')
      .notNull()
      .references(() => endpoints.id),
    scheme: text('scheme', { enum: ['v1', 'v1a'] }).notNull(),
    secret: bytea('secret').notNull(),
    endsAt: instant('ends_at').notNull(),
  },
  (t) => [index('retired_secrets_endpoint').on(t.endpointId, t.endsAt)],
);

/**
 * `standing`: delivered, and told again until what it tells of is over. `unknown`: perhaps delivered, and not to be
 * sent again by itself, since that might start something twice.
 */
/** Events of alerts that wait for the next digest of an endpoint. */
export const digestItems = pgTable(
  'digest_items',
  {
    id: serial(),
    endpointId: text('endpoint_id')
      .notNull()
      .references(() => endpoints.id),
    /** The alert. */
    subject: text('subject').notNull(),
    brief: jsonb('brief').notNull(),
    at: instant('at').notNull(),
  },
  (t) => [index('digest_items_endpoint').on(t.endpointId, t.id)],
);

const MESSAGE_STATES = ['pending', 'standing', 'delivered', 'failed', 'discarded', 'unknown'] as const;

/** One event for one endpoint; its id is the `webhook-id` of every attempt. */
export const messages = pgTable(
  'messages',
  {
    id: text('id').primaryKey(),
    projectId: projectId(),
    endpointId: text('endpoint_id')
      .notNull()
      .references(() => endpoints.id),
    type: text('type').notNull(),
    /** The alert, run, version or window that the event is about. */
    subject: text('subject').notNull(),
    /** The exact text that is signed and sent. */
    body: text('body').notNull(),
    state: text('state', { enum: MESSAGE_STATES }).notNull(),
    attempts: integer('attempts').notNull(),
    /** Attempts before the schedule began anew, by a redelivery. */
    scheduledFrom: integer('scheduled_from').notNull().default(0),
    nextAttemptAt: instant('next_attempt_at'),
    /** A request that must not be repeated was begun then, and nothing is known of its end. */
    uncertainSince: instant('uncertain_since'),
    createdAt: instant('created_at').notNull().defaultNow(),
    settledAt: instant('settled_at'),
  },
  (t) => [
    index('messages_endpoint').on(t.endpointId, t.createdAt),
    index('messages_subject').on(t.projectId, t.subject),
    index('messages_pending').on(t.state, t.nextAttemptAt),
    index('messages_due').on(t.endpointId, t.nextAttemptAt, t.id).where(sql`${t.state} in ('pending', 'standing')`),
    // Whether one waits behind an earlier one about the same thing is asked for each that is due.
    index('messages_untried')
      .on(t.endpointId, t.subject, t.createdAt, t.id)
      .where(sql`${t.state} = 'pending' and ${t.attempts} = 0`),
  ],
);

export const attempts = pgTable(
  'attempts',
  {
    id: serial(),
    messageId: text('message_id')
      .notNull()
      .references(() => messages.id),
    number: integer('number').notNull(),
    at: instant('at').notNull(),
    milliseconds: integer('milliseconds').notNull(),
    outcome: text('outcome', {
      enum: ['delivered', 'retryable', 'refused', 'rejected', 'blocked', 'unknown'],
    }).notNull(),
    /** Method, address and headers; what is secret in them is struck out. */
    request: jsonb('request'),
    status: integer('status'),
    error: text('error'),
    /** At most 16 KiB of what the receiver said. */
    response: text('response'),
    /** What was started at the other end, as it is named there. */
    externalId: text('external_id'),
    externalUrl: text('external_url'),
  },
  (t) => [index('attempts_message').on(t.messageId, t.number)],
);
