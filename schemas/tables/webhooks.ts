import { customType, index, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { projects } from './access.ts';
import { instant, projectId, serial } from './columns.ts';

const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' });

/** A receiver of events. Its secret lies here encrypted and is shown once, when it is made. */
export const endpoints = pgTable(
  'endpoints',
  {
    id: text('id').primaryKey(),
    projectId: projectId().references(() => projects.id),
    url: text('url').notNull(),
    description: text('description').notNull().default(''),
    /** Event types it wants; empty: all. */
    events: text('events').array().notNull(),
    secret: bytea('secret').notNull(),
    state: text('state', { enum: ['enabled', 'disabled'] }).notNull(),
    disabledReason: text('disabled_reason'),
    failingSince: instant('failing_since'),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [index('endpoints_project').on(t.projectId)],
);

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
    state: text('state', { enum: ['pending', 'delivered', 'failed', 'discarded'] }).notNull(),
    attempts: integer('attempts').notNull(),
    nextAttemptAt: instant('next_attempt_at'),
    createdAt: instant('created_at').notNull().defaultNow(),
    settledAt: instant('settled_at'),
  },
  (t) => [
    index('messages_endpoint').on(t.endpointId, t.createdAt),
    index('messages_subject').on(t.projectId, t.subject),
    index('messages_pending').on(t.state, t.nextAttemptAt),
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
    outcome: text('outcome', { enum: ['delivered', 'retryable', 'refused', 'blocked'] }).notNull(),
    status: integer('status'),
    error: text('error'),
    /** At most 16 KiB of what the receiver said. */
    response: text('response'),
  },
  (t) => [index('attempts_message').on(t.messageId, t.number)],
);
