import type { Context } from '../../../context.ts';
import { isTidemarkError, TidemarkError } from '../../../errors.ts';
import { enqueue } from '../../../store/jobs/jobs.ts';
import {
  listNeglectedModels,
  listUnsettled,
  type Settlement,
  settleRows,
  stillUnsettled,
  type UnsettledBatch,
} from '../../../store/log/batches.ts';
import { lockModel, type ModelRow, recordSettlement } from '../../../store/monitor/models.ts';
import { type Db, transact } from '../../../store/postgres/db.ts';
import { type Reached, reachedBy, type Seen, seenWith } from '../../window/watermark.ts';
import type { Arranged, ArrangedBatch, EncodedBatch } from '../arrange/arrange-batches.ts';
import { arrangeInThread } from '../arrange/arrange-in-thread.ts';
import { columnsKnown, noteColumns } from '../prepare/logged-columns.ts';
import { batchBytes } from '../read-batch.ts';
import { rowsInFlight } from '../receive/bytes-in-flight.ts';
import { repeatsBitmap } from './repeats.ts';
import { type LabelEvent, settleLabels } from './settle-labels.ts';
import { noRepeats, type Repeats, settlePredictions } from './settle-predictions.ts';

/** Bounds on what one transaction settles: its memory, and how long it holds the model. */
const CHUNK_ROWS = 50_000;
const CHUNK_BATCHES = 500;

type SettlingBatch = UnsettledBatch & ArrangedBatch;

/** The job that settles the batches of a model. */
export const settlement = (modelId: number) => ({
  name: 'settle-batches' as const,
  key: `model:${modelId}`,
  payload: { modelId },
});

/** Once a minute: has batches settled that nobody settles any more. */
export async function settleNeglected(ctx: Pick<Context, 'db'>): Promise<void> {
  for (const modelId of await listNeglectedModels(ctx.db)) await enqueue(ctx.db, settlement(modelId));
}

/** How often settlement gives way in a row: with what it waits each time, three seconds. */
const MOST_WAYS = 12;

/** By connection pool and model: how often it gave way since it last went on. */
const ways = new WeakMap<Db, Map<number, number>>();

/**
 * Whether rows that are on their way in come first: their senders wait, and settlement, which nobody waits for, takes as
 * much of the processor and the database as they do. It comes back in a moment, and not beyond its patience: a log that
 * is written to without a pause is settled all the same.
 */
function givesWay(ctx: Pick<Context, 'db'>, modelId: number): boolean {
  const given = ways.get(ctx.db) ?? new Map<number, number>();
  ways.set(ctx.db, given);
  const times = given.get(modelId) ?? 0;
  if (times < MOST_WAYS && rowsInFlight(ctx)) {
    given.set(modelId, times + 1);
    return true;
  }
  given.delete(modelId);
  return false;
}

/**
 * Settles the batches of a model that wait for it, in the order in which they were accepted: indexes their ids,
 * marks the rows that repeat earlier ones, keeps their labels, and moves the watermark. One transaction a
 * chunk, so that a batch is either unsettled or wholly settled, wherever this is killed.
 * @throws TidemarkError `object-corrupt` after all others are settled, when a batch could not be read.
 */
export async function settleBatches(
  ctx: Pick<Context, 'config' | 'db' | 'remote' | 'now' | 'log'>,
  { modelId }: { modelId: number },
): Promise<void> {
  const lost: UnsettledBatch[] = [];
  for (let full = false; ; ) {
    // While there is much to do, it goes on without a pause.
    if (!full && givesWay(ctx, modelId)) {
      const delaySeconds = ctx.config.limits.settleDelayMilliseconds / 1000;
      await enqueue(ctx.db, { ...settlement(modelId), delaySeconds });
      break;
    }
    // From the first one each time: batches become visible in another order than that of their ids, and what was
    // acknowledged before another one was sent must not be settled behind it.
    const page = { without: lost.map(({ id }) => id), limit: CHUNK_BATCHES };
    const waiting = await listUnsettled(ctx.db, modelId, page);
    const chunk = firstChunk(waiting);
    if (chunk.length === 0) break;
    full = chunk.length < waiting.length || waiting.length === CHUNK_BATCHES;
    const read: (UnsettledBatch & EncodedBatch)[] = [];
    for (const batch of chunk) {
      const object = await readBytes(ctx, batch);
      if (object === null) lost.push(batch);
      else read.push({ ...batch, object });
    }
    if (read.length === 0) continue;
    const arranged = await arrangeInThread(read, columnsKnown(ctx.db, modelId));
    const batches = arranged.batches.flatMap((rows, i) => (read[i] === undefined ? [] : [{ ...read[i], ...rows }]));
    if (!(await transact(ctx.db, (tx) => settleChunk(ctx, tx, { modelId, batches, arranged })))) break;
  }
  if (lost.length === 0) return;
  const list = lost.map((batch) => `${batch.id} (${batch.oid})`).join(', ');
  throw new TidemarkError(
    'object-corrupt',
    `These batches cannot be settled, their objects are lost or corrupt: ${list}.`,
  );
}

