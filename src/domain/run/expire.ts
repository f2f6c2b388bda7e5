import type { JobPayload } from '../../../schemas/wire/jobs.ts';
import type { Context } from '../../context.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { transact } from '../../store/postgres/db.ts';
import { lockRun, updateRun } from '../../store/retraining/retraining.ts';
import { announceFailure, noteRun } from './announce.ts';
import { isLiving } from './run.ts';

/** Job: ends a run that has not come to an end by its deadline, or that nobody approved by then. A pipeline that reports later is refused. */
export async function expireRun(
  ctx: Pick<Context, 'db' | 'now' | 'newId' | 'publicUrl'>,
  { runId }: JobPayload<'expire-run'>,
): Promise<void> {
  await transact(ctx.db, async (tx) => {
    const run = await lockRun(tx, runId);
    if (run === null || !isLiving(run.state)) return;
    const now = ctx.now();
    const left = (run.deadlineAt.getTime() - now.getTime()) / 1000;
    if (left > 0) {
      // The job was due by the database's clock, which runs ahead of this one.
      await enqueue(tx, { name: 'expire-run', key: `run:${runId}`, payload: { runId }, delaySeconds: left });
      return;
    }
    const unapproved = run.state === 'awaiting_approval';
    const state = unapproved ? 'expired' : 'timed_out';
    const error = unapproved
      ? 'Nobody approved the run in time.'
      : `The run did not end by its deadline; it was ${run.state}.`;
    await updateRun(tx, runId, { state, error, updatedAt: now });
    await noteRun(tx, ctx, { runId, state, author: 'system', detail: { message: error } });
    if (!unapproved) await announceFailure(tx, ctx, run);
  });
}
