import { and, asc, desc, eq, gt, isNull, or, sql } from 'drizzle-orm';
import { datasets, models, monitorRevisions, monitors, versions } from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';

export type MonitorRow = typeof monitors.$inferSelect;
export type MonitorRevisionRow = typeof monitorRevisions.$inferSelect;

/** A revision with the name and number of the dataset version it compares with. */
export type NamedRevision = MonitorRevisionRow & { readonly dataset: string; readonly version: number };

/** A monitor with its model's name. */
export type NamedMonitor = MonitorRow & { readonly model: string };

/** Null when the model has a monitor of that name. */
export async function insertMonitor(tx: Db, row: typeof monitors.$inferInsert): Promise<MonitorRow | null> {
  const rows = await tx.insert(monitors).values(row).onConflictDoNothing().returning();
  return rows[0] ?? null;
}

export async function insertRevision(tx: Db, row: typeof monitorRevisions.$inferInsert): Promise<MonitorRevisionRow> {
  const [made] = await tx.insert(monitorRevisions).values(row).returning();
  if (made === undefined) throw new Error('insert returned no row');
  return made;
}

/** Puts another configuration in the place of a revision's; for one that nothing was judged under. */
export async function replaceConfig(tx: Db, revisionId: number, config: unknown): Promise<void> {
  await tx.update(monitorRevisions).set({ config }).where(eq(monitorRevisions.id, revisionId));
}

export async function findMonitorById(db: Db, id: number): Promise<NamedMonitor | null> {
  const rows = await db
    .select({ monitor: monitors, model: models.name })
    .from(monitors)
    .innerJoin(models, eq(models.id, monitors.modelId))
    .where(eq(monitors.id, id));
  const row = rows[0];
  return row === undefined ? null : { ...row.monitor, model: row.model };
}

/** A monitor by its model's name and its own; null when there is none. */
export async function findMonitorByName(
  db: Db,
  projectId: number,
  named: { readonly model: string; readonly monitor: string },
): Promise<NamedMonitor | null> {
  const rows = await db
    .select({ monitor: monitors, model: models.name })
    .from(monitors)
    .innerJoin(models, eq(models.id, monitors.modelId))
    .where(
      and(
        eq(monitors.projectId, projectId),
        eq(models.name, named.model),
        eq(monitors.name, named.monitor),
        isNull(monitors.deletedAt),
      ),
    );
  const row = rows[0];
  return row === undefined ? null : { ...row.monitor, model: row.model };
}

/** Locks the monitor until the transaction ends: its windows are sorted and its configuration changed one at a time. */
export async function lockMonitor(tx: Db, id: number): Promise<MonitorRow | null> {
  const rows = await tx.select().from(monitors).where(eq(monitors.id, id)).for('no key update');
  return rows[0] ?? null;
}

/** As `lockMonitor`, for what does not change it and needs it as it is: others may hold it too. */
export async function holdMonitor(tx: Db, id: number): Promise<MonitorRow | null> {
  const rows = await tx.select().from(monitors).where(eq(monitors.id, id)).for('share');
  return rows[0] ?? null;
}

export async function listModelMonitors(db: Db, modelId: number): Promise<MonitorRow[]> {
  return db
    .select()
    .from(monitors)
    .where(and(eq(monitors.modelId, modelId), isNull(monitors.deletedAt)))
    .orderBy(asc(monitors.name));
}

/** The project's monitors by model and name, from the one after `after`. */
export async function listMonitors(
  db: Db,
  projectId: number,
  page: { after: { model: string; name: string } | null; limit: number },
): Promise<NamedMonitor[]> {
  const { after } = page;
  const rows = await db
    .select({ monitor: monitors, model: models.name })
    .from(monitors)
    .innerJoin(models, eq(models.id, monitors.modelId))
    .where(
      and(
        eq(monitors.projectId, projectId),
        isNull(monitors.deletedAt),
        after === null
          ? undefined
          : or(gt(models.name, after.model), and(eq(models.name, after.model), gt(monitors.name, after.name))),
      ),
    )
    .orderBy(asc(models.name), asc(monitors.name))
    .limit(page.limit);
  return rows.map((row) => ({ ...row.monitor, model: row.model }));
}

export async function setEnabled(tx: Db, monitorId: number, enabled: boolean): Promise<void> {
  await tx
    .update(monitors)
    .set({ enabled: enabled ? 'on' : 'off' })
    .where(eq(monitors.id, monitorId));
}

/** Switches a monitor off for ever and frees its name. */
export async function markDeleted(tx: Db, monitorId: number, at: Date): Promise<void> {
  await tx.update(monitors).set({ enabled: 'off', deletedAt: at }).where(eq(monitors.id, monitorId));
}

