import { and, asc, desc, eq, gt, gte, inArray, lt, lte, sql } from 'drizzle-orm';
import { monitors, windows } from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';

/** So many empty windows are made after the last prediction of a live feed: by then it is known to have stopped. */
export const MOST_SILENT = 60;

export type WindowRow = typeof windows.$inferSelect;

/** Windows of a monitor that begin in `[from, to)`, in order. */
export async function listWindows(
  db: Db,
  monitorId: number,
  page: { from: Date | null; to: Date | null; limit: number; newest: boolean },
): Promise<WindowRow[]> {
  return db
    .select()
    .from(windows)
    .where(
      and(
        eq(windows.monitorId, monitorId),
        page.from === null ? undefined : gte(windows.start, page.from),
        page.to === null ? undefined : lt(windows.start, page.to),
      ),
    )
    .orderBy(page.newest ? sql`${windows.start} desc` : asc(windows.start))
    .limit(page.limit);
}

export async function findWindow(db: Db, monitorId: number, start: Date): Promise<WindowRow | null> {
  const rows = await db
    .select()
    .from(windows)
    .where(and(eq(windows.monitorId, monitorId), eq(windows.start, start)));
  return rows[0] ?? null;
}

/** Windows of a monitor that ended by a point in time, newest first. */
export async function listEarlierWindows(db: Db, monitorId: number, by: Date, limit: number): Promise<WindowRow[]> {
  return db
    .select()
    .from(windows)
    .where(and(eq(windows.monitorId, monitorId), lt(windows.start, by), lte(windows.end, by)))
    .orderBy(desc(windows.start))
    .limit(limit);
}

/** The windows of a monitor that begin at these points in time, newest first; not every one need exist. */
export async function listWindowsAt(db: Db, monitorId: number, starts: readonly number[]): Promise<WindowRow[]> {
  if (starts.length === 0) return [];
  return db
    .select()
    .from(windows)
    .where(
      and(
        eq(windows.monitorId, monitorId),
        inArray(
          windows.start,
          starts.map((start) => new Date(start)),
        ),
      ),
    )
    .orderBy(desc(windows.start));
}

export async function findWindowById(db: Db, id: number): Promise<WindowRow | null> {
  const rows = await db.select().from(windows).where(eq(windows.id, id));
  return rows[0] ?? null;
}

/** A window as it stands, and how far its monitor has sorted: read in one statement, so that they agree. */
export async function snapshotWindow(db: Db, id: number): Promise<{ window: WindowRow; through: number } | null> {
  const rows = await db
    .select({ window: windows, through: monitors.windowedThrough })
    .from(windows)
    .innerJoin(monitors, eq(monitors.id, windows.monitorId))
    .where(eq(windows.id, id));
  return rows[0] ?? null;
}

/** Locks a window until the transaction ends: whoever writes a verdict first compares what it was computed from. */
export async function lockWindow(tx: Db, id: number): Promise<WindowRow | null> {
  const rows = await tx.select().from(windows).where(eq(windows.id, id)).for('no key update');
  return rows[0] ?? null;
}

export async function setWindowOutcome(
  tx: Db,
  id: number,
  outcome: Pick<WindowRow, 'state' | 'verdict' | 'reportId' | 'error'>,
): Promise<void> {
  await tx
    .update(windows)
    .set({ ...outcome, judgedAt: sql`now()` })
    .where(eq(windows.id, id));
}

/**
 * Begins a new revision of the closed windows with data that begin at or after `from` (all of them when null)
 * and answers with their ids: another configuration is in force for them.
 */
export async function reopenFrom(tx: Db, monitorId: number, from: Date | null): Promise<number[]> {
  const rows = await tx
    .update(windows)
    .set({ state: 'ready', revision: sql`${windows.revision} + 1`, error: null })
    .where(
      and(
        eq(windows.monitorId, monitorId),
        inArray(windows.state, ['ready', 'judged', 'failed']),
        sql`${windows.rows} > 0`,
        from === null ? undefined : gte(windows.start, from),
      ),
    )
    .returning({ id: windows.id });
  return rows.map((row) => row.id).sort((a, b) => a - b);
}

