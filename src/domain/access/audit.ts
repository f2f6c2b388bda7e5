import type { AuditAction } from '../../../schemas/wire/audit.ts';
import type { Context } from '../../context.ts';
import type { TidemarkError } from '../../errors.ts';
import { type AuditFilter, type AuditRow, insertAudit, listAudit } from '../../store/access/audit.ts';
import type { Db } from '../../store/postgres/db.ts';
import { type Actor, requireScope } from './actor.ts';

/** Who did it; a run in the background has no request. */
export type Doer = Pick<Actor, 'projectId' | 'author' | 'requestId'>;

export type AuditEntry = {
  readonly action: AuditAction;
  readonly subject: string;
  readonly details?: Readonly<Record<string, unknown>>;
};

/** Notes what the caller's transaction does: it is noted if and only if it is done. */
export async function note(tx: Db, doer: Doer, ...entries: readonly AuditEntry[]): Promise<void> {
  const { projectId, author, requestId = null } = doer;
  await insertAudit(
    tx,
    entries.map(({ action, subject, details = {} }) => ({ projectId, author, requestId, action, subject, details })),
  );
}

/** A run in the background that looks through the remote, by the name of its kind. */
export const byRun = ({ projectId }: { readonly projectId: number }, kind: 'scrub' | 'scan'): Doer => ({
  projectId,
  author: kind,
});

/** What the service does by itself in a project. */
export const byItself = (projectId: number): Doer => ({ projectId, author: 'system' });

/**
 * Notes that somebody came with other bytes under a name that is taken: an accident in ten thousand years, or an
 * attempt to put one file in the place of another. Nothing was changed by it, so it is noted by itself.
 */
export async function noteConflict(ctx: Pick<Context, 'db'>, actor: Actor, error: TidemarkError): Promise<void> {
  const refused = [error, ...error.issues].filter(({ code }) => code === 'digest-conflict');
  const details = refused.map((each) => ('message' in each ? each.message : each.detail));
  // The names stand in the words.
  const oids = new Set(details.flatMap((detail) => detail.match(OID) ?? []));
  await note(ctx.db, actor, ...[...oids].map((subject) => ({ action: 'object.digest-conflict' as const, subject })));
}

const OID = /\b[0-9a-f]{32}(?:\.dir)?/;

/** What was noted of the project, newest first. */
export async function readAudit(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  page: AuditFilter & { readonly before: number; readonly limit: number },
): Promise<AuditRow[]> {
  requireScope(actor, 'admin');
  return listAudit(ctx.db, actor.projectId, page);
}
