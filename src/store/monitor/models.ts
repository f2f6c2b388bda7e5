import { and, asc, eq, sql } from 'drizzle-orm';
import { datasets, models, modelVersions, versionProfiles, versions } from '../../../schemas/tables/index.ts';
import { builtOnce, type Db } from '../postgres/db.ts';

export type ModelRow = typeof models.$inferSelect;
export type ModelVersionRow = typeof modelVersions.$inferSelect;

/** A model version with the dataset version it is bound to. */
export type BoundVersionRow = ModelVersionRow & {
  readonly dataset: string;
  readonly datasetVersion: number;
  readonly oid: string;
};

export async function findModel(db: Db, projectId: number, name: string): Promise<ModelRow | null> {
  const rows = await db
    .select()
    .from(models)
    .where(and(eq(models.projectId, projectId), eq(models.name, name)));
  return rows[0] ?? null;
}

/** A model that is logged to. */
export type LoggedModel = ModelRow & {
  /** What its versions are called, in their order. */
  readonly versionNames: readonly string[];
};

// By name: in a query of one table drizzle leaves the tables of columns away, and the inner one would answer for both.
const versionNames = sql<string[]>`array(
  select v.name from model_versions v where v.model_id = models.id order by v.number)`;

const loggedModels = builtOnce((db) =>
  db
    .select({ model: models, versionNames })
    .from(models)
    .where(and(eq(models.projectId, sql.placeholder('projectId')), eq(models.name, sql.placeholder('name'))))
    .prepare('logged_model'),
);

/** As `findModel`, with what each batch of rows asks for. */
export async function findLoggedModel(db: Db, projectId: number, name: string): Promise<LoggedModel | null> {
  const [row] = await loggedModels(db).execute({ projectId, name });
  return row === undefined ? null : { ...row.model, versionNames: row.versionNames };
}

export async function findModelById(db: Db, id: number): Promise<ModelRow | null> {
  const rows = await db.select().from(models).where(eq(models.id, id));
  return rows[0] ?? null;
}

/** Locks the model until the transaction ends: settlements and new versions come one after another. */
export async function lockModel(tx: Db, id: number): Promise<ModelRow | null> {
  const rows = await tx.select().from(models).where(eq(models.id, id)).for('no key update');
  return rows[0] ?? null;
}

/** The model as it stays until the transaction ends: nobody puts another version into service. Others may hold it too. */
export async function holdModel(tx: Db, id: number): Promise<ModelRow | null> {
  const rows = await tx.select().from(models).where(eq(models.id, id)).for('share');
  return rows[0] ?? null;
}

/** Inserts the model unless one of its name exists; null then. */
export async function insertModel(db: Db, row: typeof models.$inferInsert): Promise<ModelRow | null> {
  const rows = await db.insert(models).values(row).onConflictDoNothing().returning();
  return rows[0] ?? null;
}

export async function updateModel(
  tx: Db,
  id: number,
  change: Partial<Pick<ModelRow, 'description' | 'strict'>>,
): Promise<void> {
  await tx.update(models).set(change).where(eq(models.id, id));
}

/** The models of a project by name, each with the name of its current version. */
export async function listModels(
  db: Db,
  projectId: number,
): Promise<{ model: ModelRow; currentVersion: string | null }[]> {
  return db
    .select({ model: models, currentVersion: modelVersions.name })
    .from(models)
    .leftJoin(modelVersions, eq(modelVersions.id, models.currentVersionId))
    .where(eq(models.projectId, projectId))
    .orderBy(asc(models.name));
}

const bound = {
  version: modelVersions,
  dataset: datasets.name,
  datasetVersion: versions.number,
  oid: versions.oid,
};

const unite = (row: { version: ModelVersionRow; dataset: string; datasetVersion: number; oid: string }) => ({
  ...row.version,
  dataset: row.dataset,
  datasetVersion: row.datasetVersion,
  oid: row.oid,
});

export async function listModelVersions(db: Db, modelId: number): Promise<BoundVersionRow[]> {
  const rows = await db
    .select(bound)
    .from(modelVersions)
    .innerJoin(versions, eq(versions.id, modelVersions.datasetVersionId))
    .innerJoin(datasets, eq(datasets.id, versions.datasetId))
    .where(eq(modelVersions.modelId, modelId))
    .orderBy(asc(modelVersions.number));
  return rows.map(unite);
}

export async function findModelVersionById(db: Db, id: number): Promise<ModelVersionRow | null> {
  const rows = await db.select().from(modelVersions).where(eq(modelVersions.id, id));
  return rows[0] ?? null;
}

