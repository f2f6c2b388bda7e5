import { and, asc, desc, eq, gte, lt, ne, notInArray, sql } from 'drizzle-orm';
import { datasets, runCauses, runs, tags, versions } from '../../../schemas/tables/index.ts';
import { datasetIdOf } from '../dataset/dataset-names.ts';
import type { Db } from '../postgres/db.ts';

export type CauseRow = typeof runCauses.$inferSelect;
export type CauseKind = CauseRow['kind'];
export type CauseState = CauseRow['state'];

/** Keeps a cause unless the policy has had it before, and answers with how it stands now. */
export async function putCause(tx: Db, row: typeof runCauses.$inferInsert): Promise<CauseRow> {
  await tx.insert(runCauses).values(row).onConflictDoNothing();
  const [found] = await tx
    .select()
    .from(runCauses)
    .where(and(eq(runCauses.policyId, row.policyId), eq(runCauses.key, row.key)));
  if (found === undefined) throw new Error(`cause ${row.key} vanished`);
  return found;
}

export async function updateCause(
  tx: Db,
  id: string,
  change: Partial<Pick<CauseRow, 'state' | 'runId' | 'blocked' | 'decidedAt'>>,
): Promise<void> {
  await tx.update(runCauses).set(change).where(eq(runCauses.id, id));
}

/** Causes of a policy that a guard holds back, oldest first. */
export async function listWaitingCauses(tx: Db, policyId: string): Promise<CauseRow[]> {
  return tx
    .select()
    .from(runCauses)
    .where(and(eq(runCauses.policyId, policyId), eq(runCauses.state, 'waiting')))
    .orderBy(asc(runCauses.id));
}

/** Ends the causes that wait: those of one kind but the newest, or all that a run covers. */
export async function endWaitingCauses(
  tx: Db,
  policyId: string,
  ended: { kind?: CauseKind; butKey?: string; state: CauseState; runId: string | null; at: Date },
): Promise<void> {
  await tx
    .update(runCauses)
    .set({ state: ended.state, runId: ended.runId, decidedAt: ended.at })
    .where(
      and(
        eq(runCauses.policyId, policyId),
        eq(runCauses.state, 'waiting'),
        ended.kind === undefined ? undefined : eq(runCauses.kind, ended.kind),
        ended.butKey === undefined ? undefined : ne(runCauses.key, ended.butKey),
      ),
    );
}

/** Newest first, from the one before the id `before`. */
export async function listCauses(
  db: Db,
  policyId: string,
  page: { state: CauseState | undefined; before: string | undefined; limit: number },
): Promise<CauseRow[]> {
  return db
    .select()
    .from(runCauses)
    .where(
      and(
        eq(runCauses.policyId, policyId),
        page.state === undefined ? undefined : eq(runCauses.state, page.state),
        page.before === undefined ? undefined : lt(runCauses.id, page.before),
      ),
    )
    .orderBy(desc(runCauses.id))
    .limit(page.limit);
}

export type BegunRun = { readonly at: Date; readonly cost: number | null };

/** The runs of a policy that nobody refused, since a time: when they began, and what they cost as far as they have said. */
export async function listBegun(db: Db, policyId: string, since: Date): Promise<BegunRun[]> {
  return db
    .select({ at: runs.createdAt, cost: runs.cost })
    .from(runs)
    .where(
      and(eq(runs.policyId, policyId), gte(runs.createdAt, since), notInArray(runs.state, ['declined', 'expired'])),
    );
}

export type DataVersion = { readonly id: number; readonly number: number; readonly oid: string; readonly at: Date };

const VERSION = { id: versions.id, number: versions.number, oid: versions.oid };

/** The versions of a dataset that came after the one with the id `after`, newest first; none where there is no such dataset. */
export async function listVersionsAfter(
  db: Db,
  of: { projectId: number; dataset: string; after: number; since?: Date | undefined; limit: number },
): Promise<DataVersion[]> {
  return db
    .select({ ...VERSION, at: versions.createdAt })
    .from(versions)
    .innerJoin(datasets, eq(datasets.id, versions.datasetId))
    .where(
      and(
        eq(datasets.projectId, of.projectId),
        eq(datasets.id, datasetIdOf(of.projectId, of.dataset)),
        sql`${versions.id} > ${of.after}`,
        sql`${versions.trashedAt} is null`,
        of.since === undefined ? undefined : gte(versions.createdAt, of.since),
      ),
    )
    .orderBy(desc(versions.id))
    .limit(of.limit);
}

