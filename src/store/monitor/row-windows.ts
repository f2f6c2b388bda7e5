import { and, eq, gte, lte, sql } from 'drizzle-orm';
import { batches } from '../../../schemas/tables/index.ts';
import { ofVersion } from '../log/version-rows.ts';
import { bigints } from '../postgres/array-literal.ts';
import type { Db } from '../postgres/db.ts';

/** The statements behind windows that are made of rows: they follow one another without a gap. */

/** Milliseconds since 1970 of a timestamp expression, as a double that is exact. */
const epoch = (expression: string) => sql.raw(`(extract(epoch from ${expression}) * 1000)::float8`);

const at = (milliseconds: number) => sql`${new Date(milliseconds).toISOString()}::timestamptz`;

/** New predictions of a batch; `start` is null for those from before the first window. */
export type RowsOfWindow = { readonly start: number | null; readonly rows: number; readonly first: number };

/** A batch's new predictions by the window that they lie in, in order of time. */
export async function countRowsByWindow(
  db: Db,
  given: { modelId: number; monitorId: number; batchId: number; version: string | null },
): Promise<RowsOfWindow[]> {
  const rows = await db.execute<{ start: number | null; rows: number; first: number }>(sql`
    select ${epoch('start')} as start, sum(rows)::int as rows, ${epoch('min(event_time)')} as first
    from (
      select p.event_time, count(*) as rows from prediction_index p ${ofVersion(given.version)}
      where p.batch_id = ${given.batchId}::int8 and p.model_id = ${given.modelId}
      group by p.event_time) counted
    left join lateral (
      select w.start from windows w where w.monitor_id = ${given.monitorId} and w.start <= counted.event_time
      order by w.start desc limit 1) held on true
    group by start order by start nulls first`);
  return [...rows];
}

/** The batches that may hold a prediction of `from` or later, of those settled up to a sequence. */
export async function listBatchesSince(
  db: Db,
  modelId: number,
  span: { from: number; through: number },
): Promise<number[]> {
  const rows = await db
    .select({ id: batches.id })
    .from(batches)
    .where(
      and(
        eq(batches.modelId, modelId),
        eq(batches.kind, 'predictions'),
        gte(batches.maxTime, new Date(span.from)),
        lte(batches.settleSequence, span.through),
      ),
    );
  return rows.map(({ id }) => id);
}

type TimeSpan = {
  readonly modelId: number;
  readonly batchIds: readonly number[];
  readonly from: number;
  /** Of one model version; null: of all. */
  readonly version: string | null;
};

/** The event time of the `rank`-th prediction (from 1) of these batches since `from`, in order of time; null: there are fewer. */
export async function findEventTimeOfRank(db: Db, span: TimeSpan, rank: number): Promise<number | null> {
  const rows = await db.execute<{ time: number }>(sql`
    select ${epoch('p.event_time')} as time from prediction_index p ${ofVersion(span.version)}
    where p.batch_id = any(${bigints(span.batchIds)}::int8[]) and p.model_id = ${span.modelId}
      and p.event_time >= ${at(span.from)}
    order by p.event_time offset ${rank - 1} limit 1`);
  return rows[0]?.time ?? null;
}

export type RowsAtTime = { readonly time: number; readonly rows: number };

const TIMES_AT_ONCE = 100_000;

/** Event times in `[from, until)` with the number of predictions at each, in order and in pages. */
export async function* eachEventTime(
  db: Db,
  span: TimeSpan & { readonly until: number },
): AsyncGenerator<RowsAtTime[]> {
  let { from } = span;
  for (;;) {
    const rows = await db.execute<{ time: number; rows: number }>(sql`
      select ${epoch('p.event_time')} as time, count(*)::int as rows from prediction_index p ${ofVersion(span.version)}
      where p.batch_id = any(${bigints(span.batchIds)}::int8[]) and p.model_id = ${span.modelId}
        and p.event_time >= ${at(from)} and p.event_time < ${at(span.until)}
      group by p.event_time order by p.event_time limit ${TIMES_AT_ONCE}`);
    const page = [...rows];
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    if (page.length < TIMES_AT_ONCE) return;
    from = last.time + 1;
  }
}

/** Closed windows that hold a prediction whose label came with one of these batches, as of `findLabelledWindows`. */
export async function findLabelledRowWindows(
  db: Db,
  given: { modelId: number; monitorId: number; batchIds: readonly number[] },
): Promise<number[]> {
  const rows = await db.execute<{ id: string }>(sql`
    select distinct held.id from (
      select distinct p.event_time
      from label_index l join prediction_index p on p.model_id = l.model_id and p.id_hash = l.id_hash
      where l.batch_id = any(${bigints(given.batchIds)}::int8[]) and l.model_id = ${given.modelId}) labelled
    join lateral (
      select w.id, w.state from windows w where w.monitor_id = ${given.monitorId} and w.start <= labelled.event_time
      order by w.start desc limit 1) held on held.state <> 'open'
    order by held.id`);
  return rows.map((row) => Number(row.id));
}
