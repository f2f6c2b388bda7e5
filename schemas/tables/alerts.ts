import { sql } from 'drizzle-orm';
import { boolean, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { projects } from './access.ts';
import { count, instant, projectId, serial } from './columns.ts';
import { monitors } from './monitors.ts';

/** One alert from its first breach to its resolution. */
export const episodes = pgTable(
  'episodes',
  {
    id: text('id').primaryKey(),
    projectId: projectId(),
    monitorId: count('monitor_id')
      .notNull()
      .references(() => monitors.id),
    /** Monitor, target and segment; one living episode a fingerprint. */
    fingerprint: text('fingerprint').notNull(),
    target: text('target').notNull(),
    state: text('state', { enum: ['pending', 'firing', 'no_data', 'error', 'recovering', 'resolved'] }).notNull(),
    /** Consecutive windows that breached, or were clean, up to now. */
    streak: integer('streak').notNull(),
    /** The last windows that count for firing: see the machine. */
    recent: text('recent').notNull().default(''),
    severity: text('severity', { enum: ['warning', 'critical'] })
      .notNull()
      .default('warning'),
    /** It has fired and ended so often of late that nobody is told each time. */
    flapping: boolean('flapping').notNull().default(false),
    assignedTo: text('assigned_to'),
    mutedUntil: instant('muted_until'),
    /** When its receivers were last told, and since when they should have been and were not. */
    notifiedAt: instant('notified_at'),
    heldSince: instant('held_since'),
    /** The monitor's wish as of the last window; null: told once. */
    repeatSeconds: integer('repeat_seconds'),
    /** Start of the first breaching window, end of the last window taken into account. */
    from: instant('from').notNull(),
    through: instant('through').notNull(),
    firedAt: instant('fired_at'),
    resolvedAt: instant('resolved_at'),
    acknowledgedAt: instant('acknowledged_at'),
    acknowledgedBy: text('acknowledged_by'),
    lastReportId: text('last_report_id').notNull(),
    summary: jsonb('summary').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex('episodes_living').on(t.fingerprint).where(sql`${t.state} <> 'resolved'`),
    index('episodes_project').on(t.projectId, t.createdAt),
    index('episodes_monitor').on(t.monitorId),
    index('episodes_firing').on(t.notifiedAt).where(sql`${t.state} in ('firing', 'no_data', 'error')`),
  ],
);

/** The windows that an episode was fed, as they were judged then: a later revision is told from it by its report. */
export const episodeWindows = pgTable(
  'episode_windows',
  {
    episodeId: text('episode_id')
      .notNull()
      .references(() => episodes.id),
    windowId: count('window_id').notNull(),
    start: instant('start').notNull(),
    reportId: text('report_id').notNull(),
    verdict: text('verdict').notNull(),
  },
  (t) => [primaryKey({ columns: [t.episodeId, t.windowId] })],
);

/** A time in which alerts that match are told to nobody. What is over stays, so that it can be seen who held what back. */
export const silences = pgTable(
  'silences',
  {
    id: text('id').primaryKey(),
    projectId: projectId().references(() => projects.id),
    matchers: jsonb('matchers').notNull(),
    startsAt: instant('starts_at').notNull(),
    endsAt: instant('ends_at').notNull(),
    /** When within that time it holds: `{schedule, seconds, zone}`; null: all of it. */
    recurs: jsonb('recurs'),
    author: text('author').notNull(),
    comment: text('comment').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [index('silences_project').on(t.projectId, t.endsAt)],
);

/** Append only: each transition with its reason, author and evidence. */
export const episodeEvents = pgTable(
  'episode_events',
  {
    id: serial(),
    episodeId: text('episode_id')
      .notNull()
      .references(() => episodes.id),
    at: instant('at').notNull().defaultNow(),
    fromState: text('from_state'),
    toState: text('to_state').notNull(),
    reason: text('reason').notNull(),
    author: text('author').notNull(),
    windowId: count('window_id'),
    reportId: text('report_id'),
    detail: jsonb('detail').notNull(),
  },
  (t) => [index('episode_events_episode').on(t.episodeId, t.id), index('episode_events_window').on(t.windowId)],
);
