import { isDeepStrictEqual } from 'node:util';
import type { JobPayload } from '../../../schemas/wire/jobs.ts';
import type { Context } from '../../context.ts';
import { type ErrorCode, isTidemarkError, type TidemarkError } from '../../errors.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { findModelById, findVersionColumns } from '../../store/monitor/models.ts';
import { presentRevision } from '../../store/monitor/monitors.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { findPolicyById, findRetrainingStop } from '../../store/retraining/policies.ts';
import {
  anyUnsettledThrough,
  findRun,
  findRunById,
  listRunEvents,
  lockRun,
  type NamedRun,
  updateRun,
} from '../../store/retraining/retraining.ts';
import { configOf as monitorConfigOf } from '../configuration/config.ts';
import { completeRoles } from '../model/roles.ts';
import { configOf } from '../policy/policy.ts';
import { rolesFor } from '../reference/reference.ts';
import { announceFailure, noteRun } from '../run/announce.ts';
import { type Derivation, derive } from '../snapshot/derive.ts';
import { referenceColumns } from '../snapshot/derived-columns.ts';
import { learningSpan, startOf } from '../snapshot/span.ts';
import { windowingOf } from '../window/windowing.ts';
import { requestRun } from './request.ts';

type Preparing = Pick<
  Context,
  'config' | 'db' | 'remote' | 'log' | 'compute' | 'now' | 'newId' | 'publicUrl' | 'randomBytes'
>;

/** Why a run is not derived yet, and when to look again. */
type Waiting = { readonly seconds: number; readonly detail: Readonly<Record<string, unknown>> | null };

/** The data is at fault, so trying again would end the same way. */
const LASTING: ReadonlySet<ErrorCode> = new Set(['object-corrupt', 'unreadable-data', 'too-large', 'conflict']);

/**
 * Job: derives what a run learns from and asks for the retraining. It waits (by coming back) until what had been
 * accepted is settled and there are labels enough. Killed anywhere, it starts over: the derived version is named
 * by its content, and the request with its token is one transaction.
 */
export async function prepareRun(ctx: Preparing, { runId }: JobPayload<'prepare-run'>): Promise<void> {
  const row = await findRunById(ctx.db, runId);
  const run = row === null ? null : await findRun(ctx.db, row.projectId, runId);
  if (run === null || run.state !== 'preparing') return;
  const plan = await planned(ctx.db, run);
  if ('seconds' in plan) {
    await transact(ctx.db, (tx) => wait(tx, ctx, { run, waiting: plan }));
    return;
  }
  try {
    const derived = await derive(ctx, plan);
    await transact(ctx.db, async (tx) => {
      // Whoever stopped retraining while the data was derived meant this run too.
      const stopped = await findRetrainingStop(tx, run.projectId);
      if (stopped !== null) await wait(tx, ctx, { run, waiting: STOPPED });
      else await requestRun(tx, ctx, { runId, span: plan.span, derived, holdOut: plan.snapshot.hold_out });
    });
  } catch (error) {
    if (!isTidemarkError(error) || !LASTING.has(error.code)) throw error;
    await transact(ctx.db, (tx) => fail(tx, ctx, { run, error }));
  }
}

/** Looked at once a minute, told once. */
const STOPPED: Waiting = { seconds: 60, detail: { waiting_for: 'retraining to go on: somebody stopped it' } };

async function planned(db: Db, run: NamedRun): Promise<Derivation | Waiting> {
  if ((await findRetrainingStop(db, run.projectId)) !== null) return STOPPED;
  const start = await startOf(db, run);
  if (await anyUnsettledThrough(db, run.modelId, start.through_batch)) return { seconds: 1, detail: null };
  const model = await findModelById(db, run.modelId);
  const policy = await findPolicyById(db, run.policyId);
  if (model === null || policy === null) throw new Error(`model or policy of run ${run.id} vanished`);
  const { state, columns } = await findVersionColumns(db, run.referenceVersionId);
  if (state === 'pending') return { seconds: 2, detail: { waiting_for: 'the profile of the reference' } };
  const config = configOf(policy);
  const revision = await presentRevision(db, run.monitorId);
  const rule = { ...config, windowing: windowingOf(monitorConfigOf(revision)) };
  const span = await learningSpan(db, model.id, { start, rule });
  const needed = config.minimum_labelled_rows;
  // Labels may take days: looked for once a minute, told once.
  if (span.labelled < needed) return { seconds: 60, detail: { waiting_for: 'labels', needed } };
  const roles = completeRoles(await rolesFor(db, model, run.referenceVersionId), columns);
  return {
    run,
    model,
    span,
    throughBatch: start.through_batch,
    snapshot: config.snapshot,
    reference: { roles, columns: referenceColumns(columns) },
  };
}

async function wait(tx: Db, ctx: Preparing, { run, waiting }: { run: NamedRun; waiting: Waiting }): Promise<void> {
  const runId = run.id;
  const current = await lockRun(tx, runId);
  if (current?.state !== 'preparing') return;
  const told = async (detail: Waiting['detail']) =>
    (await listRunEvents(tx, runId)).some((event) => isDeepStrictEqual(event.detail, detail));
  if (waiting.detail !== null && !(await told(waiting.detail))) {
    await noteRun(tx, ctx, { runId, state: 'preparing', author: 'system', detail: waiting.detail });
  }
  const job = { name: 'prepare-run', key: `run:${runId}`, payload: { runId } } as const;
  await enqueue(tx, { ...job, delaySeconds: waiting.seconds });
}

async function fail(tx: Db, ctx: Preparing, { run, error }: { run: NamedRun; error: TidemarkError }): Promise<void> {
  const current = await lockRun(tx, run.id);
  if (current?.state !== 'preparing') return;
  const message = `The training data could not be derived: ${error.message}`;
  await updateRun(tx, run.id, { state: 'failed', error: message, updatedAt: ctx.now() });
  await noteRun(tx, ctx, { runId: run.id, state: 'failed', author: 'system', detail: { message, code: error.code } });
  await announceFailure(tx, ctx, run);
}
