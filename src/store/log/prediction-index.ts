import { sql } from 'drizzle-orm';
import { words } from '../postgres/array-literal.ts';
import type { Db } from '../postgres/db.ts';

/**
 * Predictions to be indexed, column by column, as array literals of PostgreSQL; entry `i` of each belongs together.
 * They are made where the rows are: of tens of thousands it takes a while.
 */
export type IndexRows = {
  readonly count: number;
  /** MD5 of the prediction id in hex; no id twice. */
  readonly idHashes: string;
  readonly batchIds: string;
  readonly rows: string;
  /** Whole milliseconds since 1970. */
  readonly times: string;
  readonly contents: string;
};

/** Indexes predictions whose id is new and counts them; the others are left as they are: the first one wins. */
export async function indexPredictions(tx: Db, modelId: number, given: IndexRows): Promise<number> {
  const rows = await tx.execute<{ inserted: number }>(sql`
    with made as (
      insert into prediction_index (model_id, id_hash, batch_id, row, event_time, content_hash)
      select ${modelId}::int8, s.id_hash, s.batch_id, s.row, to_timestamp(s.ms / 1000.0), s.content
      from unnest(${given.idHashes}::uuid[], ${given.batchIds}::int8[], ${given.rows}::int[],
        ${given.times}::float8[], ${given.contents}::int8[]) as s (id_hash, batch_id, row, ms, content)
      on conflict do nothing returning 1)
    select count(*)::int as inserted from made`);
  return rows[0]?.inserted ?? 0;
}

export type IndexedPrediction = { readonly batchId: number; readonly row: number; readonly content: bigint };

/** Who was first with these ids, by id hash. */
export async function findPredictions(
  db: Db,
  modelId: number,
  idHashes: readonly string[],
): Promise<Map<string, IndexedPrediction>> {
  const found = await db.execute<{ id: string; batch_id: string; row: number; content: string }>(sql`
    select replace(id_hash::text, '-', '') as id, batch_id::text, row, content_hash::text as content
    from prediction_index where model_id = ${modelId} and id_hash = any(${words(idHashes)}::uuid[])`);
  return new Map(
    found.map((row) => [row.id, { batchId: Number(row.batch_id), row: row.row, content: BigInt(row.content) }]),
  );
}

/** How many settled predictions there are in `[from, to)` of event time, and how many of them have a label. */
export async function countLabelledBetween(
  db: Db,
  modelId: number,
  span: { from: Date; to: Date },
): Promise<{ predictions: number; labelled: number }> {
  const rows = await db.execute<{ predictions: number; labelled: number }>(sql`
    select count(*)::float8 as predictions, count(l.id_hash)::float8 as labelled
    from prediction_index p left join label_index l on l.model_id = p.model_id and l.id_hash = p.id_hash
    where p.model_id = ${modelId} and p.event_time >= ${span.from.toISOString()}::timestamptz
      and p.event_time < ${span.to.toISOString()}::timestamptz
      and p.batch_id in (
        select id from batches where model_id = ${modelId} and kind = 'predictions' and state = 'settled'
          and min_time < ${span.to.toISOString()}::timestamptz and max_time >= ${span.from.toISOString()}::timestamptz)`);
  return rows[0] ?? { predictions: 0, labelled: 0 };
}

/** Of the model's labels: how many have their prediction, and how many still wait for it. */
export async function countLabels(db: Db, modelId: number): Promise<{ labelled: number; waiting: number }> {
  const rows = await db.execute<{ labelled: number; waiting: number }>(sql`
    select count(p.id_hash)::float8 as labelled, (count(*) - count(p.id_hash))::float8 as waiting
    from label_index l left join prediction_index p on p.model_id = l.model_id and p.id_hash = l.id_hash
    where l.model_id = ${modelId}`);
  return rows[0] ?? { labelled: 0, waiting: 0 };
}
