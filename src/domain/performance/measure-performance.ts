import { type StoredPerformance, storedPerformance } from '../../../schemas/wire/performance.ts';
import type { Context } from '../../context.ts';
import { isTidemarkError } from '../../errors.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { listSettledPredictions } from '../../store/log/batches.ts';
import { droppedWithin } from '../../store/log/log-retention.ts';
import { findModelById, type ModelRow } from '../../store/monitor/models.ts';
import { findMonitorById, revisionInForce } from '../../store/monitor/monitors.ts';
import { listPerformance, savePerformance } from '../../store/monitor/performance.ts';
import { listWindowLabels, type WindowLabel } from '../../store/monitor/reports.ts';
import { lockWindow, snapshotWindow } from '../../store/monitor/windows.ts';
import { transact } from '../../store/postgres/db.ts';
import { toJson } from '../canonical.ts';
import { configOf, type MonitorConfig } from '../configuration/config.ts';
import { questionOf } from '../configuration/performance-config.ts';
import { segmentsAsked } from '../configuration/segments-config.ts';
import { type Measured, measureOutcomes, type PerformanceQuestion } from '../outcome/measure-outcomes.ts';
import { noOutcomes } from '../outcome/outcomes.ts';
import type { PerformanceTaskInput } from '../outcome/performance-task.ts';
import { withBatchFiles } from '../reference/batch-files.ts';
import { runTask } from '../tasks.ts';
import { judgePerformance } from './judge-performance.ts';
import { measureReference } from './measure-reference.ts';
import { weighPerformance } from './performance-looks.ts';
import { judgePriors } from './prior-shift.ts';

type Measuring = Pick<Context, 'config' | 'db' | 'remote' | 'log' | 'compute' | 'now'>;

/**
 * Job: measures how well the model did in a window, from the labels that have come so far, and judges it against
 * the reference once enough have come or it is old enough. Labels that come later enqueue it again, and the last
 * measurement stands: one that another has been written beside is made once more, since that one may have seen more labels.
 */
export async function measurePerformance(ctx: Measuring, { windowId }: { windowId: number }): Promise<void> {
  const earlier = (await listPerformance(ctx.db, [windowId])).get(windowId);
  const snapshot = await snapshotWindow(ctx.db, windowId);
  if (snapshot === null || snapshot.window.rows === 0) return;
  const { window } = snapshot;
  const { rows, end } = window;
  const monitor = await findMonitorById(ctx.db, window.monitorId);
  const model = monitor === null ? null : await findModelById(ctx.db, monitor.modelId);
  if (model === null) return;
  const revision = await revisionInForce(ctx.db, window.monitorId, window.start);
  const config = configOf(revision);
  const { model_version: version } = config;
  const span = { from: window.start, to: end, throughSequence: snapshot.through, version };
  const batches = await listSettledPredictions(ctx.db, model.id, span);
  const batchIds = batches.map(({ batchId }) => batchId);
  const labels = await listWindowLabels(ctx.db, model.id, {
    ...{ batchIds, start: window.start, end },
    version: version ?? null,
  });
  const reference = await measureReference(ctx, { model, revision });
  const question = questionOf(asFound(model, reference), config.performance, reference?.label_distribution ?? null);
  const measured = await measure(ctx, {
    model,
    question,
    query: config.roles.query ?? null,
    segments: segmentsAsked(config),
    batches,
    labels,
  });
  const now = ctx.now().getTime();
  const evidence = { measured, reference, rows, labelled: labels.length, end: end.getTime(), now };
  const judgement = judgePerformance(evidence, config);
  const metrics: Omit<StoredPerformance, 'alarm'> = {
    ...measured,
    task_found: measured.task !== model.task,
    judgement,
    ...priorsOf(measured, reference, { config, waits: judgement.waits_until !== null }),
  };
  await transact(ctx.db, async (tx) => {
    const current = await lockWindow(tx, windowId);
    // Rows have come meanwhile: the window's next verdict measures again.
    if (current === null || current.rows !== rows) return;
    // Of a window whose rows are no longer all there the last measurement stands.
    if ((await droppedWithin(tx, model.id, { from: window.start, to: end })) !== null) return;
    const before = (await listPerformance(tx, [windowId])).get(windowId);
    if (before?.computedAt.getTime() !== earlier?.computedAt.getTime()) {
      return enqueue(tx, { name: 'measure-performance', key: `window:${windowId}`, payload: { windowId } });
    }
    const known = before === undefined ? null : (storedPerformance.parse(before.metrics).alarm ?? null);
    const alarm = weighPerformance({ judgement, labelled: labels.length, revision: revision.revision }, known);
    const stored: StoredPerformance = { ...metrics, alarm };
    await savePerformance(tx, { windowId, rows, labelled: labels.length, metrics: toJson(stored) });
    const { monitorId } = window;
    await enqueue(tx, { name: 'evaluate-alert', key: `monitor:${monitorId}`, payload: { monitorId } });
    if (judgement.waits_until === null) return;
    // A key of its own: labels that come meanwhile are measured at once.
    const delaySeconds = (Date.parse(judgement.waits_until) - now) / 1000;
    await enqueue(tx, { name: 'measure-performance', key: `due:${windowId}`, payload: { windowId }, delaySeconds });
  });
}

/** Labels are judged as a column is, once the window is. */
function priorsOf(
  measured: Measured,
  reference: Measured | null,
  { config, waits }: { readonly config: MonitorConfig; readonly waits: boolean },
): Pick<StoredPerformance, 'prior_shift'> {
  const [window, before] = [measured.label_distribution, reference?.label_distribution];
  if (waits || window === undefined || before === undefined) return {};
  return { prior_shift: judgePriors(window, before, config) };
}

/** What a model does is told by its reference before it is by the labels of one window, which may be of one class. */
function asFound(model: ModelRow, reference: Measured | null): ModelRow {
  const positiveLabel = model.positiveLabel ?? reference?.positive_label ?? null;
  const task = model.task === 'other' ? (reference?.task ?? model.task) : model.task;
  return { ...model, task, positiveLabel };
}

async function measure(
  ctx: Measuring,
  given: {
    model: ModelRow;
    question: PerformanceQuestion;
    query: string | null;
    segments: PerformanceTaskInput['segments'];
    batches: readonly { batchId: number; oid: string }[];
    labels: readonly WindowLabel[];
  },
): Promise<Measured> {
  const { model, question, query, segments, labels } = given;
  if (labels.length === 0) return measureOutcomes(noOutcomes(), question);
  const byBatch = Map.groupBy(labels, ({ batchId }) => batchId);
  const batches = given.batches.filter(({ batchId }) => byBatch.has(batchId));
  const oids = batches.map(({ oid }) => oid);
  try {
    return await withBatchFiles(ctx, { projectId: model.projectId, oids }, (files) =>
      runTask(ctx, 'measure-performance', {
        ...question,
        query,
        segments,
        batches: files.map((file, i) => {
          const found = byBatch.get(batches[i]?.batchId ?? 0) ?? [];
          return { file, rows: Int32Array.from(found, ({ row }) => row), labels: found.map(({ label }) => label) };
        }),
      }),
    );
  } catch (error) {
    if (!isTidemarkError(error, 'object-corrupt') && !isTidemarkError(error, 'unreadable-data')) throw error;
    return { task: model.task, positive_label: null, metrics: {}, confusion: null, reason: error.message };
  }
}
