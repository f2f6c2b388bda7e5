import { listSettledPredictions, type SettledBatch } from '../../store/log/batches.ts';
import { findLabels, findLabelsOfBatches, type IndexedLabel } from '../../store/log/label-index.ts';
import { countLabelledBetween } from '../../store/log/prediction-index.ts';
import type { Db } from '../../store/postgres/db.ts';

/** What windows, performance and retraining read of a model's log. */
export type { SettledBatch } from '../../store/log/batches.ts';
export { idHash } from './prepare/row-hash.ts';
export { isRepeat } from './settle/repeats.ts';

/**
 * Settled prediction batches that may hold events in `[from, to)`, in order of settlement. A batch's span is
 * that of all its rows, so check each row's own time, and leave out those that `isRepeat`.
 */
export async function settledPredictionBatches(
  db: Db,
  modelId: number,
  span: { from: Date; to: Date; throughSequence: number },
): Promise<SettledBatch[]> {
  return listSettledPredictions(db, modelId, span);
}

/** Batch id → row → label, of the predictions in these batches that are no repeats. */
export type LabelsByBatch = ReadonlyMap<number, ReadonlyMap<number, string>>;

/** The latest labels of the predictions in these batches. */
export async function labelsOfBatches(db: Db, modelId: number, batchIds: readonly number[]): Promise<LabelsByBatch> {
  const labels = new Map<number, Map<number, string>>();
  if (batchIds.length === 0) return labels;
  for (const { batchId, row, label } of await findLabelsOfBatches(db, modelId, batchIds)) {
    const ofBatch = labels.get(batchId) ?? new Map<number, string>();
    ofBatch.set(row, label);
    labels.set(batchId, ofBatch);
  }
  return labels;
}

/** The latest labels by id hash (`idHash` of the prediction id); ids without a label are absent. */
export async function labelsOf(
  db: Db,
  modelId: number,
  idHashes: readonly string[],
): Promise<Map<string, IndexedLabel>> {
  return idHashes.length === 0 ? new Map() : findLabels(db, modelId, idHashes);
}

/** How many settled predictions there are in `[from, to)` of event time, and how many of them have a label. */
export async function countLabelled(
  db: Db,
  modelId: number,
  span: { from: Date; to: Date },
): Promise<{ predictions: number; labelled: number }> {
  return countLabelledBetween(db, modelId, span);
}
