import { isDeepStrictEqual } from 'node:util';
import type { JobPayload } from '../../../schemas/wire/jobs.ts';
import type { Context } from '../../context.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { findRunById, listRunEvents, lockRun, type RunRow, updateRun } from '../../store/retraining/retraining.ts';
import { findStarted } from '../../store/webhook/messages.ts';
import type { Found } from '../../webhook/adapters/adapter.ts';
import { canBePolled, pollTarget } from '../webhook/poll-target.ts';
import { announceFailure, noteRun } from './announce.ts';
import { isLiving, mayReport } from './run.ts';

type Polling = Pick<Context, 'db' | 'now' | 'newId' | 'publicUrl' | 'send' | 'secrets'>;

const SECONDS = 60;

/** A pipeline that has succeeded reports at the end of it, or never: so long it is waited for. */
const REPORT_MILLISECONDS = 600_000;

/**
 * Job: asks the system that runs a retraining what became of it, once a minute until the run has ended. What the
 * pipeline itself reports goes before: a poll finds failures that nobody reported, and never makes a model.
 */
export async function pollRun(ctx: Polling, { runId }: JobPayload<'poll-run'>): Promise<void> {
  const run = await findRunById(ctx.db, runId);
  if (run === null || !isPolled(run)) return;
  const started = await findStarted(ctx.db, { projectId: run.projectId, subject: runId, type: 'retraining.requested' });
  if (started === null || !canBePolled(started.endpoint)) return;
  const found = await pollTarget(ctx, started);
  await transact(ctx.db, async (tx) => {
    const current = await lockRun(tx, runId);
    if (current === null || !isPolled(current)) return;
    await take(tx, ctx, { run: current, found });
    await enqueue(tx, { name: 'poll-run', key: `run:${runId}`, payload: { runId }, delaySeconds: SECONDS });
  });
}

const isPolled = ({ state }: RunRow): boolean => isLiving(state) && mayReport(state, 'failed');

type Taking = { readonly run: RunRow; readonly found: Found };

async function take(tx: Db, ctx: Polling, { run, found }: Taking): Promise<void> {
  if (found.state === 'failed') return fail(tx, ctx, { run, why: found.detail ?? 'The pipeline failed.' });
  if (found.state === 'running' && run.state === 'requested') {
    await updateRun(tx, run.id, { state: 'running', updatedAt: ctx.now() });
    return noteRun(tx, ctx, { runId: run.id, state: 'running', author: POLL });
  }
  if (found.state !== 'succeeded') return;
  const detail = { message: 'The pipeline has succeeded; its report is waited for' };
  const told = (await listRunEvents(tx, run.id)).find((event) => isDeepStrictEqual(event.detail, detail));
  if (told === undefined) return noteRun(tx, ctx, { runId: run.id, state: run.state, author: POLL, detail });
  if (ctx.now().getTime() - told.at.getTime() < REPORT_MILLISECONDS) return;
  await fail(tx, ctx, { run, why: 'The pipeline succeeded and reported no model.' });
}

const POLL = 'poll';

async function fail(tx: Db, ctx: Polling, { run, why }: { run: RunRow; why: string }): Promise<void> {
  await updateRun(tx, run.id, { state: 'failed', error: why, updatedAt: ctx.now() });
  await noteRun(tx, ctx, { runId: run.id, state: 'failed', author: POLL, detail: { message: why } });
  await announceFailure(tx, ctx, run);
}
