import { and, asc, eq, or, sql } from 'drizzle-orm';
import { models, monitors, policies, retrainingStops, runCauses } from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';

export type PolicyRow = typeof policies.$inferSelect;
export type NamedPolicy = PolicyRow & { readonly model: string; readonly monitor: string };

/** Null when the project has a policy of that name. */
export async function insertPolicy(db: Db, row: typeof policies.$inferInsert): Promise<PolicyRow | null> {
  const rows = await db.insert(policies).values(row).onConflictDoNothing().returning();
  return rows[0] ?? null;
}

const namedPolicies = (db: Db) =>
  db
    .select({ policy: policies, model: models.name, monitor: monitors.name })
    .from(policies)
    .innerJoin(models, eq(models.id, policies.modelId))
    .innerJoin(monitors, eq(monitors.id, policies.monitorId));

const unitePolicy = (row: { policy: PolicyRow; model: string; monitor: string }): NamedPolicy => ({
  ...row.policy,
  model: row.model,
  monitor: row.monitor,
});

export async function listPolicies(db: Db, projectId: number): Promise<NamedPolicy[]> {
  const rows = await namedPolicies(db).where(eq(policies.projectId, projectId)).orderBy(asc(policies.name));
  return rows.map(unitePolicy);
}

export async function findPolicy(db: Db, projectId: number, name: string): Promise<NamedPolicy | null> {
  const rows = await namedPolicies(db).where(and(eq(policies.projectId, projectId), eq(policies.name, name)));
  return rows[0] === undefined ? null : unitePolicy(rows[0]);
}

export async function findPolicyById(db: Db, id: string): Promise<NamedPolicy | null> {
  const rows = await namedPolicies(db).where(eq(policies.id, id));
  return rows[0] === undefined ? null : unitePolicy(rows[0]);
}

export async function updatePolicy(
  tx: Db,
  id: string,
  change: Partial<Pick<PolicyRow, 'enabled' | 'config' | 'cursor'>>,
): Promise<void> {
  await tx.update(policies).set(change).where(eq(policies.id, id));
}

/** The enabled policies of a monitor, locked in order, so that two starts come one after the other. */
export async function lockPolicies(tx: Db, monitorId: number): Promise<PolicyRow[]> {
  return tx
    .select()
    .from(policies)
    .where(and(eq(policies.monitorId, monitorId), eq(policies.enabled, 'on')))
    .orderBy(asc(policies.id))
    .for('update');
}

export async function lockPolicy(tx: Db, id: string): Promise<PolicyRow | null> {
  const rows = await tx.select().from(policies).where(eq(policies.id, id)).for('update');
  return rows[0] ?? null;
}

/** Policies for which the clock may do something: they wait for a time or for data, or have a cause that is held back. */
export async function listPoliciesToConsider(db: Db): Promise<string[]> {
  const waits = sql`exists (select 1 from ${runCauses} where ${runCauses.policyId} = ${policies.id} and ${runCauses.state} = 'waiting')`;
  const looks = sql`coalesce(${policies.config}->>'schedule', ${policies.config}->>'new_data', ${policies.config}->>'new_labelled_rows') is not null`;
  const rows = await db
    .select({ id: policies.id })
    .from(policies)
    .where(and(eq(policies.enabled, 'on'), or(waits, looks)))
    .orderBy(asc(policies.id));
  return rows.map(({ id }) => id);
}

export type RetrainingStop = typeof retrainingStops.$inferSelect;

/** Who stopped all retraining in a project; null: nobody. */
export async function findRetrainingStop(db: Db, projectId: number): Promise<RetrainingStop | null> {
  const rows = await db.select().from(retrainingStops).where(eq(retrainingStops.projectId, projectId));
  return rows[0] ?? null;
}

/** Stops retraining in a project; what was said first stays. */
export async function insertRetrainingStop(tx: Db, row: RetrainingStop): Promise<void> {
  await tx.insert(retrainingStops).values(row).onConflictDoNothing();
}

export async function deleteRetrainingStop(tx: Db, projectId: number): Promise<void> {
  await tx.delete(retrainingStops).where(eq(retrainingStops.projectId, projectId));
}
