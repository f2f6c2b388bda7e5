import type { StoredPerformance } from '../../../schemas/wire/monitors.ts';
import type { Context } from '../../context.ts';
import { isTidemarkError } from '../../errors.ts';
import { listSettledPredictions } from '../../store/batches.ts';
import { transact } from '../../store/db.ts';
import { droppedWithin } from '../../store/log-retention.ts';
import { findModelById, type ModelRow } from '../../store/models.ts';
import { findMonitorById } from '../../store/monitors.ts';
import { listWindowLabels, savePerformance, type WindowLabel } from '../../store/reports.ts';
import { lockWindow, snapshotWindow } from '../../store/windows.ts';
import { runTask } from '../tasks.ts';
import { withBatchFiles } from './batch-files.ts';

type Measuring = Pick<Context, 'config' | 'db' | 'remote' | 'log' | 'compute'>;

/**
 * Job: measures how well the model did in a window, from the labels that have come so far. Labels that come
 * later enqueue it again, and the last measurement stands.
 */
export async function measurePerformance(ctx: Measuring, { windowId }: { windowId: number }): Promise<void> {
  const snapshot = await snapshotWindow(ctx.db, windowId);
  if (snapshot === null || snapshot.window.rows === 0) return;
  const { window } = snapshot;
  const monitor = await findMonitorById(ctx.db, window.monitorId);
  const model = monitor === null ? null : await findModelById(ctx.db, monitor.modelId);
  if (model === null) return;
  const span = { from: window.start, to: window.end, throughSequence: snapshot.through };
  const batches = await listSettledPredictions(ctx.db, model.id, span);
  const batchIds = batches.map(({ batchId }) => batchId);
  const labels = await listWindowLabels(ctx.db, model.id, { batchIds, start: window.start, end: window.end });
  const metrics = await measured(ctx, { model, batches, labels });
  await transact(ctx.db, async (tx) => {
    const current = await lockWindow(tx, windowId);
    // Rows have come meanwhile: the window's next verdict measures again.
    if (current === null || current.rows !== window.rows) return;
    // Of a window whose rows are no longer all there the last measurement stands.
    if ((await droppedWithin(tx, model.id, { from: window.start, to: window.end })) !== null) return;
    await savePerformance(tx, { windowId, rows: window.rows, labelled: labels.length, metrics });
  });
}

async function measured(
  ctx: Measuring,
  given: {
    model: ModelRow;
    batches: readonly { batchId: number; oid: string }[];
    labels: readonly WindowLabel[];
  },
): Promise<StoredPerformance> {
  const { model, labels } = given;
  const byBatch = Map.groupBy(labels, ({ batchId }) => batchId);
  const batches = given.batches.filter(({ batchId }) => byBatch.has(batchId));
  const oids = batches.map(({ oid }) => oid);
  try {
    return await withBatchFiles(ctx, { projectId: model.projectId, oids }, (files) =>
      runTask(ctx, 'measure-performance', {
        task: model.task,
        positiveLabel: model.positiveLabel,
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