/** Where a tag stands and since when; null where there is none. */
export async function findTagged(
  db: Db,
  of: { projectId: number; dataset: string; tag: string },
): Promise<DataVersion | null> {
  const rows = await db
    .select({ ...VERSION, at: tags.updatedAt })
    .from(tags)
    .innerJoin(versions, eq(versions.id, tags.versionId))
    .innerJoin(datasets, eq(datasets.id, tags.datasetId))
    .where(
      and(
        eq(datasets.projectId, of.projectId),
        eq(datasets.id, datasetIdOf(of.projectId, of.dataset)),
        eq(tags.name, of.tag),
      ),
    );
  return rows[0] ?? null;
}

/** Predictions with a label of which the one or the other came in a batch after `afterBatch`, counted up to `most`. */
export async function countNewlyLabelled(
  db: Db,
  modelId: number,
  { afterBatch, most }: { afterBatch: number; most: number },
): Promise<number> {
  const rows = await db.execute<{ count: number }>(sql`
    select count(*)::float8 as count from (
      (select 1 from label_index l join prediction_index p on p.model_id = l.model_id and p.id_hash = l.id_hash
        where l.model_id = ${modelId} and l.batch_id > ${afterBatch} limit ${most})
      union all
      (select 1 from prediction_index p join label_index l on l.model_id = p.model_id and l.id_hash = p.id_hash
        where p.model_id = ${modelId} and p.batch_id > ${afterBatch} and l.batch_id <= ${afterBatch} limit ${most})
      limit ${most}) found`);
  return rows[0]?.count ?? 0;
}

/** When batches of labels came, with their rows, oldest first. */
export async function listLabelArrivals(
  db: Db,
  modelId: number,
  of: { since: Date; limit: number },
): Promise<{ at: Date; rows: number }[]> {
  const rows = await db.execute<{ at: string; rows: number }>(sql`
    select received_at as at, rows from batches
    where model_id = ${modelId} and kind = 'labels' and received_at >= ${of.since.toISOString()}::timestamptz
    order by id limit ${of.limit}`);
  return rows.map(({ at, rows: count }) => ({ at: new Date(at), rows: count }));
}

type WindowFacts = {
  readonly start: Date;
  readonly end: Date;
  readonly verdict: string | null;
  readonly rows: number;
  readonly violations: unknown;
  /** The report's check of the schema; null where it has none. */
  readonly schema: unknown;
};

/** The closed windows of a monitor that begin from `since` to `until`, newest first, with the schema's violations in them. */
export async function listClosedWindows(
  db: Db,
  monitorId: number,
  of: { since: Date | null; until?: Date; limit: number },
): Promise<WindowFacts[]> {
  type Row = { start: string; end: string; verdict: string | null; rows: number; violations: unknown; schema: unknown };
  const rows = await db.execute<Row>(sql`
    select w.start, w."end", w.verdict, w.rows, r.body->'violations' as violations,
      jsonb_path_query_first(r.checks, '$[*] ? (@.check == "schema")') as schema
    from windows w left join reports r on r.id = w.report_id
    where w.monitor_id = ${monitorId} and w.state in ('judged', 'failed')
      and w.start >= coalesce(${of.since?.toISOString() ?? null}::timestamptz, '-infinity')
      and w.start <= coalesce(${of.until?.toISOString() ?? null}::timestamptz, 'infinity')
    order by w.start desc limit ${of.limit}`);
  return rows.map((row) => ({ ...row, start: new Date(row.start), end: new Date(row.end) }));
}

/**
 * The run of a model that was promoted last, and since when that counts, while no window of that time has been judged by any
 * monitor that goes with it: those that compare with what it was trained on, of the rows of all versions, and the run's own.
 */
export async function findUnjudgedPromotion(db: Db, modelId: number): Promise<{ run: string; from: Date } | null> {
  const rows = await db.execute<{ run: string; from: string }>(sql`
    with promoted as (
      select r.id, r.monitor_id, mv.dataset_version_id as version
      from runs r join model_versions mv on mv.id = r.model_version_id
      where r.model_id = ${modelId} and r.state = 'promoted'
      order by r.promoted_at desc limit 1
    ), followers as (
      select m.id, (select min(effective_from) from monitor_revisions
          where monitor_id = m.id and reference_version_id = promoted.version) as since
      from promoted join monitors m on m.model_id = ${modelId} and m.deleted_at is null
        join lateral (select reference_version_id, config from monitor_revisions
          where monitor_id = m.id order by revision desc limit 1) now on now.reference_version_id = promoted.version
      where m.id = promoted.monitor_id or now.config->'model_version' is null
    )
    select promoted.id as run, min(since) as "from" from promoted join followers on since is not null
    group by promoted.id
    having not bool_or(exists (
      select 1 from windows w where w.monitor_id = followers.id and w.start >= since
        and w.state = 'judged' and w.verdict in ('drift', 'no_drift')))`);
  const row = rows[0];
  return row === undefined ? null : { run: row.run, from: new Date(row.from) };
}
