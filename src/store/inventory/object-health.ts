import { and, asc, eq, gt, inArray, isNotNull, isNull, lte, sql } from 'drizzle-orm';
import { objects } from '../../../schemas/tables/index.ts';
import type { Oid } from '../../dvc/hash.ts';
import type { Db } from '../postgres/db.ts';
import type { ObjectRow } from './objects.ts';

/** Objects by oid, behind `after`, that were not read after `before`. */
export async function listUnreadObjects(
  db: Db,
  projectId: number,
  page: { after: Oid; before: Date; limit: number },
): Promise<ObjectRow[]> {
  return db
    .select()
    .from(objects)
    .where(and(eq(objects.projectId, projectId), gt(objects.oid, page.after), lte(objects.verifiedAt, page.before)))
    .orderBy(asc(objects.oid))
    .limit(page.limit);
}

/** Notes that the bytes were read and are good. What was quarantined meanwhile stays as it is. */
export async function markVerified(tx: Db, projectId: number, oids: readonly Oid[]): Promise<void> {
  if (oids.length === 0) return;
  await tx
    .update(objects)
    .set({ verifiedAt: sql`now()` })
    .where(and(eq(objects.projectId, projectId), inArray(objects.oid, [...oids]), isNull(objects.quarantinedAt)));
}

/**
 * Lifts the quarantine of an object whose bytes were read and are good again. False when it was lifted before, or
 * when the object was quarantined anew since it was seen.
 */
export async function liftQuarantine(tx: Db, row: Pick<ObjectRow, 'projectId' | 'oid' | 'quarantinedAt'>) {
  if (row.quarantinedAt === null) return false;
  const rows = await tx
    .update(objects)
    .set({ quarantinedAt: null, verifiedAt: sql`now()` })
    .where(
      and(eq(objects.projectId, row.projectId), eq(objects.oid, row.oid), eq(objects.quarantinedAt, row.quarantinedAt)),
    )
    .returning({ oid: objects.oid });
  return rows.length === 1;
}

/** Quarantined objects by oid, behind `after`. */
export async function listQuarantined(
  db: Db,
  projectId: number,
  page: { after: Oid; limit: number },
): Promise<ObjectRow[]> {
  return db
    .select()
    .from(objects)
    .where(and(eq(objects.projectId, projectId), gt(objects.oid, page.after), isNotNull(objects.quarantinedAt)))
    .orderBy(asc(objects.oid))
    .limit(page.limit);
}

export type ObjectTotals = {
  readonly objects: number;
  readonly bytes: number;
  readonly quarantined: number;
  /** When the object that was not read for the longest time was read; null without objects. */
  readonly oldestVerifiedAt: Date | null;
};

export async function sumObjects(db: Db, projectId: number): Promise<ObjectTotals> {
  const [row] = await db.execute<{ objects: number; bytes: number; quarantined: number; oldest: string | null }>(sql`
    select count(*)::float8 objects, coalesce(sum(size), 0)::float8 bytes,
      (count(*) filter (where quarantined_at is not null))::float8 quarantined, (min(verified_at) filter (where quarantined_at is null))::text oldest
    from objects where project_id = ${projectId}`);
  const oldest = row?.oldest ?? null;
  return {
    objects: row?.objects ?? 0,
    bytes: row?.bytes ?? 0,
    quarantined: row?.quarantined ?? 0,
    oldestVerifiedAt: oldest === null ? null : new Date(oldest),
  };
}
