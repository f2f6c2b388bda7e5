import { and, eq, sql } from 'drizzle-orm';
import { batches, logRetention } from '../../../schemas/tables/index.ts';
import { bigints } from '../postgres/array-literal.ts';
import type { Db } from '../postgres/db.ts';

export type LogRetentionRow = typeof logRetention.$inferSelect;

/** How long a log is kept; null: no bound. */
export type LogRule = Pick<LogRetentionRow, 'keepSeconds' | 'keepRows' | 'reports'>;

export async function findLogRetention(db: Db, modelId: number): Promise<LogRetentionRow | null> {
  const rows = await db.select().from(logRetention).where(eq(logRetention.modelId, modelId));
  return rows[0] ?? null;
}

export async function saveLogRetention(
  db: Db,
  row: LogRule & { readonly modelId: number; readonly author: string },
): Promise<void> {
  const { modelId: _, ...values } = row;
  await db
    .insert(logRetention)
    .values(row)
    .onConflictDoUpdate({ target: logRetention.modelId, set: { ...values, updatedAt: sql`now()` } });
}

/** Models whose rule was not carried out for so long. */
export async function listModelsToRetain(db: Db, seconds: number): Promise<number[]> {
  const rows = await db.execute<{ id: string }>(sql`
    select model_id::text as id from log_retention
    where (keep_seconds is not null or keep_rows is not null)
      and (last_run_at is null or last_run_at <= now() - make_interval(secs => ${seconds})) order by model_id`);
  return rows.map(({ id }) => Number(id));
}

export async function noteRetentionRun(db: Db, modelId: number): Promise<void> {
  await db.update(logRetention).set({ lastRunAt: sql`now()` }).where(eq(logRetention.modelId, modelId));
}

/** A batch that the rule does not keep, with what keeps it all the same. */
export type Droppable = {
  readonly batchId: number;
  readonly kind: 'predictions' | 'labels';
  readonly oid: string;
  readonly rows: number;
  readonly bytes: number;
  /** A report was computed from it. */
  readonly reported: boolean;
  /** A window that it may belong to has no verdict yet. */
  readonly open: boolean;
};

/**
 * Settled batches beyond a rule's age or number of rows, oldest settlement first. Age is that of the newest event, or of
 * the arrival where there is none; rows are counted apart for predictions and labels. `graceSeconds`: of no batch that
 * came within so long.
 */
export async function listDroppable(
  db: Db,
  modelId: number,
  given: { readonly rule: LogRule; readonly graceSeconds: number; readonly after: number; readonly limit: number },
): Promise<(Droppable & { readonly sequence: number })[]> {
  const { rule, graceSeconds, after, limit } = given;
  type Row = Omit<Droppable, 'batchId' | 'bytes'> & { id: string; bytes: string; sequence: string };
  const rows = await db.execute<Row>(sql`
    with counted as (
      select b.*, coalesce(sum(b.rows) over (partition by b.kind order by b.settle_sequence desc
        rows between unbounded preceding and 1 preceding), 0) as newer
      from batches b where b.model_id = ${modelId} and b.state = 'settled' and b.dropped_at is null),
    reported as (
      select (i.value->>'batch')::int8 as id
      from reports r join monitors m on m.id = r.monitor_id cross join jsonb_array_elements(r.inputs) i
      where m.model_id = ${modelId}
      union
      -- Windows of other models may have been compared with these.
      select b::int8 from reports r cross join jsonb_path_query(r.reference_inputs, '$.*.inputs[*].batch') b
      where r.project_id = (select project_id from models where id = ${modelId}) and r.reference_inputs is not null),
    unjudged as (
      select w.start, w."end" from windows w join monitors m on m.id = w.monitor_id
      where m.model_id = ${modelId} and m.enabled = 'on' and w.state in ('open', 'ready')),
    sorted as (select min(windowed_through) as through from monitors where model_id = ${modelId} and enabled = 'on')
    select c.id::text, c.kind, c.oid, c.rows, c.bytes::text, c.settle_sequence::text as sequence,
      c.id in (select id from reported) as reported,
      (c.kind = 'predictions' and (c.settle_sequence > coalesce((select through from sorted), c.settle_sequence)
        or exists (select 1 from unjudged u where c.min_time < u."end" and c.max_time >= u.start))) as open
    from counted c
    where c.settle_sequence > ${after} and c.received_at <= now() - make_interval(secs => ${graceSeconds})
      and (coalesce(c.max_time, c.received_at) <= now() - make_interval(secs => ${rule.keepSeconds}::float8)
        or c.newer >= ${rule.keepRows}::int8)
    order by c.settle_sequence limit ${limit}`);
  return rows.map(({ id, bytes, sequence, ...row }) => ({
    ...row,
    batchId: Number(id),
    bytes: Number(bytes),
    sequence: Number(sequence),
  }));
}

