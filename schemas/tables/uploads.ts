import { integer, pgTable, text, unique } from 'drizzle-orm/pg-core';
import { projects } from './access.ts';
import { count, instant, projectId } from './columns.ts';

/** Large objects that come in parts. The parts themselves lie with the objects; what is there is what has come. */
export const uploads = pgTable(
  'uploads',
  {
    id: text('id').primaryKey(),
    projectId: projectId().references(() => projects.id),
    oid: text('oid').notNull(),
    size: count('size').notNull(),
    /** Every part but the last has as many. */
    partBytes: integer('part_bytes').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    touchedAt: instant('touched_at').notNull().defaultNow(),
    completedAt: instant('completed_at'),
  },
  (t) => [unique('uploads_object').on(t.projectId, t.oid, t.size)],
);
