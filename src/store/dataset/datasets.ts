import { and, asc, desc, eq, gt, inArray, isNull, like, lt, not, or, type SQL, sql } from 'drizzle-orm';
import { datasets, versions } from '../../../schemas/tables/index.ts';
import type { Oid } from '../../dvc/hash.ts';
import type { Db } from '../postgres/db.ts';
import { datasetIdOf } from './dataset-names.ts';
import { lockNamedDataset, reviveDataset } from './dataset-trash.ts';

export type DatasetRow = typeof datasets.$inferSelect;
export type VersionRow = typeof versions.$inferSelect;
const NOT_TRASHED_FIRST = [asc(sql`${versions.trashedAt} is not null`), desc(versions.number)];

export type NewVersion = Omit<typeof versions.$inferInsert, 'id' | 'number' | 'createdAt'>;

/** A dataset by its name, or by one that it had. */
export async function findDataset(db: Db, projectId: number, name: string): Promise<DatasetRow | null> {
  const rows = await db
    .select()
    .from(datasets)
    .where(eq(datasets.id, datasetIdOf(projectId, name)));
  return rows[0] ?? null;
}

export async function findDatasetById(db: Db, id: number): Promise<DatasetRow | null> {
  const rows = await db.select().from(datasets).where(eq(datasets.id, id));
  return rows[0] ?? null;
}

