import { and, asc, desc, eq, gte, isNull, lte, sql } from 'drizzle-orm';
import { batches, objects, packedObjects } from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';

/** A settled batch of predictions as a reader of the log goes through it. */
export type LoggedBatch = {
  readonly batchId: number;
  readonly oid: string;
  readonly bytes: number;
  readonly rows: number;
  /** See `domain/log/settle/repeats.ts`. */
  readonly repeats: Uint8Array | null;
  /** Order of settlement within the model, from 1. */
  readonly sequence: number;
  readonly receivedAt: Date;
  /** Where its bytes lie, unless in an object of their own. */
  readonly pack: { readonly oid: string; readonly start: number } | null;
};

export type LogPage = {
  /** Batches that may hold events in `[from, to)`; null: no bound. */
  readonly from: Date | null;
  readonly to: Date | null;
  /** This batch alone. */
  readonly batchId: number | null;
  /** None that was accepted after this one. */
  readonly throughBatch: number | null;
  /** The first sequence of the page, which is in it; null: the first there is. */
  readonly start: number | null;
  readonly newest: boolean;
  readonly limit: number;
};

const columns = {
  batchId: batches.id,
  oid: batches.oid,
  bytes: batches.bytes,
  rows: batches.rows,
  repeats: batches.repeats,
  // Settled batches have one.
  sequence: sql<number>`${batches.settleSequence}::float8`,
  receivedAt: batches.receivedAt,
  pack: { oid: packedObjects.packOid, start: packedObjects.start },
};

/** Of a pack that is gone or corrupt nothing is read: the batch may have come again since. */
const isSound = () => sql`
  exists (select 1 from ${objects} where ${objects.projectId} = ${packedObjects.projectId}
    and ${objects.oid} = ${packedObjects.packOid} and ${objects.quarantinedAt} is null)`;

/** Settled prediction batches with rows, by the order of their settlement or against it. */
export async function listLogged(db: Db, modelId: number, page: LogPage): Promise<LoggedBatch[]> {
  const { from, to, batchId, throughBatch, start, newest, limit } = page;
  return db
    .select(columns)
    .from(batches)
    .leftJoin(
      packedObjects,
      and(eq(packedObjects.projectId, batches.projectId), eq(packedObjects.oid, batches.oid), isSound()),
    )
    .where(
      and(
        eq(batches.modelId, modelId),
        eq(batches.kind, 'predictions'),
        eq(batches.state, 'settled'),
        isNull(batches.droppedAt),
        sql`${batches.rows} > 0`,
        batchId === null ? undefined : eq(batches.id, batchId),
        throughBatch === null ? undefined : lte(batches.id, throughBatch),
        start === null ? undefined : (newest ? lte : gte)(batches.settleSequence, start),
        from === null ? undefined : sql`${batches.maxTime} >= ${from.toISOString()}::timestamptz`,
        to === null ? undefined : sql`${batches.minTime} < ${to.toISOString()}::timestamptz`,
      ),
    )
    .orderBy(newest ? desc(batches.settleSequence) : asc(batches.settleSequence))
    .limit(limit);
}

/** One settled batch of predictions; null when there is none of that id. */
export async function findLogged(db: Db, modelId: number, batchId: number): Promise<LoggedBatch | null> {
  const any = { from: null, to: null, throughBatch: null, start: null, newest: false };
  const [found] = await listLogged(db, modelId, { ...any, batchId, limit: 1 });
  return found ?? null;
}

/** How many prediction batches of the model are accepted and not settled yet, and their rows. */
export async function countUnsettled(db: Db, modelId: number): Promise<{ batches: number; rows: number }> {
  const [found] = await db
    .select({
      batches: sql<number>`count(*)::float8`,
      rows: sql<number>`coalesce(sum(${batches.rows}), 0)::float8`,
    })
    .from(batches)
    .where(and(eq(batches.modelId, modelId), eq(batches.kind, 'predictions'), eq(batches.state, 'accepted')));
  return found ?? { batches: 0, rows: 0 };
}

/** A window that an event time lies in, with what it was judged as. */
export type EventWindow = {
  readonly monitor: string;
  readonly start: Date;
  readonly end: Date;
  readonly revision: number;
  readonly state: string;
  readonly verdict: string | null;
  readonly report: string | null;
  /** The report was computed with the batch among its inputs. */
  readonly counted: boolean;
  /** What the window was compared with; null before it was judged. */
  readonly reference: { readonly dataset: string; readonly version: number; readonly oid: string } | null;
};

/** The windows that hold an event of a batch, of the model's monitors that judge rows of its version. */
export async function listEventWindows(
  db: Db,
  modelId: number,
  event: { readonly time: Date; readonly batchId: number; readonly modelVersion: string | null },
): Promise<EventWindow[]> {
  const at = sql`${event.time.toISOString()}::timestamptz`;
  // A monitor's version is the same in all of its revisions.
  const judged = sql`coalesce((select c.config->>'model_version' from monitor_revisions c
      where c.monitor_id = m.id and c.revision = 1), ${event.modelVersion ?? ''}) = ${event.modelVersion ?? ''}`;
  const rows = await db.execute<Omit<EventWindow, 'start' | 'end'> & { start: string; end: string }>(sql`
    select m.name as monitor, w.start::text as start, w."end"::text as "end", w.revision, w.state, w.verdict,
      w.report_id as report,
      coalesce(r.inputs @> jsonb_build_array(jsonb_build_object('batch', ${event.batchId}::int8)), false) as counted,
      case when r.id is not null then jsonb_build_object('dataset', d.name, 'version', v.number, 'oid', r.reference_oid)
        end as reference
    from monitors m join windows w on w.monitor_id = m.id
      left join reports r on r.id = w.report_id
      left join monitor_revisions c on c.id = r.monitor_revision_id
      left join versions v on v.id = c.reference_version_id
      left join datasets d on d.id = v.dataset_id
    where m.model_id = ${modelId} and m.deleted_at is null and ${judged} and w.start <= ${at} and w."end" > ${at}
    order by m.name, w.start`);
  return rows.map((row) => ({ ...row, start: new Date(row.start), end: new Date(row.end) }));
}
