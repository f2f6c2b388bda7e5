import { and, desc, eq, sql } from 'drizzle-orm';
import { adoptedCalibrations, monitorCalibrations, monitorRevisions } from '../../../schemas/tables/index.ts';
import { type StoredCalibration, storedCalibration } from '../../../schemas/wire/calibrations.ts';
import type { Db } from '../postgres/db.ts';

/**
 * The calibration of a configuration; null while there is none. It never changes.
 * @param since start of the change that became what is normal, in milliseconds since 1970; null: from the beginning
 */
export async function findCalibration(
  db: Db,
  revisionId: number,
  since: number | null,
): Promise<StoredCalibration | null> {
  const rows =
    since === null
      ? await db
          .select({ body: monitorCalibrations.body })
          .from(monitorCalibrations)
          .where(eq(monitorCalibrations.revisionId, revisionId))
      : await db
          .select({ body: adoptedCalibrations.body })
          .from(adoptedCalibrations)
          .where(and(eq(adoptedCalibrations.revisionId, revisionId), eq(adoptedCalibrations.since, new Date(since))));
  return rows[0] === undefined ? null : storedCalibration.parse(rows[0].body);
}

/** The one of the newest change, to be shown: verdicts ask for theirs. */
export async function findNewestCalibration(db: Db, revisionId: number): Promise<StoredCalibration | null> {
  const [adopted] = await db
    .select({ body: adoptedCalibrations.body })
    .from(adoptedCalibrations)
    .where(eq(adoptedCalibrations.revisionId, revisionId))
    .orderBy(desc(adoptedCalibrations.since))
    .limit(1);
  return adopted === undefined ? findCalibration(db, revisionId, null) : storedCalibration.parse(adopted.body);
}

/** Keeps the first one. */
export async function insertCalibration(tx: Db, revisionId: number, body: StoredCalibration): Promise<void> {
  await tx.insert(monitorCalibrations).values({ revisionId, body }).onConflictDoNothing();
}

/** Keeps the first one. `since` in milliseconds since 1970. */
export async function insertAdoptedCalibration(
  tx: Db,
  given: { readonly revisionId: number; readonly since: number; readonly body: StoredCalibration },
): Promise<void> {
  const { revisionId, since, body } = given;
  await tx
    .insert(adoptedCalibrations)
    .values({ revisionId, since: new Date(since), body })
    .onConflictDoNothing();
}

/** The newest change of a monitor that limits were made of and that had lasted by a point in time, in milliseconds. */
export async function findAdoptedBefore(
  db: Db,
  monitorId: number,
  time: number,
): Promise<{ readonly since: number; readonly until: number } | null> {
  const [found] = await db
    .select({ since: adoptedCalibrations.since, until: sql<string>`${adoptedCalibrations.body}->>'until'` })
    .from(adoptedCalibrations)
    .innerJoin(monitorRevisions, eq(monitorRevisions.id, adoptedCalibrations.revisionId))
    .where(
      and(
        eq(monitorRevisions.monitorId, monitorId),
        sql`(${adoptedCalibrations.body}->>'until')::timestamptz <= ${new Date(time).toISOString()}::timestamptz`,
      ),
    )
    .orderBy(desc(adoptedCalibrations.since))
    .limit(1);
  return found === undefined ? null : { since: found.since.getTime(), until: Date.parse(found.until) };
}
