import type { JobPayload } from '../../../schemas/wire/jobs.ts';
import type { Context } from '../../context.ts';
import { parseOid } from '../../dvc/hash.ts';
import {
  dropBatches,
  findLogRetention,
  isLogWanted,
  type LogRule,
  listDroppable,
  noteRetentionRun,
} from '../../store/log/log-retention.ts';
import { listPacksOf } from '../../store/log/packed-objects.ts';
import { lockModel, type ModelRow } from '../../store/monitor/models.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { OUR_OWN, trashObjects } from '../../store/storage/collection.ts';
import { fateOf } from './log-retention.ts';

/** Bounds on what one transaction lets go, and so on how long it holds the model. */
const CHUNK_ROWS = 50_000;
const CHUNK_BATCHES = 200;

/**
 * Job: lets the rows go that the rule of a model no longer keeps. What open windows need stays, and so does what
 * reports were computed from unless the rule releases it. Counts never change; the objects go into the trash, and a
 * collection removes them later. One transaction a chunk: killed anywhere, the rest is found again by looking.
 */
export async function retainLogs(
  ctx: Pick<Context, 'config' | 'db' | 'log'>,
  { modelId }: JobPayload<'retain-logs'>,
): Promise<void> {
  for (let after: number | null = 0; after !== null; ) {
    const from: number = after;
    after = await transact(ctx.db, (tx) => retainChunk(ctx, tx, { modelId, after: from }));
  }
  await noteRetentionRun(ctx.db, modelId);
}

/** @returns where the next chunk begins; null when nothing is left. */
async function retainChunk(
  ctx: Pick<Context, 'config' | 'log'>,
  tx: Db,
  { modelId, after }: { modelId: number; after: number },
): Promise<number | null> {
  const model = await lockModel(tx, modelId);
  const rule = await findLogRetention(tx, modelId);
  // What is being read for a retraining or a selection is not taken away under its hands.
  if (model === null || rule === null || (await isLogWanted(tx, modelId))) return null;
  const { graceSeconds } = ctx.config.storage;
  const page = await listDroppable(tx, modelId, { rule, graceSeconds, after, limit: CHUNK_BATCHES });
  const chunk = firstRows(page);
  const last = chunk.at(-1);
  if (last === undefined) return null;
  await letGo(ctx, tx, { model, rule, chunk });
  return last.sequence;
}

type Page = Awaited<ReturnType<typeof listDroppable>>;

/** The first one always goes, however large. */
function firstRows(page: Page): Page {
  let rows = 0;
  const end = page.findIndex((batch, i) => {
    rows += batch.rows;
    return i > 0 && rows > CHUNK_ROWS;
  });
  return page.slice(0, end < 0 ? page.length : end);
}

async function letGo(
  ctx: Pick<Context, 'config' | 'log'>,
  tx: Db,
  { model, rule, chunk }: { model: ModelRow; rule: LogRule; chunk: Page },
): Promise<void> {
  const doomed = chunk.filter((batch) => fateOf(batch, rule) === 'drop');
  if (doomed.length === 0) return;
  const ids = doomed.map(({ batchId }) => batchId);
  await dropBatches(tx, model.id, ids);
  // The bytes of some lie in packs, which go when all that they hold has gone.
  const packs = await listPacksOf(tx, model.projectId, ids);
  const oids = [...new Set([...doomed.map(({ oid }) => parseOid(oid)), ...packs])];
  // Younger ones are not among them, and what others wrote belongs to nobody here.
  await trashObjects(tx, model.projectId, { ...OUR_OWN, graceSeconds: 0, oids });
  ctx.log.info({ model: model.id, batches: ids.length }, 'logged rows were let go');
}
