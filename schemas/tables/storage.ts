import { sql } from 'drizzle-orm';
import { index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { projects } from './access.ts';
import { bytea, count, instant, projectId, serial } from './columns.ts';

/** Long work over all objects of a project, done in small steps; a killed one goes on from its cursor. */
export const storageRuns = pgTable(
  'storage_runs',
  {
    id: text('id').primaryKey(),
    projectId: projectId().references(() => projects.id),
    kind: text('kind', { enum: ['scrub', 'scan', 'check', 'collect'] }).notNull(),
    state: text('state', { enum: ['running', 'done', 'failed'] }).notNull(),
    author: text('author').notNull(),
    /** What was asked for, by kind. */
    request: jsonb('request').notNull(),
    /** Up to where it has come; null at the beginning. */
    cursor: jsonb('cursor'),
    /** Counters by name. */
    progress: jsonb('progress').notNull(),
    /** Grows each time a worker takes it up: one that wakes late can write no more. */
    fence: integer('fence').notNull().default(0),
    /** Failures since the last step that worked. */
    failures: integer('failures').notNull().default(0),
    error: text('error'),
    startedAt: instant('started_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
    finishedAt: instant('finished_at'),
  },
  (t) => [
    uniqueIndex('storage_runs_living').on(t.projectId, t.kind).where(sql`${t.state} = 'running'`),
    index('storage_runs_project').on(t.projectId, t.kind, t.startedAt),
  ],
);

/** What such work found wrong, object by object. */
export const storageFindings = pgTable(
  'storage_findings',
  {
    id: serial(),
    runId: text('run_id')
      .notNull()
      .references(() => storageRuns.id),
    code: text('code').notNull(),
    oid: text('oid').notNull(),
    detail: text('detail').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [index('storage_findings_run').on(t.runId, t.id)],
);

/**
 * Objects that the project holds no longer. In the trash their bytes are still there and whoever needs them takes
 * them back; once removed only the name is left, bound to its SHA-256 as ever.
 */
export const objectTombstones = pgTable(
  'object_tombstones',
  {
    projectId: projectId().references(() => projects.id),
    oid: text('oid').notNull(),
    sha256: text('sha256').notNull(),
    size: count('size').notNull(),
    origin: text('origin', { enum: ['received', 'pushed', 'scanned'] }).notNull(),
    createdAt: instant('created_at').notNull(),
    quarantinedAt: instant('quarantined_at'),
    state: text('state', { enum: ['trashed', 'removing', 'removed'] }).notNull(),
    trashedAt: instant('trashed_at').notNull().defaultNow(),
    removedAt: instant('removed_at'),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.oid] }),
    index('object_tombstones_oid').on(t.oid),
    index('object_tombstones_due').on(t.projectId, t.state, t.trashedAt),
  ],
);

/**
 * Of each object of more than one block, a key of its own and then the sums that prove its blocks: see
 * `store/objects/block-sums.ts`. They can be made anew from the bytes, and have to be kept from whoever writes these. An object that lies in the trash keeps them.
 */
export const blockSums = pgTable(
  'block_sums',
  {
    projectId: projectId().references(() => projects.id),
    oid: text('oid').notNull(),
    sums: bytea('sums').notNull(),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.oid] })],
);

/**
 * Pieces in which small objects of all projects came together into the remote, each stored in one request. A piece makes
 * its members durable at once; names of their own they get afterwards, and then it is only the shorter way to read them.
 */
export const bundles = pgTable(
  'bundles',
  {
    id: serial(),
    /** Under which it lies in the remote. */
    name: text('name').notNull().unique(),
    bytes: count('bytes').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    /** When all its members had names of their own. */
    laidOutAt: instant('laid_out_at'),
    /** When it was not where it should be. */
    missedAt: instant('missed_at'),
  },
  (t) => [index('bundles_waiting').on(t.id).where(sql`${t.laidOutAt} is null`)],
);

/** Where in a bundle the bytes of an object lie: `[start, start + size)`. */
export const bundleMembers = pgTable(
  'bundle_members',
  {
    oid: text('oid').primaryKey(),
    bundleId: count('bundle_id')
      .notNull()
      .references(() => bundles.id),
    start: integer('start').notNull(),
    size: integer('size').notNull(),
    sha256: text('sha256').notNull(),
  },
  (t) => [index('bundle_members_bundle').on(t.bundleId)],
);
