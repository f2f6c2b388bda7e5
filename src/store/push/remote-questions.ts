import { sql } from 'drizzle-orm';
import type { Oid } from '../../dvc/hash.ts';
import { datasetIdOf, namesOfDataset } from '../dataset/dataset-names.ts';
import { words } from '../postgres/array-literal.ts';
import type { Db } from '../postgres/db.ts';
import type { PushSessionRow } from './pushes.ts';

/** Who asks the remote of which dataset. */
export type Asker = {
  readonly projectId: number;
  readonly dataset: string;
  /** As a session names its pusher. */
  readonly pusher: string;
};

/** How an object that the project holds stands to a dataset and to who asks for it there. */
export type Standing = {
  readonly oid: Oid;
  /**
   * It is a version of the dataset, a file of one, or was sent in a push to it that is under way; or the asker was told
   * that it is there in such a push of its own, which makes a version of it (`takeWishes`).
   */
  readonly here: boolean;
  /** A folder that the asker asked for lists it. */
  readonly listed: boolean;
  /** The asker is about to send a folder that nobody knows yet: it may list it. */
  readonly perhapsListed: boolean;
  /** The asker has asked for it a while ago. */
  readonly askedBefore: boolean;
  /** The asker reads from this remote. */
  readonly reading: boolean;
};

/** Who asks for a folder and sends nothing for so long was not about to push it. */
const ASKED_SECONDS = 600;
/** A client that reads asks for something, or gets it, as often; it may take that long over a list of a million files. */
const READING_SECONDS = 60;
/** `dvc fetch` reads a folder five times before it asks for the first file of it: within seconds, of a large one too. */
const FETCH_BEGINS_SECONDS = 60;
/** Under no name: that the asker reads. */
const READS = '';
/** Of no folder's form: one that the asker may be about to send, and could not ask for. */
export const UNKNOWN_FOLDER = 'unknown';

const secondsAgo = (seconds: number) => sql`now() - make_interval(secs => ${seconds})`;
const by = ({ projectId, dataset, pusher }: Asker) =>
  sql`q.project_id = ${projectId} and q.dataset = ${dataset} and q.pusher = md5(${pusher})`;

const keptOrJustLeft = sql`(v.trashed_at is null or v.trashed_at > ${secondsAgo(FETCH_BEGINS_SECONDS)})`;

/**
 * How objects stand to a dataset and to who asks. A version that was put into the trash a moment ago still counts, with
 * its files: a fetch that began before comes to its end.
 */
export async function judgeStandings(db: Db, asker: Asker, oids: readonly Oid[]): Promise<Map<Oid, Standing>> {
  const statement = statements.get(db) ?? prepare(db);
  statements.set(db, statement);
  const rows = await statement.execute({ ...asker, oids: words(oids) });
  return new Map(rows.map((row) => [row.oid, row]));
}

/**
 * The same of a folder by its name of DVC 2. It is a version under another name, which is known once it has become one:
 * until then, and where that is gone, it is not here.
 */
export async function judgeLegacyFolder(db: Db, asker: Asker, name: Oid): Promise<Standing> {
  const { projectId, dataset } = asker;
  const here = datasetIdOf(projectId, dataset);
  const [row] = await db.execute<Omit<Standing, 'oid' | 'listed' | 'perhapsListed'>>(sql`
    select exists (select 1 from legacy_names l join versions v on v.project_id = l.project_id and v.oid = l.folder_oid
          where l.project_id = ${projectId} and l.name = ${name} and v.dataset_id = ${here} and ${keptOrJustLeft})
        or exists (select 1 from push_sessions s join push_objects o on o.session_id = s.id
          where s.dataset_id = ${here} and s.closed_at is null
            and o.layout = 'legacy' and o.name = ${name} and o.state <> 'refused') as here,
      exists (select 1 from remote_questions q
        where ${by(asker)} and q.asked_at > ${secondsAgo(ASKED_SECONDS)} and q.name = ${name}) as "askedBefore",
      exists (select 1 from remote_questions q
        where ${by(asker)} and q.asked_at > ${secondsAgo(READING_SECONDS)} and q.name = ${READS}) as reading`);
  if (row === undefined) throw new Error(`${name} was not judged`);
  return { ...row, oid: name, listed: false, perhapsListed: false };
}

/** Built once a pool: every question of a push needs it, and planning takes longer than looking. */
const statements = new WeakMap<Db, ReturnType<typeof prepare>>();

