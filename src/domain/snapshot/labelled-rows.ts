import type { Context } from '../../context.ts';
import { listSettledPredictions, type SettledBatch } from '../../store/log/batches.ts';
import type { ModelRow } from '../../store/monitor/models.ts';
import { listWindowLabels, type WindowLabel } from '../../store/monitor/reports.ts';
import type { LocalBatch } from '../log/arrange/local-batch.ts';

/** A settled batch with its labelled rows that are taken, in order. */
export type LabelledBatch = { readonly batch: SettledBatch; readonly labels: readonly WindowLabel[] };

export type LabelledSpan = {
  readonly model: ModelRow;
  readonly span: { readonly from: Date; readonly to: Date };
  /** The last batch that had been accepted when the run began. */
  readonly throughBatch: number;
};

/** Settled batches of the span in order of settlement, with the labelled rows of each that were first with their id. */
export async function labelledBatches(ctx: Pick<Context, 'db'>, of: LabelledSpan): Promise<LabelledBatch[]> {
  const { model, span, throughBatch } = of;
  const reach = { from: span.from, to: span.to, throughSequence: model.settleSequence };
  const settled = await listSettledPredictions(ctx.db, model.id, reach);
  const batches = settled.filter(({ batchId }) => batchId <= throughBatch);
  const batchIds = batches.map(({ batchId }) => batchId);
  const labels = await listWindowLabels(ctx.db, model.id, {
    ...{ batchIds, start: span.from, end: span.to },
    version: null,
  });
  const byBatch = Map.groupBy(labels, ({ batchId }) => batchId);
  return batches.flatMap((batch) => {
    const found = byBatch.get(batch.batchId);
    return found === undefined ? [] : [{ batch, labels: found }];
  });
}

export function* labelTexts(batches: readonly LabelledBatch[]): Generator<string> {
  for (const { labels } of batches) for (const { label } of labels) yield label;
}

export const countRows = (batches: readonly LabelledBatch[]): number =>
  batches.reduce((sum, { labels }) => sum + labels.length, 0);

/** What a compute task is given of them. */
export const taskBatches = (files: readonly LocalBatch[], batches: readonly LabelledBatch[]) =>
  files.map((file, i) => {
    const labels = batches[i]?.labels ?? [];
    return { file, rows: Int32Array.from(labels, ({ row }) => row), labels: labels.map(({ label }) => label) };
  });
