import { sql } from 'drizzle-orm';
import { bigints, texts, words } from '../postgres/array-literal.ts';
import type { Db } from '../postgres/db.ts';

export type IndexedLabel = { readonly label: string; readonly revision: number };

/** The labels of these prediction ids, by id hash; ids without a label are absent. */
export async function findLabels(
  db: Db,
  modelId: number,
  idHashes: readonly string[],
): Promise<Map<string, IndexedLabel>> {
  const found = await db.execute<{ id: string; label: string; revision: number }>(sql`
    select replace(id_hash::text, '-', '') as id, label, revision from label_index
    where model_id = ${modelId} and id_hash = any(${words(idHashes)}::uuid[])`);
  return new Map(found.map((row) => [row.id, { label: row.label, revision: row.revision }]));
}

/** A label as it is settled against: with its time, in milliseconds since 1970. */
export type TimedLabel = IndexedLabel & { readonly time: number | null };

const milliseconds = sql.raw('(extract(epoch from labelled_at) * 1000)::float8');

/** The same with their times. */
export async function findTimedLabels(
  db: Db,
  modelId: number,
  idHashes: readonly string[],
): Promise<Map<string, TimedLabel>> {
  const found = await db.execute<{ id: string; label: string; revision: number; ms: number | null }>(sql`
    select replace(id_hash::text, '-', '') as id, label, revision, ${milliseconds} as ms from label_index
    where model_id = ${modelId} and id_hash = any(${words(idHashes)}::uuid[])`);
  return new Map(found.map(({ id, label, revision, ms }) => [id, { label, revision, time: ms }]));
}

/** Labels with a time that these prediction ids had before the ones they have. */
export async function findPastLabels(
  db: Db,
  modelId: number,
  idHashes: readonly string[],
): Promise<{ readonly idHash: string; readonly label: string; readonly time: number }[]> {
  const found = await db.execute<{ id: string; label: string; ms: number }>(sql`
    select replace(id_hash::text, '-', '') as id, label, ${milliseconds} as ms from label_revisions
    where model_id = ${modelId} and id_hash = any(${words(idHashes)}::uuid[]) and labelled_at is not null`);
  return found.map(({ id, label, ms }) => ({ idHash: id, label, time: ms }));
}

/** The latest label of a prediction, and those that it replaced, the newest first. */
export type LabelRevision = {
  readonly label: string;
  readonly revision: number;
  readonly batchId: number;
  readonly labelledAt: Date | null;
};

export async function listLabelRevisions(db: Db, modelId: number, idHash: string): Promise<LabelRevision[]> {
  const found = await db.execute<{ label: string; revision: number; batch_id: string; ms: number | null }>(sql`
    select label, revision, batch_id::text, ${milliseconds} as ms from (
      select label, revision, batch_id, labelled_at from label_index
        where model_id = ${modelId} and id_hash = ${idHash}::uuid
      union all
      select label, revision, batch_id, labelled_at from label_revisions
        where model_id = ${modelId} and id_hash = ${idHash}::uuid) known
    order by revision desc`);
  return found.map(({ label, revision, batch_id, ms }) => ({
    label,
    revision,
    batchId: Number(batch_id),
    labelledAt: ms === null ? null : new Date(ms),
  }));
}

/** Whether any label of the model has come. */
export async function hasLabels(db: Db, modelId: number): Promise<boolean> {
  const rows = await db.execute<{ found: boolean }>(
    sql`select exists (select 1 from label_index where model_id = ${modelId}) as found`,
  );
  return rows[0]?.found ?? false;
}

/** Labels to be kept, column by column; no id twice with one revision. */
export type LabelRows = {
  readonly idHashes: readonly string[];
  readonly labels: readonly string[];
  readonly revisions: readonly number[];
  readonly batchIds: readonly number[];
  /** Milliseconds since 1970, or null where the label came without a time. */
  readonly times: readonly (number | null)[];
};

const timesOf = ({ times }: Pick<LabelRows, 'times'>): string =>
  words(times.map((ms) => (ms === null ? 'null' : String(ms))));

/** Columns of labels as rows of SQL. */
const rowsOf = (given: LabelRows) => sql`
  unnest(${words(given.idHashes)}::uuid[], ${texts(given.labels)}::text[], ${bigints(given.revisions)}::int[],
    ${bigints(given.batchIds)}::int8[], ${timesOf(given)}::float8[])
    as s (id_hash, label, revision, batch_id, ms)`;

/** Gives labels that stay another number or time. Call it under the lock of the model. */
export async function amendLabels(
  tx: Db,
  modelId: number,
  given: Pick<LabelRows, 'idHashes' | 'revisions' | 'times'>,
): Promise<void> {
  await tx.execute(sql`
    update label_index l set revision = s.revision, labelled_at = to_timestamp(s.ms / 1000.0)
    from unnest(${words(given.idHashes)}::uuid[], ${bigints(given.revisions)}::int[], ${timesOf(given)}::float8[])
      as s (id_hash, revision, ms)
    where l.model_id = ${modelId} and l.id_hash = s.id_hash`);
}

/** Keeps the labels of these ids that are about to be replaced. Call it under the lock of the model. */
export async function keepReplacedLabels(tx: Db, modelId: number, idHashes: readonly string[]): Promise<void> {
  await tx.execute(sql`
    insert into label_revisions (model_id, id_hash, revision, label, batch_id, labelled_at)
    select model_id, id_hash, revision, label, batch_id, labelled_at from label_index
    where model_id = ${modelId} and id_hash = any(${words(idHashes)}::uuid[])`);
}

/** Keeps labels that were replaced before they were ever written. Call it under the lock of the model. */
export async function keepPassedLabels(tx: Db, modelId: number, given: LabelRows): Promise<void> {
  await tx.execute(sql`
    insert into label_revisions (model_id, id_hash, revision, label, batch_id, labelled_at)
    select ${modelId}::int8, s.id_hash, s.revision, s.label, s.batch_id, to_timestamp(s.ms / 1000.0)
    from ${rowsOf(given)}`);
}

/** Writes labels over what was there. Call it under the lock of the model. */
export async function writeLabels(tx: Db, modelId: number, given: LabelRows): Promise<void> {
  await tx.execute(sql`
    insert into label_index (model_id, id_hash, label, revision, batch_id, labelled_at)
    select ${modelId}::int8, s.id_hash, s.label, s.revision, s.batch_id, to_timestamp(s.ms / 1000.0)
    from ${rowsOf(given)}
    on conflict (model_id, id_hash) do update set label = excluded.label, revision = excluded.revision,
      batch_id = excluded.batch_id, labelled_at = excluded.labelled_at`);
}
