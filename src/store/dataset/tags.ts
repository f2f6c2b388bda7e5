import { and, asc, eq, sql } from 'drizzle-orm';
import { tags, versions } from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';
import type { VersionRow } from './datasets.ts';

export type TagRow = {
  readonly name: string;
  readonly version: number;
  readonly fixed: boolean;
  readonly updatedAt: Date;
};

const COLUMNS = { name: tags.name, version: versions.number, fixed: tags.fixed, updatedAt: tags.updatedAt };

/** Tags of a dataset by name, with the number of the version each points at. */
export async function listTags(db: Db, datasetId: number): Promise<TagRow[]> {
  return db
    .select(COLUMNS)
    .from(tags)
    .innerJoin(versions, eq(versions.id, tags.versionId))
    .where(eq(tags.datasetId, datasetId))
    .orderBy(asc(tags.name));
}

export async function findTag(db: Db, datasetId: number, name: string): Promise<TagRow | null> {
  const rows = await db
    .select(COLUMNS)
    .from(tags)
    .innerJoin(versions, eq(versions.id, tags.versionId))
    .where(and(eq(tags.datasetId, datasetId), eq(tags.name, name)));
  return rows[0] ?? null;
}

/** The version that a tag points at; with `fixed`, that a fixed tag does. */
export async function findTaggedVersion(
  db: Db,
  datasetId: number,
  tag: string,
  { fixed }: { readonly fixed?: true } = {},
): Promise<VersionRow | null> {
  const rows = await db
    .select({ version: versions })
    .from(tags)
    .innerJoin(versions, eq(versions.id, tags.versionId))
    .where(
      and(eq(tags.datasetId, datasetId), eq(tags.name, tag), fixed === undefined ? undefined : eq(tags.fixed, fixed)),
    );
  return rows[0]?.version ?? null;
}

/**
 * Points a tag at a version, in one statement, so that a fixed tag stays where it is whoever moves it at the same
 * moment. A tag stays fixed where nothing else is said.
 */
export async function saveTag(
  db: Db,
  tag: { datasetId: number; name: string; versionId: number; fixed?: boolean | undefined },
): Promise<'made' | 'moved' | 'refused'> {
  const { datasetId, name, versionId, fixed } = tag;
  const stays = fixed === false ? sql`false` : sql`${tags.versionId} = ${versionId}`;
  const rows = await db
    .insert(tags)
    .values({ datasetId, name, versionId, fixed: fixed ?? false })
    .onConflictDoUpdate({
      target: [tags.datasetId, tags.name],
      set: { versionId, fixed: sql`${tags.fixed} or excluded.fixed`, updatedAt: sql`now()` },
      setWhere: sql`not ${tags.fixed} or ${stays}`,
    })
    // `xmax` is 0 for a row that this statement inserted.
    .returning({ made: sql<boolean>`(xmax = 0)` });
  const [row] = rows;
  if (row === undefined) return 'refused';
  return row.made ? 'made' : 'moved';
}

/** Removes a tag, a fixed one only when `fixed` says so. False when there is none to remove. */
export async function deleteTag(db: Db, tag: { datasetId: number; name: string; fixed: boolean }): Promise<boolean> {
  const rows = await db
    .delete(tags)
    .where(
      and(eq(tags.datasetId, tag.datasetId), eq(tags.name, tag.name), tag.fixed ? undefined : eq(tags.fixed, false)),
    )
    .returning({ name: tags.name });
  return rows.length === 1;
}
