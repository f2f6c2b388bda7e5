import type { AuditAction } from '../../../schemas/wire/audit.ts';
import { TidemarkError } from '../../errors.ts';
import { findProject, type ProjectRow } from '../../store/access/access.ts';
import type { Db } from '../../store/postgres/db.ts';
import { type Actor, requireScope, runsTheService } from '../access/actor.ts';
import { note } from '../access/audit.ts';

/** What becomes of projects is decided in one of them. */

/** Its keys make those of all others, and a service on an open address is entered by one of them. */
export const KEPT = 'default';

/**
 * What is done to projects takes who runs the service: their names are of one list, with a project its keys end, and who
 * deletes it has to be able to restore it.
 * @param done how it reads: `deleted and restored`.
 * @throws TidemarkError `forbidden`.
 */
export function requireRunner(actor: Actor, done: string): void {
  requireScope(actor, 'admin');
  if (runsTheService(actor)) return;
  throw new TidemarkError('forbidden', `Projects are ${done} with an admin key of "${KEPT}".`);
}

type Entry = { readonly action: AuditAction; readonly details: Readonly<Record<string, unknown>> };

/** In the project itself, and where it is found when that is gone. */
export async function noteBoth(tx: Db, actor: Actor, project: ProjectRow, entry: Entry): Promise<void> {
  const service = await findProject(tx, KEPT);
  for (const id of new Set([service?.id ?? project.id, project.id])) {
    await note(tx, { ...actor, projectId: id }, { ...entry, subject: project.name });
  }
}
