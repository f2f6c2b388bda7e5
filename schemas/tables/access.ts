import { sql } from 'drizzle-orm';
import { index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { instant, projectId } from './columns.ts';

/** The tenancy unit; `default` exists from the first migration. */
export const projects = pgTable(
  'projects',
  {
    id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
    /** That of a deleted one too, until it is erased. */
    name: text('name').notNull().unique(),
    createdAt: instant('created_at').notNull().defaultNow(),
    /** Since when nobody is let into it and no job of it begins; it can be restored. */
    deletedAt: instant('deleted_at'),
    deletedBy: text('deleted_by'),
    /** Until when: from then on it is erased. */
    eraseAt: instant('erase_at'),
    /** Since when its rows and bytes go, and it cannot be restored. */
    erasingAt: instant('erasing_at'),
  },
  (t) => [index('projects_deleted').on(t.id).where(sql`${t.deletedAt} is not null`)],
);

/** What projects were called before: a name goes on finding its project until another one takes it. */
export const projectAliases = pgTable(
  'project_aliases',
  {
    name: text('name').primaryKey(),
    projectId: projectId().references(() => projects.id),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [index('project_aliases_project').on(t.projectId)],
);

/** An API key: what is stored proves a key and cannot be turned back into one. */
export const apiKeys = pgTable(
  'api_keys',
  {
    id: text('id').primaryKey(),
    projectId: projectId().references(() => projects.id),
    name: text('name').notNull(),
    secretSha256: text('secret_sha256').notNull(),
    scopes: text('scopes').array().notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    expiresAt: instant('expires_at'),
    revokedAt: instant('revoked_at'),
    lastUsedAt: instant('last_used_at'),
  },
  (t) => [index('api_keys_project').on(t.projectId)],
);

/** The first answer to a mutation, kept so that its repetition gets the same one. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    projectId: projectId().references(() => projects.id),
    key: text('key').notNull(),
    route: text('route').notNull(),
    bodySha256: text('body_sha256').notNull(),
    status: integer('status').notNull(),
    answer: jsonb('answer').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.key] }), index('idempotency_keys_age').on(t.createdAt)],
);
