import { and, asc, eq, sql } from 'drizzle-orm';
import { batches, models, windows } from '../../../schemas/tables/index.ts';
import { ofVersion } from '../log/version-rows.ts';
import { bigints, words } from '../postgres/array-literal.ts';
import type { Db } from '../postgres/db.ts';
import type { WindowRow } from './windows.ts';

/** The statements that sort settled batches into windows. */

/** Milliseconds since 1970 of a timestamp expression, as a double that is exact. */
const epoch = (expression: string) => sql.raw(`(extract(epoch from ${expression}) * 1000)::float8`);

const instants = (times: readonly number[]) => words(times.map((time) => `"${new Date(time).toISOString()}"`));

const at = (milliseconds: number) => sql`${new Date(milliseconds).toISOString()}::timestamptz`;

export type SettledSpan = {
  /** Sequence after which nothing has been sorted yet. */
  readonly after: number;
  readonly through: number;
  readonly limit: number;
};

/** Settled batches of both kinds, in the order of their settlement. */
export async function listSettledBetween(db: Db, modelId: number, span: SettledSpan) {
  return db
    .select({
      id: batches.id,
      kind: batches.kind,
      sequence: batches.settleSequence,
      minTime: batches.minTime,
      maxTime: batches.maxTime,
      passedTime: batches.passedTime,
      receivedAt: batches.receivedAt,
    })
    .from(batches)
    .where(
      and(
        eq(batches.modelId, modelId),
        eq(batches.state, 'settled'),
        sql`${batches.settleSequence} > ${span.after}::int8 and ${batches.settleSequence} <= ${span.through}::int8`,
      ),
    )
    .orderBy(asc(batches.settleSequence))
    .limit(span.limit);
}

/**
 * Predictions that are accepted and not settled yet. `earliest`: their first event time in milliseconds, null when
 * there are none; `settledThrough`: the model's settle sequence of the very same moment.
 */
export async function findUnsettled(
  db: Db,
  modelId: number,
): Promise<{ batches: number; earliest: number | null; settledThrough: number }> {
  const [found] = await db
    .select({
      batches: sql<number>`count(${batches.id})::int`,
      earliest: sql<number | null>`(extract(epoch from min(${batches.minTime})) * 1000)::float8`,
      settledThrough: models.settleSequence,
    })
    .from(models)
    .leftJoin(
      batches,
      and(eq(batches.modelId, models.id), eq(batches.kind, 'predictions'), eq(batches.state, 'accepted')),
    )
    .where(eq(models.id, modelId))
    .groupBy(models.id);
  return found ?? { batches: 0, earliest: null, settledThrough: 0 };
}

/** Spans of one length that event time is counted by; `origin` in milliseconds since 1970. */
export type Cells = { readonly origin: number; readonly lengthSeconds: number };

const bin = (column: string, cells: Cells) =>
  sql`date_bin(make_interval(secs => ${cells.lengthSeconds}), ${sql.raw(column)}, ${at(cells.origin)})`;

export type NewRows = { readonly batchId: number; readonly cell: number; readonly rows: number };

/** New predictions of these batches (of one model version, where it is said) by cell: repeats are not in the index under them, so they do not count. */
export async function countNewRows(
  db: Db,
  given: { modelId: number; batchIds: readonly number[]; cells: Cells; version: string | null },
): Promise<NewRows[]> {
  const rows = await db.execute<{ batch_id: string; cell: number; rows: number }>(sql`
    select batch_id, ${epoch('cell')} as cell, rows from (
      select p.batch_id, ${bin('p.event_time', given.cells)} as cell, count(*)::int as rows
      from prediction_index p ${ofVersion(given.version)}
      where p.batch_id = any(${bigints(given.batchIds)}::int8[]) and p.model_id = ${given.modelId}
      group by 1, 2) counted
    order by 1, 2`);
  return rows.map((row) => ({ batchId: Number(row.batch_id), cell: row.cell, rows: row.rows }));
}

/** The windows that begin at these points, and every open one. */
export async function findSortable(db: Db, monitorId: number, starts: readonly number[]): Promise<WindowRow[]> {
  const given = instants(starts);
  return db
    .select()
    .from(windows)
    .where(
      and(
        eq(windows.monitorId, monitorId),
        sql`(${windows.state} = 'open' or ${windows.start} = any(${given}::timestamptz[]))`,
      ),
    )
    .orderBy(asc(windows.start));
}