/** True while something is to be made of the model's log: a retraining, or a selection. */
export async function isLogWanted(db: Db, modelId: number): Promise<boolean> {
  const rows = await db.execute(sql`
    select 1 from prediction_selections where model_id = ${modelId} and state = 'waiting'
    union all
    select 1 from runs where model_id = ${modelId} and state = 'preparing'
    limit 1`);
  return rows.length > 0;
}

/**
 * Lets the rows of batches go: they are no longer indexed, their labels and refused rows go with them, and so do labels
 * of these batches that no prediction ever came for. The batches and their counts stay. Call it under the lock of the
 * model. @returns the batches that had not been let go before.
 */
export async function dropBatches(tx: Db, modelId: number, batchIds: readonly number[]): Promise<number[]> {
  const ids = sql`any(${bigints(batchIds)}::int8[])`;
  const dropped = await tx.execute<{ id: string }>(sql`
    update batches set dropped_at = now() where id = ${ids} and model_id = ${modelId} and dropped_at is null
    returning id::text`);
  for (const table of ['label_revisions', 'label_index'] as const) {
    await tx.execute(sql`
      delete from ${sql.identifier(table)} l using prediction_index p
      where p.batch_id = ${ids} and p.model_id = ${modelId} and l.model_id = p.model_id and l.id_hash = p.id_hash`);
  }
  await tx.execute(sql`
    delete from label_index l where l.model_id = ${modelId} and l.batch_id = ${ids}
      and not exists (select 1 from prediction_index p where p.model_id = l.model_id and p.id_hash = l.id_hash)`);
  await tx.execute(sql`delete from prediction_index where batch_id = ${ids} and model_id = ${modelId}`);
  await tx.execute(sql`delete from version_rows where batch_id = ${ids}`);
  await tx.execute(sql`delete from rejected_rows where batch_id = ${ids}`);
  return dropped.map(({ id }) => Number(id));
}

export type LetGo = { readonly batches: number; readonly rows: number; readonly bytes: number };

/** What was let go of a model's log so far. */
export async function sumLetGo(db: Db, modelId: number): Promise<LetGo> {
  const [row] = await db
    .select({
      batches: sql<number>`count(*)::float8`,
      rows: sql<number>`coalesce(sum(${batches.rows}), 0)::float8`,
      bytes: sql<number>`coalesce(sum(${batches.bytes}), 0)::float8`,
    })
    .from(batches)
    .where(and(eq(batches.modelId, modelId), sql`${batches.droppedAt} is not null`));
  return row ?? { batches: 0, rows: 0, bytes: 0 };
}

/** Which of these batches were let go, and when. */
export async function findDropped(db: Db, batchIds: readonly number[]): Promise<{ id: number; at: Date }[]> {
  const rows = await db
    .select({ id: batches.id, at: batches.droppedAt })
    .from(batches)
    .where(and(sql`${batches.id} = any(${bigints(batchIds)}::int8[])`, sql`${batches.droppedAt} is not null`))
    .orderBy(batches.id);
  return rows.flatMap(({ id, at }) => (at === null ? [] : [{ id, at }]));
}

/** When the last of the batches was let go that may have held events in `[from, to)`; null when none was. */
export async function droppedWithin(db: Db, modelId: number, span: { from: Date; to: Date }): Promise<Date | null> {
  const rows = await db.execute<{ at: string | null }>(sql`
    select max(dropped_at)::text as at from batches
    where model_id = ${modelId} and kind = 'predictions' and dropped_at is not null
      and min_time < ${span.to.toISOString()}::timestamptz and max_time >= ${span.from.toISOString()}::timestamptz`);
  const at = rows[0]?.at ?? null;
  return at === null ? null : new Date(at);
}

/** The reports that were computed from one of these batches of a model, or compared with it. */
export async function listReportsFrom(
  db: Db,
  modelId: number,
  given: { readonly batchIds: readonly number[]; readonly named: number },
): Promise<{ readonly total: number; readonly ids: readonly string[] }> {
  const rows = await db.execute<{ id: string; total: number }>(sql`
    select r.id, (count(*) over ())::float8 as total from reports r join monitors m on m.id = r.monitor_id
    where r.project_id = (select project_id from models where id = ${modelId})
      and ((m.model_id = ${modelId} and exists (
          select 1 from jsonb_array_elements(r.inputs) i
          where (i.value->>'batch')::int8 = any(${bigints(given.batchIds)}::int8[])))
      or exists (
        select 1 from jsonb_path_query(r.reference_inputs, '$.*.inputs[*].batch') b
        where b::int8 = any(${bigints(given.batchIds)}::int8[])))
    order by r.id limit ${given.named}`);
  return { total: rows[0]?.total ?? 0, ids: rows.map(({ id }) => id) };
}
