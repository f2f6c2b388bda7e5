import { and, asc, desc, eq, isNull, lt, notInArray, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import {
  datasets,
  models,
  modelVersions,
  monitors,
  policies,
  runEvents,
  runs,
  runTokens,
  versions,
} from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';

export type RunRow = typeof runs.$inferSelect;
export type RunState = RunRow['state'];
export type RunEventRow = typeof runEvents.$inferSelect;

/** The newest run of a policy that nobody refused; with an episode, the newest one that it started, refused ones too. */
export async function findNewestRun(
  db: Db,
  of: { policyId: string; episodeId?: string | undefined },
): Promise<RunRow | null> {
  const rows = await db
    .select()
    .from(runs)
    .where(
      and(
        eq(runs.policyId, of.policyId),
        of.episodeId === undefined ? notInArray(runs.state, ['declined', 'expired']) : eq(runs.episodeId, of.episodeId),
      ),
    )
    .orderBy(desc(runs.createdAt), desc(runs.id))
    .limit(1);
  return rows[0] ?? null;
}

/** How many runs of a policy an episode has had. */
export async function countRunsOfEpisode(db: Db, policyId: string, episodeId: string): Promise<number> {
  return db.$count(runs, and(eq(runs.policyId, policyId), eq(runs.episodeId, episodeId)));
}

/** Null when the policy has a living run. */
export async function insertRun(tx: Db, row: typeof runs.$inferInsert): Promise<RunRow | null> {
  const rows = await tx.insert(runs).values(row).onConflictDoNothing().returning();
  return rows[0] ?? null;
}

export async function lockRun(tx: Db, id: string): Promise<RunRow | null> {
  const rows = await tx.select().from(runs).where(eq(runs.id, id)).for('update');
  return rows[0] ?? null;
}

export async function findRunById(db: Db, id: string): Promise<RunRow | null> {
  const rows = await db.select().from(runs).where(eq(runs.id, id));
  return rows[0] ?? null;
}

export type RunChange = Partial<
  Pick<
    RunRow,
    | 'state'
    | 'derivedVersionId'
    | 'modelVersionId'
    | 'externalUrl'
    | 'metrics'
    | 'error'
    | 'updatedAt'
    | 'deadlineAt'
    | 'approvedAt'
    | 'formerModelVersionId'
    | 'formerReferenceVersionId'
    | 'progress'
    | 'cost'
    | 'evaluationVersionId'
    | 'answersVersionId'
    | 'comparison'
    | 'promotedAt'
  >
>;

export async function updateRun(tx: Db, id: string, change: RunChange): Promise<RunRow> {
  const [row] = await tx.update(runs).set(change).where(eq(runs.id, id)).returning();
  if (row === undefined) throw new Error(`run ${id} vanished`);
  return row;
}

/** Where a run is followed at the other end, unless its pipeline has said so itself. */
export async function noteExternalRun(tx: Db, id: string, externalUrl: string): Promise<void> {
  await tx
    .update(runs)
    .set({ externalUrl })
    .where(and(eq(runs.id, id), isNull(runs.externalUrl)));
}

type NamedVersion = { readonly dataset: string; readonly version: number; readonly oid: string };

/** A run with the names of everything it points at. */
export type NamedRun = RunRow & {
  readonly policy: string;
  readonly model: string;
  readonly monitor: string;
  readonly reference: NamedVersion;
  readonly training: NamedVersion | null;
  readonly modelVersion: string | null;
};

const derived = alias(versions, 'derived');
const derivedDatasets = alias(datasets, 'derived_datasets');

const namedRuns = (db: Db) =>
  db
    .select({
      run: runs,
      policy: policies.name,
      model: models.name,
      monitor: monitors.name,
      reference: { dataset: datasets.name, version: versions.number, oid: versions.oid },
      training: { dataset: derivedDatasets.name, version: derived.number, oid: derived.oid },
      modelVersion: modelVersions.name,
    })
    .from(runs)
    .innerJoin(policies, eq(policies.id, runs.policyId))
    .innerJoin(models, eq(models.id, runs.modelId))
    .innerJoin(monitors, eq(monitors.id, runs.monitorId))
    .innerJoin(versions, eq(versions.id, runs.referenceVersionId))
    .innerJoin(datasets, eq(datasets.id, versions.datasetId))
    .leftJoin(derived, eq(derived.id, runs.derivedVersionId))
    .leftJoin(derivedDatasets, eq(derivedDatasets.id, derived.datasetId))
    .leftJoin(modelVersions, eq(modelVersions.id, runs.modelVersionId));

type JoinedRun = Awaited<ReturnType<typeof namedRuns>>[number];

function uniteRun({ run, training, ...names }: JoinedRun): NamedRun {
  const { dataset, version, oid } = training;
  const known = dataset === null || version === null || oid === null ? null : { dataset, version, oid };
  return { ...run, ...names, training: known };
}

export async function findRun(db: Db, projectId: number, id: string): Promise<NamedRun | null> {
  const rows = await namedRuns(db).where(and(eq(runs.projectId, projectId), eq(runs.id, id)));
  return rows[0] === undefined ? null : uniteRun(rows[0]);
}

export async function listRunsOfEpisode(db: Db, projectId: number, episodeId: string): Promise<NamedRun[]> {
  const rows = await namedRuns(db)
    .where(and(eq(runs.projectId, projectId), eq(runs.episodeId, episodeId)))
    .orderBy(asc(runs.id));
  return rows.map(uniteRun);
}

export type RunFilter = {
  readonly state?: RunState | undefined;
  readonly model?: string | undefined;
  readonly policy?: string | undefined;
};

/** Newest first, from the one before the id `before`. */
export async function listRuns(
  db: Db,
  projectId: number,
  page: RunFilter & { before: string | undefined; limit: number },
): Promise<NamedRun[]> {
  const rows = await namedRuns(db)
    .where(
      and(
        eq(runs.projectId, projectId),
        page.before === undefined ? undefined : lt(runs.id, page.before),
        page.state === undefined ? undefined : eq(runs.state, page.state),
        page.model === undefined ? undefined : eq(models.name, page.model),
        page.policy === undefined ? undefined : eq(policies.name, page.policy),
      ),
    )
    .orderBy(desc(runs.id))
    .limit(page.limit);
  return rows.map(uniteRun);
}

export async function insertRunEvent(tx: Db, row: typeof runEvents.$inferInsert): Promise<void> {
  await tx.insert(runEvents).values(row);
}

export async function listRunEvents(db: Db, runId: string): Promise<RunEventRow[]> {
  return db.select().from(runEvents).where(eq(runEvents.runId, runId)).orderBy(asc(runEvents.id));
}

export async function insertRunToken(tx: Db, row: { runId: string; sha256: string; createdAt: Date }): Promise<void> {
  await tx.insert(runTokens).values(row);
}

export async function findRunToken(db: Db, runId: string, sha256: string): Promise<{ usedAt: Date | null } | null> {
  const rows = await db
    .select({ usedAt: runTokens.usedAt })
    .from(runTokens)
    .where(and(eq(runTokens.runId, runId), eq(runTokens.sha256, sha256)));
  return rows[0] ?? null;
}

/** Uses a token up. */
export async function useRunToken(tx: Db, sha256: string, at: Date): Promise<void> {
  await tx.update(runTokens).set({ usedAt: at }).where(eq(runTokens.sha256, sha256));
}

/** The monitor's last judged window; null before its first verdict. */
export async function findLastJudged(db: Db, monitorId: number): Promise<{ start: Date; end: Date } | null> {
  const rows = await db.execute<{ start: string; end: string }>(sql`
    select start, "end" from windows where monitor_id = ${monitorId} and state = 'judged' and report_id is not null
    order by start desc limit 1`);
  const row = rows[0];
  return row === undefined ? null : { start: new Date(row.start), end: new Date(row.end) };
}

/**
 * Event time of the `rank`-th newest labelled prediction before `to`, or of the oldest one when there are fewer,
 * and how many of these there are.
 */
export async function findLabelledRank(
  db: Db,
  modelId: number,
  of: { to: Date; rank: number },
): Promise<{ time: Date; count: number } | null> {
  const rows = await db.execute<{ time: string | null; count: number }>(sql`
    select min(event_time) as time, count(*)::int as count from (
      select p.event_time from prediction_index p
      join label_index l on l.model_id = p.model_id and l.id_hash = p.id_hash
      where p.model_id = ${modelId} and p.event_time < ${of.to.toISOString()}::timestamptz
      order by p.event_time desc limit ${of.rank}) newest`);
  const row = rows[0];
  return row?.time == null ? null : { time: new Date(row.time), count: row.count };
}

/** The newest batch of a model; 0 before the first. */
export async function findNewestBatch(db: Db, modelId: number): Promise<number> {
  const rows = await db.execute<{ id: string }>(sql`
    select coalesce(max(id), 0)::text as id from batches where model_id = ${modelId}`);
  return Number(rows[0]?.id ?? 0);
}

/** True while one of the batches up to that one waits for its settlement. */
export async function anyUnsettledThrough(db: Db, modelId: number, batchId: number): Promise<boolean> {
  const rows = await db.execute(sql`
    select 1 from batches where model_id = ${modelId} and state = 'accepted' and id <= ${batchId} limit 1`);
  return rows.length > 0;
}

/** Remembers when a model version went into service. */
export async function markPromoted(tx: Db, modelVersionId: number, at: Date): Promise<void> {
  await tx.update(modelVersions).set({ promotedAt: at }).where(eq(modelVersions.id, modelVersionId));
}
