import { and, asc, count, desc, eq, gt, isNotNull, isNull, lt, lte, sql } from 'drizzle-orm';
import { batches, rejectedRows, versionRows } from '../../../schemas/tables/index.ts';
import { bigints, texts } from '../postgres/array-literal.ts';
import type { Db } from '../postgres/db.ts';
import { withoutOthers } from './version-rows.ts';

export type BatchRow = typeof batches.$inferSelect;
export type RejectedRow = typeof rejectedRows.$inferSelect;
export type BatchKind = BatchRow['kind'];

/** Refused rows go in by slices, which bounds the memory of a statement. */
const REJECTED_SLICE = 1000;

/** @returns the batch's id. */
export async function insertBatch(tx: Db, row: typeof batches.$inferInsert): Promise<number> {
  const [made] = await tx.insert(batches).values(row).returning({ id: batches.id });
  if (made === undefined) throw new Error('insert returned no row');
  return made.id;
}

export async function insertRejectedRows(tx: Db, rows: readonly (typeof rejectedRows.$inferInsert)[]): Promise<void> {
  for (let from = 0; from < rows.length; from += REJECTED_SLICE) {
    await tx.insert(rejectedRows).values(rows.slice(from, from + REJECTED_SLICE));
  }
}

export async function findBatch(db: Db, modelId: number, id: number): Promise<BatchRow | null> {
  const rows = await db
    .select()
    .from(batches)
    .where(and(eq(batches.modelId, modelId), eq(batches.id, id)));
  return rows[0] ?? null;
}

/** Newest first; `before` is the id of the last one on the page before. */
export async function listBatches(
  db: Db,
  modelId: number,
  page: { before: number | null; limit: number; kind: BatchKind | null },
): Promise<BatchRow[]> {
  return db
    .select()
    .from(batches)
    .where(
      and(
        eq(batches.modelId, modelId),
        page.before === null ? undefined : lt(batches.id, page.before),
        page.kind === null ? undefined : eq(batches.kind, page.kind),
      ),
    )
    .orderBy(desc(batches.id))
    .limit(page.limit);
}

/** By line; `after` is the last line of the page before. */
export async function listRejectedRows(
  db: Db,
  batchId: number,
  page: { after: number; limit: number },
): Promise<RejectedRow[]> {
  return db
    .select()
    .from(rejectedRows)
    .where(and(eq(rejectedRows.batchId, batchId), gt(rejectedRows.line, page.after)))
    .orderBy(asc(rejectedRows.line))
    .limit(page.limit);
}

/** Batches that wait for settlement, in the order in which they are settled, without those that cannot be. */
export async function listUnsettled(db: Db, modelId: number, page: { without: readonly number[]; limit: number }) {
  return db
    .select({
      id: batches.id,
      kind: batches.kind,
      oid: batches.oid,
      bytes: batches.bytes,
      rows: batches.rows,
      receivedAt: batches.receivedAt,
    })
    .from(batches)
    .where(
      and(
        eq(batches.modelId, modelId),
        eq(batches.state, 'accepted'),
        page.without.length === 0 ? undefined : sql`${batches.id} <> all(${bigints(page.without)}::int8[])`,
      ),
    )
    .orderBy(asc(batches.id))
    .limit(page.limit);
}

/**
 * Models whose batches have waited for longer than a minute with nobody to settle them: the job was set aside because its
 * workers died, or a batch cannot be read. It is tried again an hour after that.
 */
export async function listNeglectedModels(db: Db): Promise<number[]> {
  const rows = await db.execute<{ id: string }>(sql`
    select m.id from models m
    where exists (select 1 from batches b where b.model_id = m.id and b.state = 'accepted'
        and b.received_at < now() - interval '1 minute')
      and not exists (select 1 from jobs j where j.name = 'settle-batches' and j.key = 'model:' || m.id
        and (j.state <> 'dead' or j.run_at > now() - interval '1 hour'))
    order by m.id`);
  return rows.map(({ id }) => Number(id));
}

export type UnsettledBatch = Awaited<ReturnType<typeof listUnsettled>>[number];

/** Which of these batches are still unsettled. Ask under the lock of the model. */
export async function stillUnsettled(tx: Db, ids: readonly number[]): Promise<Set<number>> {
  const rows = await tx
    .select({ id: batches.id })
    .from(batches)
    .where(and(sql`${batches.id} = any(${bigints(ids)}::int8[])`, eq(batches.state, 'accepted')));
  return new Set(rows.map((row) => row.id));
}

export type Settlement = {
  readonly id: number;
  readonly duplicates: number;
  readonly conflicts: number;
  readonly repeats: Uint8Array | null;
  readonly sequence: number;
  /** Milliseconds since 1970; null: there is none. */
  readonly passed: number | null;
};

