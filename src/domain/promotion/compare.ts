import { type Comparison, comparisonShape } from '../../../schemas/wire/comparison.ts';
import type { JobPayload } from '../../../schemas/wire/jobs.ts';
import type { Context } from '../../context.ts';
import { type ErrorCode, isTidemarkError, type TidemarkError } from '../../errors.ts';
import { findVersionById } from '../../store/dataset/datasets.ts';
import { findModelById } from '../../store/monitor/models.ts';
import { presentRevision } from '../../store/monitor/monitors.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { findPolicyById } from '../../store/retraining/policies.ts';
import { findRunById, lockRun, type RunRow, updateRun } from '../../store/retraining/retraining.ts';
import { configOf as monitorConfigOf } from '../configuration/config.ts';
import { materializeFiles } from '../object/materialize.ts';
import { configOf } from '../policy/policy.ts';
import { withBatchFiles } from '../reference/batch-files.ts';
import { noteRun } from '../run/announce.ts';
import { labelledBatches, taskBatches } from '../snapshot/labelled-rows.ts';
import { learntSpan, startOf } from '../snapshot/span.ts';
import { splitRows } from '../snapshot/split-rows.ts';
import { runTask } from '../tasks.ts';
import type { TimeGrid } from '../window/window.ts';
import { windowingOf } from '../window/windowing.ts';
import type { CompareTaskOutput } from './compare-task.ts';
import { judgeComparison } from './comparison.ts';
import { promote } from './promote.ts';

type Comparing = Pick<Context, 'config' | 'db' | 'remote' | 'log' | 'compute' | 'now' | 'newId' | 'publicUrl'>;

/** The data is at fault, so trying again would end the same way. */
const LASTING: ReadonlySet<ErrorCode> = new Set(['object-corrupt', 'unreadable-data', 'too-large', 'invalid-rows']);

/**
 * Job: compares what a run made with the model in service, on the same labelled rows: those that were held out from it,
 * else all that it learned from. Where the policy says so, the better one is promoted, in the transaction that keeps the
 * comparison.
 */
export async function compareRun(ctx: Comparing, { runId }: JobPayload<'compare-run'>): Promise<void> {
  const run = await findRunById(ctx.db, runId);
  if (run === null || !isComparable(run) || run.answersVersionId === null) return;
  const compared = await outcomeOf(ctx, run);
  await transact(ctx.db, (tx) => keep(tx, ctx, { runId, compared }));
}

/** What was promoted already is compared for people to see. */
const isComparable = ({ state, comparison }: RunRow): boolean =>
  (state === 'succeeded' || state === 'promoted') && comparison === null;

type Outcome = { readonly comparison: Comparison } | { readonly error: TidemarkError };

async function outcomeOf(ctx: Comparing, run: RunRow): Promise<Outcome> {
  try {
    return { comparison: await compare(ctx, run) };
  } catch (error) {
    if (!isTidemarkError(error) || !LASTING.has(error.code)) throw error;
    return { error };
  }
}

/** Where the monitor's windows are made of rows, the comparison is divided by these. */
const DAYS: TimeGrid = { kind: 'steps', lengthSeconds: 86_400, stepSeconds: 86_400 };

async function compare(ctx: Comparing, run: RunRow): Promise<Comparison> {
  const model = await findModelById(ctx.db, run.modelId);
  const policy = await findPolicyById(ctx.db, run.policyId);
  if (model === null || policy === null) throw new Error(`model or policy of run ${run.id} vanished`);
  const { comparison: rule } = configOf(policy);
  const span = await learntSpan(ctx.db, run);
  const { through_batch: throughBatch } = await startOf(ctx.db, run);
  const batches = await labelledBatches(ctx, { model, span, throughBatch });
  const heldOut = span.holdOut > 0;
  const rows = heldOut ? splitRows(batches, { holdOut: span.holdOut, balance: false }).heldOut : batches;
  const revision = await presentRevision(ctx.db, run.monitorId);
  const windowing = windowingOf(monitorConfigOf(revision));
  const grid = windowing.kind === 'rows' ? DAYS : windowing;
  const oids = rows.map(({ batch }) => batch.oid);
  const about = { task: model.task, positiveLabel: model.positiveLabel, segments: rule.segments, grid };
  const found = await withAnswers(ctx, run, (challenger) =>
    withBatchFiles(ctx, { projectId: run.projectId, oids }, (files) =>
      runTask(ctx, 'compare-models', { ...about, batches: taskBatches(files, rows), challenger }),
    ),
  );
  const judged = judgeComparison(found.parts, rule, model.task);
  return comparisonShape.parse({ ...judged, held_out: heldOut, ...found, compared_at: ctx.now().toISOString() });
}

async function withAnswers(
  ctx: Comparing,
  run: RunRow,
  use: (files: { path: string; file: string }[]) => Promise<CompareTaskOutput>,
): Promise<CompareTaskOutput> {
  const version = await findVersionById(ctx.db, run.answersVersionId ?? 0);
  if (version === null) throw new Error(`the evaluation of run ${run.id} vanished`);
  const { files, dispose } = await materializeFiles(ctx, run.projectId, version);
  try {
    return await use(files.map(({ path, file }) => ({ path, file })));
  } finally {
    await dispose();
  }
}

async function keep(tx: Db, ctx: Comparing, { runId, compared }: { runId: string; compared: Outcome }): Promise<void> {
  const run = await lockRun(tx, runId);
  if (run === null || !isComparable(run)) return;
  if ('error' in compared) {
    const message = `It could not be compared with the model in service: ${compared.error.message}`;
    return noteRun(tx, ctx, { runId, state: run.state, author: 'system', detail: { message } });
  }
  const { comparison } = compared;
  const kept = await updateRun(tx, runId, { comparison, updatedAt: ctx.now() });
  const { metric, gain, better, why } = comparison;
  const message = `${better ? 'Better' : 'Not better'} than the model in service: ${why}`;
  await noteRun(tx, ctx, { runId, state: run.state, author: 'system', detail: { message, metric, gain, better } });
  const policy = await findPolicyById(tx, run.policyId);
  if (policy === null || configOf(policy).promote !== 'if_better' || !better || kept.state !== 'succeeded') return;
  await promote(tx, ctx, { run: kept, effectiveFrom: null, author: `policy:${policy.name}` });
}
