import { and, asc, desc, eq, gt, inArray, isNull, lt, or, sql } from 'drizzle-orm';
import { pushObjects, pushSessions } from '../../../schemas/tables/index.ts';
import type { Oid } from '../../dvc/hash.ts';
import { bigints, words } from '../postgres/array-literal.ts';
import type { Db } from '../postgres/db.ts';

export type PushSessionRow = typeof pushSessions.$inferSelect;
export type PushObjectRow = typeof pushObjects.$inferSelect;
export type PushLayout = PushObjectRow['layout'];

const inSeconds = (seconds: number) => sql<Date>`now() + make_interval(secs => ${seconds})`;

export type NewPushSession = Pick<
  PushSessionRow,
  'id' | 'projectId' | 'datasetId' | 'pusher' | 'author' | 'address' | 'agent'
>;

/** The open session of a pusher, made unless there is one. */
export async function openPushSession(
  tx: Db,
  session: NewPushSession,
  quietSeconds: number,
): Promise<{ id: string; created: boolean }> {
  const quietAt = inSeconds(quietSeconds);
  const [row] = await tx
    .insert(pushSessions)
    .values({ ...session, quietAt })
    .onConflictDoUpdate({
      target: [pushSessions.datasetId, pushSessions.pusher],
      targetWhere: isNull(pushSessions.closedAt),
      set: { quietAt: sql`greatest(push_sessions.quiet_at, excluded.quiet_at)` },
    })
    .returning({ id: pushSessions.id });
  if (row === undefined) throw new Error('insert returned no row');
  return { id: row.id, created: row.id === session.id };
}

/** Keeps sessions with an upload under way from being quiet. */
export async function prolongPushSessions(db: Db, ids: readonly string[], quietSeconds: number): Promise<void> {
  await db
    .update(pushSessions)
    .set({ quietAt: inSeconds(quietSeconds) })
    .where(and(inArray(pushSessions.id, [...ids]), isNull(pushSessions.closedAt)));
}

export type Pushed = {
  readonly layout: PushLayout;
  readonly name: Oid;
  readonly oid: Oid;
  readonly size: number;
  readonly state: 'new' | 'held';
};

/**
 * Notes objects that were taken, in the transaction that takes them. The session's row is locked only against its
 * end, so that uploads do not wait for each other.
 * @returns false when the session is closed.
 */
