import { type SQL, sql } from 'drizzle-orm';

/** True for a project that is not deleted, and for 0, which stands for the service itself. Deleted ones are few. */
export const stands = (project: SQL): SQL =>
  sql`${project} <> all(array(select id from projects where deleted_at is not null))`;