/** Writes the final counts of batches in one statement. */
export async function settleRows(tx: Db, settlements: readonly Settlement[], at: Date): Promise<void> {
  const hex = settlements.map(({ repeats }) => (repeats === null ? '' : Buffer.from(repeats).toString('hex')));
  await tx.execute(sql`
    update batches b set state = 'settled', settled_at = ${at.toISOString()}::timestamptz, duplicates = s.duplicates,
      conflicts = s.conflicts, repeats = case when s.repeats = '' then null else decode(s.repeats, 'hex') end,
      settle_sequence = s.sequence, passed_time = s.passed
    from unnest(${bigints(settlements.map((s) => s.id))}::int8[], ${bigints(settlements.map((s) => s.duplicates))}::int[],
      ${bigints(settlements.map((s) => s.conflicts))}::int[], ${texts(hex)}::text[],
      ${bigints(settlements.map((s) => s.sequence))}::int8[],
      ${texts(settlements.map(({ passed }) => (passed === null ? null : new Date(passed).toISOString())))}::timestamptz[])
      as s (id, duplicates, conflicts, repeats, sequence, passed)
    where b.id = s.id`);
}

/** Whether a batch of predictions reaches into a span of event time. */
export async function hasPredictionsWithin(db: Db, modelId: number, span: { from: Date; to: Date }): Promise<boolean> {
  const rows = await db
    .select({ id: batches.id })
    .from(batches)
    .where(
      and(
        eq(batches.modelId, modelId),
        eq(batches.kind, 'predictions'),
        lt(batches.minTime, span.to),
        sql`${batches.maxTime} >= ${span.from.toISOString()}::timestamptz`,
      ),
    )
    .limit(1);
  return rows.length === 1;
}

export type KindCounts = {
  readonly kind: BatchKind;
  readonly batches: number;
  /** Rows stored. */
  readonly rows: number;
  /** Rows that repeat the content of the first of their id; conflicts are not among them. */
  readonly duplicates: number;
  readonly conflicts: number;
  readonly rejected: number;
  /** Of settled batches: rows that are no repeat. */
  readonly settled: number;
  readonly unsettledBatches: number;
};

export async function countBatches(db: Db, modelId: number): Promise<KindCounts[]> {
  const total = (value: unknown) => sql<number>`coalesce(sum(${value}), 0)::float8`;
  return db
    .select({
      kind: batches.kind,
      batches: count(),
      rows: total(batches.rows),
      duplicates: total(batches.duplicates),
      conflicts: total(batches.conflicts),
      rejected: total(batches.rejected),
      settled: total(
        sql`case when ${batches.state} = 'settled' then ${batches.rows} - ${batches.duplicates} - ${batches.conflicts} end`,
      ),
      unsettledBatches: sql<number>`(count(*) filter (where ${batches.state} = 'accepted'))::float8`,
    })
    .from(batches)
    .where(eq(batches.modelId, modelId))
    .groupBy(batches.kind);
}

export type SettledBatch = {
  readonly batchId: number;
  readonly oid: string;
  readonly rows: number;
  /** See `domain/log/settle/repeats.ts`. */
  readonly repeats: Uint8Array | null;
  readonly sequence: number | null;
};

/**
 * Settled prediction batches that are kept and may hold events in `[from, to)`, in order of settlement, up to a
 * sequence. With a `version` those that name it, and their other rows are told as if they were repeats.
 */
export async function listSettledPredictions(
  db: Db,
  modelId: number,
  span: { from: Date; to: Date; throughSequence: number; version?: string | undefined },
): Promise<SettledBatch[]> {
  const { version } = span;
  const rows = await db
    .select({
      batchId: batches.id,
      oid: batches.oid,
      rows: batches.rows,
      repeats: batches.repeats,
      sequence: batches.settleSequence,
      named: versionRows.rows,
    })
    .from(batches)
    .leftJoin(versionRows, and(eq(versionRows.batchId, batches.id), eq(versionRows.name, version ?? '')))
    .where(
      and(
        eq(batches.modelId, modelId),
        version === undefined ? undefined : isNotNull(versionRows.name),
        eq(batches.kind, 'predictions'),
        eq(batches.state, 'settled'),
        isNull(batches.droppedAt),
        lte(batches.settleSequence, span.throughSequence),
        lt(batches.minTime, span.to),
        sql`${batches.maxTime} >= ${span.from.toISOString()}::timestamptz`,
      ),
    )
    .orderBy(asc(batches.settleSequence));
  return rows.map(({ named, ...batch }) =>
    version === undefined ? batch : { ...batch, repeats: withoutOthers(batch.repeats, named, batch.rows) },
  );
}

/** The latest event time among settled predictions, no later than it came, and when that was; null where there are none. */
export async function findNewestArrival(
  db: Db,
  modelId: number,
): Promise<{ readonly newest: Date; readonly receivedAt: Date } | null> {
  const rows = await db
    .select({ maxTime: batches.maxTime, receivedAt: batches.receivedAt })
    .from(batches)
    .where(
      and(
        eq(batches.modelId, modelId),
        eq(batches.kind, 'predictions'),
        eq(batches.state, 'settled'),
        isNotNull(batches.maxTime),
      ),
    )
    .orderBy(desc(batches.maxTime))
    .limit(1);
  const { maxTime, receivedAt } = rows[0] ?? {};
  if (maxTime == null || receivedAt === undefined) return null;
  return { newest: maxTime < receivedAt ? maxTime : receivedAt, receivedAt };
}
