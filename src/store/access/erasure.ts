import { type SQL, sql } from 'drizzle-orm';
import type { Db } from '../postgres/db.ts';

/**
 * What a project's rows are, in the order in which they can be deleted: whatever points at a row goes before it. One
 * place, checked against the database by a test: a new table has to be entered here before it exists.
 */
export type ErasedTable = {
  readonly table: string;
  /** Which rows are the project's. */
  readonly whose: (projectId: number) => SQL;
  /** Rows that hang on rows of the table, by the column that holds their `id`. */
  readonly with?: readonly (readonly [table: string, column: string])[];
};

const OWN = (projectId: number): SQL => sql`project_id = ${projectId}`;
/** By the keys of what they belong to, which the database looks up once. */
const of = (column: string, owner: string) => (projectId: number) =>
  sql`${sql.raw(column)} = any(array(select id from ${sql.raw(owner)} where project_id = ${projectId}))`;

/** Everything that needs an object of the project, or stands without one. */
export const BEFORE_OBJECTS: readonly ErasedTable[] = [
  { table: 'jobs', whose: OWN },
  { table: 'messages', whose: OWN, with: [['attempts', 'message_id']] },
  {
    table: 'endpoints',
    whose: OWN,
    with: [
      ['retired_secrets', 'endpoint_id'],
      ['digest_items', 'endpoint_id'],
    ],
  },
  { table: 'registries', whose: OWN, with: [['registry_events', 'registry_id']] },
  { table: 'run_causes', whose: OWN },
  {
    table: 'runs',
    whose: OWN,
    with: [
      ['run_tokens', 'run_id'],
      ['run_events', 'run_id'],
    ],
  },
  { table: 'policies', whose: OWN },
  { table: 'retraining_stops', whose: OWN },
  {
    table: 'episodes',
    whose: OWN,
    with: [
      ['episode_windows', 'episode_id'],
      ['episode_events', 'episode_id'],
    ],
  },
  { table: 'silences', whose: OWN },
  {
    table: 'reports',
    whose: of('monitor_id', 'monitors'),
    with: [
      ['column_verdicts', 'report_id'],
      ['segment_verdicts', 'report_id'],
    ],
  },
  {
    table: 'windows',
    whose: of('monitor_id', 'monitors'),
    with: [
      ['window_performance', 'window_id'],
      ['window_estimates', 'window_id'],
    ],
  },
  {
    table: 'monitor_revisions',
    whose: of('monitor_id', 'monitors'),
    with: [
      ['monitor_calibrations', 'revision_id'],
      ['adopted_calibrations', 'revision_id'],
      ['reference_performance', 'monitor_revision_id'],
      ['reference_importance', 'monitor_revision_id'],
    ],
  },
  { table: 'monitors', whose: OWN },
  { table: 'prediction_selections', whose: OWN },
  {
    table: 'batches',
    whose: of('model_id', 'models'),
    with: [
      ['rejected_rows', 'batch_id'],
      ['version_rows', 'batch_id'],
    ],
  },
  { table: 'refusals', whose: of('model_id', 'models') },
  { table: 'prediction_index', whose: of('model_id', 'models') },
  { table: 'label_index', whose: of('model_id', 'models') },
  { table: 'label_revisions', whose: of('model_id', 'models') },
  { table: 'logged_columns', whose: of('model_id', 'models') },
  { table: 'log_retention', whose: of('model_id', 'models') },
  { table: 'model_versions', whose: of('model_id', 'models') },
  { table: 'models', whose: OWN },
  { table: 'packed_objects', whose: OWN },
  { table: 'tags', whose: of('dataset_id', 'datasets') },
  { table: 'push_sessions', whose: of('dataset_id', 'datasets'), with: [['push_objects', 'session_id']] },
  { table: 'remote_questions', whose: OWN },
  {
    table: 'versions',
    whose: OWN,
    with: [
      ['version_parents', 'version_id'],
      ['version_parents', 'parent_id'],
      ['version_profiles', 'version_id'],
    ],
  },
  { table: 'dataset_aliases', whose: OWN },
  { table: 'datasets', whose: OWN, with: [['dataset_retention', 'dataset_id']] },
  { table: 'computations', whose: OWN },
  { table: 'file_profiles', whose: OWN },
  { table: 'manifest_entries', whose: OWN },
  { table: 'storage_runs', whose: OWN, with: [['storage_findings', 'run_id']] },
];

