import { and, asc, count, desc, eq, gt, inArray, lt } from 'drizzle-orm';
import { models, modelVersions, registries, registryEvents, runs } from '../../../schemas/tables/index.ts';
import type { ModelVersionRow } from '../monitor/models.ts';
import type { Db } from '../postgres/db.ts';
import type { RunRow } from './retraining.ts';

export type RegistryRow = typeof registries.$inferSelect;
export type RegistryEventRow = typeof registryEvents.$inferSelect;

export async function insertRegistry(tx: Db, row: typeof registries.$inferInsert): Promise<RegistryRow> {
  const [made] = await tx.insert(registries).values(row).returning();
  if (made === undefined) throw new Error('insert returned no row');
  return made;
}

export async function countRegistries(db: Db, projectId: number): Promise<number> {
  const [row] = await db.select({ count: count() }).from(registries).where(eq(registries.projectId, projectId));
  return row?.count ?? 0;
}

export async function listRegistries(db: Db, projectId: number): Promise<RegistryRow[]> {
  return db
    .select()
    .from(registries)
    .where(eq(registries.projectId, projectId))
    .orderBy(asc(registries.createdAt), asc(registries.id));
}

/** By its id alone, for deliveries: the signature says whose they are. */
export async function findRegistryById(db: Db, id: string): Promise<RegistryRow | null> {
  const rows = await db.select().from(registries).where(eq(registries.id, id));
  return rows[0] ?? null;
}

/** Locks the registry until the transaction ends: what it says is taken one after another. */
export async function lockRegistry(tx: Db, id: string): Promise<RegistryRow | null> {
  const rows = await tx.select().from(registries).where(eq(registries.id, id)).for('update');
  return rows[0] ?? null;
}

/** Removes the registry with what it has said. */
export async function deleteRegistry(tx: Db, id: string): Promise<void> {
  await tx.delete(registryEvents).where(eq(registryEvents.registryId, id));
  await tx.delete(registries).where(eq(registries.id, id));
}

export async function insertRegistryEvent(tx: Db, row: typeof registryEvents.$inferInsert): Promise<RegistryEventRow> {
  const [made] = await tx.insert(registryEvents).values(row).returning();
  if (made === undefined) throw new Error('insert returned no row');
  return made;
}

export type RegistryOutcome = Pick<RegistryEventRow, 'outcome' | 'detail' | 'modelVersionId' | 'runId'>;

export async function updateRegistryEvent(tx: Db, id: number, outcome: RegistryOutcome): Promise<void> {
  await tx.update(registryEvents).set(outcome).where(eq(registryEvents.id, id));
}

/** A registry's event with the name of its model. */
export type NamedRegistryEvent = RegistryEventRow & { readonly model: string };

const named = (db: Db) =>
  db
    .select({ event: registryEvents, model: models.name })
    .from(registryEvents)
    .innerJoin(models, eq(models.id, registryEvents.modelId));

export async function findRegistryEvent(db: Db, id: number): Promise<NamedRegistryEvent | null> {
  const [row] = await named(db).where(eq(registryEvents.id, id));
  return row === undefined ? null : { ...row.event, model: row.model };
}

export async function findDelivery(db: Db, registryId: string, deliveryId: string): Promise<NamedRegistryEvent | null> {
  const [row] = await named(db).where(
    and(eq(registryEvents.registryId, registryId), eq(registryEvents.deliveryId, deliveryId)),
  );
  return row === undefined ? null : { ...row.event, model: row.model };
}

/** Newest first, from the one before the id `before`; null begins with the newest. */
export async function listRegistryEvents(
  db: Db,
  registryId: string,
  page: { before: number | null; limit: number },
): Promise<NamedRegistryEvent[]> {
  const rows = await named(db)
    .where(
      and(
        eq(registryEvents.registryId, registryId),
        page.before === null ? undefined : lt(registryEvents.id, page.before),
      ),
    )
    .orderBy(desc(registryEvents.id))
    .limit(page.limit);
  return rows.map(({ event, model }) => ({ ...event, model }));
}

/** True when the alias of that model has been moved again since. */
export async function hasMovedLater(
  db: Db,
  event: Pick<RegistryEventRow, 'registryId' | 'modelId' | 'movedAt'>,
): Promise<boolean> {
  const rows = await db
    .select({ id: registryEvents.id })
    .from(registryEvents)
    .where(
      and(
        eq(registryEvents.registryId, event.registryId),
        eq(registryEvents.modelId, event.modelId),
        gt(registryEvents.movedAt, event.movedAt),
      ),
    )
    .limit(1);
  return rows.length > 0;
}

export async function findVersionByName(db: Db, modelId: number, name: string): Promise<ModelVersionRow | null> {
  const rows = await db
    .select()
    .from(modelVersions)
    .where(and(eq(modelVersions.modelId, modelId), eq(modelVersions.name, name)));
  return rows[0] ?? null;
}

/** Locks the runs that made these model versions, in the order of their ids. */
export async function lockRunsOfVersions(tx: Db, modelVersionIds: readonly number[]): Promise<RunRow[]> {
  if (modelVersionIds.length === 0) return [];
  return tx
    .select()
    .from(runs)
    .where(inArray(runs.modelVersionId, [...modelVersionIds]))
    .orderBy(asc(runs.id))
    .for('update');
}
