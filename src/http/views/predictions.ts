import type { z } from 'zod';
import type {
  foundPredictionView,
  predictionPage,
  predictionView,
  selectionView,
  selectRequest,
} from '../../../schemas/wire/predictions.ts';
import { isGroup, isVector, type Value } from '../../domain/prediction/logged-row.ts';
import type { PredictionDetail } from '../../domain/prediction/read-prediction.ts';
import type { FoundPrediction, SearchPage } from '../../domain/prediction/search.ts';
import type { SelectionRow } from '../../store/dataset/selections.ts';

const logged = (row: FoundPrediction | PredictionDetail) => ({
  prediction_id: row.predictionId,
  timestamp: row.timestamp,
  model_version: row.modelVersion,
  segment: row.segment,
  prediction: viewValue(row.prediction),
  scores: isGroup(row.scores) ? viewGroup(row.scores) : viewValue(row.scores),
  features: viewGroup(row.features),
  tags: viewGroup(row.tags),
  batch: row.batch.batchId,
  row: row.row,
  received_at: row.batch.receivedAt.toISOString(),
});

const viewValue = (value: Value) => (isVector(value) ? [...value] : value);

const viewGroup = (group: Readonly<Record<string, Value>>) =>
  Object.fromEntries(Object.entries(group).map(([name, value]) => [name, viewValue(value)]));

/** A batch's name of a column, as records say it. */
const memberName = (column: string): string => column.replace(/^(feature|score|tag)\./, '$1s.');

const viewFound = (found: FoundPrediction): z.input<typeof foundPredictionView> => ({
  ...logged(found),
  label: found.label?.label ?? null,
  label_revision: found.label?.revision ?? 0,
});

export const viewSearch = (page: SearchPage, next: string | null): z.input<typeof predictionPage> => ({
  items: page.items.map(viewFound),
  next,
  scanned: {
    batches: page.scanned.batches,
    rows: page.scanned.rows,
    bytes: page.scanned.bytes,
    cut: page.scanned.cut,
    unknown_columns: page.scanned.unknownColumns.map(memberName),
    lost_batches: [...page.scanned.lost],
  },
  unsettled: page.unsettled,
});

export function viewPrediction(found: PredictionDetail, models: string): z.input<typeof predictionView> {
  const [label, ...replaced] = found.labels.map(({ label: value, revision, batchId, labelledAt }) => ({
    value,
    revision,
    batch: batchId,
    labelled_at: labelledAt?.toISOString() ?? null,
  }));
  const { version } = found;
  return {
    ...logged(found),
    label: label === undefined ? null : { ...label, replaced },
    windows: found.windows.map(({ start, end, reference, ...window }) => ({
      ...window,
      start: start.toISOString(),
      end: end.toISOString(),
      reference: reference === null ? null : { ...reference, version: `v${reference.version}` },
    })),
    trained_on:
      version === null
        ? null
        : {
            model_version: version.name,
            dataset: version.dataset,
            version: `v${version.datasetVersion}`,
            oid: version.oid,
          },
    links: { batch: `${models}/batches/${found.batch.batchId}` },
  };
}

export function viewSelection(found: SelectionRow, base: string, model: string): z.input<typeof selectionView> {
  // What was kept was parsed by the shape of the request.
  const { dataset, selection } = found.request as z.output<typeof selectRequest>;
  const version = found.version === null ? null : { ref: `v${found.version.number}`, oid: found.version.oid };
  return {
    id: found.id,
    model,
    state: found.state,
    dataset,
    selection,
    author: found.author,
    rows: found.rows,
    version,
    // Written by the job alone.
    error: found.error as z.input<typeof selectionView>['error'],
    created_at: found.createdAt.toISOString(),
    finished_at: found.finishedAt?.toISOString() ?? null,
    links: {
      self: `${base}/v1/models/${encodeURIComponent(model)}/selections/${found.id}`,
      version: version === null ? null : `${base}/v1/datasets/${dataset}/versions/${version.ref}`,
    },
  };
}
