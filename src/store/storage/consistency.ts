import { and, asc, eq, gt, isNull, like, sql } from 'drizzle-orm';
import { manifestEntries, objects, versions } from '../../../schemas/tables/index.ts';
import type { Oid } from '../../dvc/hash.ts';
import type { VersionRow } from '../dataset/datasets.ts';
import type { Db } from '../postgres/db.ts';

/** What the database says of an object, to be held against what lies in the remote. */
export type StatedObject = {
  readonly oid: Oid;
  readonly size: number;
  readonly trashed: boolean;
  readonly quarantined: boolean;
};

const PAGE = 1000;

/** The project's objects, those in the trash too, by oid, behind `from`; a page in memory at a time. */
export async function* eachStatedObject(db: Db, projectId: number, from: string): AsyncGenerator<StatedObject> {
  for (let after = from; ; ) {
    // Each side is cut by itself, so that neither is read whole for a page.
    const rows = await db.execute<{ oid: Oid; size: string; trashed: boolean; quarantined: boolean }>(sql`
      select * from (
        (select oid, size, false as trashed, quarantined_at is not null as quarantined from objects
          where project_id = ${projectId} and oid > ${after} order by oid limit ${PAGE})
        union all
        (select oid, size, true, false from object_tombstones
          where project_id = ${projectId} and oid > ${after} and state = 'trashed' order by oid limit ${PAGE})
      ) stated order by oid limit ${PAGE}`);
    for (const row of rows) yield { ...row, size: Number(row.size) };
    if (rows.length < PAGE) return;
    after = rows.at(-1)?.oid ?? after;
  }
}

/** Held manifests by oid, behind `after`. */
export async function listManifests(db: Db, projectId: number, page: { after: Oid; limit: number }) {
  return db
    .select({ oid: objects.oid, sha256: objects.sha256, size: objects.size })
    .from(objects)
    .where(
      and(
        eq(objects.projectId, projectId),
        like(objects.oid, '%.dir'),
        gt(objects.oid, page.after),
        isNull(objects.quarantinedAt),
      ),
    )
    .orderBy(asc(objects.oid))
    .limit(page.limit);
}

/** Entries of a manifest as they are remembered, whether or not their objects are held, in its own order. */
export async function listRemembered(
  db: Db,
  manifest: { projectId: number; oid: Oid },
  page: { after: number; limit: number },
) {
  // The page first: else all members are joined with their objects for each.
  const remembered = db
    .select({ position: manifestEntries.position, path: manifestEntries.path, md5: manifestEntries.md5 })
    .from(manifestEntries)
    .where(
      and(
        eq(manifestEntries.projectId, manifest.projectId),
        eq(manifestEntries.oid, manifest.oid),
        gt(manifestEntries.position, page.after),
      ),
    )
    .orderBy(asc(manifestEntries.position))
    .limit(page.limit)
    .as('remembered');
  const { position, path, md5 } = remembered;
  return db
    .select({ position, path, md5, held: sql<boolean>`(${objects.oid} is not null)` })
    .from(remembered)
    .leftJoin(objects, and(eq(objects.projectId, manifest.projectId), eq(objects.oid, md5)))
    .orderBy(asc(position));
}

/** Versions whose objects have to be there, by id, behind `after`. */
export async function listStandingVersions(
  db: Db,
  projectId: number,
  page: { after: number; limit: number },
): Promise<VersionRow[]> {
  return db
    .select()
    .from(versions)
    .where(and(eq(versions.projectId, projectId), gt(versions.id, page.after), isNull(versions.purgedAt)))
    .orderBy(asc(versions.id))
    .limit(page.limit);
}