export async function insertModelVersion(tx: Db, row: typeof modelVersions.$inferInsert): Promise<ModelVersionRow> {
  const [made] = await tx.insert(modelVersions).values(row).returning();
  if (made === undefined) throw new Error('insert returned no row');
  return made;
}

export async function setCurrentVersion(tx: Db, modelId: number, versionId: number): Promise<void> {
  await tx.update(models).set({ currentVersionId: versionId }).where(eq(models.id, modelId));
}

/** Raises the watermark, never lowers it. @returns the one in force. */
export async function raiseWatermark(tx: Db, modelId: number, through: Date): Promise<Date> {
  const [row] = await tx
    .update(models)
    .set({ watermark: sql`greatest(${models.watermark}, ${through.toISOString()}::timestamptz)` })
    .where(eq(models.id, modelId))
    .returning({ watermark: models.watermark });
  if (row?.watermark == null) throw new Error(`model ${modelId} vanished while its watermark was raised`);
  return row.watermark;
}

/** Takes the watermark back to a point in time, where it is later. @returns the one in force. */
export async function lowerWatermark(tx: Db, modelId: number, through: Date): Promise<Date> {
  const [row] = await tx
    .update(models)
    .set({
      watermark: sql`least(${models.watermark}, ${through.toISOString()}::timestamptz)`,
      newestEvent: sql`least(${models.newestEvent}, ${through.toISOString()}::timestamptz)`,
    })
    .where(eq(models.id, modelId))
    .returning({ watermark: models.watermark });
  if (row?.watermark == null) throw new Error(`model ${modelId} vanished while its watermark was lowered`);
  return row.watermark;
}

export type VersionColumns = {
  readonly state: 'pending' | 'ready' | 'failed' | 'unsupported';
  /** In the order of the table; empty unless `ready`. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
};

/** Names and types of a dataset version's columns, without the rest of its profile. */
export async function findVersionColumns(db: Db, datasetVersionId: number): Promise<VersionColumns> {
  const rows = await db.execute<{ state: VersionColumns['state']; columns: VersionColumns['columns'] | null }>(sql`
    select ${versionProfiles.state} as state,
      (select jsonb_agg(jsonb_build_object('name', c.value->'name', 'type', c.value->'type') order by c.ordinality)
       from jsonb_array_elements(${versionProfiles.profile}->'columns') with ordinality c) as columns
    from ${versionProfiles} where ${versionProfiles.versionId} = ${datasetVersionId}`);
  const row = rows[0];
  if (row === undefined) return { state: 'pending', columns: [] };
  return { state: row.state, columns: row.state === 'ready' ? (row.columns ?? []) : [] };
}

/** All values of a column by the profile of a dataset version; null where they are too many to be listed. */
export async function findColumnValues(
  db: Db,
  datasetVersionId: number,
  column: string,
): Promise<(string | number)[] | null> {
  const [row] = await db.execute<{ values: (string | number)[] | null }>(sql`
    select (select jsonb_agg(v->'value') from jsonb_array_elements(c.value->'top'->'values') v) as values
    from ${versionProfiles}, jsonb_array_elements(${versionProfiles.profile}->'columns') c
    where ${versionProfiles.versionId} = ${datasetVersionId} and c.value->>'name' = ${column}
      and c.value->'top'->>'complete' = 'true'`);
  return row?.values ?? null;
}

/** How many rows a dataset version has by its profile; 0 while there is none. */
export async function findVersionRows(db: Db, datasetVersionId: number): Promise<number> {
  const rows = await db.execute<{ rows: number | null }>(sql`
    select (${versionProfiles.profile}->>'rows')::float8 as rows from ${versionProfiles}
    where ${versionProfiles.versionId} = ${datasetVersionId}`);
  return rows[0]?.rows ?? 0;
}

/** What settled batches change of their model, which is locked: the sequence given last, how far events and batches have come. */
export async function recordSettlement(
  tx: Db,
  modelId: number,
  settled: { sequence: number; watermark: Date | null; newestEvent: Date | null; latestBatch: Date | null },
): Promise<void> {
  const { sequence, watermark, newestEvent, latestBatch } = settled;
  await tx
    .update(models)
    .set({
      settleSequence: sequence,
      watermark,
      newestEvent,
      lastBatchAt: sql`greatest(${models.lastBatchAt}, ${latestBatch?.toISOString() ?? null}::timestamptz)`,
    })
    .where(eq(models.id, modelId));
}
