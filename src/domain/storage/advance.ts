import type { Context } from '../../context.ts';
import { transact } from '../../store/postgres/db.ts';
import {
  insertFindings,
  type StorageRunKind,
  saveStorageRun,
  takeStorageRun,
} from '../../store/storage/storage-runs.ts';
import { check } from './check.ts';
import { collect } from './collect.ts';
import { enqueueRun } from './run.ts';
import { scan } from './scan.ts';
import { scrub } from './scrub.ts';
import { type Advancing, addProgress, type Progress, type Step } from './step.ts';

/** A worker is given back after so long, so that other jobs come to their turn. */
const SLICE_MILLISECONDS = 10_000;

/** More findings than these are counted and not kept. */
const FINDINGS_KEPT = 10_000;

/** With pauses of up to five minutes that is about two hours. */
const MOST_FAILURES = 30;

type Worker = (ctx: Context, run: Advancing) => AsyncGenerator<Step>;

const WORKERS: Record<StorageRunKind, Worker> = { scrub, scan, check, collect };

/**
 * Job: takes a run up where it is and does a slice of it. Each step is written with the run's cursor under the run's
 * fence, so that a worker that was taken for dead can write nothing more.
 */
export async function advanceStorageRun(ctx: Context, { runId }: { runId: string }): Promise<void> {
  const run = await takeStorageRun(ctx.db, runId);
  if (run === null) return;
  try {
    const slice = await work(ctx, run);
    if (slice === 'lost') return;
    if (slice !== 'ended') return await enqueueRun(ctx.db, runId, slice.pauseSeconds);
    if (await saveStorageRun(ctx.db, run, { state: 'done', error: null })) {
      ctx.log.info({ run: runId, kind: run.kind }, 'storage run is done');
    }
  } catch (error) {
    await comeAgain(ctx, run, error);
  }
}

type Taken = NonNullable<Awaited<ReturnType<typeof takeStorageRun>>>;

async function work(ctx: Context, run: Taken): Promise<'ended' | 'lost' | { pauseSeconds: number }> {
  const started = ctx.now().getTime();
  // Written below and nowhere else.
  let progress = run.progress as Progress;
  let costSeconds = 0;
  for await (const step of WORKERS[run.kind](ctx, run)) {
    const saved = await save(ctx, run, { step, progress });
    if (saved === null) return 'lost';
    progress = saved;
    costSeconds += step.costSeconds ?? 0;
    const elapsed = (ctx.now().getTime() - started) / 1000;
    if (elapsed * 1000 >= SLICE_MILLISECONDS || costSeconds - elapsed > 1) {
      return { pauseSeconds: Math.max(0, costSeconds - elapsed) };
    }
  }
  return 'ended';
}

/** @returns the counters as they are now, or null when somebody else has the run. */
async function save(ctx: Context, run: Taken, given: { step: Step; progress: Progress }): Promise<Progress | null> {
  const { step } = given;
  const findings = (step.findings ?? []).slice(0, Math.max(0, FINDINGS_KEPT - (given.progress.findings ?? 0)));
  const counted = addProgress(given.progress, { ...step.counted, findings: step.findings?.length ?? 0 });
  return transact(ctx.db, async (tx) => {
    // First, so that a step of a worker that lost the run changes nothing.
    const change = { cursor: step.cursor, progress: counted, failures: 0, error: null };
    if (!(await saveStorageRun(tx, run, change))) return null;
    await insertFindings(tx, run.id, findings);
    await step.apply?.(tx);
    const tally = step.tally?.();
    if (tally === undefined) return counted;
    const progress = addProgress(counted, tally);
    await saveStorageRun(tx, run, { progress });
    return progress;
  });
}

async function comeAgain(ctx: Context, run: Taken, error: unknown): Promise<void> {
  const failures = run.failures + 1;
  const message = error instanceof Error ? error.message : String(error);
  const state = failures > MOST_FAILURES ? 'failed' : 'running';
  ctx.log.warn({ run: run.id, kind: run.kind, failures, err: error }, 'a step of a storage run failed');
  if (!(await saveStorageRun(ctx.db, run, { failures, error: message, state })) || state === 'failed') return;
  await enqueueRun(ctx.db, run.id, Math.min(2 ** failures, 300));
}