function prepare(db: Db) {
  const [project, dataset] = [sql`${sql.placeholder('projectId')}::int`, sql.placeholder('dataset')];
  const here = datasetIdOf(project, dataset);
  const asked = (seconds: number) => sql`remote_questions q where q.project_id = ${project} and q.dataset = ${dataset}
    and q.pusher = md5(${sql.placeholder('pusher')}) and q.asked_at > ${secondsAgo(seconds)}`;
  const folders = sql`${asked(ASKED_SECONDS)} and q.name like '%.dir'`;
  return db
    .select({
      oid: sql<Oid>`n.oid`,
      here: sql<boolean>`exists (select 1 from versions v
          where v.project_id = ${project} and v.oid = n.oid and v.dataset_id = ${here} and ${keptOrJustLeft})
        or exists (select 1 from manifest_entries m join versions v on v.project_id = m.project_id and v.oid = m.oid
          where m.project_id = ${project} and m.md5 = n.oid and v.dataset_id = ${here} and ${keptOrJustLeft})
        or exists (select 1 from push_sessions s join push_objects o on o.session_id = s.id
          where s.dataset_id = ${here} and s.closed_at is null
            and o.layout = 'files-md5' and o.name = n.oid and o.state <> 'refused')
        or exists (select 1 from ${asked(ASKED_SECONDS)} and q.name = n.oid and not q.in_vain and q.name not like '%.dir'
          and exists (select 1 from push_sessions s
            where s.dataset_id = ${here} and s.pusher = ${sql.placeholder('pusher')} and s.closed_at is null))`,
      listed: sql<boolean>`exists (select 1 from manifest_entries m
        where m.project_id = ${project} and m.md5 = n.oid and m.oid in (select q.name from ${folders}))`,
      perhapsListed: sql<boolean>`exists (select 1 from ${folders}
        and q.in_vain and (q.begun_at is null or q.begun_at < q.asked_at)
        and not exists (select 1 from objects o where o.project_id = ${project} and o.oid = q.name))`,
      askedBefore: sql<boolean>`exists (select 1 from ${folders} and q.name = n.oid)`,
      reading: sql<boolean>`exists (select 1 from ${asked(READING_SECONDS)} and q.name = ${READS})`,
    })
    .from(sql`unnest(${sql.placeholder('oids')}::text[]) as n(oid)`)
    .prepare('judge_standings');
}

/** Whether the asker reads from the remote. */
export async function wasReading(db: Db, asker: Asker): Promise<boolean> {
  const rows = await db.execute(sql`
    select 1 from remote_questions q
    where ${by(asker)} and q.name = ${READS} and q.asked_at > ${secondsAgo(READING_SECONDS)}`);
  return rows.length > 0;
}

/** Notes objects that the asker asked for; `inVain`: it was told that they are not there. */
export async function noteQuestions(db: Db, asker: Asker, names: readonly Oid[], inVain: boolean): Promise<void> {
  const { projectId, dataset, pusher } = asker;
  // Each once and in one order for all: a statement changes a row only once, and two do not wait for each other in a ring.
  const list = [...new Set(names)].sort();
  await db.execute(sql`
    insert into remote_questions (project_id, dataset, pusher, name, in_vain)
    select ${projectId}, ${dataset}, md5(${pusher}), n.name, ${inVain} from unnest(${words(list)}::text[]) as n(name)
    on conflict (project_id, dataset, pusher, name) do update set asked_at = now(), in_vain = excluded.in_vain`);
}

/** Notes that the asker reads from the remote, and so has looked for no folder's list in order to send it. */
export async function noteReading(db: Db, asker: Asker): Promise<void> {
  const { projectId, dataset, pusher } = asker;
  await db.execute(sql`
    with begun as (
      update remote_questions as q set begun_at = null
      where ${by(asker)} and q.begun_at > ${secondsAgo(READING_SECONDS)})
    insert into remote_questions (project_id, dataset, pusher, name)
    values (${projectId}, ${dataset}, md5(${pusher}), ${READS})
    on conflict (project_id, dataset, pusher, name) do update set asked_at = now()`);
}

/** Notes that the asker reads no longer. */
export const noteReadingEnd = (db: Db, asker: Asker): Promise<void> => forgetQuestion(db, asker, READS);

/** Notes that the asker asks for what it sends. */
export const forgetUnknownFolder = (db: Db, asker: Asker): Promise<void> => forgetQuestion(db, asker, UNKNOWN_FOLDER);