/** What datasets are called, by id. */
export async function nameDatasets(db: Db, ids: readonly number[]): Promise<Map<number, string>> {
  if (ids.length === 0) return new Map();
  const wanted = inArray(datasets.id, [...new Set(ids)]);
  const rows = await db.select({ id: datasets.id, name: datasets.name }).from(datasets).where(wanted);
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Makes the dataset unless it exists, undeletes it and locks it, so that its versions are numbered one by one. */
export async function lockDataset(tx: Db, projectId: number, name: string): Promise<DatasetRow> {
  const known = await lockNamedDataset(tx, projectId, name);
  // One that is being called so waits there until it is.
  if (known === null) await tx.insert(datasets).values({ projectId, name }).onConflictDoNothing();
  const row = known ?? (await lockNamedDataset(tx, projectId, name));
  if (row === null) throw new Error(`dataset ${name} vanished while it was made`);
  if (row.deletedAt !== null) await reviveDataset(tx, row.id);
  return { ...row, deletedAt: null };
}

/** Datasets by name with their newest version, from the one after `after`. */
export async function listDatasets(
  db: Db,
  projectId: number,
  page: { after: string; limit: number },
): Promise<{ dataset: DatasetRow; latest: VersionRow | null }[]> {
  const rows = await db
    .select()
    .from(datasets)
    .where(and(eq(datasets.projectId, projectId), gt(datasets.name, page.after), isNull(datasets.deletedAt)))
    .orderBy(asc(datasets.name))
    .limit(page.limit);
  if (rows.length === 0) return [];
  const newest = await db
    .selectDistinctOn([versions.datasetId])
    .from(versions)
    .where(
      and(
        inArray(
          versions.datasetId,
          rows.map((row) => row.id),
        ),
        isNull(versions.trashedAt),
      ),
    )
    .orderBy(versions.datasetId, desc(versions.number));
  const byDataset = new Map(newest.map((version) => [version.datasetId, version]));
  return rows.map((dataset) => ({ dataset, latest: byDataset.get(dataset.id) ?? null }));
}

/** The newest version of a dataset with this content under this path; one in the trash where there is no other. */
export async function findVersionByContent(
  db: Db,
  datasetId: number,
  content: { oid: Oid; path: string },
): Promise<VersionRow | null> {
  const rows = await db
    .select()
    .from(versions)
    .where(and(eq(versions.datasetId, datasetId), eq(versions.oid, content.oid), eq(versions.path, content.path)))
    .orderBy(...NOT_TRASHED_FIRST)
    .limit(1);
  return rows[0] ?? null;
}

/** As `findVersionByContent`, whatever it is called. */
export async function findVersionByOid(db: Db, datasetId: number, oid: Oid): Promise<VersionRow | null> {
  const rows = await db
    .select()
    .from(versions)
    .where(and(eq(versions.datasetId, datasetId), eq(versions.oid, oid)))
    .orderBy(...NOT_TRASHED_FIRST)
    .limit(1);
  return rows[0] ?? null;
}

/** The newest version of a dataset that is a folder, or that is a file. */
export async function findNewestOfKind(db: Db, datasetId: number, kind: 'folder' | 'file'): Promise<VersionRow | null> {
  const folder = like(versions.oid, '%.dir');
  const rows = await db
    .select()
    .from(versions)
    .where(and(eq(versions.datasetId, datasetId), kind === 'folder' ? folder : not(folder)))
    .orderBy(desc(versions.number))
    .limit(1);
  return rows[0] ?? null;
}

/** The version with this content that was made without a name, locked until the transaction ends. */
export async function lockUnnamedVersion(tx: Db, datasetId: number, oid: Oid): Promise<VersionRow | null> {
  const rows = await tx
    .select()
    .from(versions)
    .where(
      and(eq(versions.datasetId, datasetId), eq(versions.oid, oid), sql`${versions.provenance} -> 'unnamed' = 'true'`),
    )
    .orderBy(desc(versions.number))
    .for('update')
    .limit(1);
  return rows[0] ?? null;
}

/** Gives a version that was made without a name the one that somebody has for it, and what else is said of it. */
export async function nameVersionOnce(
  tx: Db,
  id: number,
  named: Pick<VersionRow, 'path' | 'sha256Root'> & {
    readonly message?: string | undefined;
    readonly author?: string | undefined;
    readonly labels?: Readonly<Record<string, string>> | undefined;
    readonly gitRev?: string | undefined;
  },
): Promise<void> {
  const provenance = sql`(${versions.provenance} - 'unnamed') || '{"named": "pointer"}'`;
  await tx
    .update(versions)
    .set({ ...named, provenance })
    .where(eq(versions.id, id));
}

/** Adds the next version; the caller holds the dataset's lock. */
export async function insertVersion(tx: Db, row: NewVersion): Promise<VersionRow> {
  const next = sql<number>`(select coalesce(max(number), 0) + 1 from versions where dataset_id = ${row.datasetId})`;
  const [made] = await tx
    .insert(versions)
    .values({ ...row, number: next })
    .returning();
  if (made === undefined) throw new Error('insert returned no row');
  return made;
}

/** Takes a version out of the trash, or out of the purged ones, whose bytes the caller holds again. */
export async function restoreVersion(tx: Db, { id, datasetId }: Pick<VersionRow, 'id' | 'datasetId'>): Promise<void> {
  await reviveDataset(tx, datasetId);
  await tx.update(versions).set({ trashedAt: null, purgedAt: null }).where(eq(versions.id, id));
}

export async function findVersionById(db: Db, id: number): Promise<VersionRow | null> {
  const rows = await db.select().from(versions).where(eq(versions.id, id));
  return rows[0] ?? null;
}

/** The numbers of versions, by id. */
export async function listVersionNumbers(db: Db, ids: readonly number[]): Promise<Map<number, number>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .select({ id: versions.id, number: versions.number })
    .from(versions)
    .where(inArray(versions.id, [...ids]));
  return new Map(rows.map(({ id, number }) => [id, number]));
}

export async function findVersionByNumber(db: Db, datasetId: number, number: number): Promise<VersionRow | null> {
  const rows = await db
    .select()
    .from(versions)
    .where(and(eq(versions.datasetId, datasetId), eq(versions.number, number)));
  return rows[0] ?? null;
}

