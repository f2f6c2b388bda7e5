import type { JobPayload } from '../../../schemas/wire/jobs.ts';
import type { Context } from '../../context.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { listRunEvents, lockRun, type RunRow, updateRun } from '../../store/retraining/retraining.ts';
import { countMessages } from '../../store/webhook/messages.ts';
import { announceCancellation, announceFailure, noteRun } from './announce.ts';
import { isLiving } from './run.ts';

/**
 * Job: ends a run that has not come to an end by its deadline, or that nobody approved by then. What is still to be sent
 * of it is not sent, and a pipeline that reports later is refused.
 */
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
    const error = unapproved ? UNAPPROVED : `The run did not end by its deadline: ${await whereItStood(tx, run)}.`;
    await updateRun(tx, runId, { state, error, updatedAt: now });
    await noteRun(tx, ctx, { runId, state, author: 'system', detail: { message: error } });
    if (unapproved) await announceCancellation(tx, ctx, { run, author: 'system' });
    else await announceFailure(tx, ctx, run);
  });
}

const UNAPPROVED =
  'Nobody approved the run in time. The same cause starts no other; POST /v1/runs with its policy starts one by hand.';

/** What a run was at when its time was over, so that whoever reads it knows where to look. */
async function whereItStood(tx: Db, run: RunRow): Promise<string> {
  if (run.state === 'preparing') return waitingFor(await listRunEvents(tx, run.id));
  if (run.state !== 'requested') return `it was ${run.state}, and its pipeline reported nothing more`;
  const about = { projectId: run.projectId, subject: run.id, type: 'retraining.requested' };
  const { total, delivered } = await countMessages(tx, about);
  if (total === 0) return 'no webhook takes "retraining.requested", so nobody was asked (POST /v1/webhooks)';
  if (delivered === 0) return 'no receiver took its request (see its messages)';
  return 'its request was delivered, and no pipeline reported on it (at "callback.url")';
}

/** The last thing that the preparation told it waits for. */
function waitingFor(events: readonly { readonly detail: unknown }[]): string {
  const told = events.map(({ detail }) => detail as Readonly<Record<string, unknown>>);
  const last = told.findLast((detail) => typeof detail.waiting_for === 'string');
  if (last === undefined) return 'its training data was still being prepared';
  const needed = typeof last.needed === 'number' ? ` (${last.needed} are needed, "minimum_labelled_rows")` : '';
  return `it waited for ${String(last.waiting_for)}${needed}`;
}