export type WindowChange = {
  readonly start: number;
  readonly end: number;
  readonly revision: number;
  readonly state: WindowRow['state'];
  readonly rows: number;
};

/** Writes sorted windows and answers with the ids of those that are ready to be judged. */
export async function saveWindows(
  tx: Db,
  owner: { projectId: number; monitorId: number },
  changes: readonly WindowChange[],
): Promise<number[]> {
  if (changes.length === 0) return [];
  const rows = await tx.execute<{ id: string; state: string }>(sql`
    insert into windows (project_id, monitor_id, start, "end", revision, state, rows)
    select ${owner.projectId}::int, ${owner.monitorId}::int8, c.start, c."end", c.revision, c.state, c.rows
    from unnest(${instants(changes.map((c) => c.start))}::timestamptz[], ${instants(changes.map((c) => c.end))}::timestamptz[],
      ${bigints(changes.map((c) => c.revision))}::int[], ${words(changes.map((c) => c.state))}::text[],
      ${bigints(changes.map((c) => c.rows))}::int[]) with ordinality as c (start, "end", revision, state, rows, position)
    order by c.position
    on conflict (monitor_id, start) do update
      set "end" = excluded."end", revision = excluded.revision, state = excluded.state, rows = excluded.rows, error = null
    returning id, state`);
  return rows.filter((row) => row.state === 'ready').map((row) => Number(row.id));
}

/**
 * Starts of the windows around a stretch of time, in order: from the last one before `from` through the first one at
 * or after `horizon`.
 */
export async function listStartsAround(
  db: Db,
  monitorId: number,
  span: { from: number; horizon: number },
): Promise<number[]> {
  const rows = await db.execute<{ start: number }>(sql`
    select ${epoch('start')} as start from windows
    where monitor_id = ${monitorId}
      and start >= coalesce((select max(start) from windows where monitor_id = ${monitorId} and start < ${at(span.from)}), ${at(span.from)})
      and start <= coalesce((select min(start) from windows where monitor_id = ${monitorId} and start >= ${at(span.horizon)}), ${at(span.horizon)})
    order by windows.start`);
  return rows.map((row) => row.start);
}

/** Windows in which nothing was predicted, which is a finding too: they are judged without a report. */
export async function insertEmptyWindows(
  tx: Db,
  owner: { projectId: number; monitorId: number },
  empty: readonly { start: number; end: number }[],
): Promise<void> {
  if (empty.length === 0) return;
  await tx.execute(sql`
    insert into windows (project_id, monitor_id, start, "end", revision, state, verdict, rows, judged_at)
    select ${owner.projectId}::int, ${owner.monitorId}::int8, c.start, c."end", 1, 'judged', 'no_data', 0, now()
    from unnest(${instants(empty.map((c) => c.start))}::timestamptz[], ${instants(empty.map((c) => c.end))}::timestamptz[]) as c (start, "end")
    on conflict do nothing`);
}

/**
 * Closed windows that hold a prediction whose label came with one of these batches. Those that are about to be judged are
 * among them: whoever judges them may have looked for labels before these came.
 */
export async function findLabelledWindows(
  db: Db,
  given: { modelId: number; monitorId: number; batchIds: readonly number[]; cells: Cells; longestSeconds: number },
): Promise<number[]> {
  const rows = await db.execute<{ id: string }>(sql`
    select distinct w.id from (
      select distinct ${bin('p.event_time', given.cells)} as cell
      from label_index l join prediction_index p on p.model_id = l.model_id and p.id_hash = l.id_hash
      where l.batch_id = any(${bigints(given.batchIds)}::int8[]) and l.model_id = ${given.modelId}) labelled
    join windows w on w.monitor_id = ${given.monitorId} and w.start <= cell and cell < w."end"
      and w.start > cell - make_interval(secs => ${given.longestSeconds})
    where w.state <> 'open'
    order by w.id`);
  return rows.map((row) => Number(row.id));
}

/** The clock that leases and idle times go by. */
export async function databaseNow(db: Db): Promise<number> {
  const rows = await db.execute<{ now: number }>(sql`select ${epoch('now()')} as now`);
  return rows[0]?.now ?? 0;
}
