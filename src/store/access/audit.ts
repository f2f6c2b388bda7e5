import { and, desc, eq, gte, lt, type SQL } from 'drizzle-orm';
import { audit } from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';

export type AuditRow = typeof audit.$inferSelect;

/** Rows of a statement: it takes a fixed number of parameters at most. */
const CHUNK = 1000;

/** Notes what the caller's transaction does. There is no other way to write here, and none to change what is written. */
export async function insertAudit(tx: Db, rows: readonly Omit<AuditRow, 'id' | 'at'>[]): Promise<void> {
  for (let at = 0; at < rows.length; at += CHUNK) await tx.insert(audit).values(rows.slice(at, at + CHUNK));
}

export type AuditFilter = {
  readonly action?: string | undefined;
  readonly author?: string | undefined;
  readonly subject?: string | undefined;
  readonly requestId?: string | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
};

/** What was noted of a project, newest first, from the entry before `before`. */
export async function listAudit(
  db: Db,
  projectId: number,
  page: AuditFilter & { readonly before: number; readonly limit: number },
): Promise<AuditRow[]> {
  const { action, author, subject, requestId, since, until } = page;
  const wanted: (SQL | undefined)[] = [
    action === undefined ? undefined : eq(audit.action, action),
    author === undefined ? undefined : eq(audit.author, author),
    subject === undefined ? undefined : eq(audit.subject, subject),
    requestId === undefined ? undefined : eq(audit.requestId, requestId),
    since === undefined ? undefined : gte(audit.at, since),
    until === undefined ? undefined : lt(audit.at, until),
  ];
  return db
    .select()
    .from(audit)
    .where(and(eq(audit.projectId, projectId), lt(audit.id, page.before), ...wanted))
    .orderBy(desc(audit.id))
    .limit(page.limit);
}