/** The newest version of a dataset, or of those that are called so. */
export async function findNewestVersion(db: Db, datasetId: number, path?: string): Promise<VersionRow | null> {
  const named = path === undefined ? undefined : eq(versions.path, path);
  const rows = await db
    .select()
    .from(versions)
    .where(and(eq(versions.datasetId, datasetId), isNull(versions.trashedAt), named))
    .orderBy(desc(versions.number))
    .limit(1);
  return rows[0] ?? null;
}

/** The newest version of each content whose oid begins with these hex digits; ten, since two are too many already. */
export async function findVersionsByPrefix(db: Db, datasetId: number, prefix: string): Promise<VersionRow[]> {
  return db
    .selectDistinctOn([versions.oid])
    .from(versions)
    .where(and(eq(versions.datasetId, datasetId), like(versions.oid, `${prefix}%`), isNull(versions.trashedAt)))
    .orderBy(versions.oid, desc(versions.number))
    .limit(10);
}

/** What listed versions have in common; a member that is absent says nothing. */
export type VersionFilter = {
  /** Labels that all hold; one without a value may have any. */
  readonly labels?: readonly { readonly key: string; readonly value: string | null }[] | undefined;
  readonly author?: string | undefined;
  /** The first digits of the git revision. */
  readonly gitRev?: string | undefined;
  readonly tag?: string | undefined;
};

function filtered({ labels = [], author, gitRev, tag }: VersionFilter): SQL[] {
  const conditions = labels.map(({ key, value }) =>
    value === null ? sql`jsonb_exists(${versions.labels}, ${key})` : sql`${versions.labels} ->> ${key} = ${value}`,
  );
  if (author !== undefined) {
    conditions.push(sql`coalesce(${versions.author}, ${versions.provenance} ->> 'author') = ${author}`);
  }
  if (gitRev !== undefined) conditions.push(like(versions.gitRev, `${gitRev}%`));
  if (tag !== undefined) {
    conditions.push(sql`exists (select from tags t where t.version_id = ${versions.id} and t.name = ${tag})`);
  }
  return conditions;
}

/** Newest first, from the one before `before`. */
export async function listVersions(
  db: Db,
  datasetId: number,
  page: VersionFilter & { before: number; limit: number },
): Promise<VersionRow[]> {
  return db
    .select()
    .from(versions)
    .where(
      and(
        eq(versions.datasetId, datasetId),
        lt(versions.number, page.before),
        isNull(versions.trashedAt),
        ...filtered(page),
      ),
    )
    .orderBy(desc(versions.number))
    .limit(page.limit);
}

/** Some version that is this object as a whole, or null. */
export async function findVersionOfObject(db: Db, projectId: number, oid: Oid): Promise<VersionRow | null> {
  const rows = await db
    .select()
    .from(versions)
    .where(and(eq(versions.projectId, projectId), eq(versions.oid, oid)))
    .limit(1);
  return rows[0] ?? null;
}

/** Ids of the versions that an object is part of, as their whole or as a member of their folder. */
export async function listVersionsOfObject(db: Db, projectId: number, oid: Oid): Promise<number[]> {
  const folders = sql`(select m.oid from manifest_entries m where m.project_id = ${projectId} and m.md5 = ${oid})`;
  const rows = await db
    .select({ id: versions.id })
    .from(versions)
    .where(and(eq(versions.projectId, projectId), or(eq(versions.oid, oid), sql`${versions.oid} in ${folders}`)))
    .orderBy(asc(versions.id));
  return rows.map((row) => row.id);
}

/** A version by the names people know it by; null when there is none. */
export async function nameVersion(
  db: Db,
  id: number,
): Promise<{ dataset: string; version: number; oid: string } | null> {
  const rows = await db
    .select({ dataset: datasets.name, version: versions.number, oid: versions.oid })
    .from(versions)
    .innerJoin(datasets, eq(datasets.id, versions.datasetId))
    .where(eq(versions.id, id));
  return rows[0] ?? null;
}