function firstChunk(waiting: readonly UnsettledBatch[]): readonly UnsettledBatch[] {
  let rows = 0;
  // The first one always goes in, however large.
  const end = waiting.findIndex((batch, i) => {
    rows += batch.rows;
    return i > 0 && rows > CHUNK_ROWS;
  });
  return waiting.slice(0, end < 0 ? waiting.length : end);
}

/** Null when the bytes are not there as they were stored: the batches behind it must not wait for a repair. */
async function readBytes(ctx: Pick<Context, 'remote' | 'log'>, batch: UnsettledBatch): Promise<Uint8Array | null> {
  try {
    return await batchBytes(ctx, batch.oid);
  } catch (error) {
    if (!isTidemarkError(error, 'object-corrupt') && !isTidemarkError(error, 'not-found')) throw error;
    ctx.log.error({ batch: batch.id, oid: batch.oid, err: error }, 'a batch cannot be read');
    return null;
  }
}

/** @returns false where the model is gone, and its batches with it. */
async function settleChunk(
  ctx: Pick<Context, 'db' | 'now'>,
  tx: Db,
  { modelId, batches, arranged }: { modelId: number; batches: readonly SettlingBatch[]; arranged: Arranged },
): Promise<boolean> {
  const model = await lockModel(tx, modelId);
  if (model === null) return false;
  const ids = batches.map(({ id }) => id);
  // Another worker whose lease ran out may have come first; what it settled is not settled again.
  if ((await stillUnsettled(tx, ids)).size < batches.length) return true;
  const predictions = batches.filter(({ kind }) => kind === 'predictions');
  const found = await settlePredictions(tx, modelId, { ids, arranged });
  const repeats = new Map<number, Repeats>(ids.map((id, i) => [id, found[i] ?? noRepeats()]));
  const reached = new Map(predictions.map((batch) => [batch.id, reachedByNew(batch, repeats.get(batch.id))]));
  await settleLabelsOf(tx, modelId, { batches, repeats });
  const settlements = batches.map((batch, i) => {
    const { passed = null } = reached.get(batch.id) ?? {};
    return settlementOf(batch, repeats.get(batch.id) ?? noRepeats(), {
      sequence: model.settleSequence + i + 1,
      passed,
    });
  });
  const seen = [...reached.values()].reduce(seenWith, seenOf(model));
  await settleRows(tx, settlements, ctx.now());
  const counted = batches.flatMap(({ kind, columns }, i) =>
    kind === 'predictions' ? [{ sequence: model.settleSequence + i + 1, columns }] : [],
  );
  await noteColumns(ctx.db, tx, { modelId, batches: counted });
  await recordSettlement(tx, modelId, {
    sequence: model.settleSequence + batches.length,
    watermark: dateOf(seen.watermark),
    newestEvent: dateOf(seen.newest),
    latestBatch: latest(predictions.map(({ receivedAt }) => receivedAt.getTime())),
  });
  await enqueue(tx, { name: 'close-windows', key: `model:${modelId}`, payload: { modelId } });
  return true;
}

/** Labels count in the order of the batches that brought them; a repeated prediction's own label does not. */
async function settleLabelsOf(
  tx: Db,
  modelId: number,
  { batches, repeats }: { batches: readonly SettlingBatch[]; repeats: Map<number, Repeats> },
): Promise<void> {
  const events = batches.flatMap(({ id, kind, labels, times }): LabelEvent[] => {
    const repeated = new Set(repeats.get(id)?.rows);
    return labels.texts.flatMap((label, i) => {
      const row = labels.rows[i] ?? 0;
      if (repeated.has(row)) return [];
      const time = kind === 'labels' ? (times[row] ?? Number.NaN) : Number.NaN;
      const idHash = labels.idHashes[i] ?? '';
      return [{ idHash, label, batchId: id, row, time: Number.isNaN(time) ? null : time }];
    });
  });
  const kinds = new Map(batches.map(({ id, kind }) => [id, kind]));
  for (const event of await settleLabels(tx, modelId, events)) {
    // A prediction is not made a repeat by a label that was known.
    if (kinds.get(event.batchId) !== 'labels') continue;
    const found = repeats.get(event.batchId) ?? noRepeats();
    found.duplicates++;
    found.rows.push(event.row);
    repeats.set(event.batchId, found);
  }
}

function settlementOf(
  batch: SettlingBatch,
  found: Repeats,
  reached: { sequence: number; passed: number | null },
): Settlement {
  const { duplicates, conflicts, rows } = found;
  return { id: batch.id, duplicates, conflicts, repeats: repeatsBitmap(batch.rows, rows), ...reached };
}

/** How far a batch of predictions brings event time. Repeats do not count: their times may be anything. */
function reachedByNew({ times, receivedAt }: SettlingBatch, { rows } = noRepeats()): Reached {
  if (rows.length === 0) return reachedBy(times, receivedAt.getTime());
  const repeated = new Set(rows);
  return reachedBy(
    times.filter((_, row) => !repeated.has(row)),
    receivedAt.getTime(),
  );
}

const seenOf = ({ watermark, newestEvent }: ModelRow): Seen => ({
  watermark: watermark?.getTime() ?? null,
  newest: newestEvent?.getTime() ?? null,
});

const dateOf = (time: number | null): Date | null => (time === null ? null : new Date(time));

function latest(times: readonly number[]): Date | null {
  return times.length === 0 ? null : new Date(Math.max(...times));
}
