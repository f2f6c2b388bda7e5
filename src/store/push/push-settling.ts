import { and, eq, isNull, sql } from 'drizzle-orm';
import { pushSessions } from '../../../schemas/tables/index.ts';
import type { Oid } from '../../dvc/hash.ts';
import type { Db } from '../postgres/db.ts';
import { type PushLayout, type PushSessionRow, tallyPushes } from './pushes.ts';
import { dropAnswered } from './remote-questions.ts';

/** Reading out of a push session what it has come to, and ending it. */

/** What is to become a version. */
export type Foldable = { readonly id: number; readonly layout: PushLayout; readonly name: Oid; readonly oid: Oid };

const isFolder = sql`o.name like '%.dir'`;

/** Folders that were taken, from the one after `after`. */
export async function listPushedFolders(db: Db, sessionId: string, page: { after: number; limit: number }) {
  return foldable(
    await db.execute<FoldableRow>(sql`
      select o.id, o.layout, o.name, o.oid from push_objects o
      where o.session_id = ${sessionId} and o.state <> 'refused' and ${isFolder} and o.id > ${page.after}
      order by o.id limit ${page.limit}`),
  );
}

/**
 * Files that were taken and that no folder of the session lists, from the one after `after`. A file that was held, and
 * that the dataset had in a version before the session began, is none: whoever sends it was not told that it is there,
 * as the service was away when it asked, and sends files of a folder whose list it does not send again.
 */
export async function listLooseFiles(db: Db, session: PushSessionRow, page: { after: number; limit: number }) {
  const folders = sql`select d.name, d.oid from push_objects d
    where d.session_id = ${session.id} and d.state <> 'refused' and d.name like '%.dir'`;
  return foldable(
    await db.execute<FoldableRow>(sql`
      select o.id, o.layout, o.name, o.oid from push_objects o
      where o.session_id = ${session.id} and o.state <> 'refused' and not ${isFolder} and o.id > ${page.after}
        and not (o.layout = 'files-md5' and o.name in (
          select m.md5 from (${folders} and d.layout = 'files-md5') f
          join manifest_entries m on m.project_id = ${session.projectId} and m.oid = f.oid))
        and not (o.layout = 'legacy' and o.name in (
          select unnest(l.members) from (${folders} and d.layout = 'legacy') f
          join legacy_names l on l.project_id = ${session.projectId} and l.name = f.name))
        and not (o.state = 'held' and exists (
          select 1 from manifest_entries m join versions v on v.project_id = m.project_id and v.oid = m.oid
          where m.project_id = ${session.projectId} and m.md5 = o.oid and v.dataset_id = ${session.datasetId}
            and v.trashed_at is null
            and v.created_at < (select s.started_at from push_sessions s where s.id = ${session.id})))
      order by o.id limit ${page.limit}`),
  );
}

type FoldableRow = { id: string; layout: PushLayout; name: string; oid: string };

const foldable = (rows: readonly FoldableRow[]): Foldable[] => rows.map((row) => ({ ...row, id: Number(row.id) }));

/** Whether no more than `most` files were taken that no folder of the session lists. */
export async function areLooseFilesFew(db: Db, session: PushSessionRow, most: number): Promise<boolean> {
  return (await listLooseFiles(db, session, { after: 0, limit: most + 1 })).length <= most;
}

/**
 * Ends a session, with its totals, unless something came after `lastId` or is still expected.
 * @returns whether it was ended.
 */
export async function closePushSession(
  tx: Db,
  session: PushSessionRow,
  outcome: { lastId: number; versionIds: readonly number[]; missing: readonly Oid[] },
): Promise<boolean> {
  // Waits for the uploads that hold the row for a moment; whoever comes later finds it closed.
  await tx.execute(sql`select 1 from push_sessions where id = ${session.id} for update`);
  const [totals] = await tx.execute<{ last_id: string | null; held: string; held_bytes: string }>(sql`
    with folders as (
      select d.oid from push_objects d
      where d.session_id = ${session.id} and d.layout = 'files-md5' and d.name like '%.dir' and d.state <> 'refused'),
    held as (
      select distinct m.md5 from folders f
      join manifest_entries m on m.project_id = ${session.projectId} and m.oid = f.oid
      where not exists (
        select 1 from push_objects n where n.session_id = ${session.id} and n.name = m.md5 and n.state = 'new')
      union
      select p.oid from push_objects p where p.session_id = ${session.id} and p.state = 'held'
        and p.name not like '%.dir')
    select (select max(id) from push_objects where session_id = ${session.id}) as last_id,
      count(*) as held, coalesce(sum(o.size), 0) as held_bytes
    from held h join objects o on o.project_id = ${session.projectId} and o.oid = h.md5`);
  if (Number(totals?.last_id ?? 0) !== outcome.lastId) return false;
  const tally = (await tallyPushes(tx, [session.id])).get(session.id);
  const rows = await tx
    .update(pushSessions)
    .set({
      ...tally,
      closedAt: sql`now()`,
      awaited: [...outcome.missing],
      heldObjects: Number(totals?.held ?? 0),
      heldBytes: Number(totals?.held_bytes ?? 0),
      versionIds: [...outcome.versionIds],
    })
    .where(and(eq(pushSessions.id, session.id), isNull(pushSessions.closedAt), sql`${pushSessions.quietAt} <= now()`))
    .returning({ id: pushSessions.id });
  if (rows.length === 1) await dropAnswered(tx, session);
  return rows.length === 1;
}
