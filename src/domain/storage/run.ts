import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import {
  type FindingRow,
  findLivingRun,
  findStorageRun,
  insertStorageRun,
  listFindings,
  listStorageRuns,
  type StorageRunKind,
  type StorageRunRow,
} from '../../store/storage/storage-runs.ts';
import { type Actor, requireScope } from '../access/actor.ts';

/** Nobody begins and ends runs faster than they are asked for. */
const BEGIN_ATTEMPTS = 5;

export type StartedRun = {
  readonly run: StorageRunRow;
  /** False when one of its kind was under way: that one, with what it was asked for. */
  readonly created: boolean;
};

/** Begins long work over the project's objects, or finds the one of its kind that is under way. */
export async function beginRun(
  ctx: Pick<Context, 'db' | 'newId'>,
  given: { projectId: number; author: string; kind: StorageRunKind; request: unknown },
): Promise<StartedRun> {
  return transact(ctx.db, async (tx) => {
    for (let tries = 0; tries < BEGIN_ATTEMPTS; tries++) {
      const run = await insertStorageRun(tx, { id: ctx.newId(given.kind), ...given });
      if (run !== null) {
        await enqueueRun(tx, run.id, 0);
        return { run, created: true };
      }
      const living = await findLivingRun(tx, given.projectId, given.kind);
      if (living !== null) return { run: living, created: false };
      // The one that was in the way ended in this very moment.
    }
    throw new TidemarkError('database-unavailable', 'Such runs begin and end all the time; ask again.', {
      retryAfter: 1,
    });
  });
}

/** Lets a worker take the run up, after some seconds. */
export async function enqueueRun(tx: Db, runId: string, delaySeconds: number): Promise<void> {
  await enqueue(tx, { name: 'advance-storage-run', key: `run:${runId}`, payload: { runId }, delaySeconds });
}

/** @throws TidemarkError `not-found`. */
export async function readRun(ctx: Pick<Context, 'db'>, actor: Actor, id: string): Promise<StorageRunRow> {
  requireScope(actor, 'data:read');
  const run = await findStorageRun(ctx.db, actor.projectId, id);
  if (run !== null) return run;
  throw new TidemarkError('not-found', `There is no storage run "${id.slice(0, 60)}".`);
}

/** Runs of these kinds, newest first. */
export async function readRuns(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  page: { kinds: readonly StorageRunKind[]; before: Date | null; limit: number },
): Promise<StorageRunRow[]> {
  requireScope(actor, 'data:read');
  return listStorageRuns(ctx.db, actor.projectId, page);
}

/** What a run found, in order. @throws TidemarkError `not-found`. */
export async function readFindings(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: { run: string; after: number; limit: number },
): Promise<FindingRow[]> {
  const run = await readRun(ctx, actor, given.run);
  return listFindings(ctx.db, run.id, given);
}
