import type { Context } from '../../context.ts';
import { findProject, findProjectById } from '../../store/access/access.ts';
import { listProjectsToCollect } from '../../store/storage/collection.ts';
import { beganLately, listProjectsToScrub } from '../../store/storage/storage-runs.ts';
import { systemActor } from '../access/actor.ts';
import { startCollection } from './collect.ts';
import { startScan } from './scan.ts';
import { startScrub } from './scrub.ts';

/** What goes on by itself: what lies in the trash, and what the rules of datasets put there. Nothing more. */
const STANDING = { dataset: null, policy: null, rules: true, unreferenced: false, pushed: false, scanned: false };

/** Begins the scrubs, scans and collections whose time has come. Many workers may ask: of one kind a project has one run. */
export async function beginDueRuns(ctx: Pick<Context, 'config' | 'db' | 'newId'>): Promise<void> {
  const { scrubSeconds, scanSeconds, scanProject } = ctx.config.storage;
  if (scrubSeconds > 0) {
    for (const projectId of await listProjectsToScrub(ctx.db, scrubSeconds)) {
      const project = await findProjectById(ctx.db, projectId);
      // Half of the time: then one run a period is enough, and what was read lately is left in peace.
      if (project !== null) await startScrub(ctx, systemActor(project), { unreadSeconds: scrubSeconds / 2 });
    }
  }
  for (const projectId of await listProjectsToCollect(ctx.db, ctx.config.storage)) {
    const project = await findProjectById(ctx.db, projectId);
    if (project !== null) await startCollection(ctx, systemActor(project), STANDING);
  }
  if (scanSeconds === 0) return;
  const project = await findProject(ctx.db, scanProject);
  if (project?.deletedAt !== null || (await beganLately(ctx.db, project.id, { kind: 'scan', seconds: scanSeconds })))
    return;
  await startScan(ctx, systemActor(project), { oid: null });
}