async function forgetQuestion(db: Db, asker: Asker, name: string): Promise<void> {
  await db.execute(sql`delete from remote_questions q where ${by(asker)} and q.name = ${name}`);
}

/** Notes that the asker is about to send a folder that it asked for in vain, unless it reads. */
export async function noteBeginning(db: Db, asker: Asker, folder: Oid): Promise<void> {
  await db.execute(sql`
    update remote_questions as q set begun_at = now()
    where ${by(asker)} and q.name = ${folder} and q.in_vain and q.asked_at > ${secondsAgo(ASKED_SECONDS)}
      and not exists (select 1 from remote_questions r
        where r.project_id = q.project_id and r.dataset = q.dataset and r.pusher = q.pusher
          and r.name = ${READS} and r.asked_at > ${secondsAgo(READING_SECONDS)})`);
}

/** The questions of a session's pusher that are of its time. */
const ofSession = (session: PushSessionRow, at: ReturnType<typeof sql>) => sql`
  q.project_id = ${session.projectId} and q.pusher = md5(${session.pusher})
    and q.dataset in ${namesOfDataset(session.datasetId)}
    and ${at} > ${session.startedAt.toISOString()}::timestamptz - make_interval(secs => ${ASKED_SECONDS})`;

/**
 * Folders that a session's pusher was about to send and that have not come: it had begun, or they were refused; of a
 * client that does not say that it begins, those that it asked for in vain, where `alsoUnbegun`.
 */
export async function listMissingFolders(db: Db, session: PushSessionRow, alsoUnbegun: boolean): Promise<Oid[]> {
  const rows = await db.execute<{ name: string }>(sql`
    select a.name from (
      select q.name from remote_questions q
      where ${ofSession(session, sql`greatest(q.asked_at, q.begun_at)`)} and q.in_vain
        and (q.name like '%.dir' or q.name = ${UNKNOWN_FOLDER}) and (${alsoUnbegun} or q.begun_at is not null)
      union
      select o.name from push_objects o
      where o.session_id = ${session.id} and o.name like '%.dir' and o.state = 'refused') a
    where not exists (
      select 1 from push_objects o where o.session_id = ${session.id} and o.name = a.name and o.state <> 'refused')
      and not exists (select 1 from versions v where v.dataset_id = ${session.datasetId} and v.oid = a.name
        and v.trashed_at is null)
    order by a.name`);
  return rows.map((row) => row.name);
}

/**
 * Adds to a session the files that its pusher was told are there, because a folder that was still to come might list
 * them, and that none lists: they were pushed as well. Nothing of a session that is closed.
 * @returns how many.
 */
export async function takeWishes(db: Db, session: PushSessionRow): Promise<number> {
  const rows = await db.execute(sql`
    with open as (select id from push_sessions where id = ${session.id} and closed_at is null for key share),
    wished as (
      delete from remote_questions q
      where ${ofSession(session, sql`q.asked_at`)} and q.name <> ${READS} and q.name not like '%.dir'
        and exists (select 1 from open) returning q.name)
    insert into push_objects (session_id, layout, name, oid, size, state)
    select open.id, 'files-md5', o.oid, o.oid, o.size, 'held'
    from open cross join wished w join objects o on o.project_id = ${session.projectId} and o.oid = w.name and o.quarantined_at is null
    where not exists (
      select 1 from push_objects d join manifest_entries m on m.project_id = ${session.projectId} and m.oid = d.oid
      where d.session_id = ${session.id} and d.state <> 'refused' and d.name like '%.dir' and m.md5 = o.oid)
    on conflict (session_id, layout, name) do nothing returning id`);
  return rows.length;
}

/** Forgets what came: its folders are asked for no more, and what was sent unasked was of this session. */
export async function dropAnswered(tx: Db, session: PushSessionRow): Promise<void> {
  await tx.execute(sql`
    delete from remote_questions q using push_objects o
    where ${ofSession(session, sql`q.asked_at`)} and o.session_id = ${session.id} and o.state <> 'refused'
      and (o.name = q.name or q.name = ${UNKNOWN_FOLDER})`);
}

/** Forgets questions that are of no use any more. */
export async function forgetQuestions(db: Db): Promise<void> {
  await db.execute(sql`delete from remote_questions where asked_at < ${secondsAgo(2 * ASKED_SECONDS)}`);
}