/** The windows of a monitor that wait to be judged, in order. */
export async function listReady(db: Db, monitorId: number): Promise<number[]> {
  const rows = await db
    .select({ id: windows.id })
    .from(windows)
    .where(and(eq(windows.monitorId, monitorId), eq(windows.state, 'ready')))
    .orderBy(asc(windows.start));
  return rows.map(({ id }) => id);
}

/** The first window after `start` that waits to be judged; null when there is none. */
export async function findNextReady(
  db: Db,
  monitorId: number,
  start: Date,
): Promise<{ id: number; start: Date } | null> {
  const rows = await db
    .select({ id: windows.id, start: windows.start })
    .from(windows)
    .where(and(eq(windows.monitorId, monitorId), eq(windows.state, 'ready'), gt(windows.start, start)))
    .orderBy(asc(windows.start))
    .limit(1);
  return rows[0] ?? null;
}

/** Judges a failed window again under its own revision; false when it had not failed. */
export async function retryFailed(tx: Db, id: number): Promise<boolean> {
  const rows = await tx
    .update(windows)
    .set({ state: 'ready', error: null })
    .where(and(eq(windows.id, id), eq(windows.state, 'failed')))
    .returning({ id: windows.id });
  return rows.length === 1;
}

/** Windows with data that were judged and begin before a point in time, counted up to `limit`. */
export async function countJudgedBefore(db: Db, monitorId: number, before: Date, limit: number): Promise<number> {
  const rows = await db
    .select({ id: windows.id })
    .from(windows)
    .where(
      and(
        eq(windows.monitorId, monitorId),
        lt(windows.start, before),
        eq(windows.state, 'judged'),
        gt(windows.rows, 0),
      ),
    )
    .limit(limit);
  return rows.length;
}

/**
 * Models that have something to close without a new batch: a monitor with settled batches it has not sorted, or
 * with an open window that the wall clock has passed while the model is quiet, or without the windows that it has
 * passed since a live feed stopped (`isLive`; as many of them as are made).
 */
export async function listIdleModels(db: Db): Promise<number[]> {
  const rows = await db.execute<{ id: string }>(sql`
    select distinct mo.id from monitors m
      join models mo on mo.id = m.model_id
      cross join lateral (
        select (r.config->>'lateness_seconds')::float8 as lateness, (r.config->>'idle_after_seconds')::float8 as idle,
          r.config->'windowing'->>'rows' as rows
        from monitor_revisions r where r.monitor_id = m.id
          and coalesce(r.effective_from, '-infinity') <= coalesce(greatest(m.watermark, mo.watermark), now())
        order by r.revision desc limit 1) c
    where m.enabled = 'on' and (m.windowed_through < mo.settle_sequence
      or (mo.last_batch_at + make_interval(secs => c.idle) <= now()
        and (exists (select 1 from windows w where w.monitor_id = m.id and w.state = 'open'
            and w."end" + make_interval(secs => c.lateness) <= now())
          or exists (select 1 from (select w.start, w."end", w."end" - w.start as length from windows w
              where w.monitor_id = m.id order by w.start desc limit 1) l
            cross join lateral (select b.received_at, least(b.max_time, b.received_at) as newest from batches b
              where b.model_id = mo.id and b.kind = 'predictions' and b.max_time is not null
              order by b.max_time desc limit 1) a
            where l."end" + l.length + make_interval(secs => c.lateness) <= now() and c.rows is null
              and l."end" < a.newest + ${MOST_SILENT} * l.length
              and a.received_at - a.newest <= l.length + make_interval(secs => c.lateness)))))
    order by mo.id`);
  return rows.map((row) => Number(row.id));
}
