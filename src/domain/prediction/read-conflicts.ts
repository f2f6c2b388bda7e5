import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import type { ArrowView } from '../../formats/arrow/arrow.ts';
import { findPredictions, type IndexedPrediction } from '../../store/log/prediction-index.ts';
import { findLogged } from '../../store/log/prediction-log.ts';
import type { Db } from '../../store/postgres/db.ts';
import type { Actor } from '../access/actor.ts';
import { differencesOf, type Json, toJson } from '../canonical.ts';
import { contentHashes, idHash } from '../log/prepare/row-hash.ts';
import { viewBatches } from '../log/read-batch.ts';
import { readBatchRow } from '../log/read-batches.ts';
import { isRepeat } from '../log/settle/repeats.ts';
import { textsOf } from '../log/settle/settling-rows.ts';
import { loggedRow } from './logged-row.ts';
import { lostBatch } from './scan.ts';

/** A row that repeats the id of an earlier prediction with other content, which is what stands. */
type Conflict = {
  /** Its place in its batch, from 0. */
  readonly row: number;
  readonly predictionId: string;
  /** Where the prediction is that stands. */
  readonly first: { readonly batch: number; readonly row: number };
  /** What differs; null where the first one's rows were let go or lost. */
  readonly differences: readonly { readonly pointer: string; readonly first: Json; readonly sent: Json }[] | null;
};

export type ConflictPage = { readonly items: readonly Conflict[]; readonly next: number | null };

/** Rows whose firsts are looked up at a time. */
const AT_ONCE = 5000;

/**
 * The rows of a settled batch that conflict with what was accepted before, behind the row `after`: found by reading the batch
 * again, so that nothing is kept of them besides.
 * @throws TidemarkError `not-found`; `not-ready` while it is not settled; `gone` when its rows were let go; `object-corrupt`.
 */
export async function readConflicts(
  ctx: Pick<Context, 'db' | 'remote'>,
  actor: Actor,
  given: { readonly model: string; readonly id: string; readonly after: number; readonly limit: number },
): Promise<ConflictPage> {
  const batch = await readBatchRow(ctx, actor, given);
  if (batch.kind === 'labels') return { items: [], next: null };
  if (batch.state !== 'settled') {
    const detail = 'The batch is not settled yet: which rows repeat earlier ones is not known. Ask again in a moment.';
    throw new TidemarkError('not-ready', detail, { retryAfter: 2 });
  }
  if (batch.conflicts === 0) return { items: [], next: null };
  const view = await viewOf(ctx, batch);
  if (view === null)
    throw new TidemarkError('gone', 'The rows of this batch were let go by the retention of its model.');
  const found = await conflictsIn(ctx.db, { modelId: batch.modelId, view, repeats: batch.repeats }, given);
  const shown = found.slice(0, given.limit);
  const next = found.length > given.limit ? (shown.at(-1)?.row ?? null) : null;
  return { items: await compared(ctx, batch.modelId, { view, shown }), next };
}

type Place = { readonly row: number; readonly id: string; readonly first: IndexedPrediction };

async function conflictsIn(
  db: Db,
  batch: { readonly modelId: number; readonly view: ArrowView; readonly repeats: Uint8Array | null },
  page: { readonly after: number; readonly limit: number },
): Promise<Place[]> {
  const { view, repeats, modelId } = batch;
  const ids = textsOf(columnOf(view, 'prediction_id'), view.rows);
  const contents = contentHashes(view.fields, {
    rows: view.rows,
    columns: view.fields.map((_, i) => view.column(i)),
  });
  const found: Place[] = [];
  for (let from = page.after + 1; from < view.rows && found.length <= page.limit; from += AT_ONCE) {
    const rows: number[] = [];
    for (let row = from; row < Math.min(from + AT_ONCE, view.rows); row++) if (isRepeat(repeats, row)) rows.push(row);
    const hashes = rows.map((row) => idHash(ids[row] ?? ''));
    const firsts = await findPredictions(db, modelId, [...new Set(hashes)]);
    rows.forEach((row, i) => {
      const first = firsts.get(hashes[i] ?? '');
      if (first !== undefined && first.content !== contents[row]) found.push({ row, id: ids[row] ?? '', first });
    });
  }
  return found;
}

const columnOf = (view: ArrowView, name: string) => {
  const at = view.fields.findIndex((field) => field.name === name);
  return at < 0 ? null : view.column(at);
};

/** Each with what differs; batches of firsts are read one after another. */
async function compared(
  ctx: Pick<Context, 'db' | 'remote'>,
  modelId: number,
  { view, shown }: { readonly view: ArrowView; readonly shown: readonly Place[] },
): Promise<Conflict[]> {
  const firsts = new Map<number, Conflict['differences']>();
  for (const [batchId, places] of Map.groupBy(shown, ({ first }) => first.batchId)) {
    const batch = await findLogged(ctx.db, modelId, batchId);
    const before = batch === null ? null : (await viewBatches(ctx, [batch]))[0];
    for (const { row, first } of places) {
      const known = before == null || before instanceof TidemarkError ? null : recordOf(before, first.row);
      firsts.set(row, known === null ? null : differing(known, recordOf(view, row)));
    }
  }
  return shown.map(({ row, id, first }) => ({
    ...{ row, predictionId: id, first: { batch: first.batchId, row: first.row } },
    differences: firsts.get(row) ?? null,
  }));
}

/** As it was sent, without its id. */
function recordOf(view: ArrowView, row: number): Json {
  const { predictionId: _, modelVersion, ...rest } = loggedRow(view, row);
  return toJson({ model_version: modelVersion, ...rest });
}

/** A value that one of them does not have is null. */
const differing = (first: Json, sent: Json) =>
  [...differencesOf(first, sent)]
    .map(({ pointer, stored, recomputed }) => ({ pointer, first: stored ?? null, sent: recomputed ?? null }))
    .filter((difference) => difference.first !== null || difference.sent !== null);

async function viewOf(
  ctx: Pick<Context, 'db' | 'remote'>,
  batch: { readonly modelId: number; readonly id: number },
): Promise<ArrowView | null> {
  const logged = await findLogged(ctx.db, batch.modelId, batch.id);
  if (logged === null) return null;
  const [view] = await viewBatches(ctx, [logged]);
  if (view === undefined || view instanceof TidemarkError) throw lostBatch(logged, view);
  return view;
}
