import type { JobPayload } from '../../../schemas/wire/jobs.ts';
import type { Context } from '../../context.ts';
import { findProject, type ProjectRow } from '../../store/access/access.ts';
import { findErasure, hasWorkInHand, listErasable, markErasing } from '../../store/access/deleted-projects.ts';
import {
  AFTER_OBJECTS,
  BEFORE_OBJECTS,
  dropProject,
  type ErasedTable,
  eraseSome,
  giveUpObjects,
  hasObjects,
  lockErased,
} from '../../store/access/erasure.ts';
import { dropLegacyNames, listLegacyNames, lockLegacyNames } from '../../store/inventory/legacy-names.ts';
import { lockForRemoval } from '../../store/inventory/object-tombstones.ts';
import { dropUpload, listUploads } from '../../store/inventory/uploads.ts';
import { transact } from '../../store/postgres/db.ts';
import { bury, condemnObjects } from '../../store/storage/collection.ts';
import { byItself, note } from '../access/audit.ts';
import { forgetFound } from '../access/authenticate.ts';
import { REMOVALS, removeCondemned } from '../storage/remove-condemned.ts';
import { enqueueErasure } from './delete.ts';

type Erasing = Pick<Context, 'db' | 'log' | 'now' | 'remote'>;

/** Rows of a table, and objects, that a step takes; bytes are removed so many objects at a time. */
export type Pace = { readonly rows: number; readonly objects: number; readonly removals: number };
const PACE: Pace = { rows: 5000, objects: 1000, removals: REMOVALS };

/** A worker is given back after so long, so that other jobs come to their turn. */
const SLICE_MILLISECONDS = 10_000;
/** What a worker has in hand of the project is waited for. */
const IN_HAND_SECONDS = 5;

/**
 * Job: erases a deleted project whose time is over: its rows, then the bytes that no other project has, at last its name.
 * Each step is a transaction that takes what is still there: killed anywhere, the next one goes on.
 */
export async function eraseProject(
  ctx: Erasing,
  { project: id }: JobPayload<'erase-project'>,
  pace: Pace = PACE,
): Promise<void> {
  const due = await findErasure(ctx.db, id);
  if (due === null) return;
  if (due.seconds > 0) return await enqueueErasure(ctx.db, id, due.seconds);
  if (!(await markErasing(ctx.db, id))) return;
  if (await hasWorkInHand(ctx.db, id)) return await enqueueErasure(ctx.db, id, IN_HAND_SECONDS);
  const until = ctx.now().getTime() + SLICE_MILLISECONDS;
  for await (const _ of steps(ctx, id, pace)) {
    if (ctx.now().getTime() >= until) return await enqueueErasure(ctx.db, id, 0);
  }
  if (await finish(ctx, due.project))
    return ctx.log.info({ project: due.project.name }, 'a deleted project was erased');
  // Something that was under way when it was deleted has come since.
  await enqueueErasure(ctx.db, id, 0);
}

/** Once a minute: has the projects erased whose job is gone. */
export async function eraseNeglected(ctx: Pick<Context, 'db'>): Promise<void> {
  for (const id of await listErasable(ctx.db)) await enqueueErasure(ctx.db, id, 0);
}

/** Yields after each transaction that found something. */
async function* steps(ctx: Erasing, id: number, pace: Pace): AsyncGenerator<void> {
  yield* rowsOf(ctx, id, BEFORE_OBJECTS, pace.rows);
  yield* whileAny(() => removeLegacyNames(ctx, id, pace.removals));
  for (const { id: upload } of await listUploads(ctx.db, id)) {
    // Parts first: what is cut short here is found again by its row.
    await ctx.remote.parts.remove(upload);
    await dropUpload(ctx.db, upload);
    yield;
  }
  yield* whileAny(() =>
    transact(ctx.db, async (tx) => {
      await lockForRemoval(tx);
      return giveUpObjects(tx, id, pace.objects);
    }),
  );
  yield* whileAny(() => transact(ctx.db, (tx) => condemnObjects(tx, id, { graceSeconds: 0, limit: pace.removals })));
  yield* whileAny(() => removeBytes(ctx, id, pace.removals));
  yield* rowsOf(ctx, id, AFTER_OBJECTS, pace.rows);
}

async function* rowsOf(ctx: Erasing, id: number, tables: readonly ErasedTable[], rows: number): AsyncGenerator<void> {
  for (const table of tables) yield* whileAny(() => transact(ctx.db, (tx) => eraseSome(tx, id, table, rows)));
}

async function* whileAny(step: () => Promise<boolean>): AsyncGenerator<void> {
  while (await step()) yield;
}

/** What bears a project's names of DVC 2 in the remote, and no other project's. @returns whether there were any. */
const removeLegacyNames = (ctx: Erasing, projectId: number, limit: number): Promise<boolean> =>
  transact(ctx.db, async (tx) => {
    const names = await listLegacyNames(tx, projectId, limit);
    await lockLegacyNames(tx, names);
    await Promise.all((await dropLegacyNames(tx, projectId, names)).map((name) => ctx.remote.removeLegacy(name)));
    return names.length > 0;
  });

/** @returns whether there were any. */
const removeBytes = (ctx: Erasing, projectId: number, limit: number): Promise<boolean> =>
  removeCondemned(ctx, { projectId, limit }, async (tx, removed) => {
    await bury(
      tx,
      projectId,
      removed.map(({ oid }) => oid),
    );
    return removed.length > 0;
  });

/** The project itself, and with it its name. False where something of it is there again. */
async function finish(ctx: Erasing, project: ProjectRow): Promise<boolean> {
  const gone = await transact(ctx.db, async (tx) => {
    // From here on nothing can come to belong to it.
    await lockErased(tx, project.id);
    for (const table of [...BEFORE_OBJECTS, ...AFTER_OBJECTS]) {
      if (await eraseSome(tx, project.id, table, 1)) return false;
    }
    if ((await hasObjects(tx, project.id)) || (await listUploads(tx, project.id)).length > 0) return false;
    if ((await listLegacyNames(tx, project.id, 1)).length > 0) return false;
    await dropProject(tx, project.id);
    const service = await findProject(tx, 'default');
    const { name, deletedBy } = project;
    if (service !== null) {
      const details = { deleted_by: deletedBy };
      await note(tx, byItself(service.id), { action: 'project.erased', subject: name, details });
    }
    return true;
  });
  forgetFound(ctx.db);
  return gone;
}