/** The monitors, as `model/monitor`, whose newest configuration compares with the windows of this one. */
export async function listComparedWith(tx: Db, { projectId, model, name }: NamedMonitor): Promise<string[]> {
  const rows = await tx.execute<{ named: string }>(sql`
    select mo.name || '/' || m.name as named from monitors m join models mo on mo.id = m.model_id
      cross join lateral (select r.config->'reference' as reference from monitor_revisions r
        where r.monitor_id = m.id order by r.revision desc limit 1) c
    where m.project_id = ${projectId} and m.deleted_at is null and c.reference->>'kind' = 'model'
      and c.reference->>'model' = ${model} and c.reference->>'monitor' = ${name}
    order by 1`);
  return rows.map(({ named }) => named);
}

/** Remembers how far the monitor has sorted settled batches. */
export async function setWindowed(
  tx: Db,
  monitorId: number,
  progress: { through: number; watermark: number | null; newest: number | null },
): Promise<void> {
  await tx
    .update(monitors)
    .set({
      windowedThrough: progress.through,
      watermark: progress.watermark === null ? null : new Date(progress.watermark),
      newestEvent: progress.newest === null ? null : new Date(progress.newest),
    })
    .where(eq(monitors.id, monitorId));
}

/** Takes the watermarks of a model's monitors back to a point in time, where they are later. */
export async function lowerWatermarks(tx: Db, modelId: number, through: Date): Promise<void> {
  const lowered = (column: typeof monitors.watermark | typeof monitors.newestEvent) =>
    sql`case when ${column} is not null then least(${column}, ${through.toISOString()}::timestamptz) end`;
  await tx
    .update(monitors)
    .set({ watermark: lowered(monitors.watermark), newestEvent: lowered(monitors.newestEvent) })
    .where(eq(monitors.modelId, modelId));
}

/** All revisions, newest first. */
export async function listRevisions(db: Db, monitorId: number): Promise<NamedRevision[]> {
  const rows = await named(db)
    .where(eq(monitorRevisions.monitorId, monitorId))
    .orderBy(desc(monitorRevisions.revision));
  return rows.map(unite);
}

/** The present of a monitor: the event time that its predictions have come to, or the clock where there are none. */
export async function presentTime(db: Db, monitorId: number): Promise<Date> {
  const rows = await db
    .select({
      present: sql<number>`extract(epoch from coalesce(greatest(${monitors.watermark}, ${models.watermark}), now()))::float8`,
    })
    .from(monitors)
    .innerJoin(models, eq(models.id, monitors.modelId))
    .where(eq(monitors.id, monitorId));
  const at = rows[0]?.present;
  if (at === undefined) throw new Error(`monitor ${monitorId} does not exist`);
  return new Date(at * 1000);
}

/** The revision in force at the present of a monitor. */
export async function presentRevision(db: Db, monitorId: number): Promise<NamedRevision> {
  return revisionInForce(db, monitorId, await presentTime(db, monitorId));
}

/** Those of several monitors, by monitor. */
export async function presentRevisions(db: Db, monitorIds: readonly number[]): Promise<Map<number, NamedRevision>> {
  const all = await Promise.all(monitorIds.map((id) => presentRevision(db, id)));
  return new Map(all.map((revision) => [revision.monitorId, revision]));
}

/** The revision in force for a window: the newest of those effective from its start or earlier. */
export async function revisionInForce(db: Db, monitorId: number, windowStart: Date): Promise<NamedRevision> {
  const since = sql`coalesce(${monitorRevisions.effectiveFrom}, '-infinity') <= ${windowStart.toISOString()}::timestamptz`;
  const rows = await named(db)
    .where(and(eq(monitorRevisions.monitorId, monitorId), since))
    .orderBy(desc(monitorRevisions.revision))
    .limit(1);
  return present(rows, monitorId);
}

export async function findRevisionById(db: Db, id: number): Promise<NamedRevision | null> {
  const rows = await named(db).where(eq(monitorRevisions.id, id));
  const row = rows[0];
  return row === undefined ? null : unite(row);
}

const named = (db: Db) =>
  db
    .select({ revision: monitorRevisions, dataset: datasets.name, version: versions.number })
    .from(monitorRevisions)
    .innerJoin(versions, eq(versions.id, monitorRevisions.referenceVersionId))
    .innerJoin(datasets, eq(datasets.id, versions.datasetId));

type Joined = { revision: MonitorRevisionRow; dataset: string; version: number };

const unite = ({ revision, dataset, version }: Joined): NamedRevision => ({ ...revision, dataset, version });

/** The first revision of a monitor is effective since ever and never deleted, so there is always one. */
function present(rows: readonly Joined[], monitorId: number): NamedRevision {
  const row = rows[0];
  if (row === undefined) throw new Error(`monitor ${monitorId} has no revision in force`);
  return unite(row);
}
