import { sql } from 'drizzle-orm';
import { bigint, boolean, index, pgTable, primaryKey, text, unique, uniqueIndex } from 'drizzle-orm/pg-core';
import { count, instant, projectId, serial } from './columns.ts';
import { datasets } from './datasets.ts';

/** Requests of one pusher to the DVC remote of a dataset, from the first upload until nothing more comes. */
export const pushSessions = pgTable(
  'push_sessions',
  {
    id: text('id').primaryKey(),
    projectId: projectId(),
    datasetId: count('dataset_id')
      .notNull()
      .references(() => datasets.id),
    /** Author, address and agent in one: whose requests belong together. */
    pusher: text('pusher').notNull(),
    author: text('author').notNull(),
    address: text('address').notNull(),
    agent: text('agent').notNull(),
    startedAt: instant('started_at').notNull().defaultNow(),
    /** Not quiet before this, whatever else: prolonged while an upload is under way. */
    quietAt: instant('quiet_at').notNull(),
    closedAt: instant('closed_at'),
    /** What follows is written when it is closed. First, folders that the client was about to send. */
    awaited: text('awaited').array().notNull().default(sql`'{}'`),
    newObjects: count('new_objects').notNull().default(0),
    newBytes: count('new_bytes').notNull().default(0),
    /** Of the folders that came: files that were held already. */
    heldObjects: count('held_objects').notNull().default(0),
    heldBytes: count('held_bytes').notNull().default(0),
    refused: count('refused').notNull().default(0),
    versionIds: bigint('version_ids', { mode: 'number' }).array().notNull().default(sql`'{}'`),
  },
  (t) => [
    uniqueIndex('push_sessions_open').on(t.datasetId, t.pusher).where(sql`${t.closedAt} is null`),
    index('push_sessions_started').on(t.datasetId, t.startedAt),
    index('push_sessions_closed').on(t.closedAt),
  ],
);

/** What became of each object that was sent in a session. */
export const pushObjects = pgTable(
  'push_objects',
  {
    /** In the order in which they were taken. */
    id: serial(),
    sessionId: text('session_id')
      .notNull()
      .references(() => pushSessions.id),
    layout: text('layout', { enum: ['files-md5', 'legacy'] }).notNull(),
    /** As the client calls it. */
    name: text('name').notNull(),
    /** The object that it became; null when it was refused. */
    oid: text('oid'),
    size: count('size').notNull().default(0),
    state: text('state', { enum: ['new', 'held', 'refused'] }).notNull(),
    code: text('code'),
    detail: text('detail'),
    at: instant('at').notNull().defaultNow(),
  },
  (t) => [unique('push_objects_name').on(t.sessionId, t.layout, t.name)],
);

/**
 * What a client asked a dataset's remote for and what is still to be thought of when it uploads, to whichever server:
 * folders, files that it was told are there although the dataset has no version of them, and, without a name, that it
 * reads. Of no use after a few minutes.
 */
export const remoteQuestions = pgTable(
  'remote_questions',
  {
    projectId: projectId(),
    /** By name: there may be none yet. */
    dataset: text('dataset').notNull(),
    /** MD5 of the pusher of a session. */
    pusher: text('pusher').notNull(),
    name: text('name').notNull(),
    askedAt: instant('asked_at').notNull().defaultNow(),
    inVain: boolean('in_vain').notNull().default(false),
    /** When the client looked for the folder's list in vain, which it does right before it sends its files. */
    begunAt: instant('begun_at'),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.dataset, t.pusher, t.name] }),
    index('remote_questions_asked').on(t.askedAt),
  ],
);
