import { index, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { projects } from './access.ts';
import { instant, projectId, serial } from './columns.ts';

/** What was done to a project, and by whom. Rows are written with what they tell, and never changed. */
export const audit = pgTable(
  'audit',
  {
    id: serial(),
    projectId: projectId().references(() => projects.id),
    at: instant('at').notNull().defaultNow(),
    /** As `Actor.author`; `system` for what the service did by itself. */
    author: text('author').notNull(),
    action: text('action').notNull(),
    /** What it was done to: `census@v3`, an object's name, a key's id. */
    subject: text('subject').notNull(),
    requestId: text('request_id'),
    details: jsonb('details').notNull(),
  },
  (t) => [index('audit_project').on(t.projectId, t.id), index('audit_subject').on(t.projectId, t.subject, t.id)],
);