export async function recordPushed(tx: Db, sessionId: string, pushed: readonly Pushed[]): Promise<boolean> {
  // In one order for all, so that two that note the same objects at once do not wait for each other in a ring; and
  // each once, for a statement changes a row only once.
  const once = new Map(pushed.toReversed().map((each) => [each.layout + each.name, each]));
  const list = [...once.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const rows = await tx.execute(sql`
    with session as (select id from push_sessions where id = ${sessionId} and closed_at is null for key share)
    insert into push_objects (session_id, layout, name, oid, size, state)
    select session.id, u.layout, u.name, u.oid, u.size, u.state
    from session, unnest(
      ${words(list.map((each) => each.layout))}::text[], ${words(list.map((each) => each.name))}::text[],
      ${words(list.map((each) => each.oid))}::text[], ${bigints(list.map((each) => each.size))}::int8[],
      ${words(list.map((each) => each.state))}::text[]) as u(layout, name, oid, size, state)
    on conflict (session_id, layout, name) do update set
      oid = excluded.oid, size = excluded.size, code = null, detail = null, at = now(),
      state = case push_objects.state when 'new' then 'new' else excluded.state end
    returning id`);
  return rows.length > 0;
}

export type RefusedObject = {
  readonly layout: PushLayout;
  readonly name: Oid;
  readonly code: string;
  readonly detail: string;
};

/**
 * Notes an object that was not taken, unless it was before.
 * @returns false when the session is closed.
 */
export async function recordRefused(db: Db, sessionId: string, refused: RefusedObject): Promise<boolean> {
  const { layout, name, code, detail } = refused;
  const rows = await db.execute(sql`
    with session as (select id from push_sessions where id = ${sessionId} and closed_at is null for key share),
    noted as (
      insert into push_objects (session_id, layout, name, state, code, detail)
      select id, ${layout}, ${name}, 'refused', ${code}, ${detail} from session
      on conflict (session_id, layout, name) do update set code = excluded.code, detail = excluded.detail, at = now()
      where push_objects.state = 'refused')
    select 1 from session`);
  return rows.length > 0;
}

export async function findPushSession(db: Db, id: string): Promise<PushSessionRow | null> {
  const rows = await db.select().from(pushSessions).where(eq(pushSessions.id, id));
  return rows[0] ?? null;
}

/** Sessions of a dataset, newest first, from the one that began before. */
export async function listPushSessions(
  db: Db,
  datasetId: number,
  page: { before: { startedAt: Date; id: string } | null; limit: number },
): Promise<PushSessionRow[]> {
  const { before, limit } = page;
  const older =
    before === null
      ? undefined
      : or(
          lt(pushSessions.startedAt, before.startedAt),
          and(eq(pushSessions.startedAt, before.startedAt), lt(pushSessions.id, before.id)),
        );
  return db
    .select()
    .from(pushSessions)
    .where(and(eq(pushSessions.datasetId, datasetId), older))
    .orderBy(desc(pushSessions.startedAt), desc(pushSessions.id))
    .limit(limit);
}

/** How far a session has come, by the database's clock. */
export type PushProgress = {
  /** Until it counts as quiet; 0 or less when it does. */
  readonly secondsLeft: number;
  /** Of the last object that was taken; 0 when none was. */
  readonly lastId: number;
  readonly lastAt: Date | null;
};

export async function readPushProgress(db: Db, sessionId: string, quietSeconds: number): Promise<PushProgress> {
  const last = sql`max(o.at) filter (where o.state <> 'refused')`;
  const rows = await db.execute<{ seconds_left: number; last_id: string | null; last_at: string | null }>(sql`
    select extract(epoch from greatest(s.quiet_at, ${last} + make_interval(secs => ${quietSeconds})) - now())::float8
        as seconds_left,
      max(o.id) as last_id, max(o.at)::text as last_at
    from push_sessions s left join push_objects o on o.session_id = s.id
    where s.id = ${sessionId} group by s.id`);
  const row = rows[0];
  if (row === undefined) throw new Error(`push session ${sessionId} is gone`);
  return {
    secondsLeft: row.seconds_left,
    lastId: Number(row.last_id ?? 0),
    lastAt: row.last_at === null ? null : new Date(row.last_at),
  };
}

export type PushTotals = Pick<PushSessionRow, 'newObjects' | 'newBytes' | 'refused'>;

/** What came in open sessions so far. */
export async function tallyPushes(db: Db, ids: readonly string[]): Promise<Map<string, PushTotals>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .select({
      id: pushObjects.sessionId,
      newObjects: sql<number>`(count(*) filter (where ${pushObjects.state} = 'new'))::float8`,
      newBytes: sql<number>`coalesce(sum(${pushObjects.size}) filter (where ${pushObjects.state} = 'new'), 0)::float8`,
      refused: sql<number>`(count(*) filter (where ${pushObjects.state} = 'refused'))::float8`,
    })
    .from(pushObjects)
    .where(inArray(pushObjects.sessionId, [...ids]))
    .groupBy(pushObjects.sessionId);
  return new Map(rows.map(({ id, ...totals }) => [id, totals]));
}

/** Objects of a session in the order in which they were taken or refused. */
export async function listPushObjects(
  db: Db,
  sessionId: string,
  page: { after: number; limit: number; refusedOnly?: boolean },
): Promise<PushObjectRow[]> {
  const refused = page.refusedOnly === true ? eq(pushObjects.state, 'refused') : undefined;
  return db
    .select()
    .from(pushObjects)
    .where(and(eq(pushObjects.sessionId, sessionId), gt(pushObjects.id, page.after), refused))
    .orderBy(asc(pushObjects.id))
    .limit(page.limit);
}

/** Forgets the single objects of sessions that ended `days` ago; their totals stay. Returns how many. */
export async function forgetPushObjects(db: Db, days: number): Promise<number> {
  const rows = await db.execute<{ count: number }>(sql`
    with gone as (
      delete from push_objects o using push_sessions s
      where s.id = o.session_id and s.closed_at < now() - make_interval(days => ${days}) returning 1)
    select count(*)::int as count from gone`);
  return rows[0]?.count ?? 0;
}
