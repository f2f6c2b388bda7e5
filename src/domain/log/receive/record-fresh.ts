import type { Context } from '../../../context.ts';
import type { BatchKind } from '../../../store/log/batches.ts';
import { type FreshAnswer, insertFreshBatch } from '../../../store/log/fresh-batches.ts';
import type { ModelRow } from '../../../store/monitor/models.ts';
import { mayPassAgain } from '../../../store/postgres/db.ts';
import { storable } from '../prepare/raw-records.ts';
import { settlement } from '../settle/settle.ts';
import { dateOf, type Part } from './record-batch.ts';

/** What is about to become visible, of which nothing but the one part is to be written. */
type Fresh = {
  readonly model: ModelRow;
  readonly kind: BatchKind;
  readonly part: Part;
  readonly at: Date;
  readonly settleSeconds: number;
  /** To be remembered of the requests that came with a key; the batch's id is put into them. */
  readonly answers: readonly FreshAnswer[];
};

/**
 * Makes a part whose object is new a batch, by one statement: most are such.
 * A key that stands for another request already makes it fail (23505).
 * @returns the batch's id; null where it has to be recorded step by step.
 */
export async function recordFresh(
  ctx: Pick<Context, 'sql'>,
  { model, kind, part, at, settleSeconds, answers }: Fresh,
): Promise<number | null> {
  const { stored, minTime, maxTime, versions, rows, duplicates, conflicts, violations } = part;
  if (stored.existed || stored.blockSums !== null) return null;
  try {
    return await insertFreshBatch(ctx.sql, {
      projectId: model.projectId,
      modelId: model.id,
      ...{ kind, object: stored, rows, duplicates, conflicts, violations, receivedAt: at, answers },
      versions: versions.map((version) => ({ ...version, name: storable(version.name) })),
      minTime: dateOf(minTime),
      maxTime: dateOf(maxTime),
      job: { ...settlement(model.id), delaySeconds: settleSeconds },
    });
  } catch (error) {
    if (mayPassAgain(error)) return null;
    throw error;
  }
}
