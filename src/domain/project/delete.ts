import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import type { ProjectRow } from '../../store/access/access.ts';
import { listLivingRuns, markDeleted, unmarkDeleted } from '../../store/access/deleted-projects.ts';
import { countContents } from '../../store/access/project-contents.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import type { Actor } from '../access/actor.ts';
import { forgetFound } from '../access/authenticate.ts';
import { deletedProject } from '../access/deleted-project.ts';
import { type DescribedProject, resolveProject } from './projects.ts';
import { KEPT, noteBoth, requireRunner } from './service-project.ts';

export type Deleting = {
  readonly project: string;
  /** The name once more, so that nobody deletes what was not meant. */
  readonly confirm: string | undefined;
  /** For so long it can be restored; as long as anything in the trash when absent. */
  readonly undoSeconds: number | undefined;
  readonly dryRun: boolean;
};

/**
 * Deletes a project with all that is in it: from now on nobody is let in, no job of it begins, and nothing is delivered.
 * It can be restored for a time, as it was; then it is erased. One that is deleted already stays so. A dry run says what
 * is in it and changes nothing.
 * @throws TidemarkError `forbidden` for who does not run the service; `not-found`; `conflict` for the project `default`;
 * `bad-request` without its name once more, or with a time longer than that of the trash.
 */
export async function deleteProject(
  ctx: Pick<Context, 'config' | 'db'>,
  actor: Actor,
  deleting: Deleting,
): Promise<DescribedProject> {
  requireRunner(actor, 'deleted and restored');
  const project = await resolveProject(ctx.db, actor, deleting.project);
  const { formerNames } = project;
  if (project.name === KEPT) {
    throw new TidemarkError('conflict', `The project "${KEPT}" stays: its admin keys make the keys of all others.`);
  }
  const { trashSeconds } = ctx.config.storage;
  const { undoSeconds = trashSeconds } = deleting;
  if (undoSeconds > trashSeconds) {
    throw new TidemarkError('bad-request', `What is deleted can be restored for ${trashSeconds} seconds at most.`);
  }
  if (deleting.dryRun) return { project, holds: await countContents(ctx.db, project.id) };
  requireConfirmed(project, deleting.confirm);
  const done = await transact(ctx.db, async (tx) => {
    const holds = await countContents(tx, project.id);
    const marked = await markDeleted(tx, project.id, { author: actor.author, undoSeconds });
    if (marked === null) return { project: await resolveProject(tx, actor, project.name), holds };
    const { datasets, versions, objects, bytes, models, keys } = holds;
    const details = { datasets, versions, objects, bytes, models, keys, undo_seconds: undoSeconds };
    await noteBoth(tx, actor, project, { action: 'project.deleted', details });
    await enqueueErasure(tx, project.id, undoSeconds);
    return { project: { ...marked, formerNames }, holds };
  });
  forgetFound(ctx.db);
  return done;
}

/**
 * Takes a deleted project back, as it was: its keys work, its jobs go on. One that is not deleted stays as it is.
 * @throws TidemarkError `forbidden` for who does not run the service; `not-found`; `gone` once it is being erased.
 */
export async function restoreProject(ctx: Pick<Context, 'db'>, actor: Actor, name: string): Promise<DescribedProject> {
  requireRunner(actor, 'deleted and restored');
  const { id } = await resolveProject(ctx.db, actor, name);
  const restored = await transact(ctx.db, async (tx) => {
    const back = await unmarkDeleted(tx, id);
    const project = await resolveProject(tx, actor, name);
    if (project.deletedAt !== null) throw deletedProject(project);
    if (back) {
      await noteBoth(tx, actor, project, { action: 'project.restored', details: {} });
      // Their jobs belong to the service, and ended when they found the project deleted.
      for (const runId of await listLivingRuns(tx, id)) {
        await enqueue(tx, { name: 'advance-storage-run', key: `run:${runId}`, payload: { runId } });
      }
    }
    return { project, holds: await countContents(tx, id) };
  });
  forgetFound(ctx.db);
  return restored;
}

/** Has the project erased when it can be restored no longer. */
export const enqueueErasure = (tx: Db, project: number, delaySeconds: number): Promise<void> =>
  enqueue(tx, { name: 'erase-project', key: `project:${project}`, payload: { project }, delaySeconds });

/** @throws TidemarkError `bad-request`. */
function requireConfirmed({ name }: ProjectRow, confirm: string | undefined): void {
  if (confirm === name) return;
  throw new TidemarkError(
    'bad-request',
    confirm === undefined
      ? `All that is in the project "${name}" would be deleted: say its name once more (confirm=${name}), or ask what that is (dry_run=true).`
      : `The name that confirms is not "${name}": nothing was deleted.`,
  );
}
