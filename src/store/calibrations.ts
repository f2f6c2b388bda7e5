import { eq } from 'drizzle-orm';
import { monitorCalibrations } from '../../schemas/tables/index.ts';
import { type StoredCalibration, storedCalibration } from '../../schemas/wire/calibrations.ts';
import type { Db } from './postgres/db.ts';

/** The calibration of a configuration; null while there is none. It never changes. */
export async function findCalibration(db: Db, revisionId: number): Promise<StoredCalibration | null> {
  const rows = await db.select().from(monitorCalibrations).where(eq(monitorCalibrations.revisionId, revisionId));
  return rows[0] === undefined ? null : storedCalibration.parse(rows[0].body);
}

/** Keeps the first one. */
export async function insertCalibration(tx: Db, revisionId: number, body: StoredCalibration): Promise<void> {
  await tx.insert(monitorCalibrations).values({ revisionId, body }).onConflictDoNothing();
}
