import { TidemarkError } from '../../errors.ts';
import { findProjectById, type ProjectRow } from '../../store/access/access.ts';
import type { Db } from '../../store/postgres/db.ts';

/** @throws TidemarkError `gone` for a deleted project, with how long it can be restored. */
export function refuseDeleted(project: ProjectRow): void {
  if (project.deletedAt !== null) throw deletedProject(project);
}

/**
 * For calls that bring a proof of their own instead of a key.
 * @throws TidemarkError `gone`.
 */
export async function refuseInDeleted(db: Db, projectId: number): Promise<void> {
  const project = await findProjectById(db, projectId);
  if (project !== null) refuseDeleted(project);
}

/** What is told of a deleted project to who may know of it. */
export function deletedProject({ name, deletedAt, eraseAt, erasingAt }: ProjectRow): TidemarkError {
  const day = deletedAt?.toISOString().slice(0, 10);
  const until = eraseAt?.toISOString();
  const undo =
    erasingAt === null
      ? `an admin key of "default" can restore it until ${until} (POST /v1/projects/${name}/restore)`
      : 'it is being erased and cannot be restored';
  return new TidemarkError('gone', `The project "${name}" was deleted on ${day}; ${undo}.`);
}
