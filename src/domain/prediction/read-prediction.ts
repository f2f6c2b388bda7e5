import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { type LabelRevision, listLabelRevisions } from '../../store/log/label-index.ts';
import { findPredictions } from '../../store/log/prediction-index.ts';
import {
  countUnsettled,
  type EventWindow,
  findLogged,
  type LoggedBatch,
  listEventWindows,
} from '../../store/log/prediction-log.ts';
import { type BoundVersionRow, listModelVersions, type ModelRow } from '../../store/monitor/models.ts';
import type { Db } from '../../store/postgres/db.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { idHash } from '../log/prepare/row-hash.ts';
import { viewBatches } from '../log/read-batch.ts';
import { resolveModel } from '../model/resolve.ts';
import { type LoggedRow, loggedRow } from './logged-row.ts';
import { lostBatch } from './scan.ts';

/** Everything that is known of one prediction. */
export type PredictionDetail = LoggedRow & {
  readonly batch: LoggedBatch;
  readonly row: number;
  /** The latest label first, then those it replaced; empty while there is none. */
  readonly labels: readonly LabelRevision[];
  /** The windows that its event time lies in, of every monitor. */
  readonly windows: readonly EventWindow[];
  /** The model version that made it: the one it names, or the only one there is; else null. */
  readonly version: BoundVersionRow | null;
};

/**
 * One settled prediction.
 * @throws TidemarkError `not-found`, saying whether its label waits for it or its batch for settlement;
 * `object-corrupt` when the bytes of its batch are lost.
 */
export async function readPrediction(
  ctx: Pick<Context, 'db' | 'remote'>,
  actor: Actor,
  given: { readonly model: string; readonly id: string },
): Promise<PredictionDetail> {
  requireScope(actor, 'logs:read');
  const model = await resolveModel(ctx.db, actor.projectId, given.model);
  const hash = idHash(given.id);
  const place = (await findPredictions(ctx.db, model.id, [hash])).get(hash);
  const batch = place === undefined ? null : await findLogged(ctx.db, model.id, place.batchId);
  if (place === undefined || batch === null) throw await unknown(ctx.db, model, given.id);
  const [view] = await viewBatches(ctx, [batch]);
  if (view === undefined || view instanceof TidemarkError) throw lostBatch(batch, view);
  const found = loggedRow(view, place.row);
  const time = found.timestamp === null ? null : new Date(found.timestamp);
  const versions = await listModelVersions(ctx.db, model.id);
  return {
    ...found,
    batch,
    row: place.row,
    labels: await listLabelRevisions(ctx.db, model.id, hash),
    windows:
      time === null
        ? []
        : await listEventWindows(ctx.db, model.id, { time, batchId: batch.batchId, modelVersion: found.modelVersion }),
    version: versionOf(versions, found.modelVersion),
  };
}

function versionOf(versions: readonly BoundVersionRow[], name: string | null): BoundVersionRow | null {
  if (name !== null) return versions.find((version) => version.name === name) ?? null;
  return versions.length === 1 ? (versions[0] ?? null) : null;
}

async function unknown(db: Db, model: ModelRow, id: string): Promise<TidemarkError> {
  const labels = await listLabelRevisions(db, model.id, idHash(id));
  const unsettled = await countUnsettled(db, model.id);
  const label = labels.length === 0 ? '' : ' A label for it has come and waits for it.';
  const waiting =
    unsettled.batches === 0
      ? ''
      : ` ${unsettled.rows} rows in ${unsettled.batches} batches are not settled yet; look again in a moment.`;
  return new TidemarkError(
    'not-found',
    `The model "${model.name}" has no prediction "${id.slice(0, 100)}".${label}${waiting}`,
  );
}
