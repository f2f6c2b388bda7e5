import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import {
  type BatchKind,
  type BatchRow,
  countBatches,
  findBatch,
  type KindCounts,
  listBatches,
  listRejectedRows,
  type RejectedRow,
} from '../../store/log/batches.ts';
import { countLabels } from '../../store/log/prediction-index.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { resolveModel } from '../model/resolve.ts';

/** `next` is the position of the last item, null on the last page. */
export type Page<T> = { readonly items: readonly T[]; readonly next: number | null };

/** The batches of a model, newest first, below the id `before`. @throws TidemarkError `not-found`. */
export async function readBatches(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  query: { model: string; kind: BatchKind | null; limit: number; before: number | null },
): Promise<Page<BatchRow>> {
  requireScope(actor, 'logs:read');
  const model = await resolveModel(ctx.db, actor.projectId, query.model);
  const { limit, kind, before } = query;
  const rows = await listBatches(ctx.db, model.id, { before, limit: limit + 1, kind });
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

/** One batch. @throws TidemarkError `not-found`. */
export async function readBatchRow(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: { model: string; id: string },
): Promise<BatchRow> {
  requireScope(actor, 'logs:read');
  const model = await resolveModel(ctx.db, actor.projectId, given.model);
  const batch = /^\d{1,15}$/.test(given.id) ? await findBatch(ctx.db, model.id, Number(given.id)) : null;
  if (batch !== null) return batch;
  throw new TidemarkError('not-found', `The model "${model.name}" has no batch "${given.id.slice(0, 60)}".`);
}

/** The refused rows of a batch by line, behind the line `after`. @throws TidemarkError `not-found`. */
export async function readRejectedRows(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  query: { model: string; id: string; limit: number; after: number },
): Promise<Page<RejectedRow>> {
  const batch = await readBatchRow(ctx, actor, query);
  const { limit, after } = query;
  const rows = await listRejectedRows(ctx.db, batch.id, { after, limit: limit + 1 });
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? (items.at(-1)?.line ?? null) : null };
}

/** Rows of one kind: `sent` = `accepted` + `duplicates` + `rejected`. */
type Accounting = {
  readonly batches: number;
  readonly sent: number;
  readonly accepted: number;
  /** Rows whose id was seen before. */
  readonly duplicates: number;
  /** How many of the duplicates have other content than the first. */
  readonly conflicts: number;
  readonly rejected: number;
  readonly settled: number;
};

export type LogCounts = {
  readonly predictions: Accounting;
  readonly labels: Accounting;
  readonly labelled: number;
  readonly labelsWaiting: number;
  readonly unsettledBatches: number;
  readonly watermark: Date | null;
};

/** Where every row of a model went. Final once no batch is unsettled. */
export async function readCounts(ctx: Pick<Context, 'db'>, actor: Actor, name: string): Promise<LogCounts> {
  requireScope(actor, 'logs:read');
  const model = await resolveModel(ctx.db, actor.projectId, name);
  const kinds = await countBatches(ctx.db, model.id);
  const labels = await countLabels(ctx.db, model.id);
  return {
    predictions: accounting(kinds.find(({ kind }) => kind === 'predictions')),
    labels: accounting(kinds.find(({ kind }) => kind === 'labels')),
    labelled: labels.labelled,
    labelsWaiting: labels.waiting,
    unsettledBatches: kinds.reduce((sum, kind) => sum + kind.unsettledBatches, 0),
    watermark: model.watermark,
  };
}

function accounting(found: KindCounts | undefined): Accounting {
  if (found === undefined) {
    return { batches: 0, sent: 0, accepted: 0, duplicates: 0, conflicts: 0, rejected: 0, settled: 0 };
  }
  const { batches, rows, duplicates, conflicts, rejected, settled } = found;
  return {
    batches,
    sent: rows + rejected,
    accepted: rows - duplicates - conflicts,
    duplicates: duplicates + conflicts,
    conflicts,
    rejected,
    settled,
  };
}