/** What speaks of objects that are gone, and what says who was let in and what they did. */
export const AFTER_OBJECTS: readonly ErasedTable[] = [
  { table: 'object_tombstones', whose: (projectId) => sql`project_id = ${projectId} and state = 'removed'` },
  { table: 'block_sums', whose: OWN },
  { table: 'idempotency_keys', whose: OWN },
  { table: 'api_keys', whose: OWN },
  { table: 'project_aliases', whose: OWN },
  { table: 'audit', whose: OWN },
];

/** Rows whose dependants are looked for in one step. */
const OWNERS = 200;

/**
 * Deletes some of a project's rows of a table, with what hangs on them: at most `limit` of each table. Killed anywhere,
 * what is left is found again by looking.
 * @returns whether there were any.
 */
export async function eraseSome(tx: Db, projectId: number, erased: ErasedTable, limit: number): Promise<boolean> {
  const dependants = erased.with ?? [];
  if (erased.table === 'model_versions') await clearServing(tx, projectId);
  if (dependants.length === 0) return (await deleteSome(tx, erased.table, erased.whose(projectId), limit)) > 0;
  const rows = await tx.execute<{ id: string }>(sql`
    select id::text from ${sql.raw(erased.table)} where ${erased.whose(projectId)} limit ${Math.min(OWNERS, limit)}`);
  if (rows.length === 0) return false;
  const ids = sql.param(rows.map(({ id }) => id));
  // As the column has them, so that its index is used: some ids are numbers, others texts.
  const kind = sql.raw(/^\d+$/.test(rows[0]?.id ?? '') ? 'int8[]' : 'text[]');
  for (const [table, column] of dependants) {
    const hangs = sql`${sql.raw(column)} = any(${ids}::${kind})`;
    if ((await deleteSome(tx, table, hangs, limit)) === limit) return true;
  }
  await tx.execute(sql`delete from ${sql.raw(erased.table)} where id = any(${ids}::${kind})`);
  return true;
}

async function deleteSome(tx: Db, table: string, where: SQL, limit: number): Promise<number> {
  const name = sql.raw(table);
  const [gone] = await tx.execute<{ rows: number }>(sql`
    with gone as (
      delete from ${name} where ctid = any(array(select ctid from ${name} where ${where} limit ${limit})) returning 1)
    select count(*)::int as rows from gone`);
  return gone?.rows ?? 0;
}

/** A model and its version in service point at each other. */
async function clearServing(tx: Db, projectId: number): Promise<void> {
  await tx.execute(sql`
    update models set current_version_id = null where project_id = ${projectId} and current_version_id is not null`);
}

/** Gives up some of a project's objects, whatever they were for. The caller holds the lock for removals. */
export async function giveUpObjects(tx: Db, projectId: number, limit: number): Promise<boolean> {
  const rows = await tx.execute(sql`
    with gone as (
      delete from objects where project_id = ${projectId}
        and oid = any(array(select oid from objects where project_id = ${projectId} limit ${limit})) returning *)
    insert into object_tombstones (project_id, oid, sha256, size, origin, created_at, quarantined_at, state)
    select project_id, oid, sha256, size, origin, created_at, quarantined_at, 'trashed' from gone
    on conflict (project_id, oid) do update set state = 'trashed', trashed_at = now(), removed_at = null
    returning 1`);
  return rows.length > 0;
}

/** Locks a project against whatever would come to belong to it, until the transaction ends. */
export async function lockErased(tx: Db, projectId: number): Promise<void> {
  await tx.execute(sql`select 1 from projects where id = ${projectId} for update`);
}

export async function dropProject(tx: Db, projectId: number): Promise<void> {
  await tx.execute(sql`delete from projects where id = ${projectId}`);
}

/** Whether any object of the project is held, in the trash, or on its way out of the remote. */
export async function hasObjects(tx: Db, projectId: number): Promise<boolean> {
  const [row] = await tx.execute<{ found: boolean }>(sql`
    select exists (select 1 from objects where project_id = ${projectId})
      or exists (select 1 from object_tombstones where project_id = ${projectId} and state <> 'removed') found`);
  return row?.found === true;
}
