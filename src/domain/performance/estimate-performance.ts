import type { Estimate } from '../../../schemas/wire/performance.ts';
import type { Context } from '../../context.ts';
import { isTidemarkError } from '../../errors.ts';
import { comparePerformance, errorOf } from '../../stats/performance/compare-performance.ts';
import { findVersionProfile } from '../../store/dataset/profiles.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { listSettledPredictions } from '../../store/log/batches.ts';
import { droppedWithin } from '../../store/log/log-retention.ts';
import { findModelById, type ModelRow } from '../../store/monitor/models.ts';
import { findMonitorById, type NamedRevision, revisionInForce } from '../../store/monitor/monitors.ts';
import { saveEstimate } from '../../store/monitor/performance.ts';
import { lockWindow, snapshotWindow, type WindowRow } from '../../store/monitor/windows.ts';
import { transact } from '../../store/postgres/db.ts';
import { toJson } from '../canonical.ts';
import { configOf } from '../configuration/config.ts';
import { judgedColumns } from '../configuration/judged-columns.ts';
import { judgedMetrics } from '../configuration/performance-config.ts';
import { segmentsAsked } from '../configuration/segments-config.ts';
import type { Measured } from '../outcome/measure-outcomes.ts';
import { withBatchFiles } from '../reference/batch-files.ts';
import { withReferenceFiles } from '../reference/reference-files.ts';
import { referenceProfile } from '../report/compute-report.ts';
import { runTask } from '../tasks.ts';
import type { Estimated } from './estimated.ts';
import { learnImportance } from './importance.ts';
import { labelledReference, measureReference } from './measure-reference.ts';

type Estimating = Pick<Context, 'config' | 'db' | 'remote' | 'log' | 'compute' | 'now'>;

/**
 * Job: estimates how well the model does in a judged window without its labels, from what the reference's labels teach.
 * The estimate depends on the window's rows and configuration alone, so it is made once a revision and stays beside
 * what labels say later.
 */
export async function estimatePerformance(ctx: Estimating, { windowId }: { windowId: number }): Promise<void> {
  const snapshot = await snapshotWindow(ctx.db, windowId);
  if (snapshot === null || snapshot.window.rows === 0) return;
  const { window, through } = snapshot;
  const monitor = await findMonitorById(ctx.db, window.monitorId);
  const model = monitor === null ? null : await findModelById(ctx.db, monitor.modelId);
  if (model === null) return;
  const revision = await revisionInForce(ctx.db, window.monitorId, window.start);
  const reference = await measureReference(ctx, { model, revision });
  await learnImportance(ctx, { model, revision, task: reference?.task ?? model.task });
  const estimate = await estimated(ctx, { window, through, model, revision, reference });
  await transact(ctx.db, async (tx) => {
    const current = await lockWindow(tx, windowId);
    // The next verdict estimates again.
    if (current === null || current.rows !== window.rows || current.revision !== window.revision) return;
    // Of a window whose rows are no longer all there the last estimate stands.
    if ((await droppedWithin(tx, model.id, { from: window.start, to: window.end })) !== null) return;
    await saveEstimate(tx, { windowId, revision: window.revision, estimate: toJson(estimate) });
    const { monitorId } = window;
    // Where no alert is raised by estimates, the verdict has set going all that there is to look at.
    const present = await revisionInForce(tx, monitorId, ctx.now());
    if (configOf(present).alert.estimate_after == null) return;
    await enqueue(tx, { name: 'evaluate-alert', key: `monitor:${monitorId}`, payload: { monitorId } });
  });
}

type Question = {
  readonly window: WindowRow;
  readonly through: number;
  readonly model: ModelRow;
  readonly revision: NamedRevision;
  /** Null: it could not be read. */
  readonly reference: Measured | null;
};

const CBPE = {
  method: 'cbpe@1',
  assumptions: [
    'What the inputs say about the label has not changed since the reference (no concept drift): scores mean the same probabilities.',
    'The reference’s labels are right, and its predictions were made as these were.',
  ],
};
const DLE = {
  method: 'dle@1',
  assumptions: [
    'On the same inputs the model errs as much as it did on the reference (no concept drift).',
    'The inputs are ones that the reference has examples of.',
    'The reference was not what the model learnt from, or its errors there are too small.',
  ],
};

async function estimated(ctx: Estimating, question: Question): Promise<Estimate> {
  const { model, revision, reference } = question;
  const task = reference?.task ?? model.task;
  const base = {
    task,
    ...(task === 'regression' ? DLE : CBPE),
    metrics: {},
    parameters: {},
    check: {},
    comparisons: [],
  };
  if (reference === null) return { ...base, reason: 'the reference could not be read' };
  if (reference.reason !== null) return { ...base, reason: `the reference teaches nothing: ${reference.reason}` };
  try {
    const found = await compute(ctx, question, reference);
    const config = configOf(revision);
    const judged = judgedMetrics(task, config.performance, reference.metrics);
    const known = judged.filter(({ name }) => found.metrics[name] !== undefined);
    const comparisons = comparePerformance(found.metrics, reference.metrics, { judged: known, alpha: config.alpha });
    return { ...base, ...found, comparisons };
  } catch (error) {
    if (!isTidemarkError(error, 'object-corrupt') && !isTidemarkError(error, 'unreadable-data')) throw error;
    return { ...base, reason: error.message };
  }
}

async function compute(ctx: Estimating, question: Question, measured: Measured): Promise<Estimated> {
  const { window, through, model, revision } = question;
  const { projectId } = model;
  const known = referenceProfile(await findVersionProfile(ctx.db, revision.referenceVersionId));
  const config = configOf(revision);
  const { model_version: version } = config;
  const span = { from: window.start, to: window.end, throughSequence: through, version };
  const batches = await listSettledPredictions(ctx.db, model.id, span);
  const oids = batches.map(({ oid }) => oid);
  const given = { projectId, versionId: revision.referenceVersionId, fresh: false };
  return withReferenceFiles(ctx, given, (files) =>
    withBatchFiles(ctx, { projectId, oids }, (logged) =>
      runTask(ctx, 'estimate-performance', {
        task: measured.task,
        positiveLabel: model.positiveLabel ?? measured.positive_label,
        errors: errorsOf(measured),
        reference: labelledReference(ctx, { revision, known, files }),
        segments: segmentsAsked(config),
        features: judgedColumns(known.profile, config).filter(({ role }) => role === 'feature'),
        batches: logged.map((file, i) => ({ file, repeats: batches[i]?.repeats ?? null })),
        span: { start: window.start.getTime(), end: window.end.getTime() },
      }),
    ),
  );
}

function errorsOf({ metrics }: Measured): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).map(([name, metric]) => [name, errorOf(metric) ?? 0]));
}
